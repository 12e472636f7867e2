import { type Device, type DeviceMap, deviceOf } from "./device-map.ts";

/**
 * How a login stands, by a look at the map after its session was stored:
 *
 * - `ours`: the device is the login's, and a removal that begins from now on finds the session.
 * - `repeated`: a repeat of this login has begun since. The client waits for that one's answer.
 * - `lost`: the device is gone or about to go, or another login's. What took it may have missed the session.
 *
 * Without this look a client could be logged in on a device that is gone, where nothing ever comes.
 */
export type Standing = "ours" | "repeated" | "lost";

/**
 * @param map Read, strongly consistent, after the session was stored.
 * @param device As the login has entered it.
 */
export function standingOf(map: DeviceMap, { id, came, shared, login, session }: Device): Standing {
  const now = deviceOf(map, id);
  // Of a shared device the next one has the same id.
  if (now === undefined || now.came !== came || now.shared !== shared) return "lost";
  if (shared || now.session === session) return "ours";
  return now.login === login ? "repeated" : "lost";
}
