import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Device, DeviceMap } from "../../../lib/devices/device-map.ts";
import { decideLogin, type LoggedIn, type LoginRequest } from "../../../lib/devices/login-decision.ts";
import { device, dormant, ending, idsIn, leavingTo, mapOf, NOW, shared, TODAY } from "../../support/example-devices.ts";

const FRESH = { loginId: "L", session: "S", now: NOW, newId: "new", newChannel: "new-channel" };

const decide = (map: DeviceMap, asked: Partial<LoginRequest>) => decideLogin(map, { ...FRESH, ...asked });

function loggedIn(map: DeviceMap, asked: Partial<LoginRequest>): LoggedIn {
  const decision = decide(map, asked);
  if (decision.kind !== "device") throw new Error(decision.kind);
  return decision;
}

const NEW: Device = { id: "new", channel: "new-channel", came: NOW, seen: TODAY, login: "L", session: "S" };
const NEW_SHARED: Device = { id: "new", channel: "new-channel", came: NOW, seen: TODAY, login: "L", shared: true };

describe("a login with a deviceId that is in the map", () => {
  const yesterday = { seen: TODAY - 1 };

  it("gets that device, with its channel, whether or not it bears a name", () => {
    const map = mapOf(device("old", 9), device("phone", 5, yesterday));
    const phone = { ...device("phone", 5), login: "L", session: "S" };
    const expected = { kind: "device", map: mapOf(device("old", 9), phone), device: phone };
    expect(decide(map, { deviceId: "phone" })).toEqual(expected);
    expect(decide(map, { deviceId: "phone", deviceName: "Phone" })).toEqual(expected);
  });

  it("gets the shared device, which belongs to no session", () => {
    const now = shared(9);
    expect(decide(mapOf(shared(9, yesterday)), { deviceId: "shared" })).toEqual({
      kind: "device",
      map: mapOf(now),
      device: now,
    });
  });
});

describe("a login with a deviceId that is not in the map", () => {
  const gone = { deviceId: "gone" };

  it("and no name is refused: it does not get the shared device", () => {
    expect(decide(mapOf(shared(9)), gone)).toEqual({ kind: "device_expired" });
    expect(decide(mapOf(dormant("a", 9)), gone)).toEqual({ kind: "device_expired" });
  });

  it("is so for one that has to leave, or is leaving", () => {
    const heir = device("heir", 3);
    const map = mapOf(leavingTo(heir, "leaving", 9), ending("ending", 5), heir);
    expect(decide(map, { deviceId: "ending" })).toEqual({ kind: "device_expired" });
    expect(decide(map, { deviceId: "leaving" })).toEqual({ kind: "device_expired" });
  });

  it("is so for one that was not seen for 30 days, though nobody has marked it yet", () => {
    const map = (days: number) => mapOf(device("old", 9), device("phone", 5, { seen: TODAY - days }));
    expect(decide(map(29), { deviceId: "phone" }).kind).toBe("device");
    expect(decide(map(30), { deviceId: "phone" })).toEqual({ kind: "device_expired" });
  });

  it("and a name gets what a name gets", () => {
    expect(loggedIn(mapOf(device("a", 9)), { ...gone, deviceName: "Phone" }).device).toEqual(NEW);
  });
});

