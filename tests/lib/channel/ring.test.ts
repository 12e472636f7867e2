import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addSettled, capHorizon, mayRepeat, type Ring, raiseHorizonOver } from "../../../lib/channel/ring.ts";
import type { Span } from "../../../lib/channel/spans.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import {
  fingerprintOf,
  lastPrefixAt,
  newMessageId,
  type Position,
  positionOf,
  prefixOf,
} from "../../../lib/runtime/ids.ts";

const EMPTY: Ring = { settled: [], horizon: "", ahead: [] };
/** Long after every id of these tests but those of the future. */
const NOW = 1_800_000_000_000;
const NOTHING = { positions: [], complete: true, now: NOW };
const SENDER = "00000000-0000-4000-8000-00000000000a";

const at = (number: number, tail = 0): Position =>
  positionOf(`01900000-${number.toString(16).padStart(4, "0")}-7000-8000-${String(tail).padStart(12, "0")}`, SENDER);
const many = (from: number, count: number): Position[] => Array.from({ length: count }, (_, n) => at(from + n));
/** In one of the hours after now. */
const hourly = (hour: number, number: number): Position => {
  const time = (NOW + hour * LIMITS.horizonAhead + number).toString(16).padStart(12, "0");
  return positionOf(`${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`, SENDER);
};
const prints = (positions: readonly Position[]): string[] => positions.map(fingerprintOf);
const prefixAt = (number: number): string => prefixOf(fingerprintOf(at(number)));

const { settledKept: KEPT, settledMost: MOST } = LIMITS;

const stored = (position: Position, sentAt = NOW) => ({ position, sentAt });

/** A ring that remembers these, the newest first. */
const remembering = (positions: readonly Position[], horizon = "", ahead: readonly Span[] = []): Ring => ({
  settled: prints(positions),
  horizon,
  ahead,
});

