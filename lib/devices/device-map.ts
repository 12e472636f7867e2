/*
 * The map of a user's devices. It is kept in the user's profile, which each send reads, and it is the one truth: what is not
 * in it gets no message. `device-store.ts` changes it; what is changed, and why, is in the files named `...-decision.ts`.
 *
 * - A *device* is what a user receives on. It has a channel of its own, an id, and a name that is stored elsewhere.
 * - A *dormant* device has a channel and no id: nobody is logged in on it, and nothing else has its messages.
 * - The *shared* device, at most one, is that of all logins that name no device. All others are *personal*. One that was
 *   shared and has to leave may still be there beside the next one.
 * - *Older* means: came earlier. An older personal device has every message that a younger one has, unless it has missed one.
 */

import { SHARED_DEVICE } from "../contract/devices.ts";

/** A device, in the map and as it is stored. */
export interface Device {
  /** What the key of its channel has after the user's id, see `channelKey`. Absent: the user's first channel. */
  readonly channel?: string | undefined;
  /**
   * When it came, in milliseconds since the epoch, by the login that it came with. It never changes, and differs from that of
   * every other device of the user. It says which one is older, and nothing else: the map may have been written long after.
   */
  readonly came: number;
  /**
   * When it was found in the map by a function that wrote the next one, in milliseconds since the epoch. Each send that began
   * since knows of it. Absent: the map was not written since.
   */
  readonly there?: number | undefined;
  /** The day on which it was seen last, see {@link dayOf}. */
  readonly seen: number;
  /** Absent: it is dormant. */
  readonly id?: string | undefined;
  /**
   * The id that it had before it became dormant. Once it has another id: the same, if that login asked for it and nobody
   * was on it since.
   */
  readonly last?: string | undefined;
  /** The `loginId` of the login that it is for. Of a shared device: of the one that made it shared. */
  readonly login?: string | undefined;
  /** The session of that login. A shared device has none. */
  readonly session?: string | undefined;
  readonly shared?: true | undefined;
  /** Its session has a push subscription, see `subscriptions.ts`. It may have ended since. */
  readonly push?: true | undefined;
  /** It has to leave: nobody can log in on it, and its sessions are ended. It gets messages all the same. */
  readonly ending?: true | undefined;
  /** Its sessions have ended. */
  readonly ended?: true | undefined;
  /** It gets no more messages, and what waits on it is put on its heir. */
  readonly leaving?: true | undefined;
  /** The `came` of the device that takes over what waits on this one, while it is ending or leaving. */
  readonly heir?: number | undefined;
  /** The heir has what waits up to this position, see `hand-over.ts`. */
  readonly handed?: string | undefined;
  /** It has not got every message that a younger one may have: its channel was full, or it was shared. */
  readonly missed?: true | undefined;
}

/** A device that somebody is, or can be, logged in on. */
export interface DeviceInUse extends Device {
  readonly id: string;
}

export interface DeviceMap {
  /** Counts the changes. `undefined`: no map is stored, and a change must find none. */
  readonly version: number | undefined;
  /** The oldest first. Never empty. */
  readonly devices: readonly Device[];
}

/** The attributes of a profile that the map is stored in. Profiles from before there were devices have neither. */
export interface StoredMap {
  readonly devices: readonly Device[];
  readonly devicesVersion: number;
}

const DAY = 24 * 60 * 60_000;

/** The whole days since the epoch. */
export const dayOf = (milliseconds: number): number => Math.floor(milliseconds / DAY);

/** A day, as RFC 3339 has a date. */
export const dateOf = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);

/**
 * The map of a profile as it was read.
 *
 * @param today As {@link dayOf}: a profile without a map does not say when its device was seen.
 */
export function readMap({ devices, devicesVersion }: Partial<StoredMap>, today: number): DeviceMap {
  if (devices === undefined || devicesVersion === undefined) {
    return { version: undefined, devices: [{ came: 0, seen: today, id: SHARED_DEVICE, shared: true }] };
  }
  return { version: devicesVersion, devices };
}

/** What is stored for the next version of a map. Attributes that are `undefined` are left out when it is written. */
export const toStored = ({ version = 0, devices }: DeviceMap): StoredMap => ({
  devices,
  devicesVersion: version + 1,
});

/**
 * The next map, with a note on each device that is in the map which was read: it was there.
 *
 * @param now When that had been read, in milliseconds since the epoch.
 */
export function withThere(read: DeviceMap, next: DeviceMap, now: number): DeviceMap {
  const known = new Set(read.devices.map(({ came }) => came));
  const noted = (device: Device): Device =>
    device.there === undefined && known.has(device.came) ? { ...device, there: now } : device;
  return { ...next, devices: next.devices.map(noted) };
}

/** The map of a new user: a dormant device on the user's first channel. For the profile of a registration. */
export const firstMap = (now: number): StoredMap => ({
  devices: [{ came: now, seen: dayOf(now) }],
  devicesVersion: 1,
});

/** Whether somebody is, or can be, logged in on it: not on one that is dormant or has to leave. */
export const isInUse = (device: Device): device is DeviceInUse =>
  device.id !== undefined && !device.ending && !device.leaving;

/** Whether nobody is logged in on it, and it waits for the next login. */
export const isDormant = ({ id, ending, leaving }: Device): boolean => id === undefined && !ending && !leaving;

/** Whether its sessions have to be ended next. */
export const isToEnd = ({ ending, ended, leaving }: Device): boolean => ending === true && !ended && !leaving;

/** Whether a login may get it, by its id or as the dormant one. */
export const isOpen = ({ ending, leaving }: Device): boolean => !ending && !leaving;

/** The device with an id, if somebody can be logged in on it. An id that has left, or has to, finds nothing. */
export const deviceOf = ({ devices }: DeviceMap, id: string | undefined): Device | undefined =>
  id === undefined ? undefined : devices.find((device) => device.id === id && isInUse(device));

/** The shared device, if somebody can be logged in on it. */
export const sharedOf = ({ devices }: DeviceMap): Device | undefined =>
  devices.find((device) => device.shared && isInUse(device));

/**
 * What a shared device has missed that becomes personal: own copies, and what was handed over to the personal devices. So it
 * does not count as having everything that they have. The next shared device may have been one of them.
 */
export const missedAsShared = ({ devices }: DeviceMap, device: Device): true | undefined =>
  device.shared && devices.some((one) => one !== device && !one.leaving) ? true : undefined;

/**
 * The map with one device changed, or without it; the same map if nothing changes. The version is that of the map: the store
 * counts it up.
 */
export function withDevice(map: DeviceMap, device: Device, changed: Device | undefined): DeviceMap {
  if (changed !== undefined && map.devices.includes(device) && isSame(device, changed)) return map;
  const others = map.devices.filter((one) => one !== device);
  const all = changed === undefined ? others : [...others, changed];
  return { ...map, devices: all.toSorted((one, other) => one.came - other.came) };
}

function isSame(one: Device, other: Device): boolean {
  const names = Object.keys({ ...one, ...other }) as (keyof Device)[];
  return names.every((name) => one[name] === other[name]);
}
