import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, type TestContext } from "vitest";
import type { Batch, Client } from "../../lib/client/index.ts";
import { patiently } from "../support/taking.ts";
import { contents, flags, LIMIT, loseBatch, numbers, send, talk } from "./losing.ts";

const LEASE_MS = 30_000;
/** Long enough before the end of the lease. */
const SOON_MS = 25_000;
const MOST_ATTEMPTS = 5;

it("a lost answer without its receipt comes to another client only after the lease, flagged", async (test) => {
  const { receiver, ack, other, before } = await loseAndCome(test);
  const { batch, refusals } = await syncWhenFree(other);
  expect(Date.now() - before).toBeGreaterThanOrEqual(LEASE_MS);
  expect(refusals).toBeGreaterThan(0);
  // Exactly what was out: what came after it is not mixed in, and would be flagged wrongly if it were.
  expect(contents(batch)).toEqual(numbers(1, LIMIT));
  expect(flags(batch)).toEqual(Array(LIMIT).fill(true));

  // It is the other client's now.
  expect((await patiently(() => receiver.client.sync({ ack }))).retryAfter).toBeGreaterThan(0);
  const next = await patiently(() => other.sync({ ack: batch.receipt }));
  expect(contents(next)).toEqual(numbers(1 + LIMIT, LIMIT));
  expect(flags(next)).not.toContain(true);
  expect(await patiently(() => other.sync({ ack: next.receipt }))).toMatchObject({ messages: [], more: false });
  expect(await patiently(() => receiver.client.sync({ ack }))).toMatchObject({ messages: [], more: false });
});

/** Somebody who has just lost a batch, and another client of the same user, which is there before the lease runs out. */
async function loseAndCome(test: TestContext) {
  for (let attempt = 1; ; attempt++) {
    const { sender, receiver } = await talk();
    const ack = receiver.session.receipt;
    await send(sender, receiver, 1, LIMIT);
    const before = Date.now();
    await loseBatch(test, receiver, ack, "after");
    await send(sender, receiver, 1 + LIMIT, LIMIT);
    const other = await receiver.elsewhere();
    if (Date.now() - before < SOON_MS || attempt === MOST_ATTEMPTS) return { receiver, ack, other, before };
  }
}

/** Syncs as often as the server allows, until it gets messages. */
async function syncWhenFree(client: Client): Promise<{ batch: Batch; refusals: number }> {
  for (let refusals = 0; ; refusals++) {
    const batch = await patiently(() => client.sync({ ack: client.session?.receipt }));
    if (batch.retryAfter === undefined) return { batch, refusals };
    expect(batch).toMatchObject({ messages: [], more: false });
    await sleep(1_000 * Math.min(batch.retryAfter, 10));
  }
}
