import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { InvalidToken } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { Channel, flagged, numbers, range, type Sent, timeout } from "./delivery-channel.ts";

describe.each(engines)("delivery on $name, when the answer to a write is lost", ({ start }) => {
  let engine: TestEngine;
  let channel: Channel;
  beforeAll(async () => {
    engine = await start("here");
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    channel = new Channel(engine);
  });

  /** Does `how` with the next write of the head, and lets everything else pass. */
  const atTheHead = (how: (sent: Sent) => Promise<unknown>): void =>
    channel.intercept((sent) => {
      if (!sent.isHead) return sent.go();
      channel.intercept();
      return how(sent);
    });

  /** The write applies, then `meanwhile` happens, then the caller sees a timeout. */
  const loseAnswer = (meanwhile: () => Promise<unknown> = async () => {}): void =>
    atTheHead(async ({ go }) => {
      await go();
      await meanwhile();
      throw timeout();
    });

  /** The write applies, and the SDK's second attempt is refused. */
  const loseFirstAttempt = (): void =>
    atTheHead(async ({ go }) => {
      await go();
      const refused = (await go().catch((error: unknown) => error)) as { $metadata: object };
      throw Object.assign(refused, { $metadata: { attempts: 2 } });
    });

  /** Settling syncs of others, each of which writes the head. */
  const others = async (count: number): Promise<number[]> => {
    const taken: number[] = [];
    for (let n = 0; n < count; n++) taken.push(...numbers(await channel.sync(undefined, 1)));
    return taken;
  };

  it.each([
    ["without ack, a timeout", undefined, () => loseAnswer()],
    ["with ack, a timeout", "a", () => loseAnswer()],
    ["without ack, a second attempt", undefined, loseFirstAttempt],
    ["with ack, a second attempt", "a", loseFirstAttempt],
  ])("a sync knows its own write: %s", async (_, ack, lose) => {
    await channel.sendAll([1, 2]);
    lose();
    const answer = await channel.sync(ack, 1);
    expect(numbers(answer)).toEqual([1]);
    expect(await channel.left()).toEqual(ack === undefined ? [2] : [1, 2]);
    if (ack !== undefined) expect(numbers(await channel.sync(answer.receipt, 1))).toEqual([2]);
  });

  it.each([1, 2, 3])("a settling sync knows its own write behind %i of others", async (count) => {
    await channel.sendAll(range(1, 6));
    let taken: number[] = [];
    loseAnswer(async () => {
      taken = await others(count);
    });
    expect(numbers(await channel.sync(undefined, 1))).toEqual([1]);
    expect(taken).toEqual(range(2, 1 + count));
  });

  it.each([
    ["the first head", 0],
    ["a later head", 5],
  ])("a settling sync that cannot know any more whether it wrote %s says so", async (_, before) => {
    await channel.sendAll(range(1, before));
    await others(before);
    await channel.sendAll(range(11, 20));
    loseAnswer(() => others(4));
    // Any other answer would tell its client that the messages of the lost one had gone to somebody else.
    await expect(channel.sync(undefined, 1)).rejects.toMatchObject({
      status: 503,
      code: "unavailable",
      cause: "the fate of a settling write is unknown",
    });
  });

  it.each([1, 3, 4, 6])("a refused write is no lost one, behind %i of others", async (count) => {
    await channel.sendAll(range(1, 10));
    let taken: number[] = [];
    atTheHead(async ({ go }) => {
      taken = await others(count);
      return go();
    });
    expect(numbers(await channel.sync(undefined, 1))).toEqual([1 + count]);
    expect(taken).toEqual(range(1, count));
  });

  it("a sync with ack goes on even when it cannot know: nothing of it was settled unseen", async () => {
    await channel.sendAll(range(1, 10));
    loseAnswer(async () => {
      channel.now += LIMITS.lease;
      await others(5);
    });
    expect(numbers(await channel.sync("a", 1))).toEqual([6]);
  });

  it("a write that arrives after its sync has read again is still known", async () => {
    await channel.sendAll([1, 2]);
    let arrive: () => Promise<unknown> = async () => {};
    atTheHead(async ({ go }) => {
      arrive = go;
      // The second try of the same sync comes to its write, and the first one overtakes it.
      atTheHead(async (second) => {
        await arrive();
        return second.go();
      });
      throw timeout();
    });
    expect(numbers(await channel.sync(undefined, 1))).toEqual([1]);
    expect(await channel.left()).toEqual([2]);
  });

  it("a write that can no longer apply does not trouble the sync", async () => {
    await channel.sendAll(range(1, 10));
    atTheHead(async () => {
      await others(1);
      // Four more while it comes to its second try: by then the first one is known to have failed.
      atTheHead(async (second) => {
        await others(4);
        return second.go();
      });
      throw timeout();
    });
    expect(numbers(await channel.sync(undefined, 1))).toEqual([6]);
  });

  describe("a settling sync whose write may still arrive", () => {
    const OPEN = { status: 503, code: "unavailable", cause: "a settling write may still arrive" };

    /** The next write of the head gets no answer, and `meanwhile` happens. The write arrives when the result is called. */
    const delayWrite = (meanwhile: () => Promise<unknown>): (() => Promise<unknown>) => {
      const { promise, resolve } = Promise.withResolvers<Sent["go"]>();
      atTheHead(async ({ go }) => {
        resolve(go);
        await meanwhile();
        throw timeout();
      });
      return async () => (await promise)();
    };

    it("does not say that there is nothing, when retried sends fill its page with settled messages", async () => {
      await channel.sendAll(range(1, 12));
      await channel.sync();
      await channel.send(20);
      const arrive = delayWrite(() => channel.sendAll(range(1, 10)));
      await expect(channel.sync(undefined, 1)).rejects.toMatchObject(OPEN);
      await arrive();
      expect(await channel.sync("a")).toMatchObject({ messages: [] });
    });

    it("does not say that another client holds the batch, when its clock steps back into the lease", async () => {
      await channel.send(1);
      await channel.sync("a");
      channel.now += LIMITS.lease;
      const arrive = delayWrite(async () => channel.pass(-1));
      await expect(channel.sync()).rejects.toMatchObject(OPEN);
      await arrive();
      expect(await channel.sync("a")).toMatchObject({ messages: [] });
    });

    it("does not say that there is nothing, when its messages are past their retention at the second look", async () => {
      await channel.send(1);
      delayWrite(async () => channel.pass(LIMITS.retention + 1_000));
      await expect(channel.sync()).rejects.toMatchObject(OPEN);
    });

    it("does not say that it was refused, when its session ends meanwhile", async () => {
      await channel.send(1);
      const authorize = vi.fn(async () => {});
      const arrive = delayWrite(async () => {
        authorize.mockRejectedValue(new InvalidToken());
      });
      await expect(channel.sync(undefined, 100, { authorize })).rejects.toMatchObject(OPEN);
      expect(authorize).toHaveBeenCalledTimes(2);
      await arrive();
      expect(await channel.sync("a")).toMatchObject({ messages: [] });
    });

    it.each([
      ["nobody waits for it any more", async () => channel.pass(6_000)],
      ["the database cannot be read", async () => channel.intercept(() => Promise.reject(timeout()))],
    ])("answers 503 when %s", async (_, meanwhile) => {
      await channel.send(1);
      delayWrite(meanwhile);
      const sync = channel.sync(undefined, 100, { answerBy: channel.now + 6_000 });
      await expect(sync).rejects.toMatchObject({ status: 503, code: "unavailable" });
    });

    it("answers with other messages once its next write applied: the first one can no longer", async () => {
      await channel.send(2);
      const arrive = delayWrite(() => channel.send(1));
      expect(numbers(await channel.sync(undefined, 1))).toEqual([1]);
      await expect(arrive()).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
      expect(numbers(await channel.sync())).toEqual([2]);
    });
  });

  it("a sync with ack says that there is nothing, though its write may still arrive: its batch comes by a replay", async () => {
    await channel.sendAll(range(1, 12));
    await channel.sync();
    await channel.send(20);
    let arrive: Sent["go"] = async () => {};
    atTheHead(async ({ go }) => {
      arrive = go;
      await channel.sendAll(range(1, 10));
      throw timeout();
    });
    expect(await channel.sync("a", 1)).toMatchObject({ messages: [], receipt: "a", more: true });
    await arrive();
    const again = await channel.sync("a", 1);
    expect([numbers(again), flagged(again)]).toEqual([[20], [20]]);
  });

  it("a send is answered as received by its retry", async () => {
    let first = true;
    channel.intercept(async ({ go }) => {
      const answer = await go();
      if (!first) return answer;
      first = false;
      throw timeout();
    });
    await expect(channel.send(1)).rejects.toMatchObject({ status: 503 });
    expect(await channel.send(1)).toMatchObject({ duplicate: true });
    expect(numbers(await channel.sync())).toEqual([1]);
  });

  it("what is not a fault of the database's load is not tried again", async () => {
    await channel.send(1);
    atTheHead(async () => {
      throw new TypeError("a defect of ours");
    });
    await expect(channel.sync()).rejects.toThrow(TypeError);
  });

  it("deletes which the database left out are made up for in the same sync", async () => {
    await channel.sendAll(range(1, 30));
    const sizes: number[] = [];
    channel.intercept(async ({ name, input, go }) => {
      if (name !== "BatchWriteItem") return go();
      const requests = input["RequestItems"] as Record<string, unknown[]>;
      sizes.push(Object.values(requests).flat().length);
      return sizes.length <= 2 ? { UnprocessedItems: requests } : go();
    });
    await channel.sync();
    expect(sizes).toEqual([25, 5, 25, 5]);
    expect(await channel.left()).toEqual([]);
  });

  it("deletes which the database leaves out for too long are left to a later sync, and logged", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    await channel.send(1);
    let rounds = 0;
    channel.intercept(async ({ name, input, go }) => {
      if (name !== "BatchWriteItem") return go();
      rounds++;
      return { UnprocessedItems: input["RequestItems"] };
    });
    expect(numbers(await channel.sync())).toEqual([1]);
    expect(rounds).toBe(LIMITS.database.batchRounds);
    const line = JSON.parse(String(warn.mock.calls[0]?.[0]));
    expect(line).toMatchObject({ message: "settled messages are left to a later sync", settled: 1, expired: 0 });
    channel.intercept();
    await channel.sync("a");
    expect(await channel.left()).toEqual([]);
  });
});
