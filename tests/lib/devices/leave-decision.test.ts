import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Device, DeviceMap } from "../../../lib/devices/device-map.ts";
import {
  decideLeave,
  finisherOf,
  finishLeaving,
  handsOverBefore,
  heirOf,
  markEnded,
  markEnding,
  pendingOf,
  withHanded,
} from "../../../lib/devices/leave-decision.ts";
import {
  device,
  dormant,
  ending,
  idsIn,
  leavingTo,
  MINUTE,
  mapOf,
  NOW,
  shared,
} from "../../support/example-devices.ts";

/** A device that is not marked is marked first. */
function leave(unmarked: DeviceMap, id: string, now = NOW) {
  const map = markEnding(unmarked, id) ?? unmarked;
  const marked = map.devices.find((one) => one.id === id && one.ending) ?? { came: 0, id };
  return decideLeave(map, marked, now);
}
const MISSED = { missed: true } as const;

/** What became of a device, and of which heir it hands over to. */
function outcome(map: DeviceMap, id: string): string {
  const decision = leave(map, id);
  return "heir" in decision ? `${decision.kind} to ${decision.heir.id ?? "-"}` : decision.kind;
}

describe("a mark", () => {
  it("is set on a device that is in use, once", () => {
    const map = mapOf(device("a", 9), shared(5));
    expect(markEnding(map, "a")).toEqual(mapOf(ending("a", 9), shared(5)));
    expect(markEnding(map, "shared")).toEqual(mapOf(device("a", 9), shared(5, { ending: true })));
    expect(markEnding(mapOf(ending("a", 9)), "a")).toBeUndefined();
    expect(markEnding(map, "unknown")).toBeUndefined();
  });
});

describe("a note that the sessions have ended", () => {
  it("is set on the device under the mark that was read, once, and on no other", () => {
    const [a, b] = [ending("a", 9), device("b", 5)];
    const noted = mapOf({ ...a, ended: true }, b);
    expect(markEnded(mapOf(a, b), a)).toEqual(noted);
    expect(markEnded(noted, a)).toBe(noted);
    const later = mapOf(ending("a", 9, { login: "another" }), b);
    expect(markEnded(later, a)).toBe(later);
    expect(markEnded(mapOf(a, b), b)).toEqual(mapOf(a, b));
  });
});

describe("a device that leaves while an older personal one has missed nothing", () => {
  it("leaves at once", () => {
    const gone = ending("b", 5);
    expect(leave(mapOf(device("a", 9), gone, device("c", 3)), "b")).toEqual({
      kind: "gone",
      map: mapOf(device("a", 9), device("c", 3)),
      device: gone,
    });
  });

  it("does so whether the older one is in use, dormant or ending", () => {
    expect(outcome(mapOf(dormant("a", 9), ending("b", 5)), "b")).toBe("gone");
    expect(outcome(mapOf(ending("a", 9), ending("b", 5)), "b")).toBe("gone");
  });

  it("does so if it is shared, or if another one is leaving", () => {
    expect(outcome(mapOf(device("a", 9), shared(5, { ending: true })), "shared")).toBe("gone");
    const heir = device("b", 8);
    expect(outcome(mapOf(leavingTo(heir, "a", 9), heir, ending("c", 5)), "c")).toBe("gone");
  });

  it("does not if that one is shared, leaving, or has missed something", () => {
    expect(outcome(mapOf(shared(9), ending("b", 5)), "b")).toBe("dormant");
    expect(outcome(mapOf(device("a", 9, MISSED), ending("b", 5)), "b")).toBe("leaving to a");
    const heir = ending("b", 8);
    expect(outcome(mapOf(leavingTo(heir, "a", 9), heir, device("c", 5)), "b")).toBe("blocked");
  });
});

