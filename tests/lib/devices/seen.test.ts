import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { expire } from "../../../lib/devices/expiry-decision.ts";
import { decideSeen } from "../../../lib/devices/seen-decision.ts";
import { device, dormant, ending, leavingTo, mapOf, shared, TODAY } from "../../support/example-devices.ts";

const DAY = 24 * 60 * 60_000;
const unseen = (days: number) => ({ seen: TODAY - days });

describe("a device that was not seen", () => {
  it("for 29 days stays, and after 30 has to leave: its id is dead", () => {
    expect(LIMITS.devices.unseenDays).toBe(30);
    const map = mapOf(device("a", 9), device("b", 5, unseen(29)));
    expect(expire(map, TODAY)).toBe(map);
    expect(expire(map, TODAY + 1)).toEqual(mapOf(device("a", 9), device("b", 5, { ...unseen(29), ending: true })));
  });

  it("has missed nothing: it gets all messages until it has left", () => {
    const map = mapOf(shared(9, unseen(31)), device("a", 8, unseen(31)), device("b", 5, unseen(31)));
    const marked = map.devices.map((one) => ({ ...one, ending: true as const }));
    expect(expire(map, TODAY)).toEqual(mapOf(...marked));
  });

  it("has to leave though it is the only one, and shared", () => {
    expect(expire(mapOf(shared(9, unseen(40))), TODAY)).toEqual(
      mapOf(shared(9, { ...unseen(40), ending: true, ended: true })),
    );
  });

  it("stays if it is dormant: what waits on it may wait nowhere else", () => {
    expect(expire(mapOf(device("a", 9), dormant("d", 7, unseen(40)), ending("b", 5, unseen(40))), TODAY)).toEqual(
      mapOf(device("a", 9), dormant("d", 7, unseen(40)), ending("b", 5, { ...unseen(40), ended: true })),
    );
  });

  it("for 32 days has no session any more, which began 30 days ago at most: a sync may finish it", () => {
    expect(LIMITS.devices.endedDays * DAY).toBeGreaterThanOrEqual(LIMITS.session + 2 * DAY);
    const hasEnded = (days: number) => {
      const others = [device("b", 7, unseen(days)), ending("c", 5, unseen(days)), dormant("d", 3, unseen(days))];
      return expire(mapOf(device("a", 9), ...others), TODAY).devices.map(({ ended }) => ended);
    };
    expect(hasEnded(31)).toEqual([undefined, undefined, undefined, undefined]);
    expect(hasEnded(32)).toEqual([undefined, true, true, undefined]);
  });

  it("is written once", () => {
    const once = expire(mapOf(device("a", 9), dormant("d", 7, unseen(40)), device("b", 5, unseen(40))), TODAY);
    expect(expire(once, TODAY)).toBe(once);
  });

  it("stays as it is if it is the oldest personal one and dormant or ending, or if it is leaving", () => {
    const [first, heir] = [dormant("a", 9, unseen(40)), device("b", 5)];
    for (const map of [
      mapOf(first, heir),
      mapOf(ending("a", 9, { ...unseen(40), ended: true }), heir),
      mapOf({ ...leavingTo(heir, "a", 9), ...unseen(40) }, heir),
    ]) {
      expect(expire(map, TODAY)).toBe(map);
    }
  });
});

describe("a day's first sync", () => {
  const on = (id: string, channel: string | undefined = id) => ({ id, channel });

  it("notes the day", () => {
    const map = mapOf(device("a", 9), device("b", 5, unseen(29)));
    expect(decideSeen(map, on("b"), TODAY)).toEqual({ kind: "seen", map: mapOf(device("a", 9), device("b", 5)) });
  });

  it("writes nothing where the day is noted, or a later one by a clock that is ahead", () => {
    const map = mapOf(device("a", 9), device("b", 5, unseen(-1)));
    expect(decideSeen(map, on("a"), TODAY).map).toBe(map);
    expect(decideSeen(map, on("b"), TODAY).map).toBe(map);
  });

  it("comes too late after 30 days, and marks it", () => {
    const map = mapOf(device("a", 9), device("b", 5, unseen(30)));
    expect(decideSeen(map, on("b"), TODAY)).toEqual({ kind: "device_expired", map: expire(map, TODAY) });
    expect(expire(map, TODAY)).not.toBe(map);
  });

  it("of a device that has left, or has to, is refused", () => {
    const map = mapOf(device("a", 9), ending("b", 5));
    expect(decideSeen(map, on("b"), TODAY)).toEqual({ kind: "device_expired", map });
    expect(decideSeen(map, on("gone"), TODAY)).toEqual({ kind: "device_expired", map });
  });

  it("of a shared device that is another one by now is refused: the channel is another device's", () => {
    const map = mapOf(device("a", 9, { channel: undefined }), shared(5));
    expect(decideSeen(map, on("shared"), TODAY).kind).toBe("seen");
    expect(decideSeen(map, { id: "shared", channel: undefined }, TODAY)).toEqual({ kind: "device_expired", map });
  });
});
