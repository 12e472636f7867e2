import { SHARED_DEVICE } from "../../../lib/contract/devices.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { isInUse, isOpen } from "../../../lib/devices/device-map.ts";
import { Client, type User } from "./client.ts";
import type { DeviceWorld } from "./device-world.ts";
import type { Holders } from "./holders.ts";
import { type Act, CALM } from "./plan.ts";

const SYNC: Act = { kind: "sync", hasAck: true, limit: LIMITS.batchMessages, isSaved: true, call: CALM };
/** More than are needed until no device ends any more. */
const MOST_ROUNDS = 6;
/** More syncs than any client needs until there is nothing left. */
const MOST_SYNCS = 12;

/** The end of a run: no client begins anything any more, and each user's last client looks what there is. */
export async function comeToRest(
  world: DeviceWorld,
  users: readonly User[],
  clients: readonly Client[],
  holders: Holders,
): Promise<void> {
  world.note("the end");
  for (const [at, user] of users.entries()) {
    const newClient = (name: string) => new Client(`${name} ${at}`, user, world, users, holders);
    const last = newClient("last");
    const everybody = [...clients.filter((client) => client.user === user), last];
    const rest = async (): Promise<void> => {
      // A young heir has to wait once, and what leaves then may have to hand on once more.
      for (let round = 0; round < MOST_ROUNDS; round++) {
        settle(world);
        for (const client of everybody) await fetchAll(client, world);
        if (world.watch.mapOf(user.userId)?.devices.every(isOpen)) return;
      }
      world.ledger.check(false, `REST: there is still a device of ${user.username} that ends`);
    };
    // So many devices may be ending that there is room only a minute later.
    for (let round = 0; round < MOST_ROUNDS && last.caller === undefined; round++) {
      settle(world);
      await last.act({ kind: "logIn", by: "replace", tries: [CALM] });
    }
    world.ledger.check(last.caller !== undefined, `REST: ${user.username} cannot log in`);
    await rest();
    await removeDeserted(world, last, holders);
    await rest();
    world.ledger.checkFound(user.userId, world.time);
    // What only shared logins had waits for the next one of them.
    if (world.watch.mapOf(user.userId)?.devices.some((device) => device.shared && isInUse(device))) {
      const shared = newClient("last shared");
      everybody.push(shared);
      await shared.act({ kind: "logIn", by: "nothing", tries: [CALM] });
      await rest();
    }
  }
  holders.checkAll();
  for (const { userId } of users) holders.checkMaps(userId);
  world.ledger.close(world.time);
}

/** Nobody is young any more, no batch is out, and no session is told of something that was done long ago. */
const settle = (world: DeviceWorld): void => world.pass(LIMITS.devices.heirKept);

/** Removes the devices that no client is on any more. The user sees them in the list, and can do the same. */
async function removeDeserted(world: DeviceWorld, last: Client, holders: Holders): Promise<void> {
  const { userId } = last.user;
  const devices = world.watch.mapOf(userId)?.devices.filter(isInUse) ?? [];
  for (const { id } of devices) {
    if (id === undefined || id === SHARED_DEVICE || holders.devicesOf(userId).includes(id)) continue;
    world.ledger.count("deserted");
    await last.removeDevice(id);
  }
}

async function fetchAll(client: Client, world: DeviceWorld): Promise<void> {
  for (let n = 0; n < MOST_SYNCS; n++) {
    const { caller } = client;
    if (caller === undefined || SYNC.kind !== "sync") return;
    if (!(await client.sync(SYNC, caller))) return;
  }
  world.ledger.check(false, `REST: ${client.name} comes to no end`);
}
