import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type Device, isInUse, isOpen } from "../../../lib/devices/device-map.ts";
import { expire } from "../../../lib/devices/expiry-decision.ts";
import { heirOf } from "../../../lib/devices/leave-decision.ts";
import { keeperOf, receiving } from "../../../lib/devices/skipped.ts";
import { MINUTE } from "./maps.ts";
import { MOST_DEVICES, UserWorld } from "./user-world.ts";

type Step = (world: UserWorld) => void;

const nth = <T>(all: readonly T[], n: number): T | undefined => all[n % Math.max(1, all.length)];
const inUse = ({ map }: UserWorld): Device[] => map.devices.filter(isInUse);
const index = fc.nat({ max: 11 });
/** The clocks of two functions differ by less than the minute that a device is young, and a request's time. */
const MOST_SKEW = (MINUTE - LIMITS.requestTime) / 2 - 1;

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>((world) => world.login({ deviceName: "a name" })) },
  { weight: 1, arbitrary: fc.constant<Step>((world) => world.login({})) },
  {
    weight: 3,
    arbitrary: fc.tuple(index, fc.option(fc.constant("a name"), { nil: undefined })).map<Step>(
      ([n, deviceName]) =>
        (world) =>
          world.login({ deviceId: nth(world.ids, n) ?? "unknown", deviceName }),
    ),
  },
  {
    weight: 1,
    arbitrary: index.map<Step>(
      (n) => (world) => world.login({ deviceName: "a name", replaceDeviceId: nth(inUse(world), n)?.id }),
    ),
  },
  { weight: 1, arbitrary: fc.boolean().map<Step>((isAlone) => (world) => world.becomePersonal(isAlone)) },
  { weight: 3, arbitrary: index.map<Step>((n) => (world) => world.logout(nth(inUse(world), n))) },
  { weight: 3, arbitrary: index.map<Step>((n) => (world) => world.remove(nth(inUse(world), n))) },
  { weight: 3, arbitrary: fc.boolean().map<Step>((fully) => (world) => void world.finishOne(fully)) },
  { weight: 5, arbitrary: fc.constant<Step>((world) => world.send(() => false)) },
  {
    weight: 1,
    arbitrary: fc.nat().map<Step>((bits) => (world) => world.send(({ came }) => ((bits >> came % 7) & 1) === 1)),
  },
  { weight: 3, arbitrary: index.map<Step>((n) => (world) => world.fetch(nth(inUse(world), n))) },
  { weight: 3, arbitrary: fc.nat({ max: 2 * MINUTE }).map<Step>((time) => (world) => world.wait(time)) },
  { weight: 1, arbitrary: fc.nat({ max: 35 }).map<Step>((days) => (world) => world.waitDays(days)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: -MOST_SKEW, max: MOST_SKEW }).map<Step>((skew) => (world) => {
      world.skew = skew;
    }),
  },
);

/** What has to hold after every step. */
function check(world: UserWorld): void {
  const { devices } = world.map;
  const ids = devices.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const cames = devices.map(({ came }) => came);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(cames).size).toBe(cames.length);
  expect(cames).toEqual(cames.toSorted((one, other) => one - other));
  expect(devices.length).toBeGreaterThan(0);
  expect(devices.filter(isOpen).length).toBeLessThanOrEqual(MOST_DEVICES);
  expect(devices.filter((device) => device.shared && isOpen(device)).length).toBeLessThanOrEqual(1);
  expect(devices.filter(({ id }) => id === undefined).length).toBeLessThanOrEqual(1);
  const leaving = devices.filter((device) => device.leaving);
  expect(leaving.length).toBeLessThanOrEqual(1);
  for (const device of leaving) expect(devices.filter((one) => !one.leaving)).toContain(heirOf(world.map, device));
  // A message always goes somewhere.
  expect(receiving(world.map, world.today)).toContain(keeperOf(world.map));
  checkAges(world);
  checkKept(world);
}

/** An older personal device that has missed nothing has all that a younger one has waiting. */
function checkAges(world: UserWorld): void {
  const { devices } = expire(world.map, world.today);
  const personal = devices.filter(({ shared, leaving }) => !shared && !leaving);
  for (const [at, older] of personal.entries()) {
    if (older.missed) continue;
    const { put } = world.channelOf(older);
    for (const younger of personal.slice(at + 1)) {
      expect(world.waitingOn(younger).filter((message) => !put.has(message))).toEqual([]);
    }
  }
}

/** Each message was fetched by somebody, or waits on a device that is there. */
function checkKept({ messages, channels, map }: UserWorld): void {
  const there = map.devices.flatMap(({ came }) => [...(channels.get(came)?.put ?? [])]);
  const safe = new Set([...there, ...[...channels.values()].flatMap(({ fetched }) => [...fetched])]);
  expect(messages.flatMap(({ isPersonal }, message) => (isPersonal && !safe.has(message) ? [message] : []))).toEqual([]);
}

describe("the devices of a user", () => {
  it("keep every message, whatever they do, and their rules", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (all) => {
        const world = new UserWorld();
        for (const step of all) {
          step(world);
          check(world);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("all come to rest within a minute: nothing is left that ends or leaves", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (all) => {
        const world = new UserWorld();
        for (const step of all) step(world);
        world.wait(MINUTE + 2 * MOST_SKEW);
        world.finish();
        check(world);
        expect(world.map.devices.filter((device) => !isOpen(device))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