describe("a device that leaves as the oldest personal one", () => {
  const [b, c] = [device("b", 5), device("c", 3)];

  it("hands over to the next oldest that came more than a minute ago", () => {
    const a = ending("a", 9, { ended: true, leaving: true, heir: b.came });
    expect(leave(mapOf(ending("a", 9), b, c), "a")).toEqual({
      kind: "leaving",
      map: mapOf(a, b, c),
      device: a,
      heir: b,
    });
  });

  it("does so though the shared one is older, or next", () => {
    expect(outcome(mapOf(shared(99), ending("a", 9), b), "a")).toBe("leaving to b");
    expect(outcome(mapOf(ending("a", 9), shared(8), b), "a")).toBe("leaving to b");
  });

  it("passes over those that have missed something, as long as one has not", () => {
    expect(outcome(mapOf(ending("a", 9), device("b", 5, MISSED), c), "a")).toBe("leaving to c");
    expect(outcome(mapOf(ending("a", 9), device("b", 5, MISSED)), "a")).toBe("leaving to b");
  });

  it("hands over to one that is ending, if somebody is left: that one hands on", () => {
    expect(outcome(mapOf(ending("a", 9), ending("b", 5), c), "a")).toBe("leaving to b");
  });

  it("stays, marked, for as long as the next one has not been there for a minute", () => {
    const young = device("b", 0.5);
    const a = ending("a", 9, { ended: true, heir: young.came });
    const until = young.came + MINUTE;
    const expected = { kind: "ending", map: mapOf(a, young), device: a, heir: young };
    expect(leave(mapOf(ending("a", 9), young), "a")).toEqual(expected);
    const kindAt = (time: number): string => leave(mapOf(a, young), "a", time).kind;
    expect([young.came - 1, until - 1, until].map(kindAt)).toEqual(["ending", "ending", "leaving"]);
  });

  it("stays until the next one was found in the map and a minute is over, however long ago that one's login began", () => {
    const [late, found] = [device("b", 60, { there: undefined }), device("b", 60, { there: NOW })];
    expect(outcome(mapOf(ending("a", 90), late), "a")).toBe("ending to b");
    expect(outcome(mapOf(ending("a", 90), found), "a")).toBe("ending to b");
    expect(leave(mapOf(ending("a", 90), late), "a", NOW + 60 * MINUTE).kind).toBe("ending");
    expect(leave(mapOf(ending("a", 90), found), "a", NOW + MINUTE).kind).toBe("leaving");
  });

  it("is not written again while it waits", () => {
    const waits = ending("a", 9, { ended: true, heir: device("b", 0.5).came, handed: "7" });
    const map = mapOf(waits, device("b", 0.5));
    expect(leave(map, "a").map).toBe(map);
  });

  it("begins anew with what it hands over, when it leaves and when the heir is another one", () => {
    const handed = (map: DeviceMap) => {
      const decision = leave(map, "a");
      return "device" in decision && decision.device.handed;
    };
    const [young, younger] = [device("b", 0.5), device("c", 0.2)];
    expect(handed(mapOf(ending("a", 9, { heir: young.came, handed: "7" }), young))).toBe("7");
    expect(handed(mapOf(ending("a", 9, { heir: young.came, handed: "7" }), younger))).toBeUndefined();
    expect(handed(mapOf(ending("a", 9, { heir: b.came, handed: "7" }), b))).toBeUndefined();
  });

  it("waits for another one that is leaving", () => {
    const leaving = leavingTo(b, "x", 10);
    expect(leave(mapOf(leaving, device("b", 5), c), "b")).toEqual({
      kind: "blocked",
      map: mapOf(leaving, ending("b", 5, { ended: true }), c),
      device: ending("b", 5, { ended: true }),
      leaving,
    });
  });

  it("becomes dormant, without its id, if no other one is in use", () => {
    const rests = dormant("a", 9, { last: "a" });
    const expected = (...others: Device[]) => ({ kind: "dormant", map: mapOf(rests, ...others), device: rests });
    expect(leave(mapOf(device("a", 9)), "a")).toEqual(expected());
    expect(leave(mapOf(ending("a", 9, { heir: 1, handed: "7" }), shared(5)), "a")).toEqual(expected(shared(5)));
    expect(leave(mapOf(ending("a", 9), ending("b", 5)), "a")).toEqual(expected(ending("b", 5)));
  });

  it("keeps it in mind if it has missed something", () => {
    expect(leave(mapOf(ending("a", 9, MISSED)), "a")).toMatchObject({
      device: dormant("a", 9, { ...MISSED, last: "a" }),
    });
  });

  it("hands over to a dormant one rather than become a second", () => {
    expect(outcome(mapOf(ending("p", 9, MISSED), dormant("d", 5)), "p")).toBe("leaving to -");
    expect(outcome(mapOf(dormant("d", 9, MISSED), ending("p", 5)), "p")).toBe("leaving to -");
  });

  it("where all others have missed something, hands over to the oldest", () => {
    const map = mapOf(device("a", 9, MISSED), ending("b", 5), device("c", 3, MISSED));
    expect(outcome(map, "b")).toBe("leaving to a");
    expect(outcome(mapOf(ending("a", 9, MISSED), ending("b", 5)), "b")).toBe("leaving to a");
  });
});

