import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { SyncAnswer } from "../../../lib/channel/decision.ts";
import { MISSED_POSITION } from "../../../lib/channel/missed.ts";
import { WaitingCheck } from "../../../lib/channel/waiting-check.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { InvalidToken } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { Channel, numbers } from "./delivery-channel.ts";

const MORE_THAN_ENOUGH = 1_000;

describe.each(engines)("a channel that has missed messages ($name)", ({ start }) => {
  let engine: TestEngine;
  let channel: Channel;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    channel = new Channel(engine);
  });

  const miss = () => channel.messages.putMissed(channel.receiverId, channel.now);
  const marks = async () =>
    (await channel.items()).filter(({ position }) => position?.S === MISSED_POSITION).map(({ mark }) => mark?.S);
  const isNoted = async () => (await marks()).length === 1;
  const isWaiting = () =>
    new WaitingCheck(channel.database, engine.tables.channels, () => channel.now).isWaiting(channel.receiverId);
  const told = ({ missed }: SyncAnswer) => missed === true;

  describe("tells it with a batch", () => {
    it("until a client acknowledges that, and not again", async () => {
      await channel.send(1);
      await miss();
      const first = await channel.sync("first");
      expect(first).toMatchObject({ missed: true, messages: [{ content: "text 1" }] });
      expect(await isNoted()).toBe(true);
      await channel.send(2);
      const second = await channel.sync(first.receipt);
      expect(numbers(second)).toEqual([2]);
      expect(second).not.toHaveProperty("missed");
      expect(await isNoted()).toBe(false);
      expect(await channel.sync(second.receipt)).not.toHaveProperty("missed");
    });

    it("again, when the answer was lost", async () => {
      await channel.send(1);
      await miss();
      const lost = await channel.sync("first");
      const again = await channel.sync("first");
      expect([told(lost), told(again), again.receipt === lost.receipt]).toEqual([true, true, true]);
      expect(await isNoted()).toBe(true);
    });

    it("again, when its client died and another takes the batch over", async () => {
      await channel.send(1);
      await miss();
      await channel.sync("first");
      channel.now += LIMITS.lease;
      const again = await channel.sync("another's");
      expect([told(again), numbers(again)]).toEqual([true, [1]]);
      expect(await isNoted()).toBe(true);
    });

    it("and keeps what was missed after that for the next batch", async () => {
      await channel.send(1);
      await miss();
      const first = await channel.sync("first");
      await miss();
      await channel.send(2);
      const second = await channel.sync(first.receipt);
      expect([told(second), await isNoted()]).toEqual([true, true]);
      expect(told(await channel.sync(second.receipt))).toBe(false);
      expect(await isNoted()).toBe(false);
    });

    it("and keeps what is missed between the read and the delete", async () => {
      await channel.send(1);
      await miss();
      const first = await channel.sync("first");
      let isLate = false;
      channel.intercept(async ({ name, go }) => {
        if (name === "DeleteItem") {
          channel.intercept();
          await miss();
          isLate = true;
        }
        return go();
      });
      await channel.sync(first.receipt);
      expect([isLate, await isNoted()]).toEqual([true, true]);
      expect(told(await channel.sync("later"))).toBe(true);
    });

    it("to nobody who has to wait for the batch of another client", async () => {
      await channel.send(1);
      await miss();
      await channel.sync("first");
      for (const ack of ["another's", undefined]) {
        expect(await channel.sync(ack)).toMatchObject({ messages: [], retryAfter: expect.any(Number) });
        expect(told(await channel.sync(ack))).toBe(false);
      }
      expect(await isNoted()).toBe(true);
    });

    it("without ack at once, and for good", async () => {
      await channel.send(1);
      await miss();
      const answer = await channel.sync();
      expect([told(answer), numbers(answer), await isNoted()]).toEqual([true, [1], false]);
      expect(told(await channel.sync())).toBe(false);
    });
  });

  describe("tells it alone where nothing waits", () => {
    it("under a receipt, until that is shown", async () => {
      await miss();
      const first = await channel.sync("first");
      expect(first).toEqual({ messages: [], receipt: expect.any(String), more: false, missed: true });
      expect(first.receipt).not.toBe("first");
      expect(told(await channel.sync("first"))).toBe(true);
      const { receipt } = await channel.sync("first");
      expect(await isNoted()).toBe(true);
      expect(await channel.sync(receipt)).toEqual({ messages: [], receipt, more: false });
      expect(await isNoted()).toBe(false);
    });

    it("to one client at a time, and to the next one once that is overdue", async () => {
      await channel.send(1);
      await channel.sync();
      await miss();
      expect(told(await channel.sync("first"))).toBe(true);
      channel.now += LIMITS.lease - 1;
      expect([told(await channel.sync("another's")), told(await channel.sync())]).toEqual([false, false]);
      channel.now += 1;
      const next = await channel.sync("another's");
      expect(told(next)).toBe(true);
      expect(told(await channel.sync(next.receipt))).toBe(false);
      expect(await isNoted()).toBe(false);
    });

    it("and keeps no message from the others", async () => {
      await miss();
      const { receipt } = await channel.sync("first");
      await channel.send(1);
      const other = await channel.sync("another's");
      expect([numbers(other), told(other)]).toEqual([[1], true]);
      expect(await channel.sync(receipt)).toMatchObject({ messages: [], retryAfter: expect.any(Number) });
      expect(told(await channel.sync(other.receipt))).toBe(false);
    });

    it("without ack at once, and for good", async () => {
      await miss();
      expect(await channel.sync()).toEqual({ messages: [], receipt: expect.any(String), more: false, missed: true });
      expect(await isNoted()).toBe(false);
      expect(told(await channel.sync())).toBe(false);
    });

    it("no more after a delete that failed, which is tried again", async () => {
      const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
      onTestFinished(() => warn.mockRestore());
      await miss();
      const { receipt } = await channel.sync("first");
      channel.intercept(({ name, go }) => (name === "DeleteItem" ? Promise.reject(new Error("a fault")) : go()));
      expect(told(await channel.sync(receipt))).toBe(false);
      channel.intercept();
      expect(await isNoted()).toBe(true);
      expect(told(await channel.sync(receipt))).toBe(false);
      expect(await isNoted()).toBe(false);
    });
  });

  it("tells and deletes nothing for a session that has ended", async () => {
    await miss();
    const authorize = () => Promise.reject(new InvalidToken("the session has ended"));
    await expect(channel.sync(undefined, 100, { authorize })).rejects.toThrow(InvalidToken);
    const { receipt } = await channel.sync("first");
    await expect(channel.sync(receipt, 100, { authorize })).rejects.toThrow(InvalidToken);
    expect(await isNoted()).toBe(true);
  });

  it("forgets it with the retention of what was missed, though DynamoDB deletes late", async () => {
    await miss();
    channel.now += LIMITS.retention + 1_000;
    expect(told(await channel.sync("first"))).toBe(false);
    expect(await isNoted()).toBe(false);
  });

  it("says it in no message, and is swept as none", async () => {
    await miss();
    for (const number of [1, 2, 3]) await channel.send(number);
    const first = await channel.sync("first", 1);
    expect([numbers(first), first.more]).toEqual([[1], true]);
    expect(numbers(await channel.sync(first.receipt, 2))).toEqual([2, 3]);
  });

  it("is not counted for it", async () => {
    const count = () => channel.messages.count(channel.receiverId, MORE_THAN_ENOUGH, 1);
    await miss();
    expect(await count()).toBe(0);
    await channel.send(1);
    await channel.sync("first");
    expect(await count()).toBe(1);
  });

  describe("waits for a client", () => {
    it("with nothing else on it, used before or not", async () => {
      await miss();
      expect(await isWaiting()).toBe(true);
      await channel.sync();
      expect(await isWaiting()).toBe(false);
      await miss();
      expect(await isWaiting()).toBe(true);
    });

    it("but not for others while one is being told, unless a message waits behind it", async () => {
      await miss();
      const { receipt } = await channel.sync("first");
      expect(await isWaiting()).toBe(false);
      await channel.send(1);
      expect(await isWaiting()).toBe(true);
      await channel.sync(receipt);
      channel.now += LIMITS.lease;
      expect(await isWaiting()).toBe(true);
    });

    it("again once that one is overdue", async () => {
      await miss();
      await channel.sync("first");
      channel.now += LIMITS.lease;
      expect(await isWaiting()).toBe(true);
    });
  });

  it("takes one more write for it, as a batch does", async () => {
    await miss();
    channel.commands.length = 0;
    const { receipt } = await channel.sync("first");
    expect(channel.commands).toEqual(["Query", "PutItem"]);
    channel.commands.length = 0;
    await channel.sync(receipt);
    expect(channel.commands).toEqual(["Query", "DeleteItem"]);
    channel.commands.length = 0;
    await channel.sync(receipt);
    expect(channel.commands).toEqual(["Query"]);
  });

  it("does not say whose message it was", async () => {
    await miss();
    const [item] = await channel.items();
    expect(Object.keys(item ?? {}).toSorted()).toEqual(["expiresAt", "mark", "position", "receiverId"]);
  });
});
