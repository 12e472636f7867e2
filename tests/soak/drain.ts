import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type Session } from "../../lib/client/index.ts";
import { patiently } from "../support/taking.ts";
import type { Device } from "./devices.ts";
import type { SoakLedger } from "./soak-ledger.ts";

/** A channel, and who syncs it. */
export interface Channel {
  readonly session: Session;
  /** As the ledger names it. */
  readonly place: string;
  /** Its clients: one, or two that share it. */
  readonly devices: readonly Device[];
}

/** More than any channel needs: a drain that goes on after this never ends. */
const MOST_SYNCS = 2_000;

/** The clients of a channel take what is theirs; then a new one takes what is left, and the channel has to be empty. */
export async function drain(url: string, { session, place, devices }: Channel, ledger: SoakLedger): Promise<void> {
  for (let round = 0, moves = true; moves && round < devices.length + 1; round++) {
    moves = false;
    for (const device of devices) if (await settled(device, url)) moves = true;
  }
  const client = new Client({ url, session, live: false });
  await takeAll(client, place, ledger);
  const rest = await patiently(() => client.sync({ ack: randomUUID() }));
  ledger.check(rest.messages.length === 0 && !rest.more, `left behind at ${place}`);
}

/** Whether it found anything. Two devices hold each other up, at most for a lease: the new client waits for that. */
async function settled(device: Device, url: string): Promise<boolean> {
  let found = false;
  for (let sync = 0; sync < MOST_SYNCS && (await device.settle(url)); sync++) found = true;
  return found;
}

async function takeAll(client: Client, place: string, ledger: SoakLedger): Promise<void> {
  const name = `${place}, last`;
  let ack: string = randomUUID();
  for (let sync = 0; sync < MOST_SYNCS; sync++) {
    const batch = await patiently(() => client.sync({ ack }));
    ledger.handed(place, name, batch);
    for (const message of batch.messages) ledger.keep(message, place, name);
    ack = batch.receipt;
    if (batch.retryAfter !== undefined) await sleep(1_000 * batch.retryAfter);
    else if (batch.messages.length === 0 && !batch.more) return;
  }
  ledger.check(false, `the channel of ${place} is never empty`);
}
