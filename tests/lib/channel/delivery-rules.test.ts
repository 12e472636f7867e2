import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Sending } from "../../../lib/channel/sending.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { WAIT } from "../../support/eventually.ts";
import { ALICE, BOB, Channel, flagged, messageId, numbers, range, replayed, type Sent } from "./delivery-channel.ts";

// Each of these is a mistake that is easy to make, and what it would break.
describe.each(engines)("the rules of delivery on $name", ({ start }) => {
  let engine: TestEngine;
  let channel: Channel;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    channel = new Channel(engine);
    vi.spyOn(console, "warn").mockReturnValue();
  });

  /** As of a function that dies, or a database that fails, when it comes to delete. */
  const keepDeletesFrom = async ({ name, go }: Sent): Promise<unknown> => {
    if (name !== "BatchWriteItem") return go();
    throw Object.assign(new Error("busy"), { name: "ThrottlingException" });
  };

  describe("a batch is confirmed by its own keys, not by range", () => {
    it("does not confirm a message that came late with an earlier id", async () => {
      await channel.send(5);
      const { receipt } = await channel.sync("a");
      await channel.send(3);
      expect(numbers(await channel.sync(receipt))).toEqual([3]);
      expect(await channel.left()).toEqual([3]);
    });
  });

  it("a full channel gets no message: its client is told that one is missing, and the sender's answer counts it nowhere", async () => {
    const full = { channel: channel.receiverId, isFull: true };
    const message = { senderId: ALICE, senderName: "alice", content: "for nobody" };
    const { stored } = await new Sending(channel.messages, () => channel.now).send(message, [full]);
    expect(stored).toEqual([]);
    expect(await channel.sync("first")).toMatchObject({ messages: [], missed: true });
  });

  describe("a replay has to be allowed", () => {
    const refuse = () => Promise.reject(new Error("too often"));

    it("or it is refused, and the channel is as it was: the next one gets the same batch", async () => {
      await channel.sendAll([1, 2]);
      const first = await channel.sync("a");
      // Even where it would renew the lease.
      channel.now += LIMITS.lease - 1;
      const before = await channel.items();
      await expect(channel.sync("a", 100, { authorizeReplay: refuse })).rejects.toThrow("too often");
      expect(await channel.items()).toEqual(before);
      const again = await channel.sync("a");
      expect([again.receipt, numbers(again), flagged(again)]).toEqual([first.receipt, [1, 2], [1, 2]]);
    });

    it("once its session is, and nothing else has to be", async () => {
      const asked: string[] = [];
      const options = {
        authorize: async () => void asked.push("session"),
        authorizeReplay: async () => void asked.push("replay"),
      };
      await channel.sendAll([1, 2]);
      const { receipt } = await channel.sync("a", 1, options);
      await channel.sync("b", 1, options);
      expect(asked.splice(0)).toEqual(["session"]);
      await channel.sync("a", 1, options);
      expect(asked.splice(0)).toEqual(["session", "replay"]);
      await channel.sync(receipt, 1, options);
      channel.now += LIMITS.lease;
      await channel.sync("c", 1, options);
      await channel.sync(undefined, 1, options);
      expect(asked).not.toContain("replay");
    });
  });

  it("a sync tells what it reads: the page, what it fetches beside it, and each further look", async () => {
    const read: number[] = [];
    const onRead = (bytes: number) => void read.push(bytes);
    await channel.sync("a", 1, { onRead });
    expect(read.splice(0)).toEqual([0]);
    const content = "é".repeat(1_000);
    await channel.send(100, { content });
    await channel.sync("a", 1, { onRead });
    expect(read.splice(0)).toEqual([2_256]);
    await channel.sync("b", 1, { onRead });
    expect(read.splice(0)).toEqual([2_256]);
    for (const number of range(1, 30)) await channel.send(number, { content });
    await channel.sync("a", 1, { onRead });
    expect(read).toEqual([10 * 2_256, 2_256]);
  });

  it("a batch that was taken by other bounds goes out again as it was, however large", async () => {
    const content = "\u0001".repeat(LIMITS.contentBytes);
    await channel.send(0);
    for (const number of range(1, 24)) await channel.send(number, { content });
    await channel.sync("a");
    // As it was stored while only the bytes of the content counted.
    const head = await channel.head();
    const outstanding = range(1, 24).map((number) => `${messageId(number)}#${ALICE}` as const);
    await channel.store.writeHead(channel.receiverId, head, { ...head, outstanding });
    expect(numbers(await channel.sync("a", 1))).toEqual(range(1, 24));
    channel.now += LIMITS.lease;
    const again = await channel.sync("b", 1);
    expect(numbers(again)).toEqual(range(1, 24));
    expect(numbers(await channel.sync(again.receipt))).toEqual([0]);
  });

  describe("a batch goes out again by its own keys, not from the page", () => {
    // With a limit of 1 a page ends long before 30 messages.
    const pushPastThePage = () => channel.sendAll(range(1, 30));

    it("is repeated in full when it was pushed past the page", async () => {
      await channel.send(100);
      const first = await channel.sync("a", 1);
      await pushPastThePage();
      const again = await channel.sync("a", 1);
      expect(again).toEqual({ ...replayed(first), more: true });
    });

    it("is taken over in full when it was pushed past the page", async () => {
      await channel.sendAll([99, 100]);
      await channel.sync("a", 2);
      await pushPastThePage();
      channel.now += LIMITS.lease;
      const again = await channel.sync("b", 1);
      expect([numbers(again), flagged(again)]).toEqual([
        [99, 100],
        [99, 100],
      ]);
      expect(numbers(await channel.sync(again.receipt, 1))).toEqual([1]);
      expect(await channel.left()).toEqual(range(1, 30));
    });

    it("is fetched again where the database left a part of it out", async () => {
      await channel.sendAll([98, 99, 100]);
      const first = await channel.sync("a", 3);
      await channel.sendAll(range(1, 40));
      let parts = 0;
      channel.intercept(async ({ name, input, go }) => {
        if (name !== "BatchGetItem") return go();
        parts++;
        const [[table, { Keys }]] = Object.entries(input["RequestItems"] as Record<string, { Keys: never[] }>) as [
          [string, { Keys: never[] }],
        ];
        const command = new BatchGetItemCommand({
          RequestItems: { [table]: { Keys: Keys.slice(0, 1), ConsistentRead: true } },
        });
        const output = await engine.client.send(command);
        return { ...output, UnprocessedKeys: Keys.length > 1 ? { [table]: { Keys: Keys.slice(1) } } : {} };
      });
      expect(await channel.sync("a", 3)).toEqual({ ...replayed(first), more: true });
      expect(parts).toBe(3);
    });

    it("fails, and hands out nothing, when the database leaves a part of it out for too long", async () => {
      await channel.send(100);
      await channel.sync("a", 1);
      await pushPastThePage();
      channel.intercept(async ({ name, input, go }) =>
        name === "BatchGetItem" ? { UnprocessedKeys: input["RequestItems"] } : go(),
      );
      channel.commands.length = 0;
      await expect(channel.sync("a", 1)).rejects.toMatchObject({ status: 503, code: "unavailable" });
      expect(channel.commands).toEqual(["Query", ...Array(LIMITS.database.batchRounds).fill("BatchGetItem")]);
    });
  });

  describe("a batch goes out again exactly as it was", () => {
    it("is not mixed with what is new, so that all of it is flagged and nothing else", async () => {
      await channel.sendAll([2, 4]);
      await channel.sync("a");
      await channel.sendAll([1, 3, 5]);
      channel.now += LIMITS.lease;
      const again = await channel.sync("b", 100);
      expect([numbers(again), flagged(again)]).toEqual([
        [2, 4],
        [2, 4],
      ]);
      const next = await channel.sync(again.receipt, 100);
      expect([numbers(next), flagged(next)]).toEqual([[1, 3, 5], []]);
    });

    it("is flagged when it is repeated to the client that took it, which may have died after the answer had come", async () => {
      await channel.sendAll([1, 2]);
      const first = await channel.sync("a", 1);
      expect(flagged(first)).toEqual([]);
      // Its client has processed the batch, and dies before it saves the receipt.
      expect(await channel.sync("a", 1)).toEqual(replayed(first));
      // So it is where the lease is renewed by it.
      channel.now += LIMITS.lease - 1;
      expect(await channel.sync("a", 1)).toEqual(replayed(first));
      const next = await channel.sync(first.receipt, 1);
      expect([numbers(next), flagged(next)]).toEqual([[2], []]);
    });

    it("stays flagged when its own response is lost", async () => {
      await channel.send(1);
      await channel.sync("a");
      channel.now += LIMITS.lease;
      await channel.sync("b");
      expect(flagged(await channel.sync("b"))).toEqual([1]);
    });

    it("goes out whole, even to a client with a smaller limit", async () => {
      await channel.sendAll([1, 2, 3]);
      await channel.sync("a", 3);
      channel.now += LIMITS.lease;
      expect(flagged(await channel.sync(undefined, 1))).toEqual([1, 2, 3]);
      expect(await channel.left()).toEqual([]);
    });
  });

  describe("the head is written under its condition", () => {
    /** Lets `count` writers of the head come to their first write before any of them goes on. */
    const together = (count: number) => {
      const { promise: all, resolve } = Promise.withResolvers<void>();
      let waiting = 0;
      channel.intercept(async ({ isHead, go }) => {
        if (!isHead || waiting >= count) return go();
        if (++waiting === count) resolve();
        await all;
        return go();
      });
    };

    const ways: [string, string | undefined, string | undefined][] = [
      ["both without ack", undefined, undefined],
      ["both with ack", "a", "b"],
      ["one each way", "a", undefined],
    ];

    it.each(ways)("two racing syncs make the head and share nothing, %s", async (_, one, other) => {
      await channel.sendAll([1, 2]);
      together(2);
      const answers = await Promise.all([channel.sync(one, 1), channel.sync(other, 1)]);
      expectNothingShared(answers.map(numbers));
    });

    it.each(ways)("two racing syncs write the head and share nothing, %s", async (_, one, other) => {
      await channel.send(0);
      await channel.sync();
      await channel.sendAll([1, 2]);
      together(2);
      const answers = await Promise.all([channel.sync(one, 1), channel.sync(other, 1)]);
      expectNothingShared(answers.map(numbers));
    });

    function expectNothingShared(taken: number[][]): void {
      const all = taken.flat();
      expect(new Set(all).size).toBe(all.length);
      expect(all).toContain(1);
    }

    it("does not repeat a batch whose lease it could not renew, since it was settled meanwhile", async () => {
      await channel.send(1);
      const first = await channel.sync("a");
      channel.now += LIMITS.lease - 1;
      channel.intercept(async ({ isHead, go }) => {
        if (!isHead) return go();
        channel.intercept();
        await channel.sync(first.receipt);
        return go();
      });
      expect(numbers(await channel.sync("a"))).toEqual([]);
    });

    it("gives up after so many rounds, and says that it may be tried again", async () => {
      await channel.send(1);
      channel.intercept(async ({ isHead, go }) => {
        if (isHead) throw Object.assign(new Error("busy"), { name: "ThrottlingException" });
        return go();
      });
      channel.commands.length = 0;
      await expect(channel.sync("a")).rejects.toMatchObject({
        status: 503,
        retryAfter: 1,
        cause: "the head was written by others each time",
      });
      expect(channel.commands).toHaveLength(2 * LIMITS.syncAttempts);
    });

    it("pauses before each further round, longer and longer, by a random part of at most 200 ms", async () => {
      const random = vi.spyOn(Math, "random").mockReturnValue(0.5);
      onTestFinished(() => random.mockRestore());
      await channel.send(1);
      channel.intercept(async ({ isHead, go }) => {
        if (isHead) throw Object.assign(new Error("busy"), { name: "ThrottlingException" });
        return go();
      });
      await expect(channel.sync("a")).rejects.toMatchObject({ status: 503 });
      expect(channel.pauses.slice(0, 7)).toEqual([5, 10, 20, 40, 80, 100, 100]);
      expect(channel.pauses).toHaveLength(LIMITS.syncAttempts - 1);
    });
  });

  describe("what is settled is remembered", () => {
    it.each([
      ["with ack", "a"],
      ["without ack", undefined],
    ])("a send that is retried after the delivery, %s, is swept and never handed out", async (_, ack) => {
      await channel.send(1);
      const { receipt } = await channel.sync(ack);
      await channel.sync(ack === undefined ? undefined : receipt);
      expect(await channel.left()).toEqual([]);
      expect(await channel.send(1)).toMatchObject({ duplicate: false });
      await channel.send(2);
      expect(numbers(await channel.sync())).toEqual([2]);
      expect(await channel.left()).toEqual([]);
    });

    it("a function that dies between the head's write and the deletes loses nothing and repeats nothing", async () => {
      await channel.sendAll([1, 2]);
      const { receipt } = await channel.sync("a");
      channel.intercept(({ name, go }) => (name === "BatchWriteItem" ? new Promise(() => {}) : go()));
      void channel.sync(receipt);
      await vi.waitUntil(() => channel.commands.at(-1) === "BatchWriteItem", WAIT);
      channel.intercept();
      expect(await channel.left()).toEqual([1, 2]);
      await channel.send(3);
      expect(numbers(await channel.sync(receipt))).toEqual([3]);
      expect(await channel.left()).toEqual([3]);
    });

    it("deletes that fail do not fail the sync, and are made up for by a later one", async () => {
      await channel.sendAll([1, 2]);
      channel.intercept(keepDeletesFrom);
      expect(numbers(await channel.sync())).toEqual([1, 2]);
      channel.intercept();
      expect(await channel.left()).toEqual([1, 2]);
      expect(await channel.sync("a")).toEqual({ messages: [], receipt: "a", more: false });
      expect(await channel.left()).toEqual([]);
    });

    it("is told apart by sender: two may use the same message id", async () => {
      await channel.send(1);
      await channel.sync();
      expect(await channel.send(1, { senderId: BOB, content: "from bob" })).toMatchObject({ duplicate: false });
      const answer = await channel.sync();
      expect(answer.messages).toMatchObject([{ position: `${messageId(1)}#${BOB}`, redelivered: false }]);
    });

    it("is told apart by sender while both wait", async () => {
      await channel.send(1, { senderId: BOB });
      await channel.send(1);
      const answer = await channel.sync();
      expect(answer.messages.map(({ position }) => position)).toEqual(
        [ALICE, BOB].map((id) => `${messageId(1)}#${id}`),
      );
    });
  });

  describe("what is settled is forgotten only when its item is gone", () => {
    it("keeps what lies behind the page, and what lies in it", async () => {
      const many = range(100, 100 + LIMITS.settledKept + 9);
      await channel.sendAll(many);
      channel.intercept(keepDeletesFrom);
      await channel.sync();
      // Nothing is deleted, and the pages of these syncs hold a few of the settled messages at most.
      for (const early of range(1, 3)) {
        await channel.send(early);
        expect(numbers(await channel.sync(undefined, 1))).toEqual([early]);
      }
      channel.intercept();
      const delivered: number[] = [];
      let answer = await channel.sync();
      for (; answer.more; answer = await channel.sync()) delivered.push(...numbers(answer));
      expect([...delivered, ...numbers(answer)]).toEqual([]);
      expect(await channel.left()).toEqual([]);
    });

    it("forgets nothing of a batch that is confirmed", async () => {
      await channel.send(1);
      const { receipt } = await channel.sync("a");
      await channel.sync(receipt);
      expect(await channel.head()).toMatchObject({ settled: [expect.any(String)], horizon: "" });
    });

    it("forgets the oldest of those that are gone", async () => {
      await channel.sendAll(range(1, LIMITS.settledKept));
      await channel.sync();
      expect((await channel.head()).settled).toHaveLength(LIMITS.settledKept);
      await channel.send(1_000);
      await channel.sync();
      const { settled, horizon } = await channel.head();
      expect(settled).toHaveLength(LIMITS.settledKept);
      expect(settled[0]).toMatch(/^0190000003e8/);
      expect(horizon).not.toBe("");
    });

    it("hands out what comes back after it was forgotten, flagged, and what is new unflagged", async () => {
      await channel.send(1);
      await channel.sync();
      await channel.sendAll(range(2, 3 + LIMITS.settledKept));
      await channel.sync();
      await channel.send(1_000);
      await channel.sync();
      // Its sender never got the answer.
      await channel.send(1);
      await channel.send(2_000);
      const answer = await channel.sync("a");
      expect([numbers(answer), flagged(answer)]).toEqual([[1, 2_000], [1]]);
    });
  });

  describe("nothing is deleted before the head is written", () => {
    it.each([
      ["with ack", "a"],
      ["without ack", undefined],
    ])("when the function dies at the head, %s, all is as it was", async (_, ack) => {
      await channel.sendAll([1, 2]);
      const { receipt } = await channel.sync(ack && "a", 1);
      const before = await channel.items();
      channel.intercept(({ isHead, go }) => (isHead ? new Promise(() => {}) : go()));
      channel.commands.length = 0;
      void channel.sync(ack && receipt, 1);
      await vi.waitUntil(() => channel.commands.at(-1) === "PutItem", WAIT);
      expect(await channel.items()).toEqual(before);
      expect(channel.commands).toEqual(["Query", "PutItem"]);
    });
  });

  describe("the end of a message's retention is looked at, not left to the database", () => {
    const past = () => {
      channel.now += LIMITS.retention + 1_000;
    };

    it("does not hand out what is over, and deletes it", async () => {
      await channel.send(1);
      past();
      await channel.send(2);
      expect(numbers(await channel.sync())).toEqual([2]);
      expect(await channel.left()).toEqual([]);
    });

    it("deletes what is over even when there is nothing else to do", async () => {
      await channel.send(1);
      past();
      expect(await channel.sync("a")).toEqual({ messages: [], receipt: "a", more: false });
      expect(await channel.left()).toEqual([]);
      expect(await channel.headItem()).toBeUndefined();
    });

    it("hands out what is not over yet, to the second", async () => {
      await channel.send(1);
      channel.now += LIMITS.retention - 1;
      expect(numbers(await channel.sync("a"))).toEqual([1]);
    });

    it("does not repeat what is over", async () => {
      await channel.send(1);
      await channel.sync("a");
      past();
      expect(await channel.sync("a")).toEqual({ messages: [], receipt: "a", more: false });
    });

    it("lets go of a batch that is over, and asks for it no more", async () => {
      await channel.sendAll([1, 2]);
      await channel.sync("a");
      past();
      await channel.sync("b");
      channel.commands.length = 0;
      await channel.sync("b");
      expect(channel.commands).toEqual(["Query"]);
    });

    it("repeats what is left of a batch, under its receipt, which settles nothing else", async () => {
      await channel.send(1);
      channel.now += LIMITS.retention - 5_000;
      await channel.send(2);
      const { receipt } = await channel.sync("a");
      channel.now += 7_000;
      const again = await channel.sync("a");
      expect([numbers(again), again.receipt]).toEqual([[2], receipt]);
      // Its sender heard nothing of the first try, and its receiver nothing of the message.
      expect(await channel.send(1)).toMatchObject({ duplicate: false });
      const next = await channel.sync(receipt);
      expect([numbers(next), flagged(next)]).toEqual([[1], [1]]);
      expect(await channel.left()).toEqual([1]);
    });

    it("hands out what its sender has put back since, and tells the sender that it is new", async () => {
      await channel.send(1);
      past();
      expect(await channel.send(1)).toEqual({ messageId: messageId(1), sentAt: channel.now, duplicate: false });
      const answer = await channel.sync();
      expect([numbers(answer), flagged(answer)]).toEqual([[1], []]);
    });

    it("flags what its sender has put back since, where it was out before", async () => {
      await channel.send(1);
      await channel.sync("a");
      past();
      await channel.sync("b");
      await channel.send(1);
      await channel.send(2);
      const answer = await channel.sync("b");
      expect([numbers(answer), flagged(answer)]).toEqual([[1, 2], [1]]);
    });

    it.each([
      ["once", async (go: Sent["go"]) => void (await go())],
      ["and a try of it that came late", async (go: Sent["go"]) => void (await Promise.all([go(), go()]))],
    ])("does not delete what its sender puts back meanwhile: a delete %s", async (_, arrive) => {
      await channel.send(1);
      past();
      channel.intercept(async ({ name, go }) => {
        if (name !== "DeleteItem") return go();
        channel.intercept();
        await go();
        await channel.send(1);
        await arrive(go);
        return {};
      });
      expect(numbers(await channel.sync("a"))).toEqual([]);
      expect(numbers(await channel.sync("a"))).toEqual([1]);
    });

    it("does not repeat what is over from this very second on", async () => {
      await channel.send(1);
      const [end] = (await channel.items()).map(({ expiresAt }) => Number(expiresAt?.N) * 1_000);
      if (end === undefined) return expect.unreachable("the message is gone");
      await channel.sync("a");
      channel.now = end - 1;
      expect(numbers(await channel.sync("a"))).toEqual([1]);
      channel.now = end;
      expect(numbers(await channel.sync("a"))).toEqual([]);
    });

    it("does not take over what is over, and goes on to what is new", async () => {
      await channel.send(1);
      await channel.sync("a");
      past();
      await channel.send(2);
      const answer = await channel.sync("b");
      expect([numbers(answer), flagged(answer)]).toEqual([[2], []]);
    });
  });
});
