import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type DeviceMap, readMap } from "../../../lib/devices/device-map.ts";
import { decidePersonal, type PersonalRequest } from "../../../lib/devices/personal-decision.ts";
import { device, dormant, ending, mapOf, NOW, shared, TODAY } from "../../support/example-devices.ts";

const decide = (map: DeviceMap, asked: Partial<PersonalRequest> = {}) =>
  decidePersonal(map, {
    isAlone: true,
    loginId: "L",
    session: "S",
    now: NOW,
    newId: "new",
    newChannel: "new-channel",
    ...asked,
  });

const NEW = { id: "new", channel: "new-channel", came: NOW, seen: TODAY, login: "L", session: "S" };

describe("a session of the shared device that becomes personal", () => {
  it("takes the channel from before devices existed along, if it is alone there", () => {
    const personal = { came: 0, seen: TODAY, id: "new", login: "L", session: "S" };
    expect(decide(readMap({}, TODAY))).toEqual({
      kind: "device",
      map: { version: undefined, devices: [personal] },
      device: personal,
    });
  });

  it("gets a new channel if it is not alone there, and the shared device stays", () => {
    expect(decide(mapOf(shared(9)), { isAlone: false })).toEqual({
      kind: "device",
      map: mapOf(shared(9), NEW),
      device: NEW,
    });
  });

  it("gets the dormant device's channel before a new one", () => {
    const got = decide(mapOf(dormant("a", 9), shared(5)), { isAlone: false });
    expect(got).toMatchObject({ device: { id: "new", channel: "a", login: "L" } });
  });

  it("counts as having missed something where there are personal devices: it got no own copies", () => {
    const missed = (map: DeviceMap) => {
      const decision = decide(map);
      return decision.kind === "device" && decision.device.missed;
    };
    expect(missed(mapOf(shared(9)))).toBeUndefined();
    expect(missed(mapOf(shared(9, { missed: true })))).toBe(true);
    expect(missed(mapOf(shared(9), device("a", 5)))).toBe(true);
    expect(missed(mapOf(device("a", 9), shared(5)))).toBe(true);
    expect(missed(mapOf(dormant("a", 9), shared(5)))).toBe(true);
    expect(missed(mapOf(ending("a", 9), shared(5)))).toBe(true);
  });

  it("gets the same again when it repeats, though it is not on the shared device any more", () => {
    const first = decide(mapOf(shared(9)));
    if (first.kind !== "device") throw new Error(first.kind);
    const again = decide(first.map, { session: "S2", newId: "other", isAlone: false });
    expect(again).toMatchObject({ device: { ...first.device, session: "S2" } });
  });

  it("gets no device of a repeat that has to leave, or that is shared", () => {
    const sameLogin = { login: "L" };
    expect(decide(mapOf(device("a", 9), ending("b", 5, sameLogin)))).toMatchObject({ device: NEW });
    expect(decide(mapOf(device("a", 9), shared(5, sameLogin)))).toMatchObject({
      device: { id: "new", channel: "shared", shared: undefined, missed: true },
    });
  });

  it("gets a new one where the shared device has to leave, or has become personal by now", () => {
    expect(decide(mapOf(shared(9, { ending: true })))).toMatchObject({ device: NEW });
    expect(decide(mapOf(device("shared", 9)))).toMatchObject({ device: NEW });
  });

  it("is refused where there are too many devices, unless it is alone", () => {
    const full = mapOf(
      shared(99),
      ...Array.from({ length: LIMITS.devices.most - 1 }, (_, n) => device(`d${n}`, 60 - n)),
    );
    expect(decide(full, { isAlone: false })).toEqual({ kind: "too_many_devices" });
    expect(decide(full).kind).toBe("device");
  });
});