/** What a head knows that has forgotten everything up to a horizon. */
const upTo = (horizon: string) => ({ horizon, ahead: [] });

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

  it("does not forget what may be a message of a complete page: that has an equal prefix, and the horizon would flag it", () => {
    const old = at(8, 1);
    const page = { positions: [at(8, 2)], complete: true, now: NOW };
    const ring = addSettled(remembering([...many(100, KEPT), old]), [], page);
    expect(ring).toEqual(remembering([...many(100, KEPT), old]));
    expect(mayRepeat(stored(at(8, 2)), ring)).toBe(false);
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
    expect(mayRepeat(stored(at(1)), upTo(""))).toBe(false);
    expect(mayRepeat(stored(at(8)), upTo(prefixAt(9)))).toBe(true);
    expect(mayRepeat(stored(at(9)), upTo(prefixAt(9)))).toBe(true);
    expect(mayRepeat(stored(at(9, 1)), upTo(prefixAt(9)))).toBe(true);
    expect(mayRepeat(stored(at(10)), upTo(prefixAt(9)))).toBe(false);
  });

  describe("and what is of the far future", () => {
    const HOUR = LIMITS.horizonAhead;
    const ATTACK = positionOf("ffffffff-ffff-7fff-bfff-ffffffffffff", SENDER);
    /** The position of a message whose id says that it was made so long after now. */
    const ahead = (milliseconds: number): Position => positionOf(newMessageId(NOW + milliseconds), SENDER);
    const prefix = (position: Position): string => prefixOf(fingerprintOf(position));

    const only = (position: Position): Span => ({ first: prefix(position), last: prefix(position) });

    it("does not raise the horizon by it when the ring forgets it, and keeps it apart", () => {
      const [near, far] = [ahead(HOUR + 1), ATTACK];
      const old = [far, near, at(7)];
      const ring = addSettled(remembering([...many(100, KEPT), ...old]), [], NOTHING);
      expect(ring).toEqual(remembering(many(100, KEPT), prefixAt(7), [only(near), only(far)]));
      const kept = many(100, MOST);
      const full = addSettled(remembering([...kept, ...old]), [], { ...NOTHING, positions: kept });
      expect(full).toEqual(remembering(kept, prefixAt(7), [only(near), only(far)]));
    });

    it("does not raise the horizon by it when a batch lets go of it, and keeps it apart", () => {
      expect(raiseHorizonOver(EMPTY, [at(7), ATTACK], NOW)).toEqual(remembering([], prefixAt(7), [only(ATTACK)]));
    });

    it("raises the horizon by it once its time has come, to the millisecond, and not before", () => {
      const message = ahead(2 * HOUR);
      const ring = raiseHorizonOver(EMPTY, [message], NOW);
      expect(raiseHorizonOver(ring, [], NOW + 2 * HOUR - 1)).toEqual(remembering([], "", [only(message)]));
      expect(raiseHorizonOver(ring, [], NOW + 2 * HOUR)).toEqual(remembering([], prefix(message)));
    });

    it("flags it when it comes again, also when its time comes near, and nothing else", () => {
      const message = ahead(2 * HOUR);
      const ring = raiseHorizonOver(EMPTY, [message], NOW);
      for (const sentAt of [NOW, NOW + HOUR + 1, NOW + 2 * HOUR, NOW + 3 * HOUR])
        expect(mayRepeat(stored(message, sentAt), ring)).toBe(true);
      for (const other of [ahead(2 * HOUR - 1), ahead(2 * HOUR + 1), ahead(HOUR)])
        expect(mayRepeat(stored(other, NOW + 2 * HOUR), ring)).toBe(false);
    });

    it("makes spans of the nearest when they are too many, which hold each of them", () => {
      const far = Array.from({ length: LIMITS.spansAhead - 1 }, (_, hour) => ahead((hour + 10) * HOUR));
      const [one, two] = [ahead(5 * HOUR), ahead(5 * HOUR + 60_000)];
      const ring = raiseHorizonOver(EMPTY, [...far, two, one], NOW);
      expect(ring.ahead).toEqual([{ first: prefix(one), last: prefix(two) }, ...far.map(only)]);
      // A span raises the horizon once all of it has come.
      expect(raiseHorizonOver(ring, [], NOW + 5 * HOUR)).toEqual(ring);
      expect(raiseHorizonOver(ring, [], NOW + 5 * HOUR + 60_000).horizon).toBe(prefix(two));
    });

    it("raises the horizon by what is not so far ahead, to the millisecond", () => {
      const last = ahead(HOUR);
      expect(addSettled(remembering([...many(100, KEPT), last]), [], NOTHING).horizon).toBe(prefix(last));
    });

    it("flags it, whenever it comes, though the horizon does not reach so far", () => {
      expect(mayRepeat(stored(ATTACK), upTo(""))).toBe(true);
      expect(mayRepeat(stored(ahead(HOUR + 1)), upTo(""))).toBe(true);
      expect(mayRepeat(stored(ahead(HOUR)), upTo(""))).toBe(false);
    });

    it("takes a stored horizon back to an hour from now, and leaves every other one", () => {
      const lowered = capHorizon("f".repeat(22), NOW);
      expect(lowered).toBe(lastPrefixAt(NOW + HOUR));
      expect(mayRepeat(stored(ahead(HOUR)), upTo(lowered))).toBe(true);
      expect(mayRepeat(stored(ahead(HOUR + 1), NOW + HOUR), upTo(lowered))).toBe(false);
      for (const horizon of ["", prefixAt(7), prefix(ahead(HOUR))]) expect(capHorizon(horizon, NOW)).toBe(horizon);
    });
  });

  it("remembers each message that was ever settled: by its name, by the horizon, or by what is ahead, whatever the clock", () => {
    // Of the past, and of each of the next hours.
    const positions = fc.array(
      fc
        .tuple(fc.nat(400), fc.nat(1), fc.option(fc.integer({ min: 1, max: 40 })))
        .map(([number, tail, hour]) => (hour === null ? at(number, tail) : hourly(hour, number))),
      { maxLength: 90 },
    );
    const syncs = fc.array(
      fc.record({
        settled: positions,
        page: positions,
        complete: fc.boolean(),
        hours: fc.integer({ min: -5, max: 20 }),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(syncs, (all) => {
        let ring = EMPTY;
        let now = NOW;
        const ever = new Set<Position>();
        for (const { settled, page, complete, hours } of all) {
          now += hours * LIMITS.horizonAhead;
          ring = addSettled(ring, settled, { positions: page.sort(), complete, now });
          for (const position of settled) ever.add(position);
          expect(ring.settled.length).toBeLessThanOrEqual(MOST);
          expect(ring.ahead.length).toBeLessThanOrEqual(LIMITS.spansAhead);
        }
        const named = new Set(ring.settled);
        for (const position of ever) {
          // As it comes again when its time has come: then `send` takes it.
          const again = stored(position, NOW + 100 * LIMITS.horizonAhead);
          expect(named.has(fingerprintOf(position)) || mayRepeat(again, ring)).toBe(true);
        }
      }),
    );
  });
});
