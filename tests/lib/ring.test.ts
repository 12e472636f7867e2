import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf, type Position, positionOf, prefixOf } from "../../lib/ids.ts";
import { LIMITS } from "../../lib/limits.ts";
import { forget, mayRepeat, type Ring, settle } from "../../lib/ring.ts";

const EMPTY: Ring = { settled: [], horizon: "" };
const NOTHING = { positions: [], complete: true };
const SENDER = "00000000-0000-4000-8000-00000000000a";

const at = (number: number, tail = 0): Position =>
  positionOf(`01900000-${number.toString(16).padStart(4, "0")}-7000-8000-${String(tail).padStart(12, "0")}`, SENDER);
const many = (from: number, count: number): Position[] => Array.from({ length: count }, (_, n) => at(from + n));
const prints = (positions: readonly Position[]): string[] => positions.map(fingerprintOf);
const prefixAt = (number: number): string => prefixOf(fingerprintOf(at(number)));

const { settledKept: KEPT, settledMost: MOST } = LIMITS;

/** A ring that remembers these, the newest first. */
const remembering = (positions: readonly Position[], horizon = ""): Ring => ({ settled: prints(positions), horizon });

describe("the ring", () => {
  it("puts what is settled now before what was", () => {
    expect(settle(remembering([at(1)]), [at(3), at(2)], NOTHING)).toEqual(remembering([at(3), at(2), at(1)]));
  });

  it("names each message once, at its newest place", () => {
    expect(settle(remembering([at(1), at(2)]), [at(2)], NOTHING)).toEqual(remembering([at(2), at(1)]));
  });

  it("keeps the newest, even if they are gone", () => {
    expect(settle(EMPTY, many(1, KEPT), NOTHING).settled).toHaveLength(KEPT);
    expect(settle(remembering(many(2, KEPT - 1)), [at(1)], NOTHING).horizon).toBe("");
  });

  it("forgets what lies behind them when the page is complete and does not hold it", () => {
    const ring = settle(remembering([...many(100, KEPT - 1), at(7), at(5)]), [at(1)], {
      positions: [at(5)],
      complete: true,
    });
    expect(ring).toEqual(remembering([at(1), ...many(100, KEPT - 1), at(5)], prefixAt(7)));
  });

  it("of an incomplete page, forgets only what it would have to hold", () => {
    const old = [at(4), at(6), at(7), at(8), at(9)];
    const ring = settle(remembering([...many(100, KEPT), ...old]), [], {
      positions: [at(3), at(6), at(8)],
      complete: false,
    });
    expect(ring).toEqual(remembering([...many(100, KEPT), at(6), at(8), at(9)], prefixAt(7)));
  });

  it("does not forget what it cannot tell from the page's last: equal prefixes have no order", () => {
    const old = at(8, 1);
    const ring = settle(remembering([...many(100, KEPT), old]), [], { positions: [at(8, 2)], complete: false });
    expect(ring.settled).toContain(fingerprintOf(old));
  });

  it("forgets nothing by an incomplete page without messages", () => {
    const ring = remembering([...many(100, KEPT), at(1)]);
    expect(settle(ring, [], { positions: [], complete: false })).toEqual(ring);
  });

  it("is cut at its bound, whatever the page proves", () => {
    const all = many(1, MOST + 10);
    const ring = settle(remembering(all), [at(5_000)], { positions: all, complete: false });
    expect(ring.settled).toEqual(prints([at(5_000), ...many(1, MOST - 1)]));
    expect(ring.horizon).toBe(prefixAt(MOST + 10));
  });

  it("keeps a whole batch, so that its items can be swept", () => {
    const batch = many(1, LIMITS.batchMessages);
    expect(settle(EMPTY, batch, { positions: batch, complete: true }).settled).toEqual(prints(batch));
  });

  it("raises the horizon to the latest of what it forgets, and never lowers it", () => {
    const old = [at(9), at(7), at(8)];
    expect(settle(remembering([...many(100, KEPT), ...old]), [], NOTHING).horizon).toBe(prefixAt(9));
    expect(settle(remembering([...many(100, KEPT), ...old], prefixAt(20)), [], NOTHING).horizon).toBe(prefixAt(20));
  });

  it("raises the horizon to the latest of what was never settled and is forgotten, and never lowers it", () => {
    const ring = remembering([at(3)], prefixAt(6));
    expect(forget(ring, [at(8), at(9), at(7)])).toEqual(remembering([at(3)], prefixAt(9)));
    expect(forget(ring, [at(5)])).toEqual(ring);
    expect(forget(EMPTY, [])).toEqual(EMPTY);
  });

  it("says of what lies at or before the horizon that it may be a repeat", () => {
    expect(mayRepeat(at(1), "")).toBe(false);
    expect(mayRepeat(at(8), prefixAt(9))).toBe(true);
    expect(mayRepeat(at(9), prefixAt(9))).toBe(true);
    expect(mayRepeat(at(9, 1), prefixAt(9))).toBe(true);
    expect(mayRepeat(at(10), prefixAt(9))).toBe(false);
  });

  it("remembers each message that was ever settled: by its name, or by the horizon", () => {
    const positions = fc.array(
      fc.tuple(fc.nat(400), fc.nat(1)).map(([number, tail]) => at(number, tail)),
      { maxLength: 90 },
    );
    const syncs = fc.array(fc.record({ settled: positions, page: positions, complete: fc.boolean() }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(syncs, (all) => {
        let ring = EMPTY;
        const ever = new Set<Position>();
        for (const { settled, page, complete } of all) {
          ring = settle(ring, settled, { positions: page.sort(), complete });
          for (const position of settled) ever.add(position);
          expect(ring.settled.length).toBeLessThanOrEqual(MOST);
        }
        const named = new Set(ring.settled);
        for (const position of ever) {
          expect(named.has(fingerprintOf(position)) || mayRepeat(position, ring.horizon)).toBe(true);
        }
      }),
    );
  });
});