describe("a login with a deviceName", () => {
  const name = { deviceName: "Phone" };

  it("gets the dormant device under a new id: its channel and its age stay", () => {
    const taken = { ...dormant("a", 9), id: "new", login: "L", session: "S" };
    expect(decide(mapOf(dormant("a", 9), device("b", 5)), name)).toEqual({
      kind: "device",
      map: mapOf(taken, device("b", 5)),
      device: taken,
    });
  });

  it("goes on with the dormant device that it asks for, if nobody was on it since and nothing there has expired", () => {
    const asked = { ...name, deviceId: "a" };
    const lastOf = (rests: Partial<Device>, request: object) =>
      loggedIn(mapOf(dormant("a", 9, { last: "a", ...rests })), request).device.last;
    expect(lastOf({}, asked)).toBe("a");
    expect(lastOf({ seen: TODAY - 29 }, asked)).toBe("a");
    expect(lastOf({ seen: TODAY - 30 }, asked)).toBeUndefined();
    // A channel that was full tells that by itself; what it missed before it was dormant is no matter of the time in between.
    expect(lastOf({ missed: true }, asked)).toBe("a");
    expect(lastOf({ last: "b" }, asked)).toBeUndefined();
    expect(lastOf({}, { ...name, deviceId: "b" })).toBeUndefined();
    expect(lastOf({}, name)).toBeUndefined();
    expect(lastOf({}, {})).toBeUndefined();
  });

  it("gets a new device where none is dormant, also beside the shared one", () => {
    expect(decide(mapOf(shared(9)), name)).toEqual({
      kind: "device",
      map: mapOf(shared(9), NEW),
      device: NEW,
    });
  });

  it("gets a new one that is the youngest, though a clock was set back", () => {
    const ahead = device("ahead", -60);
    const { map, device: got } = loggedIn(mapOf(ahead), name);
    expect(got.came).toBe(ahead.came + 1);
    expect(idsIn(map)).toEqual(["ahead", "new"]);
  });

  it("marks what was not seen for 30 days, so that it leaves", () => {
    const { map } = loggedIn(mapOf(device("a", 9), device("b", 5, { seen: TODAY - 30 })), name);
    expect(map.devices.map(({ id, ending: ends }) => [id, ends])).toEqual([
      ["a", undefined],
      ["b", true],
      ["new", undefined],
    ]);
  });
});

describe("a login with neither", () => {
  it("gets the shared device", () => {
    const got = loggedIn(mapOf(device("a", 9), shared(5, { seen: TODAY - 3 })), {});
    expect(got.device).toEqual(shared(5));
    expect(got.map).toEqual(mapOf(device("a", 9), shared(5)));
  });

  it("makes the dormant one shared, under a new id", () => {
    const { device: got } = loggedIn(mapOf(dormant("a", 9)), {});
    expect(got).toEqual({ ...dormant("a", 9), id: "new", login: "L", shared: true });
  });

  it("makes a new one shared where none is dormant", () => {
    expect(loggedIn(mapOf(device("a", 9)), {}).device).toEqual(NEW_SHARED);
  });

  it("does not get a shared one that has to leave", () => {
    expect(loggedIn(mapOf(device("a", 9), shared(5, { ending: true })), {}).device).toEqual(NEW_SHARED);
  });
});

describe("a repeat of a login, whose answer was lost", () => {
  const again = { ...FRESH, session: "S2", newId: "other", newChannel: "other-channel" };

  it.each([
    ["the dormant device", mapOf(dormant("a", 9))],
    ["a new device", mapOf(device("a", 9))],
  ])("gets %s that its first try got", (_, map) => {
    const first = loggedIn(map, { deviceName: "Phone" });
    const second = loggedIn(first.map, { deviceName: "Phone", ...again });
    expect(second.device).toEqual({ ...first.device, session: "S2" });
    expect(idsIn(second.map)).toEqual(idsIn(first.map));
  });

  it("does so though it shows the id of a device that it has lost", () => {
    const asked = { deviceId: "gone", deviceName: "Phone" };
    const first = loggedIn(mapOf(device("a", 9)), asked);
    expect(loggedIn(first.map, { ...asked, ...again }).device.id).toBe("new");
  });

  it("removes no second device", () => {
    const full = mapOf(...Array.from({ length: LIMITS.devices.most }, (_, n) => device(`d${n}`, 60 - n)));
    const asked = { deviceName: "Phone", replaceDeviceId: "d3" };
    const first = loggedIn(full, asked);
    const second = loggedIn(first.map, { ...asked, ...again });
    expect(idsIn(second.map)).toEqual(idsIn(first.map));
    const marked = ({ map }: LoggedIn) => map.devices.filter(({ ending: ends }) => ends).map(({ id }) => id);
    expect([marked(first), marked(second)]).toEqual([["d3"], ["d3"]]);
  });

  it("gets another one if that has to leave meanwhile", () => {
    const map = mapOf(device("a", 9), ending("first", 5, { login: "L" }));
    expect(loggedIn(map, { deviceName: "Phone" }).device.id).toBe("new");
  });

  it("of no name gets the shared device, whatever its loginId", () => {
    const map = mapOf(device("a", 9, { login: "L" }), shared(5));
    expect(loggedIn(map, {}).device.id).toBe("shared");
  });
});

