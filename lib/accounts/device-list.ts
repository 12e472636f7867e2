import { type DeviceMap, dateOf, isInUse } from "../devices/device-map.ts";
import type { DeviceName } from "../devices/device-names.ts";

/** A device, as its user may tell it from others. */
export interface ListedDevice extends DeviceName {
  readonly deviceId: string;
  /** The day on which it was seen last, as RFC 3339 has a date. */
  readonly lastSeen: string;
  /** Whether it is the one that asks. */
  readonly current: boolean;
  /** Whether it is the device of all logins that name none. */
  readonly shared: boolean;
}

/**
 * The devices that are in use, the oldest first.
 *
 * @param current The id of the device that asks.
 */
export const listedDevices = (
  { devices }: DeviceMap,
  names: ReadonlyMap<string, DeviceName>,
  current: string | undefined,
): ListedDevice[] =>
  devices.filter(isInUse).map(({ id, seen, shared = false }) => {
    const { name = "", userAgent = "" } = names.get(id) ?? {};
    return { deviceId: id, name, userAgent, lastSeen: dateOf(seen), current: id === current, shared };
  });
