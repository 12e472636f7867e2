import { describe, it } from "vitest";
import { type Message, NetworkError, newMessageId } from "../../lib/client/index.ts";
import type { Fault } from "../support/fault-proxy.ts";
import { contents, faultyAddress, flags, LIMIT, loseBatch, numbers, send, talk } from "./losing.ts";

describe.concurrent("an answer that never arrives, with ack", () => {
  it.for<Fault>(["after", "middle"])(
    "brings the same batch at once to the client that lost it (cut: %s)",
    async (fault, test) => {
      const { expect } = test;
      const { sender, receiver } = await talk();
      const ack = receiver.session.receipt;
      const earlierId = newMessageId();
      await send(sender, receiver, 1, 2 * LIMIT);
      await loseBatch(test, receiver, ack, fault);

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

  it("brings each message once to the user of `receive`", async (test) => {
    const { expect } = test;
    const { sender, receiver } = await talk();
    const count = 4 * LIMIT;
    await send(sender, receiver, 1, count);
    const faults: Fault[] = ["after", "none", "middle", "after", "before", "none", "after", "middle", "middle"];
    const client = receiver.at(await faultyAddress(test, ...faults), { base: 1 });
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
});