describe("a user who has as many devices as may be", () => {
  const full = (...more: Device[]) =>
    mapOf(...Array.from({ length: LIMITS.devices.most - 1 }, (_, n) => device(`d${n}`, 60 - n)), ...more);
  const name = { deviceName: "Phone" };

  it("gets no other one, by a name or shared", () => {
    expect(LIMITS.devices.most).toBe(10);
    expect(decide(full(device("last", 5)), name)).toEqual({ kind: "too_many_devices" });
    expect(decide(full(device("last", 5)), {})).toEqual({ kind: "too_many_devices" });
    expect(decide(full(), name).kind).toBe("device");
  });

  it("goes on with each that is there", () => {
    expect(decide(full(device("last", 5)), { deviceId: "last", ...name }).kind).toBe("device");
    expect(decide(full(shared(5)), {}).kind).toBe("device");
  });

  it("has room again once one is ending or leaving", () => {
    const last = device("last", 5);
    expect(decide(full(ending("last", 5)), name).kind).toBe("device");
    expect(decide(mapOf(leavingTo(last, "leaving", 99), ...full(last).devices.slice(1)), name).kind).toBe("device");
  });

  it("may replace one: it is marked, and leaves as every other does", () => {
    const { map, device: got } = loggedIn(full(device("last", 5)), { ...name, replaceDeviceId: "d3" });
    expect(got).toEqual(NEW);
    expect(map.devices.filter(({ ending: ends }) => ends).map(({ id }) => id)).toEqual(["d3"]);
    expect(map.devices).toHaveLength(LIMITS.devices.most + 1);
  });

  it("has no room for a while where as many again are ending: each of them gets every message too", () => {
    expect(LIMITS.devices.mostWithEnding).toBe(20);
    const endings = (count: number) => Array.from({ length: count }, (_, n) => ending(`e${n}`, 90 - n));
    const with19 = mapOf(...endings(9), ...full(device("last", 5)).devices);
    const with20 = mapOf(...endings(10), ...full(device("last", 5)).devices);
    expect(decide(with19, { ...name, replaceDeviceId: "d3" }).kind).toBe("device");
    expect(decide(with20, { ...name, replaceDeviceId: "d3" })).toEqual({ kind: "too_many_ending" });
    expect(decide(mapOf(...endings(20)), name)).toEqual({ kind: "too_many_ending" });
    expect(decide(mapOf(...endings(20)), {})).toEqual({ kind: "too_many_ending" });
    expect(decide(with20, { deviceId: "last" }).kind).toBe("device");
    expect(decide(mapOf(...endings(20), dormant("a", 9)), name).kind).toBe("device");
  });

  it("cannot pile up devices that are ending by replacing one after the other", () => {
    let { map } = loggedIn(full(device("last", 5)), { ...name, newId: "n0", replaceDeviceId: "d0" });
    for (let n = 1; n < 30; n++) {
      const asked = { ...name, loginId: `L${n}`, newId: `n${n}`, replaceDeviceId: `n${n - 1}` };
      const decision = decide(map, asked);
      if (decision.kind === "device") map = decision.map;
      expect(map.devices.length).toBeLessThanOrEqual(LIMITS.devices.mostWithEnding);
    }
    expect(map.devices).toHaveLength(LIMITS.devices.mostWithEnding);
  });

  it("replaces none that is not there, and none without need", () => {
    expect(decide(full(device("last", 5)), { ...name, replaceDeviceId: "gone" })).toEqual({
      kind: "too_many_devices",
    });
    const { map } = loggedIn(full(), { ...name, replaceDeviceId: "d3" });
    expect(map.devices.some(({ ending: ends }) => ends)).toBe(false);
  });
});
