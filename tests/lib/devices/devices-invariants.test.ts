import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type Device, isInUse, isOpen } from "../../../lib/devices/device-map.ts";
import { expire } from "../../../lib/devices/expiry-decision.ts";
import { heirOf } from "../../../lib/devices/leave-decision.ts";
import { MINUTE } from "../../support/example-devices.ts";
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
    arbitrary: fc.nat().map<Step>((bits) => (world) => world.send(({ came }) => ((bits >> (came % 7)) & 1) === 1)),
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

/** What does not hold, of all that has to hold after every step. */
function faultsOf(world: UserWorld): string[] {
  const { devices } = world.map;
  const ids = devices.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const leaving = devices.filter((device) => device.leaving);
  const faults: Readonly<Record<string, boolean>> = {
    "two have one id": new Set(ids).size < ids.length,
    "one is not younger than the one before": devices.some(({ came }, at) => came <= (devices[at - 1]?.came ?? 0)),
    "there is none": devices.length === 0,
    "there are too many": devices.filter(isOpen).length > MOST_DEVICES,
    "there are too many with those that end": devices.length > LIMITS.devices.mostWithEnding,
    "two are shared": devices.filter((device) => device.shared && isOpen(device)).length > 1,
    "two are dormant": devices.length - ids.length > 1,
    "two leave at a time": leaving.length > 1,
    "one leaves and has no heir": leaving.some((device) => heirOf(world.map, device)?.leaving !== undefined),
    "one leaves and its heir has left": leaving.some((device) => heirOf(world.map, device) === undefined),
    "messages go nowhere": devices.every((device) => device.leaving),
  };
  const broken = Object.keys(faults).filter((fault) => faults[fault]);
  return [...broken, ...faultsOfAge(world), ...faultsOfHeirs(world), ...lostMessages(world)];
}

/** An older personal device that has missed nothing has all that a younger one has waiting. */
function faultsOfAge(world: UserWorld): string[] {
  const personal = expire(world.map, world.today).devices.filter(({ shared, leaving }) => !shared && !leaving);
  return personal.flatMap((older, at) => {
    const { put } = world.channelOf(older);
    const younger = older.missed ? [] : personal.slice(at + 1);
    return younger.flatMap((one) =>
      world
        .waitingOn(one)
        .flatMap((message) => (put.has(message) ? [] : [`message ${message} is not on an older one`])),
    );
  });
}

/**
 * What a hand-over does not copy, the heir has: what was sent once a personal device had been there for a minute is on it,
 * wherever it waits, unless the device has missed something.
 */
function faultsOfHeirs(world: UserWorld): string[] {
  const staying = expire(world.map, world.today).devices.filter(({ leaving }) => !leaving);
  const heirs = staying.filter(({ shared, missed }) => !shared && !missed);
  return heirs.flatMap((heir) => {
    const { put } = world.channelOf(heir);
    const isLacking = (message: number): boolean =>
      (world.messages[message]?.sentAt ?? 0) >= (heir.there ?? Number.POSITIVE_INFINITY) + MINUTE && !put.has(message);
    const lacking = staying.flatMap((one) => world.waitingOn(one)).filter(isLacking);
    return lacking.map((message) => `message ${message} is not on a device that could be the heir`);
  });
}

/** Each message was fetched by somebody, or waits on a device that is there. */
function lostMessages({ messages, channels, map }: UserWorld): string[] {
  const there = map.devices.flatMap(({ came }) => [...(channels.get(came)?.put ?? [])]);
  const safe = new Set([...there, ...[...channels.values()].flatMap(({ fetched }) => [...fetched])]);
  return messages.flatMap(({ isPersonal }, message) =>
    isPersonal && !safe.has(message) ? [`message ${message} is lost`] : [],
  );
}

describe("the devices of a user", () => {
  it("keep every message, whatever they do, and their rules", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (all) => {
        const world = new UserWorld();
        for (const step of all) {
          step(world);
          expect(faultsOf(world)).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("keep what came while a dormant one was not seen for a month, which a login takes", () => {
    const world = new UserWorld();
    world.login({});
    world.wait(2 * MINUTE);
    world.login({ deviceName: "Laptop" });
    world.remove(inUse(world).find(({ shared }) => !shared));
    world.finish();
    // The page of the shared device, which came earlier.
    world.becomePersonal(true);
    world.waitDays(LIMITS.devices.endedDays);
    world.send(() => false);
    world.waitDays(1);
    world.login({ deviceName: "Laptop" });
    world.finish();
    expect(faultsOf(world)).toEqual([]);
    const [laptop, ...others] = world.map.devices;
    expect(others).toEqual([]);
    expect(world.waitingOn(laptop as Device)).toEqual([0]);
  });

  it("all come to rest within a minute: nothing is left that ends or leaves", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (all) => {
        const world = new UserWorld();
        for (const step of all) step(world);
        // Nothing ends by itself: the minute begins when a function finds the heir in the map.
        world.finish();
        world.wait(MINUTE + 2 * MOST_SKEW);
        world.finish();
        expect(faultsOf(world)).toEqual([]);
        expect(world.map.devices.filter((device) => !isOpen(device))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
