import { LIMITS } from "../contract/limits.ts";
import type { Device, DeviceMap } from "./device-map.ts";

/**
 * The device that gets each message however long nobody has seen it: the oldest personal one, or the shared one where there is
 * no personal one. What nobody fetches waits there.
 */
export function keeperOf({ devices }: DeviceMap): Device | undefined {
  const staying = devices.filter(({ leaving }) => !leaving);
  return staying.find(({ shared }) => !shared) ?? staying[0];
}

/**
 * The devices that a message is put on: not one that is leaving, nor one that was not seen for
 * `LIMITS.devices.skippedDays`, unless it is the keeper.
 *
 * @param today As `dayOf`.
 */
export function receiving(map: DeviceMap, today: number): Device[] {
  const keeper = keeperOf(map);
  return map.devices.filter(
    (device) => !device.leaving && (device === keeper || today - device.seen < LIMITS.devices.skippedDays),
  );
}

/** Whether the device was not seen for `LIMITS.devices.unseenDays`. */
export const isUnseen = ({ seen }: Device, today: number): boolean => today - seen >= LIMITS.devices.unseenDays;
