import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LocalRate } from "../../../lib/rates/rate.ts";

describe("LocalRate", () => {
  const setUp = (burst: number, perSecond: number, kept = 10) => {
    const clock = { now: Date.UTC(2026, 2, 1) };
    return { clock, rate: new LocalRate({ burst, perSecond, kept }, () => clock.now) };
  };

  it("lets the burst through, then says how long to wait, and takes nothing", () => {
    const { clock, rate } = setUp(3, 0.5);
    expect([1, 2, 3].map(() => rate.consume("a"))).toEqual([0, 0, 0]);
    expect([rate.consume("a"), rate.consume("a")]).toEqual([2, 2]);
    clock.now += 1_999;
    expect(rate.consume("a")).toBe(1);
    clock.now += 1;
    expect([rate.consume("a"), rate.consume("a")]).toEqual([0, 2]);
  });

  it("takes several tokens at once, or none", () => {
    const { rate } = setUp(10, 1);
    expect([rate.consume("a", 8), rate.consume("a", 3), rate.consume("a", 2), rate.consume("a", 10)]).toEqual([
      0, 1, 0, 10,
    ]);
  });

  it("says how long to wait without taking anything, as it would if it took", () => {
    const { clock, rate } = setUp(10, 2);
    expect([rate.wait("a", 10), rate.consume("a", 10), rate.wait("a", 3), rate.consume("a", 3)]).toEqual([0, 0, 2, 2]);
    clock.now += 1_500;
    expect([rate.wait("a", 3), rate.consume("a", 3)]).toEqual([0, 0]);
    clock.now -= 24 * 60 * 60_000;
    expect(rate.wait("a", 10)).toBe(5);
  });

  it("keeps its buckets apart, and forgets the one that was used the longest ago", () => {
    const { rate } = setUp(1, 1, 2);
    expect([rate.consume("a"), rate.consume("b"), rate.consume("a"), rate.consume("c")]).toEqual([0, 0, 1, 0]);
    expect([rate.consume("c"), rate.consume("b"), rate.consume("a")]).toEqual([1, 1, 0]);
  });

  it("shuts nobody out when the clock is set back: the bucket is empty at worst", () => {
    const { clock, rate } = setUp(3, 0.5);
    for (let taken = 0; taken < 3; taken++) rate.consume("a");
    clock.now -= 24 * 60 * 60_000;
    expect(rate.consume("a")).toBe(2);
    clock.now += 2_000;
    expect([rate.consume("a"), rate.consume("a")]).toEqual([0, 2]);
  });

  it("is refilled after the clock was set back though nobody has asked for more than the time to wait", () => {
    const { clock, rate } = setUp(3, 0.5);
    rate.consume("a", 3);
    clock.now -= 24 * 60 * 60_000;
    expect(rate.wait("a")).toBe(2);
    clock.now += 2_000;
    expect(rate.wait("a")).toBe(0);
  });

  it("gives nobody more than the burst at once", () => {
    const { rate } = setUp(3, 0.5);
    expect(rate.consume("a", 4)).toBe(2);
    expect(rate.consume("a", 3)).toBe(0);
  });

  it("never lets more through than the burst and the refill, and all of that", () => {
    const steps = fc.array(fc.tuple(fc.nat(5_000), fc.integer({ min: 1, max: 5 })), { maxLength: 200 });
    const run = fc.property(steps, fc.integer({ min: 5, max: 20 }), (all, burst) => {
      const { clock, rate } = setUp(burst, 2);
      const start = clock.now;
      let taken = 0;
      for (const [pause, tokens] of all) {
        clock.now += pause;
        const room = burst + ((clock.now - start) / 1_000) * 2 - taken;
        const wait = rate.consume("a", tokens);
        if (wait === 0) {
          taken += tokens;
          expect(tokens).toBeLessThanOrEqual(room + 1e-6);
        } else {
          clock.now += wait * 1_000;
          expect(rate.consume("a", tokens)).toBe(0);
          taken += tokens;
        }
      }
    });
    fc.assert(run);
  });
});
