import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addSettled, capHorizon, mayRepeat, type Ring, raiseHorizonOver } from "../../../lib/channel/ring.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import {
  fingerprintOf,
  lastPrefixAt,
  newMessageId,
  type Position,
  positionOf,
  prefixOf,
} from "../../../lib/runtime/ids.ts";

const EMPTY: Ring = { settled: [], horizon: "" };
/** Long after every id of these tests but those of the future. */
const NOW = 1_800_000_000_000;
const NOTHING = { positions: [], complete: true, now: NOW };
const SENDER = "00000000-0000-4000-8000-00000000000a";

const at = (number: number, tail = 0): Position =>
  positionOf(`01900000-${number.toString(16).padStart(4, "0")}-7000-8000-${String(tail).padStart(12, "0")}`, SENDER);
const many = (from: number, count: number): Position[] => Array.from({ length: count }, (_, n) => at(from + n));
const prints = (positions: readonly Position[]): string[] => positions.map(fingerprintOf);
const prefixAt = (number: number): string => prefixOf(fingerprintOf(at(number)));

const { settledKept: KEPT, settledMost: MOST } = LIMITS;

const stored = (position: Position, sentAt = NOW) => ({ position, sentAt });

/** A ring that remembers these, the newest first. */
const remembering = (positions: readonly Position[], horizon = ""): Ring => ({ settled: prints(positions), horizon });

