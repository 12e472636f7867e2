import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../lib/database.ts";
import { TooManyMessages } from "../../lib/errors.ts";
import { LIMITS } from "../../lib/limits.ts";
import { SendLimit } from "../../lib/send-limit.ts";
import { engines, type TestEngine } from "../support/engines.ts";

const { lease, leaseTime } = LIMITS.send;

describe.each(engines)("SendLimit on $name", ({ start }) => {
  let engine: TestEngine;
  let calls = 0;
  let now = Date.now();
  let sender: string;

  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    sender = randomUUID();
    calls = 0;
    now += 10 * leaseTime;
  });

  /** A running function; several of them share the table and nothing else. */
  const runningFunction = (rate = { burst: 200, perSecond: 10 }): SendLimit => {
    const send = ((command: Parameters<Database["send"]>[0]) => {
      calls++;
      return engine.client.send(command);
    }) as Database["send"];
    return new SendLimit({ send }, engine.tables.accounts, () => now, rate);
  };

  const takeAll = async (limit: SendLimit, messages: number): Promise<void> => {
    for (let taken = 0; taken < messages; taken++) await limit.take(sender);
  };

  it("costs somebody who types nothing", async () => {
    const limit = runningFunction();
    for (let minute = 0; minute < 5; minute++) {
      await takeAll(limit, lease);
      now += leaseTime;
    }
    expect(calls).toBe(0);
  });

  it("costs somebody who sends all the time one write for each lease", async () => {
    const limit = runningFunction({ burst: 10_000, perSecond: 1_000 });
    await takeAll(limit, lease);
    await takeAll(limit, 1);
    const first = calls;
    await takeAll(limit, 10 * lease - 1);
    // The bucket may have become full in between, which takes two tries to see.
    expect(first).toBeLessThanOrEqual(2);
    expect(calls - first).toBeLessThanOrEqual(2 * 9);
    expect(calls - first).toBeGreaterThanOrEqual(9);
  });

  it("lets the burst through and a free lease, then refuses, and says when to try again", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200);
    const error = await limit.take(sender).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(TooManyMessages);
    expect(error).toMatchObject({ status: 429, code: "too_many_messages", retryAfter: lease / 10 });
  });

  it("lets a lease through once it is refilled, and no more", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200);
    now += (lease / 10) * 1_000 - 1;
    await expect(limit.take(sender)).rejects.toThrow(TooManyMessages);
    now += 1;
    await takeAll(limit, lease);
    await expect(limit.take(sender)).rejects.toThrow(TooManyMessages);
  });

  it("counts what several functions let through together", async () => {
    const limits = [runningFunction(), runningFunction(), runningFunction()];
    let taken = 0;
    for (const limit of limits) {
      for (let n = 0; n < 1_000; n++) {
        const passed = await limit.take(sender).then(
          () => true,
          () => false,
        );
        if (!passed) break;
        taken++;
      }
    }
    expect(taken).toBe(limits.length * lease + 200);
  });

  it("never lets more than the burst be leased by takers at once", async () => {
    const limits = Array.from({ length: 8 }, () => runningFunction());
    for (const limit of limits) await takeAll(limit, lease);
    // Each of these needs a lease that is written, of which the bucket holds four.
    const outcomes = await Promise.allSettled(limits.map((limit) => limit.take(sender)));
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(4);
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
  });

  it("keeps senders apart", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200);
    await expect(limit.take(sender)).rejects.toThrow(TooManyMessages);
    await expect(limit.take(randomUUID())).resolves.toBeUndefined();
  });
});
