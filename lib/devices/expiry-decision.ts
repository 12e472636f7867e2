import type { DeviceMap } from "./device-map.ts";
import { isExpired, keeperOf } from "./skipped.ts";

/**
 * Marks the devices as ending that were not seen for `LIMITS.devices.unseenDays`. Their ids are dead from then on; they leave
 * as every device does that ends. Messages may skip them soon, all but the keeper: so they count as having missed some.
 *
 * @param today As `dayOf`.
 * @returns The same map if there is none.
 */
export function expire(map: DeviceMap, today: number): DeviceMap {
  if (!map.devices.some((device) => isExpired(device, today))) return map;
  const keeper = keeperOf(map);
  const devices = map.devices.map((device) => {
    if (!isExpired(device, today)) return device;
    return { ...device, ending: true as const, ...(device !== keeper && { missed: true as const }) };
  });
  return { ...map, devices };
}