describe("the ring", () => {
  it("puts what is settled now before what was", () => {
    expect(addSettled(remembering([at(1)]), [at(3), at(2)], NOTHING)).toEqual(remembering([at(3), at(2), at(1)]));
  });

  it("names each message once, at its newest place", () => {
    expect(addSettled(remembering([at(1), at(2)]), [at(2)], NOTHING)).toEqual(remembering([at(2), at(1)]));
  });

  it("keeps the newest, even if they are gone", () => {
    expect(addSettled(EMPTY, many(1, KEPT), NOTHING).settled).toHaveLength(KEPT);
    expect(addSettled(remembering(many(2, KEPT - 1)), [at(1)], NOTHING).horizon).toBe("");
  });

  it("forgets what lies behind them when the page is complete and does not hold it", () => {
    const ring = addSettled(remembering([...many(100, KEPT - 1), at(7), at(5)]), [at(1)], {
      positions: [at(5)],
      complete: true,
      now: NOW,
    });
    expect(ring).toEqual(remembering([at(1), ...many(100, KEPT - 1), at(5)], prefixAt(7)));
  });

  it("of an incomplete page, forgets only what it would have to hold", () => {
    const old = [at(4), at(6), at(7), at(8), at(9)];
    const ring = addSettled(remembering([...many(100, KEPT), ...old]), [], {
      positions: [at(3), at(6), at(8)],
      complete: false,
      now: NOW,
    });
    expect(ring).toEqual(remembering([...many(100, KEPT), at(6), at(8), at(9)], prefixAt(7)));
  });

  it("does not forget what it cannot tell from the page's last: equal prefixes have no order", () => {
    const old = at(8, 1);
    const ring = addSettled(remembering([...many(100, KEPT), old]), [], {
      positions: [at(8, 2)],
      complete: false,
      now: NOW,
    });
    expect(ring.settled).toContain(fingerprintOf(old));
  });

  it("forgets nothing by an incomplete page without messages", () => {
    const ring = remembering([...many(100, KEPT), at(1)]);
    expect(addSettled(ring, [], { positions: [], complete: false, now: NOW })).toEqual(ring);
  });

  it("is cut at its bound, whatever the page proves", () => {
    const all = many(1, MOST + 10);
    const ring = addSettled(remembering(all), [at(5_000)], { positions: all, complete: false, now: NOW });
    expect(ring.settled).toEqual(prints([at(5_000), ...many(1, MOST - 1)]));
    expect(ring.horizon).toBe(prefixAt(MOST + 10));
  });

  it("keeps a whole batch, so that its items can be swept", () => {
    const batch = many(1, LIMITS.batchMessages);
    expect(addSettled(EMPTY, batch, { positions: batch, complete: true, now: NOW }).settled).toEqual(prints(batch));
  });

  it("raises the horizon to the latest of what it forgets, and never lowers it", () => {
    const old = [at(9), at(7), at(8)];
    expect(addSettled(remembering([...many(100, KEPT), ...old]), [], NOTHING).horizon).toBe(prefixAt(9));
    expect(addSettled(remembering([...many(100, KEPT), ...old], prefixAt(20)), [], NOTHING).horizon).toBe(prefixAt(20));
  });

  it("raises the horizon to the latest of what was never settled and is forgotten, and never lowers it", () => {
    const ring = remembering([at(3)], prefixAt(6));
    expect(raiseHorizonOver(ring, [at(8), at(9), at(7)], NOW)).toEqual(remembering([at(3)], prefixAt(9)));
    expect(raiseHorizonOver(ring, [at(5)], NOW)).toEqual(ring);
    expect(raiseHorizonOver(EMPTY, [], NOW)).toEqual(EMPTY);
  });

  it("says of what lies at or before the horizon that it may be a repeat", () => {
    expect(mayRepeat(stored(at(1)), "")).toBe(false);
    expect(mayRepeat(stored(at(8)), prefixAt(9))).toBe(true);
    expect(mayRepeat(stored(at(9)), prefixAt(9))).toBe(true);
    expect(mayRepeat(stored(at(9, 1)), prefixAt(9))).toBe(true);
    expect(mayRepeat(stored(at(10)), prefixAt(9))).toBe(false);
  });

  describe("and what is of the far future", () => {
    const HOUR = LIMITS.horizonAhead;
    const ATTACK = positionOf("ffffffff-ffff-7fff-bfff-ffffffffffff", SENDER);
    /** The position of a message whose id says that it was made so long after now. */
    const ahead = (milliseconds: number): Position => positionOf(newMessageId(NOW + milliseconds), SENDER);
    const prefix = (position: Position): string => prefixOf(fingerprintOf(position));

    it("does not raise the horizon by it, when the ring forgets it", () => {
      const old = [ATTACK, ahead(HOUR + 1), at(7)];
      expect(addSettled(remembering([...many(100, KEPT), ...old]), [], NOTHING).horizon).toBe(prefixAt(7));
      const kept = many(100, MOST);
      const full = addSettled(remembering([...kept, ...old]), [], { ...NOTHING, positions: kept });
      expect(full).toEqual(remembering(kept, prefixAt(7)));
    });

    it("does not raise the horizon by it, when a batch lets go of it", () => {
      expect(raiseHorizonOver(EMPTY, [at(7), ATTACK], NOW)).toEqual(remembering([], prefixAt(7)));
    });

    it("raises the horizon by what is not so far ahead, to the millisecond", () => {
      const last = ahead(HOUR);
      expect(addSettled(remembering([...many(100, KEPT), last]), [], NOTHING).horizon).toBe(prefix(last));
    });

    it("flags it, whenever it comes, though the horizon does not reach so far", () => {
      expect(mayRepeat(stored(ATTACK), "")).toBe(true);
      expect(mayRepeat(stored(ahead(HOUR + 1)), "")).toBe(true);
      expect(mayRepeat(stored(ahead(HOUR)), "")).toBe(false);
    });

    it("takes a stored horizon back to an hour from now, and leaves every other one", () => {
      const lowered = capHorizon("f".repeat(22), NOW);
      expect(lowered).toBe(lastPrefixAt(NOW + HOUR));
      expect(mayRepeat(stored(ahead(HOUR)), lowered)).toBe(true);
      expect(mayRepeat(stored(ahead(HOUR + 1), NOW + HOUR), lowered)).toBe(false);
      for (const horizon of ["", prefixAt(7), prefix(ahead(HOUR))]) expect(capHorizon(horizon, NOW)).toBe(horizon);
    });
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
          ring = addSettled(ring, settled, { positions: page.sort(), complete, now: NOW });
          for (const position of settled) ever.add(position);
          expect(ring.settled.length).toBeLessThanOrEqual(MOST);
        }
        const named = new Set(ring.settled);
        for (const position of ever) {
          expect(named.has(fingerprintOf(position)) || mayRepeat(stored(position), ring.horizon)).toBe(true);
        }
      }),
    );
  });
});
