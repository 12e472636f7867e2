import { validate, version } from "uuid";
import { beforeEach, describe, expect, it } from "vitest";
import { MessageIds, wasNeverStored } from "../../../lib/client/message-ids.ts";
import { timeOf } from "../../../lib/contract/uuid-time.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** The server's time, in whole seconds as its `Date` header has it. */
const SERVER = Date.parse("2026-03-12T19:03:58Z");
const dateOf = (time: number): string => new Date(time).toUTCString();

describe("ids of messages", () => {
  /** This machine's. */
  let now: number;
  let ids: MessageIds;
  beforeEach(() => {
    now = SERVER;
    ids = new MessageIds({ now: () => now });
  });

  /** How far the next id is from the server's time, while this machine's clock is off by so much. */
  const deviation = (): number => timeOf(ids.next()) - SERVER;

  it("are UUIDv7 by this machine's clock as long as no answer tells anything else", () => {
    const id = ids.next();
    expect([validate(id), version(id), timeOf(id)]).toEqual([true, 7, now]);
  });

  it("sort in the order in which they were made, also in one millisecond and when the clock goes back a little", () => {
    const made = Array.from({ length: 50 }, () => ids.next());
    now -= 3 * MINUTE;
    made.push(ids.next(), ids.next());
    expect(made).toEqual(made.toSorted());
    expect(new Set(made).size).toBe(made.length);
  });

  it("sort after an id that was made by a better clock, each time anew, and the others keep to this clock", () => {
    const known = new MessageIds({ now: () => SERVER + DAY }).next();
    const made = [known, ids.next(known), ids.next(known)];
    expect(made).toEqual(made.toSorted());
    expect(timeOf(made[2] ?? "") - timeOf(known)).toBe(2);
    expect(deviation()).toBe(0);
    const older = new MessageIds({ now: () => SERVER - DAY }).next();
    expect(timeOf(ids.next(older)) - SERVER).toBe(1);
    expect(timeOf(ids.next("no UUID")) - SERVER).toBe(2);
  });

  it("go back when the clock was far ahead and is set right", () => {
    now += DAY;
    ids.next();
    now -= DAY;
    expect(deviation()).toBe(0);
  });

  it.each([-DAY, -2 * MINUTE, 2 * MINUTE, DAY, 400 * DAY])(
    "follow the server's clock when this one is off by %i ms",
    (off) => {
      now = SERVER + off;
      ids.observe(dateOf(SERVER), now);
      expect(Math.abs(deviation())).toBeLessThanOrEqual(SECOND);
    },
  );

  it("do not follow what a header that is cut to seconds or a slow answer explains", () => {
    for (const [askedAt, answeredAt] of [
      [SERVER - MINUTE, SERVER + 20],
      [SERVER - 20 * MINUTE, SERVER + 30 * MINUTE],
      [SERVER + 59 * SECOND, SERVER + 59 * SECOND],
    ] as const) {
      now = answeredAt;
      ids.observe(dateOf(SERVER), askedAt);
      now = SERVER;
      expect(Math.abs(deviation())).toBeLessThan(SECOND);
    }
  });

  it("keep to what was learned as long as the answers agree with it, and learn anew when the clock is set", () => {
    now = SERVER + DAY;
    ids.correct(new Date(SERVER).toISOString());
    ids.observe(dateOf(SERVER), now);
    expect(deviation()).toBe(0);
    now = SERVER;
    ids.observe(dateOf(SERVER), now);
    expect(Math.abs(deviation())).toBeLessThanOrEqual(SECOND);
  });

  it("learn nothing from an answer during which the clock was set back, or that says nothing", () => {
    ids.observe(dateOf(SERVER - DAY), now + DAY);
    ids.observe(null, now);
    ids.observe("soon", now);
    ids.correct("soon");
    expect(deviation()).toBe(0);
  });

  it("that the server cannot ever have taken are those ahead by more than its clocks may differ", () => {
    const serverTime = new Date(SERVER).toISOString();
    const made = (from: number) => {
      now = SERVER + from;
      return new MessageIds({ now: () => now }).next();
    };
    expect(wasNeverStored(made(12 * MINUTE), serverTime)).toBe(true);
    for (const from of [10.5 * MINUTE, 0, -32 * DAY]) expect(wasNeverStored(made(from), serverTime)).toBe(false);
  });
});
