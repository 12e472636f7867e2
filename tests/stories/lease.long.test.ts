import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Batch, Client } from "../../lib/client/index.ts";
import { contents, flags, LIMIT, loseBatch, numbers, send, talk } from "./losing.ts";

const LEASE_MS = 30_000;

it("a lost answer without its receipt comes to another client only after the lease, flagged", async (test) => {
  const { sender, receiver } = await talk();
  const ack = receiver.session.receipt;
  await send(sender, receiver, 1, LIMIT);
  const before = Date.now();
  await loseBatch(test, receiver, ack, "after");
  await send(sender, receiver, 1 + LIMIT, LIMIT);

  const other = await receiver.elsewhere();
  const { batch, refusals } = await syncWhenFree(other);
  expect(Date.now() - before).toBeGreaterThanOrEqual(LEASE_MS);
  expect(refusals).toBeGreaterThan(0);
  // Exactly what was out: what came after it is not mixed in, and would be flagged wrongly if it were.
  expect(contents(batch)).toEqual(numbers(1, LIMIT));
  expect(flags(batch)).toEqual(Array(LIMIT).fill(true));

  // It is the other client's now.
  expect((await receiver.client.sync({ ack })).retryAfter).toBeGreaterThan(0);
  const next = await other.sync({ ack: batch.receipt });
  expect(contents(next)).toEqual(numbers(1 + LIMIT, LIMIT));
  expect(flags(next)).not.toContain(true);
  expect(await other.sync({ ack: next.receipt })).toMatchObject({ messages: [], more: false });
  expect(await receiver.client.sync({ ack })).toMatchObject({ messages: [], more: false });
});

/** Syncs as often as the server allows, until it gets messages. */
async function syncWhenFree(client: Client): Promise<{ batch: Batch; refusals: number }> {
  for (let refusals = 0; ; refusals++) {
    const batch = await client.sync({ ack: client.session?.receipt });
    if (batch.retryAfter === undefined) return { batch, refusals };
    expect(batch).toMatchObject({ messages: [], more: false });
    await sleep(1_000 * Math.min(batch.retryAfter, 10));
  }
}
