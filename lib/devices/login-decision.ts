import { LIMITS } from "../contract/limits.ts";
import {
  type Device,
  type DeviceMap,
  dayOf,
  deviceOf,
  isDormant,
  isInUse,
  isOpen,
  sharedOf,
  withDevice,
} from "./device-map.ts";
import { expire } from "./expiry-decision.ts";

/** What is new in a login: random names, and the time. */
export interface FreshLogin {
  /** The client's `loginId`, the same in each repeat; or, where it left that out, a new one. */
  readonly loginId: string;
  /** The session that is stored once the map is. */
  readonly session?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A new device's id: `SHARED_DEVICE` where neither an id nor a name is asked for. */
  readonly newId: string;
  /** What the key of a new device's channel has after the user's id. */
  readonly newChannel: string;
}

export interface LoginRequest extends FreshLogin {
  readonly deviceId?: string | undefined;
  readonly deviceName?: string | undefined;
  /** A device that has to leave if there is no room for another one. */
  readonly replaceDeviceId?: string | undefined;
}

/** The login gets this device, once the map is stored. */
export interface LoggedIn {
  readonly kind: "device";
  readonly map: DeviceMap;
  readonly device: Device;
}

export type LoginDecision =
  | LoggedIn
  | { readonly kind: "device_expired" }
  | { readonly kind: "too_many_devices" }
  /** So many devices are ending that there is no room for another one, whichever it replaces. They leave within a minute. */
  | { readonly kind: "too_many_ending" };

/**
 * Which device a login gets:
 *
 * | asked for | gets |
 * | --- | --- |
 * | a `deviceId` that is in the map | that device |
 * | else a `deviceName` | the dormant device under a new id; if there is none, a new one |
 * | a `deviceId` that is not in the map, and no name | `device_expired` |
 * | neither | the shared device; if there is none, the dormant one or a new one becomes it |
 *
 * A repeat of a login, by its `loginId`, gets the personal device that its first try got.
 */
export function decideLogin(stored: DeviceMap, request: LoginRequest): LoginDecision {
  const { deviceId, deviceName, loginId, now } = request;
  const map = expire(stored, dayOf(now));
  const namesNothing = deviceId === undefined && deviceName === undefined;
  if (!namesNothing) {
    const asked = repeatOf(map, loginId) ?? deviceOf(map, deviceId);
    if (asked) return logIn(map, asked, request);
    return deviceName === undefined ? { kind: "device_expired" } : logInAnew(map, request, undefined);
  }
  const shared = sharedOf(map);
  return shared ? logIn(map, shared, request) : logInAnew(map, request, true);
}

/** The personal device that an earlier try of the same login got. */
export const repeatOf = ({ devices }: DeviceMap, loginId: string): Device | undefined =>
  devices.find((device) => isInUse(device) && !device.shared && device.login === loginId);

/** On a device that the map has, under the id that it has. */
export function logIn(map: DeviceMap, device: Device, { loginId, session, now }: FreshLogin): LoggedIn {
  // The push subscription was that of the session before.
  const push = device.session === session ? device.push : undefined;
  const login = device.shared ? {} : { login: loginId, session, push };
  const changed = { ...device, ...login, seen: dayOf(now) };
  return { kind: "device", map: withDevice(map, device, changed), device: changed };
}

/** On the dormant device, under a new id; or on a new one. */
export function logInAnew(map: DeviceMap, request: LoginRequest, shared: true | undefined): LoginDecision {
  const { loginId, session, now, newId, newChannel, replaceDeviceId } = request;
  const own = { id: newId, seen: dayOf(now), login: loginId, ...(shared ? { shared } : { session }) };
  const dormant = map.devices.find(isDormant);
  if (dormant) {
    const device = { ...dormant, ...own, last: goesOn(dormant, request) ? dormant.last : undefined };
    return { kind: "device", map: withDevice(map, dormant, device), device };
  }
  // A replacement adds a device at once, and the replaced one leaves later. Until then each send writes to both.
  if (map.devices.length >= LIMITS.devices.mostWithEnding) return { kind: "too_many_ending" };
  const isFull = map.devices.filter(isOpen).length >= LIMITS.devices.most;
  const replaced = isFull ? deviceOf(map, replaceDeviceId) : undefined;
  if (isFull && replaced === undefined) return { kind: "too_many_devices" };
  const room = replaced ? withDevice(map, replaced, { ...replaced, ending: true }) : map;
  const device = { ...own, channel: newChannel, came: comesAt(map, now) };
  return { kind: "device", map: withDevice(room, device, device), device };
}

/**
 * Whether a dormant device still has all that its former client may expect: nobody has used it since, and nothing that waits there
 * has expired. What it has missed since, as its channel was full, the channel tells.
 */
const goesOn = ({ last, seen }: Device, { deviceId, now }: LoginRequest): boolean =>
  last === deviceId && dayOf(now) - seen < LIMITS.devices.unseenDays;

/** Later than all others, also where the clock was set back since: the order in which devices came is what counts. */
const comesAt = ({ devices }: DeviceMap, now: number): number => Math.max(now, ...devices.map(({ came }) => came + 1));