describe("a shared device that is removed", () => {
  const removed = shared(9, { ending: true });

  it("hands over to a personal one, or becomes dormant and personal", () => {
    expect(outcome(mapOf(removed, device("b", 5)), "shared")).toBe("leaving to b");
    expect(leave(mapOf(removed), "shared")).toMatchObject({ kind: "dormant", map: mapOf(dormant("shared", 9)) });
  });

  it("has missed what only the personal ones have: own copies, and what was handed over to them", () => {
    expect(leave(mapOf(removed, ending("b", 5)), "shared")).toMatchObject({
      kind: "dormant",
      device: dormant("shared", 9, MISSED),
    });
  });
});

describe("a shared device that is removed while there is a next one", () => {
  it("has missed what that one has, which may have been personal, and gets what waits there when it leaves", () => {
    const removed = shared(9, { ending: true });
    const next = shared(5, { channel: "next" });
    const { map } = decideLeave(mapOf(removed, next), removed, NOW);
    expect(map).toEqual(mapOf(dormant("shared", 9, MISSED), next));
    expect(outcome(map, "shared")).toBe("leaving to -");
  });
});

describe("no device", () => {
  const marked = ending("b", 5);
  const older = device("a", 9);

  it.each<[string, Device]>([
    ["is not marked", device("b", 5)],
    ["is leaving already", leavingTo(older, "b", 5)],
    ["is dormant by now", dormant("b", 5)],
    ["is another login's by now, though it has a mark again", ending("b", 5, { id: "other" })],
    ["is shared again, and has a mark again", shared(5, { id: "b", login: "other", ending: true })],
    ["is another one that came later", ending("b", 4)],
  ])("leaves if it %s", (_, now) => {
    const map = mapOf(older, now);
    const decision = decideLeave(map, marked, NOW);
    expect(decision).toEqual({ kind: "none", map });
    expect(decision.map).toBe(map);
  });
});

describe("what is left to do", () => {
  const [b, c] = [device("b", 5), device("c", 3)];
  const finisher = (map: DeviceMap, id: string) => finisherOf(leave(map, id))?.id;

  it("is done by the heir", () => {
    expect(finisher(mapOf(ending("a", 9), b, c), "a")).toBe("b");
    expect(finisher(mapOf(ending("a", 9), device("b", 0.5)), "a")).toBe("b");
  });

  it("is done by the heir though another one is older, or by that of the one that leaves first", () => {
    const older = device("older", 7, MISSED);
    expect(finisher(mapOf(ending("a", 9), older, c), "a")).toBe("c");
    expect(finisher(mapOf(leavingTo(c, "x", 10), ending("y", 9), older, c), "y")).toBe("c");
  });

  it("is done by the oldest one that is in use, where the heir is ending itself", () => {
    expect(finisher(mapOf(ending("a", 9), ending("b", 5), shared(4), c), "a")).toBe("c");
    const leaving = leavingTo(b, "x", 10);
    expect(finisher(mapOf(leaving, ending("b", 5), c), "b")).toBe("c");
    expect(finisher(mapOf(leaving, ending("y", 9), b, c), "y")).toBe("b");
  });

  it("is nothing, or left to the next login", () => {
    expect(finisher(mapOf(b, ending("a", 3)), "a")).toBeUndefined();
    expect(finisher(mapOf(ending("a", 9)), "a")).toBeUndefined();
    expect(finisher(mapOf(ending("p", 9, MISSED), dormant("d", 5)), "p")).toBeUndefined();
    expect(finisher(mapOf(b), "unknown")).toBeUndefined();
  });
});

