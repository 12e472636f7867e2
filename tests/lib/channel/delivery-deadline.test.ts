import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { Channel, numbers, type Sent } from "./delivery-channel.ts";

// A sync without `ack` settles what it takes, so that what it takes for nobody is lost.
describe.each(engines)("the end of a sync's time on $name", ({ start }) => {
  let engine: TestEngine;
  let channel: Channel;
  let answerBy: number;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(async () => {
    channel = new Channel(engine);
    answerBy = channel.now + 6_000;
    await channel.send(1);
    channel.commands.length = 0;
    vi.spyOn(console, "warn").mockReturnValue();
    return () => vi.restoreAllMocks();
  });

  const late = (): void => {
    channel.now = answerBy;
  };

  it("begins nothing once it is over", async () => {
    late();
    await expect(channel.sync(undefined, 100, { answerBy })).rejects.toThrow(Unavailable);
    expect(channel.commands).toEqual([]);
  });

  it.each([
    ["without ack", undefined],
    ["with ack", "a"],
  ])("writes nothing when the look at the session took too long, %s", async (_, ack) => {
    const authorize = async () => late();
    await expect(channel.sync(ack, 100, { answerBy, authorize })).rejects.toThrow(Unavailable);
    expect(channel.commands).toEqual(["Query"]);
    expect(numbers(await channel.sync())).toEqual([1]);
  });

  it("renews no lease when the look at the session took too long", async () => {
    await channel.sync("a");
    channel.now += LIMITS.lease - 1_000;
    answerBy = channel.now + 6_000;
    const before = await channel.head();
    await expect(channel.sync("a", 100, { answerBy, authorize: async () => late() })).rejects.toThrow(Unavailable);
    expect(await channel.head()).toEqual(before);
  });

  it("leaves to others what is sent after it, though its write was refused", async () => {
    channel.intercept(async ({ isHead, go }) => {
      if (!isHead) return go();
      channel.intercept();
      await channel.sync();
      late();
      await channel.send(2);
      return go();
    });
    await expect(channel.sync(undefined, 100, { answerBy })).rejects.toThrow(Unavailable);
    expect(numbers(await channel.sync())).toEqual([2]);
  });

  it.each([
    ["that is settled", "BatchWriteItem", async () => {}],
    ["that is past its retention", "DeleteItem", async () => expire()],
  ])("is not waited for by the answer, when a message %s is not deleted", async (_, command, prepare) => {
    await prepare();
    // As the SDK does it: a call ends with an error when it is called off.
    channel.intercept(async ({ name, go, abortSignal }: Sent) => {
      if (name === command) await new Promise((_, fail) => abortSignal?.addEventListener("abort", fail));
      return go();
    });
    const timer = vi.spyOn(AbortSignal, "timeout");
    for (const [number, options, time] of [
      [2, {}, LIMITS.sweepTime],
      [3, { answerBy: channel.now + 5 }, 5],
    ] as const) {
      await channel.send(number);
      expect(numbers(await channel.sync(undefined, 100, options))).toContain(number);
      expect(timer).toHaveBeenLastCalledWith(time);
    }
    channel.intercept();
    await channel.sync("a");
    expect(await channel.left()).toEqual([]);
  });

  async function expire(): Promise<void> {
    channel.now += LIMITS.retention + 1_000;
    answerBy = channel.now + 6_000;
  }
});
