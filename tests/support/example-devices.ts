import { LIMITS } from "../../lib/contract/limits.ts";
import { type Device, type DeviceMap, dayOf } from "../../lib/devices/device-map.ts";

/** Noon of a day. */
export const NOW = Date.UTC(2026, 4, 10, 12);
export const TODAY = dayOf(NOW);
export const MINUTE = LIMITS.devices.youngFor;

/** A device that has been there for so many minutes. Its id and its channel are its name. */
export const device = (name: string, minutes: number, more: Partial<Device> = {}): Device => ({
  channel: name,
  came: NOW - minutes * MINUTE,
  there: NOW - minutes * MINUTE,
  seen: TODAY,
  id: name,
  login: `login of ${name}`,
  session: `session of ${name}`,
  ...more,
});

export const shared = (minutes: number, more: Partial<Device> = {}): Device => ({
  channel: "shared",
  came: NOW - minutes * MINUTE,
  there: NOW - minutes * MINUTE,
  seen: TODAY,
  id: "shared",
  shared: true,
  ...more,
});

/** Also one that was used before: the id is gone. */
export const dormant = (name: string, minutes: number, more: Partial<Device> = {}): Device => ({
  channel: name,
  came: NOW - minutes * MINUTE,
  there: NOW - minutes * MINUTE,
  seen: TODAY,
  ...more,
});

export const ending = (name: string, minutes: number, more: Partial<Device> = {}): Device =>
  device(name, minutes, { ending: true, ...more });

export const leavingTo = (heir: Device, name: string, minutes: number): Device =>
  ending(name, minutes, { leaving: true, heir: heir.came });

/** In the order that they are given in, which has to be that in which they came. */
export const mapOf = (...devices: readonly Device[]): DeviceMap => ({ version: 7, devices });

/** Of a map, what is told apart: `-` stands for a dormant device. */
export const idsIn = ({ devices }: DeviceMap): string[] => devices.map(({ id = "-" }) => id);
