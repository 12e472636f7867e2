import { describe, expect, it, vi } from "vitest";
import { NetworkError, ProblemError, Sleeper } from "../../../lib/client/index.ts";
import { Backoff, type Failure, isOutage, retrying, steadily, type Wait } from "../../../lib/client/retry.ts";
import { testTiming } from "../../support/client-servers.ts";

const OPTIONS = { base: 100, max: 1_000, giveUpAfter: 5_000 };
const lost = new NetworkError("No answer.");
const busy = new ProblemError({ status: 503, code: "unavailable", detail: "Busy.", retryAfter: 2 });
const slowed = new ProblemError({ status: 429, code: "too_many_requests", detail: "Slow down.", retryAfter: 1 });
const refused = new ProblemError({ status: 403, code: "forbidden", detail: "No." });

const failed = (error: unknown, earlier = 0, elapsed = 0): Failure => ({ error, earlier, elapsed });

describe("the client's policy", () => {
  it("doubles the random part up to its maximum", () => {
    const policy = new Backoff(OPTIONS, testTiming(0.5));
    const waits = [0, 1, 2, 3, 4, 50].map((earlier) => policy.waitAfter(failed(lost, earlier))?.backoff);
    expect(waits).toEqual([50, 100, 200, 400, 500, 500]);
  });

  it("waits at least as long as the server asked for", () => {
    expect(new Backoff(OPTIONS, testTiming(0.5)).waitAfter(failed(busy))).toEqual({ asked: 2_000, backoff: 50 });
  });

  it("gives up when the next attempt would begin after the time that it has", () => {
    const policy = new Backoff(OPTIONS, testTiming(0.5));
    expect(policy.waitAfter(failed(busy, 0, 2_950))).toEqual({ asked: 2_000, backoff: 50 });
    expect(policy.waitAfter(failed(busy, 0, 2_951))).toBeUndefined();
  });

  it.each<[string, unknown, boolean]>([
    ["a lost answer", lost, true],
    ["a busy server", busy, true],
    ["a rate limit", slowed, true],
    ["a refusal", refused, false],
    ["an error of the program", new TypeError("x is not a function"), false],
  ])("knows whether %s is worth another attempt", (_name, error, isWorth) => {
    expect(new Backoff(OPTIONS, testTiming()).waitAfter(failed(error)) !== undefined).toBe(isWorth);
  });

  it("takes another idea of what is worth it", () => {
    const policy = new Backoff(OPTIONS, testTiming(0.5), isOutage);
    expect(policy.waitAfter(failed(slowed))).toBeUndefined();
    expect(policy.waitAfter(failed(lost))).toEqual({ asked: 0, backoff: 50 });
  });
});

describe("a steady policy", () => {
  it("waits equally long each time, while its condition holds", () => {
    const policy = steadily(200, ({ error, earlier }) => error === lost && earlier < 2);
    const waits = [failed(lost), failed(lost, 1), failed(lost, 2), failed(busy)].map((each) => policy.waitAfter(each));
    expect(waits).toEqual([{ asked: 0, backoff: 200 }, { asked: 0, backoff: 200 }, undefined, undefined]);
  });
});

describe("the loop", () => {
  it("tells the policy of each failure: the error, how many came before, and the time so far", async () => {
    const timing = testTiming();
    const waitAfter = vi.fn((failure: Failure): Wait | undefined =>
      failure.earlier === 2 ? undefined : { asked: 10, backoff: 5 },
    );
    const errors = [lost, busy, refused];
    const attempt = vi.fn(async () => {
      throw errors[attempt.mock.calls.length - 1];
    });
    await expect(retrying(attempt, { policy: { waitAfter }, timing })).rejects.toBe(refused);
    expect(waitAfter.mock.calls.flat()).toEqual([failed(lost, 0, 0), failed(busy, 1, 15), failed(refused, 2, 30)]);
    expect(timing.sleeps).toEqual([15, 15]);
  });

  it("can be woken from the backoff, but not from the wait that the server asked for", async () => {
    const told: unknown[] = [];
    const timing = testTiming();
    const sleeper = new Sleeper(timing);
    const attempt = vi
      .fn(async () => "done")
      .mockRejectedValueOnce(lost)
      .mockRejectedValueOnce(busy);
    const result = await retrying(attempt, {
      policy: { waitAfter: () => ({ asked: 10, backoff: 5 }) },
      timing,
      sleeper,
      onRetry: (error, delay) => {
        told.push([error, delay]);
        if (error === busy) sleeper.wake();
      },
    });
    expect(result).toBe("done");
    expect(told).toEqual([
      [lost, 15],
      [busy, 15],
    ]);
    expect(timing.sleeps).toEqual([10, 5, 10]);
  });
});
