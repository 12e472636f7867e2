import { PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Parameters, RunDetails } from "fast-check";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { backlogAttributes, profileKey } from "../../../lib/database/account-keys.ts";
import { toItem } from "../../../lib/database/accounts-table.ts";
import { firstMap, isOpen } from "../../../lib/devices/device-map.ts";
import { channelKey } from "../../../lib/runtime/ids.ts";
import type { TestEngine } from "../../support/engines.ts";
import type { Order } from "../orders.ts";
import type { Tally } from "../tally.ts";
import { comeToRest } from "./at-the-end.ts";
import { Client, type User } from "./client.ts";
import type { DeviceWorld } from "./device-world.ts";
import { NEVER_COUNTED } from "./functions.ts";
import { Holders } from "./holders.ts";
import type { DeviceBounds, DevicePlan, FullStep, TimeStep, UserKind } from "./plan.ts";
import { devicePlans } from "./plans.ts";
import { proveWorld } from "./prove-world.ts";

const DAY = 24 * 60 * 60_000;

const TIMES: Readonly<Record<TimeStep, number>> = {
  moment: 2_500,
  while: LIMITS.lease / 2 + 1,
  minute: LIMITS.devices.youngFor,
  day: DAY,
  month: LIMITS.devices.unseenDays * DAY,
};

let runs = 0;

async function act(world: DeviceWorld, plan: DevicePlan): Promise<void> {
  const users = await Promise.all(plan.users.map((kind) => register(world, kind)));
  const holders = new Holders(world);
  const clients = plan.clients.map(
    ({ user }, at) => new Client(`client ${at}`, users[user] as User, world, users, holders),
  );
  for (const { client, act: one, rest } of plan.before) {
    await clients[client % clients.length]?.act(one);
    if (rest) world.pass(LIMITS.devices.youngFor);
  }
  await world.play(() => {
    plan.clients.forEach(({ acts }, at) => void play(clients[at] as Client, acts));
    void playWorld(world, users, plan.world);
  });
  await comeToRest(world, users, clients, holders);
}

async function play(client: Client, acts: DevicePlan["clients"][number]["acts"]): Promise<void> {
  for (const one of acts) await client.act(one);
}

/** What happens to everybody at once. */
export async function playWorld(world: DeviceWorld, users: readonly User[], steps: DevicePlan["world"]): Promise<void> {
  for (const step of steps) {
    await world.turn("time" in step ? `time: a ${step.time}` : `a channel of user ${step.full.user} is full`);
    if ("time" in step) world.pass(TIMES[step.time]);
    else await fill(world, users, step.full);
  }
}

/** The engine is used by many runs: each user is a new one. */
export async function register(world: DeviceWorld, kind: UserKind): Promise<User> {
  const userId = `00000000-0000-4000-8000-${(++runs).toString(16).padStart(12, "0")}`;
  const username = `user${runs}`;
  const map = kind === "new" ? firstMap(world.time) : {};
  const Item = toItem({ ...profileKey(userId), username, createdAt: world.time, ...map });
  await world.do(new PutItemCommand({ TableName: world.tables.accounts, Item }));
  return { userId, username };
}

/** Says of a channel that it has as many messages as there may be. A send counts it again after a while. */
async function fill(world: DeviceWorld, users: readonly User[], { user, which }: FullStep): Promise<void> {
  const { userId = "" } = users[user] ?? {};
  const devices = world.watch.mapOf(userId)?.devices.filter(isOpen) ?? [];
  const device = devices[which % Math.max(1, devices.length)];
  world.ledger.filled(channelKey(userId, device?.channel));
  const { backlog, countedAt } = backlogAttributes(device?.channel);
  await world.do(
    new UpdateItemCommand({
      TableName: world.tables.accounts,
      Key: toItem(profileKey(userId)),
      UpdateExpression: "SET #backlog = :backlog, #countedAt = :countedAt",
      ExpressionAttributeNames: { "#backlog": backlog, "#countedAt": countedAt },
      ExpressionAttributeValues: toItem({ ":backlog": NEVER_COUNTED, ":countedAt": world.time }),
    }),
  );
}

/** The limits are constants for the system; only here a short run must come to them. */
export function setBounds(bounds: DeviceBounds): () => void {
  const { most, mostWithEnding, handOverMessages } = LIMITS.devices;
  Object.assign(LIMITS.devices, bounds);
  return () => void Object.assign(LIMITS.devices, { most, mostWithEnding, handOverMessages });
}

/**
 * Runs random interleavings of users with several devices on one engine.
 *
 * @param onRun Called after each run that held.
 */
export function proveDevices(
  engine: TestEngine,
  parameters: Parameters<[Order, DevicePlan]>,
  onRun?: (tally: Tally) => void,
): Promise<RunDetails<[Order, DevicePlan]>> {
  const proof = { plans: devicePlans, setBounds: ({ bounds }: DevicePlan) => setBounds(bounds), act };
  return proveWorld(proof, engine, parameters, onRun);
}
