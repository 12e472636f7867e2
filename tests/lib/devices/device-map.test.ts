import { describe, expect, it } from "vitest";
import {
  dateOf,
  dayOf,
  deviceOf,
  firstMap,
  isInUse,
  readMap,
  toStored,
  withDevice,
} from "../../../lib/devices/device-map.ts";
import { device, dormant, ending, idsIn, leavingTo, mapOf, NOW, shared, TODAY } from "../../support/example-devices.ts";

const DAY = 86_400_000;

describe("the map of a user's devices", () => {
  it("counts days from the epoch, and changes them at midnight", () => {
    expect([0, DAY - 1, DAY, NOW].map(dayOf)).toEqual([0, 0, 1, TODAY]);
  });

  it("names a day by its date alone", () => {
    expect([0, 1, TODAY].map(dateOf)).toEqual(["1970-01-01", "1970-01-02", "2026-05-10"]);
  });

  it("of a profile from before there were devices is one shared device on the user's channel, seen today", () => {
    const map = { version: undefined, devices: [{ came: 0, seen: TODAY, id: "shared", shared: true }] };
    expect(readMap({}, TODAY)).toEqual(map);
    expect(deviceOf(readMap({}, TODAY), "shared")).toEqual(map.devices[0]);
  });

  it("is read as it was stored, under the version that it was stored under", () => {
    const devices = [device("a", 9), shared(5)];
    expect(readMap({ devices, devicesVersion: 3 }, TODAY)).toEqual({ version: 3, devices });
  });

  it("is stored under the next version, and under the first where there was none", () => {
    const devices = [device("a", 9)];
    expect(toStored({ version: 3, devices })).toEqual({ devices, devicesVersion: 4 });
    expect(toStored({ version: undefined, devices })).toEqual({ devices, devicesVersion: 1 });
  });

  it("of a new user has a dormant device on the user's channel", () => {
    const stored = firstMap(NOW);
    expect(stored).toEqual({ devices: [{ came: NOW, seen: TODAY }], devicesVersion: 1 });
    expect(readMap(stored, TODAY)).toEqual({ version: 1, devices: [{ came: NOW, seen: TODAY }] });
  });

  it("finds a device by its id, and none that has to leave, nor a dormant one", () => {
    const young = device("young", 5);
    const map = mapOf(dormant("-", 9), leavingTo(young, "leaving", 8), ending("ending", 7), young, shared(3));
    const found = ["young", "shared", "leaving", "ending", "unknown", undefined].map((id) => deviceOf(map, id)?.id);
    expect(found).toEqual(["young", "shared", undefined, undefined, undefined, undefined]);
  });

  it("has those in use that have an id and need not leave", () => {
    const young = device("young", 5);
    const map = mapOf(dormant("-", 9), leavingTo(young, "leaving", 8), ending("ending", 7), young, shared(3));
    expect(idsIn({ ...map, devices: map.devices.filter(isInUse) })).toEqual(["young", "shared"]);
  });

  describe("with one device changed", () => {
    const [old, young] = [device("old", 9), device("young", 5)];

    it("has the others as they were, and the oldest first", () => {
      const map = mapOf(old, young);
      const changed = withDevice(map, old, { ...old, seen: TODAY + 1 });
      expect(changed).toEqual(mapOf({ ...old, seen: TODAY + 1 }, young));
      expect(idsIn(withDevice(map, device("between", 7), device("between", 7)))).toEqual(["old", "between", "young"]);
      expect(map).toEqual(mapOf(old, young));
    });

    it("lacks one that left", () => {
      expect(withDevice(mapOf(old, young), old, undefined)).toEqual(mapOf(young));
    });

    it("is the same map if nothing differs, so that nothing is written", () => {
      const map = mapOf(old, young);
      expect(withDevice(map, old, { ...old, shared: undefined })).toBe(map);
      expect(withDevice(map, old, { ...old, shared: true })).not.toBe(map);
      expect(withDevice(map, old, { ...old, session: undefined })).not.toBe(map);
    });
  });
});
