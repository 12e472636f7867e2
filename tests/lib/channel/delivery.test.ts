import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { isOwnCopy, Sending } from "../../../lib/channel/sending.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { epochSeconds } from "../../../lib/runtime/clock.ts";
import { InvalidToken } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";
import { ALICE, BOB, Channel, flagged, messageId, numbers, range, replayed } from "./delivery-channel.ts";

/** A head that names no batch. */
const NONE_OUT = { receipt: undefined, previous: undefined, outstanding: [], reissued: false };

describe.each(engines)("delivery on $name", ({ start }) => {
  let engine: TestEngine;
  let channel: Channel;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    channel = new Channel(engine);
  });

  it("takes for an own copy what has a receiver on a channel of its sender, whichever that is", () => {
    const to = { toId: BOB, toName: "bob" };
    expect([ALICE, `${ALICE}/phone`].map((key) => isOwnCopy({ channel: key, to }, ALICE))).toEqual([true, true]);
    const others = [
      { channel: ALICE },
      { channel: BOB, to },
      { channel: `${BOB}/phone`, to },
      { channel: `${ALICE}0`, to },
    ];
    expect(others.map((target) => isOwnCopy(target, ALICE))).toEqual([false, false, false, false]);
  });

  describe("send to a channel of many, under an id that its sender has used in another conversation", () => {
    const one = { toId: "g-1", toName: "Friends" };
    const other = { toId: "g-2", toName: "Family" };
    const sendTo = (to: typeof one, senderId: string) =>
      new Sending(channel.messages, () => channel.now).send(
        { senderId, senderName: "alice", content: "to all", messageId: messageId(1) },
        [{ channel: channel.receiverId, to }],
      );

    it("is refused until the first is handed out, and then counts as a repeat: no more is told of its reader", async () => {
      await sendTo(one, ALICE);
      await expect(sendTo(other, ALICE)).rejects.toThrow(problem("message_id_reused"));
      const { messages } = await channel.sync("first");
      expect(messages).toMatchObject([one]);
      expect((await sendTo(other, ALICE)).stored).toEqual([]);
    });

    it("is refused on the sender's own channel also when the first was handed out", async () => {
      const own = channel.receiverId;
      await sendTo(one, own);
      await channel.sync("first");
      await expect(sendTo(other, own)).rejects.toThrow(problem("message_id_reused"));
    });
  });

  describe("send", () => {
    it("stores the message in one write, to be kept for the retention", async () => {
      const answer = await channel.send(1);
      expect(answer).toEqual({ messageId: messageId(1), sentAt: channel.now, duplicate: false });
      expect(channel.commands).toEqual(["PutItem"]);
      expect(await channel.items()).toEqual([
        {
          receiverId: { S: channel.receiverId },
          position: { S: `${messageId(1)}#${ALICE}` },
          senderName: { S: "alice" },
          content: { S: "text 1" },
          sentAt: { N: String(channel.now) },
          expiresAt: { N: String(epochSeconds(channel.now + LIMITS.retention)) },
        },
      ]);
    });

    it("makes a UUIDv7 of the time now when the sender has chosen no id", async () => {
      const { messageId: made } = await channel.send(1, { messageId: undefined });
      expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(made.replace("-", "").slice(0, 12), 16)).toBe(channel.now);
      expect((await channel.sync()).messages.map(({ position }) => position)).toEqual([`${made}#${ALICE}`]);
    });

    it("answers a retry as received, with the time now, and keeps the first", async () => {
      await channel.send(1);
      const first = await channel.items();
      channel.now += 5_000;
      expect(await channel.send(1)).toEqual({ messageId: messageId(1), sentAt: channel.now, duplicate: true });
      expect(await channel.items()).toEqual(first);
    });

    it("refuses another content under the same id, and keeps the first", async () => {
      await channel.send(1);
      await expect(channel.send(1, { content: "other" })).rejects.toThrow(problem("message_id_reused"));
      expect((await channel.sync()).messages.map(({ content }) => content)).toEqual(["text 1"]);
    });

    it("takes another content under the same id for a repeat once the first is handed out, settled or put back", async () => {
      const other = () => channel.send(1, { content: "other" });
      const received = expect.objectContaining({ messageId: messageId(1), duplicate: true });
      await channel.send(1);
      const { receipt } = await channel.sync("a");
      expect(await other()).toEqual(received);
      await channel.sync(receipt);
      for (let round = 0; round < 3; round++) {
        // A repeat that finds nothing in its way is stored until the next sync.
        await channel.send(1);
        expect(await other()).toEqual(received);
        expect((await channel.sync()).messages).toEqual([]);
        expect(await other()).toMatchObject({ messageId: messageId(1) });
        expect((await channel.sync()).messages).toEqual([]);
      }
    });

    it("answers a retry as received when its message is settled between the write and the look at it", async () => {
      await channel.send(1);
      channel.intercept(async ({ name, go }) => {
        if (name !== "PutItem") return go();
        const error = await go().catch((reason: unknown) => reason);
        channel.intercept();
        await channel.sync();
        // As of an engine that does not return the item which was in the way.
        throw Object.assign(error as Error, { Item: undefined });
      });
      channel.now += 5_000;
      expect(await channel.send(1)).toMatchObject({ sentAt: channel.now, duplicate: true });
    });
  });

  describe("a sync with ack", () => {
    it("hands out the messages in their order, whoever sent them and whenever they came", async () => {
      await channel.send(3);
      await channel.send(1);
      await channel.send(2, { senderId: BOB, senderName: "bob", content: "hi" });
      const answer = await channel.sync("a");
      expect(answer).toEqual({
        messages: [1, 2, 3].map((number) => ({
          position: `${messageId(number)}#${number === 2 ? BOB : ALICE}`,
          senderName: number === 2 ? "bob" : "alice",
          content: number === 2 ? "hi" : `text ${number}`,
          sentAt: channel.now,
          expiresAt: epochSeconds(channel.now + LIMITS.retention),
          redelivered: false,
        })),
        receipt: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
        more: false,
      });
    });

    it("takes limit messages at a time, says whether there are more, and deletes what was confirmed", async () => {
      await channel.sendAll([1, 2, 3]);
      const first = await channel.sync("a", 2);
      expect([numbers(first), first.more]).toEqual([[1, 2], true]);
      expect(await channel.left()).toEqual([1, 2, 3]);
      const second = await channel.sync(first.receipt, 2);
      expect([numbers(second), second.more]).toEqual([[3], false]);
      expect(second.receipt).not.toBe(first.receipt);
      expect(await channel.left()).toEqual([3]);
      expect(await channel.head()).toMatchObject({ receipt: second.receipt, outstanding: [expect.anything()] });
      const third = await channel.sync(second.receipt, 2);
      expect(await channel.head()).toMatchObject(NONE_OUT);
      expect(third).toEqual({ messages: [], receipt: second.receipt, more: false });
      expect(await channel.left()).toEqual([]);
    });

    it("says that there are more when the page ends before the channel does", async () => {
      await channel.sendAll(range(1, 30));
      const first = await channel.sync("a", 20);
      // Its page ends within the batch that it confirms: it cannot see the others.
      const second = await channel.sync(first.receipt, 1);
      expect([numbers(second), second.more]).toEqual([[], true]);
      expect(numbers(await channel.sync(second.receipt, 1))).toEqual([21]);
    });

    it("costs one read, one write and one batch of deletes", async () => {
      await channel.send(1);
      const { receipt } = await channel.sync("a");
      await channel.send(2);
      channel.commands.length = 0;
      await channel.sync(receipt);
      expect(channel.commands).toEqual(["Query", "PutItem", "BatchWriteItem"]);
    });

    it("costs one read when there is nothing, and returns the receipt that it got", async () => {
      expect(await channel.sync("a")).toEqual({ messages: [], receipt: "a", more: false });
      expect(channel.commands).toEqual(["Query"]);
      expect(await channel.items()).toEqual([]);
    });

    it("may show any string when no batch is out", async () => {
      await channel.send(1);
      const { receipt } = await channel.sync("a");
      await channel.sync(receipt);
      await channel.send(2);
      expect(numbers(await channel.sync("something else"))).toEqual([2]);
    });
  });

  describe("a response that was lost", () => {
    it("is repeated to the same ack, flagged: same batch, same receipt, no write", async () => {
      await channel.sendAll([1, 2]);
      const first = await channel.sync("a", 1);
      channel.commands.length = 0;
      expect(await channel.sync("a", 1)).toEqual(replayed(first));
      expect(channel.commands).toEqual(["Query"]);
    });

    it("is repeated without what is new", async () => {
      await channel.send(2);
      const first = await channel.sync("a");
      await channel.sendAll([1, 3]);
      expect(await channel.sync("a")).toEqual({ ...replayed(first), more: true });
    });

    it("is repeated whole to a client with a smaller limit, whose page ends within it", async () => {
      await channel.sendAll(range(1, 30));
      const first = await channel.sync("a", 20);
      expect(await channel.sync("a", 1)).toEqual(replayed(first));
    });

    it("is repeated without what the database has removed meanwhile", async () => {
      await channel.sendAll([1, 2, 3]);
      const first = await channel.sync("a");
      await channel.store.delete(channel.receiverId, [`${messageId(2)}#${ALICE}`]);
      const again = await channel.sync("a");
      expect([numbers(again), again.receipt]).toEqual([[1, 3], first.receipt]);
    });

    it("renews the lease when less than half of it is left, and not before", async () => {
      await channel.send(1);
      const first = await channel.sync("a");
      channel.now += LIMITS.lease / 2;
      await channel.sync("a");
      expect((await channel.head()).leaseExpiresAt).toBe(channel.now + LIMITS.lease / 2);
      channel.now += 1;
      channel.commands.length = 0;
      expect(await channel.sync("a")).toEqual(replayed(first));
      expect(channel.commands).toEqual(["Query", "PutItem"]);
      expect((await channel.head()).leaseExpiresAt).toBe(channel.now + LIMITS.lease);
      // The renewed batch is still what its receipt names.
      expect(numbers(await channel.sync(first.receipt))).toEqual([]);
      expect(await channel.left()).toEqual([]);
    });

    it("is repeated even after the lease, as long as nobody else has come", async () => {
      await channel.send(1);
      const first = await channel.sync("a");
      channel.now += LIMITS.lease + 1;
      expect(await channel.sync("a")).toEqual(replayed(first));
    });

    it("is not repeated from a lease that somebody else has taken over meanwhile", async () => {
      await channel.send(1);
      await channel.sync("a");
      channel.now += LIMITS.lease;
      channel.intercept(async ({ isHead, go }) => {
        channel.intercept();
        if (isHead) throw new Error("it was to read first");
        const page = await go();
        expect(flagged(await channel.sync("b"))).toEqual([1]);
        return page;
      });
      expect(await channel.sync("a")).toMatchObject({ messages: [], retryAfter: LIMITS.lease / 1_000 });
    });
  });

  describe("a batch of another client", () => {
    it.each([
      ["another ack", "b"],
      ["none", undefined],
    ])("is waited for, with %s", async (_, ack) => {
      await channel.sendAll([1, 2]);
      await channel.sync("a", 1);
      channel.now += 1;
      channel.commands.length = 0;
      const answer = await channel.sync(ack);
      expect(answer).toMatchObject({ messages: [], more: false, retryAfter: LIMITS.lease / 1_000 });
      expect(answer.receipt).toMatch(ack === undefined ? /^[A-Za-z0-9_-]{22}$/ : /^b$/);
      expect(channel.commands).toEqual(["Query"]);
      channel.now += LIMITS.lease - 2;
      expect(await channel.sync(ack)).toMatchObject({ messages: [], retryAfter: 1 });
    });

    it.each([
      ["another ack", "b"],
      ["none", undefined],
    ])("is handed out again when its lease is over, flagged and under a new receipt, with %s", async (_, ack) => {
      await channel.sendAll([1, 2]);
      const first = await channel.sync("a", 1);
      channel.now += LIMITS.lease;
      channel.commands.length = 0;
      const again = await channel.sync(ack, 1);
      expect([numbers(again), flagged(again), again.more]).toEqual([[1], [1], true]);
      expect(again.receipt).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect(again.receipt).not.toBe(first.receipt);
      // Nothing is settled but what is handed out without ack.
      const settled = ack === undefined ? 1 : 0;
      expect((await channel.head()).settled).toHaveLength(settled);
      expect(channel.commands).toEqual(["Query", "PutItem", ...Array(settled).fill("BatchWriteItem")]);
    });

    it("leaves nothing of itself in the head when it is settled without ack", async () => {
      await channel.send(1);
      await channel.sync("a");
      channel.now += LIMITS.lease;
      await channel.sync();
      expect(await channel.head()).toMatchObject(NONE_OUT);
    });

    it("stays with whoever took it over: the first client's receipt and ack are void", async () => {
      await channel.send(1);
      const first = await channel.sync("a");
      channel.now += LIMITS.lease;
      const again = await channel.sync("b");
      expect(await channel.sync(first.receipt)).toMatchObject({ messages: [], retryAfter: 30 });
      expect(await channel.sync("a")).toMatchObject({ messages: [], retryAfter: 30 });
      expect(await channel.left()).toEqual([1]);
      expect(await channel.sync("b")).toEqual(again);
      expect(await channel.sync(again.receipt)).toMatchObject({ messages: [] });
      expect(await channel.left()).toEqual([]);
    });

    it("is a lease anew for whoever takes it over", async () => {
      await channel.send(1);
      await channel.sync("a");
      channel.now += 3 * LIMITS.lease;
      await channel.sync("b");
      expect((await channel.head()).leaseExpiresAt).toBe(channel.now + LIMITS.lease);
    });
  });

  describe("a sync without ack", () => {
    it("settles its messages in the write that takes them", async () => {
      await channel.sendAll([1, 2, 3]);
      channel.commands.length = 0;
      const first = await channel.sync(undefined, 2);
      expect([numbers(first), flagged(first), first.more]).toEqual([[1, 2], [], true]);
      expect(channel.commands).toEqual(["Query", "PutItem", "BatchWriteItem"]);
      expect(await channel.left()).toEqual([3]);
      expect(numbers(await channel.sync())).toEqual([3]);
      expect(numbers(await channel.sync())).toEqual([]);
    });

    it("leaves no batch out: a client with ack is served at once", async () => {
      await channel.sendAll([1, 2]);
      const { receipt } = await channel.sync(undefined, 1);
      expect(receipt).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect(await channel.head()).toMatchObject(NONE_OUT);
      const answer = await channel.sync("a");
      expect([numbers(answer), answer.retryAfter]).toEqual([[2], undefined]);
    });

    it("writes nothing when there is nothing", async () => {
      const answer = await channel.sync();
      expect(answer).toEqual({ messages: [], receipt: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/), more: false });
      expect(channel.commands).toEqual(["Query"]);
    });
  });

  describe("what a sync must be allowed to do", () => {
    const refuse = vi.fn(async () => {
      throw new InvalidToken();
    });

    it.each([
      ["a batch", undefined, () => Promise.resolve()],
      ["a batch by ack", "a", () => Promise.resolve()],
      ["the same batch again", "a", () => channel.sync("a")],
    ])("is asked before %s is handed out, and leaves no trace if not", async (_, ack, before) => {
      await channel.send(1);
      await before();
      const items = await channel.items();
      await expect(channel.sync(ack, 100, { authorize: refuse })).rejects.toThrow(InvalidToken);
      expect(await channel.items()).toEqual(items);
    });

    it("is asked before dead messages are deleted", async () => {
      await channel.send(1);
      channel.now += LIMITS.retention + 1_000;
      await expect(channel.sync("a", 100, { authorize: refuse })).rejects.toThrow(InvalidToken);
      expect(await channel.left()).toEqual([1]);
    });

    it("is not asked when there is nothing, nor when a batch is waited for", async () => {
      refuse.mockClear();
      await channel.sync("a", 100, { authorize: refuse });
      await channel.send(1);
      await channel.sync("a");
      await channel.sync("b", 100, { authorize: refuse });
      expect(refuse).not.toHaveBeenCalled();
    });

    it("is asked before each write of the head, as what was allowed may have ended meanwhile", async () => {
      await channel.send(1);
      let throttles = 3;
      channel.intercept(({ isHead, go }) => {
        if (isHead && throttles-- > 0) throw Object.assign(new Error("busy"), { name: "ThrottlingException" });
        return go();
      });
      const allow = vi.fn(async () => {});
      expect(numbers(await channel.sync(undefined, 100, { authorize: allow }))).toEqual([1]);
      expect(allow).toHaveBeenCalledTimes(4);
    });
  });
});