describe("what the heir may lack", () => {
  const old = ending("old", 9);

  it("is what was stored before it had been there for a minute", () => {
    const heir = device("heir", 5);
    expect(handsOverBefore(old, heir)).toBe(heir.came + MINUTE);
  });

  it("is what a request may still have put that knew nothing of it, by a clock that is ahead", () => {
    expect(LIMITS.devices.youngFor).toBe(LIMITS.requestTime + LIMITS.clocksApart);
  });

  it("counts from when it was found in the map, and is everything until then", () => {
    expect(handsOverBefore(old, device("heir", 5, { there: NOW }))).toBe(NOW + MINUTE);
    expect(handsOverBefore(old, device("heir", 5, { there: undefined }))).toBe(Number.POSITIVE_INFINITY);
  });

  it("is everything, if it has missed something or is the older one", () => {
    expect(handsOverBefore(old, device("heir", 5, MISSED))).toBe(Number.POSITIVE_INFINITY);
    expect(handsOverBefore(old, device("heir", 10))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("a hand-over that is under way", () => {
  const heir = device("heir", 5);
  const map = mapOf(ending("e", 11), leavingTo(heir, "a", 9), heir, ending("b", 3));

  it("is finished before what is ending, and then the oldest is next", () => {
    const [e, a, , b] = map.devices;
    expect(pendingOf(map)).toBe(a);
    expect(pendingOf(map, new Set([a?.came ?? 0]))).toBe(e);
    expect(pendingOf(map, new Set([a?.came ?? 0, e?.came ?? 0]))).toBe(b);
    expect(pendingOf(mapOf(heir, dormant("d", 2)))).toBeUndefined();
  });

  it("has the heir that was chosen, though its id has changed since", () => {
    expect(heirOf(map, leavingTo(heir, "a", 9))).toBe(heir);
    expect(heirOf(mapOf(dormant("heir", 5)), leavingTo(heir, "a", 9))).toEqual(dormant("heir", 5));
    expect(heirOf(map, heir)).toBeUndefined();
  });

  it("is over when the device has left the map", () => {
    expect(idsIn(finishLeaving(map, leavingTo(heir, "a", 9)))).toEqual(["e", "heir", "b"]);
    expect(finishLeaving(map, ending("b", 3))).toBe(map);
    expect(finishLeaving(map, leavingTo(heir, "gone", 99))).toBe(map);
  });

  it("notes how far the heir has what waits, and never takes it back", () => {
    const a = leavingTo(heir, "a", 9);
    const noted = withHanded(mapOf(a, heir), a, "7");
    expect(noted).toEqual(mapOf({ ...a, handed: "7" }, heir));
    expect(withHanded(noted, a, "5")).toBe(noted);
    expect(withHanded(noted, a, "8")).toEqual(mapOf({ ...a, handed: "8" }, heir));
    expect(withHanded(noted, a, undefined)).toBe(noted);
  });

  it.each([
    ["it leaves by now, and hands over from the start", leavingTo(heir, "a", 9)],
    ["the heir is another one", ending("a", 9, { heir: 1 })],
    ["it is dormant", dormant("a", 9)],
    ["it is in use again", device("a", 9, { heir: heir.came })],
  ])("notes nothing if %s", (_, now) => {
    const read = mapOf(now, heir);
    expect(withHanded(read, ending("a", 9, { heir: heir.came }), "7")).toBe(read);
    expect(withHanded(mapOf(heir), ending("a", 9, { heir: heir.came }), "7")).toEqual(mapOf(heir));
  });
});
