import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Batch, type Client, type Message, NetworkError, newMessageId } from "../../lib/client/index.ts";
import { type Fault, startFaultProxy } from "../support/fault-proxy.ts";
import { newcomer, type Person } from "../support/people.ts";
import { type Stack, startStack } from "../support/stack.ts";

const LEASE_MS = 30_000;
const LIMIT = 5;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

/** An address of the stack whose next answers meet these faults. */
async function faultyAddress(...faults: Fault[]): Promise<string> {
  const proxy = await startFaultProxy({ port: stack.port, host: "localhost", next: () => faults.shift() ?? "none" });
  onTestFinished(() => proxy.close());
  return proxy.url;
}

async function talk(): Promise<{ sender: Person; receiver: Person }> {
  const [sender, receiver] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
  return { sender, receiver };
}

/** Sends messages one after the other; their contents are counted from `first`. */
async function send(sender: Person, receiver: Person, first: number, count: number): Promise<void> {
  for (let i = first; i < first + count; i++) await sender.client.send({ to: receiver.id, content: `No. ${i}` });
}

const contents = ({ messages }: Pick<Batch, "messages">): string[] => messages.map(({ content }) => content);
const flags = ({ messages }: Pick<Batch, "messages">): boolean[] => messages.map(({ redelivered }) => redelivered);
const numbers = (first: number, count: number): string[] => Array.from({ length: count }, (_, i) => `No. ${first + i}`);

/** Takes a batch out, through a connection that is cut once the server has answered. */
async function loseBatch(receiver: Person, ack: string, fault: Fault): Promise<void> {
  const client = receiver.at(await faultyAddress(fault));
  await expect(client.sync({ ack, limit: LIMIT })).rejects.toThrow(NetworkError);
}

describe.concurrent("an answer that never arrives, with ack", () => {
  it.for<Fault>(["after", "middle"])(
    "brings the same batch at once to the client that lost it (cut: %s)",
    async (fault, { expect }) => {
      const { sender, receiver } = await talk();
      const ack = receiver.session.receipt;
      const earlierId = newMessageId();
      await send(sender, receiver, 1, 2 * LIMIT);
      await loseBatch(receiver, ack, fault);

      // The server had answered: the batch is out, and nobody else gets it.
      const other = await receiver.elsewhere();
      const refused = await other.sync({ ack: other.session?.receipt });
      expect(refused).toMatchObject({ messages: [], more: false });
      expect(refused.retryAfter).toBeGreaterThan(0);

      // What has come meanwhile does not get into the batch, even if its id is an earlier one.
      await sender.client.send({ to: receiver.id, content: "late", messageId: earlierId });
      const again = await receiver.client.sync({ ack, limit: LIMIT });
      expect(contents(again)).toEqual(numbers(1, LIMIT));
      // The server cannot know that the client did not get it.
      expect(flags(again)).toEqual(Array(LIMIT).fill(true));
      expect(again).not.toHaveProperty("retryAfter");
      expect(await receiver.client.sync({ ack, limit: LIMIT })).toEqual(again);

      const next = await receiver.client.sync({ ack: again.receipt });
      expect(contents(next)).toEqual(["late", ...numbers(1 + LIMIT, LIMIT)]);
      expect(flags(next)).not.toContain(true);
      expect(await receiver.client.sync({ ack: next.receipt })).toMatchObject({ messages: [], more: false });
    },
  );

  it("brings each message once to the user of `receive`", async ({ expect }) => {
    const { sender, receiver } = await talk();
    const count = 4 * LIMIT;
    await send(sender, receiver, 1, count);
    const faults: Fault[] = ["after", "none", "middle", "after", "before", "none", "after", "middle", "middle"];
    const client = receiver.at(await faultyAddress(...faults), { base: 1 });
    const failures: unknown[] = [];
    const received: Message[] = [];
    for await (const message of client.receive({ limit: LIMIT, onRetry: (error) => void failures.push(error) })) {
      received.push(message);
      if (received.length === count) break;
    }
    expect(contents({ messages: received })).toEqual(numbers(1, count));
    expect(failures).toHaveLength(faults.filter((fault) => fault !== "none").length);
    expect(failures.every((error) => error instanceof NetworkError)).toBe(true);
  });

  it("brings it to another client only after the lease, flagged", async ({ expect }) => {
    const { sender, receiver } = await talk();
    const ack = receiver.session.receipt;
    await send(sender, receiver, 1, LIMIT);
    const before = Date.now();
    await loseBatch(receiver, ack, "after");
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
