import { LIMITS } from "../contract/limits.ts";
import { type Device, type DeviceMap, isInUse, withDevice } from "./device-map.ts";

/**
 * Marks what was not seen for `LIMITS.devices.unseenDays`:
 *
 * - A device in use is marked as ending. Its id is dead from then on; it leaves as every device does that ends. A dormant one
 *   stays: what waits on it may wait nowhere else.
 * - Once `LIMITS.devices.endedDays` are over, no session can be left on one that is ending. So a sync can finish it, which ends no
 *   sessions.
 *
 * It gets every message until it has left. Otherwise it could not be an heir: a send that does not know of it may still be under
 * way.
 *
 * The decisions of a login, of a day's first sync and of a device that leaves begin with it.
 *
 * @param today As `dayOf`.
 * @returns The same map if there is nothing to mark.
 */
export function expire(map: DeviceMap, today: number): DeviceMap {
  const marked = (device: Device): Device => {
    const isUnseen = today - device.seen >= LIMITS.devices.unseenDays;
    const ends = isUnseen && !device.leaving && (device.ending || isInUse(device));
    const hasEnded = ends && today - device.seen >= LIMITS.devices.endedDays;
    return { ...device, ...(ends && { ending: true as const }), ...(hasEnded && { ended: true as const }) };
  };
  return map.devices.reduce((changed, device) => withDevice(changed, device, marked(device)), map);
}
