import { LIMITS } from "../contract/limits.ts";
import { type Device, type DeviceMap, isInUse, withDevice } from "./device-map.ts";
import { isUnseen, keeperOf } from "./skipped.ts";

/**
 * Marks what was not seen for `LIMITS.devices.unseenDays`:
 *
 * - A device in use is marked as ending. Its id is dead from then on; it leaves as every device does that ends. A dormant one
 *   stays: what waits on it may wait nowhere else.
 * - Once `LIMITS.devices.endedDays` are over, no session can be left on one that is ending. So a sync can finish it, which ends no
 *   sessions.
 * - Messages may skip it soon, whether it is in use, dormant or ending. So it counts as having missed some. Messages never skip
 *   the keeper, and a device that is leaving gets none anyway.
 *
 * Every decision on a map begins with it. So a device is marked before another one becomes the keeper in its place.
 *
 * @param today As `dayOf`.
 * @returns The same map if there is nothing to mark.
 */
export function expire(map: DeviceMap, today: number): DeviceMap {
  const keeper = keeperOf(map);
  const marked = (device: Device): Device => {
    if (device.leaving || !isUnseen(device, today)) return device;
    const ends = device.ending || isInUse(device);
    const hasEnded = ends && today - device.seen >= LIMITS.devices.endedDays;
    return {
      ...device,
      ...(ends && { ending: true as const }),
      ...(hasEnded && { ended: true as const }),
      ...(device !== keeper && { missed: true as const }),
    };
  };
  return map.devices.reduce((changed, device) => withDevice(changed, device, marked(device)), map);
}
