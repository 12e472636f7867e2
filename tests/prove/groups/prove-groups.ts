import type { Parameters, RunDetails } from "fast-check";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { TestEngine } from "../../support/engines.ts";
import { comeToRest } from "../devices/at-the-end.ts";
import { Client, type User } from "../devices/client.ts";
import type { DeviceWorld } from "../devices/device-world.ts";
import { Holders } from "../devices/holders.ts";
import { playWorld, register, setBounds as setDeviceBounds } from "../devices/prove-devices.ts";
import { proveWorld } from "../devices/prove-world.ts";
import type { Order } from "../orders.ts";
import type { Tally } from "../tally.ts";
import { type Codes, GroupMember } from "./group-member.ts";
import type { GroupBounds, GroupPlan } from "./group-plan.ts";
import { groupPlans } from "./group-plans.ts";
import { lookAtGroups } from "./groups-at-the-end.ts";

async function act(world: DeviceWorld, plan: GroupPlan): Promise<void> {
  const users: User[] = [];
  for (let n = 0; n < plan.users; n++) users.push(await register(world, "new"));
  const holders = new Holders(world);
  const codes: Codes = new Map();
  const clients = plan.clients.map(
    ({ user }, at) => new Client(`client ${at}`, users[user] as User, world, users, holders),
  );
  const members = clients.map((client) => new GroupMember(client, world, users, codes));
  for (const { client, act: one } of plan.before) await members[client]?.act(one);
  world.pass(LIMITS.devices.youngFor);
  await world.play(() => {
    plan.clients.forEach(({ acts }, at) => void play(members[at] as GroupMember, acts));
    void playWorld(world, users, plan.world);
  });
  await lookAtGroups(world, users);
  const living = users.filter(({ userId }) => !world.groups.isClosing(userId));
  await comeToRest(world, living, clients, holders);
}

async function play(member: GroupMember, acts: GroupPlan["clients"][number]["acts"]): Promise<void> {
  for (const one of acts) await member.act(one);
}

/** The limits are constants for the system; only here a short run must come to them. */
function setBounds({ devices, groups }: GroupBounds): () => void {
  const restore = setDeviceBounds(devices);
  const { members, untold } = LIMITS.groups;
  Object.assign(LIMITS.groups, groups);
  return () => {
    Object.assign(LIMITS.groups, { members, untold });
    restore();
  };
}

/**
 * Runs random interleavings of groups whose members, and the members' devices, change on one engine.
 *
 * @param onRun Called after each run that held.
 */
export function proveGroups(
  engine: TestEngine,
  parameters: Parameters<[Order, GroupPlan]>,
  onRun?: (tally: Tally) => void,
): Promise<RunDetails<[Order, GroupPlan]>> {
  const proof = { plans: groupPlans, setBounds: ({ bounds }: GroupPlan) => setBounds(bounds), act };
  return proveWorld(proof, engine, parameters, onRun);
}
