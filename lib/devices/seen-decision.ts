import { type Device, type DeviceMap, deviceOf, withDevice } from "./device-map.ts";
import { expire } from "./expiry-decision.ts";

/** The device may go on: it was seen today. Otherwise its id is dead. */
export type SeenDecision =
  | { readonly kind: "seen"; readonly map: DeviceMap }
  | { readonly kind: "device_expired"; readonly map: DeviceMap };

/**
 * What a day's first sync of a device notes in the map.
 *
 * @param on The device that the session is on, by its id and its channel: the next shared device has the same id.
 * @param today As `dayOf`.
 */
export function decideSeen(stored: DeviceMap, on: Pick<Device, "id" | "channel">, today: number): SeenDecision {
  const map = expire(stored, today);
  const device = deviceOf(map, on.id);
  if (device === undefined || device.channel !== on.channel) return { kind: "device_expired", map };
  // A server whose clock is behind must not take days back.
  if (device.seen >= today) return { kind: "seen", map };
  return { kind: "seen", map: withDevice(map, device, { ...device, seen: today }) };
}
