import { LIMITS } from "../contract/limits.ts";
import { type Device, type DeviceMap, dayOf, deviceOf, isOpen, missedAsShared, withDevice } from "./device-map.ts";
import { expire } from "./expiry-decision.ts";

/** What follows once a device has no session any more. */
export type LeaveDecision =
  /** It has left: an older device has everything that it has. Its channel is to be closed. */
  | { readonly kind: "gone"; readonly map: DeviceMap; readonly device: Device }
  /** What waits on it is to be put on the heir; then it leaves by {@link finishLeaving}. */
  | { readonly kind: "leaving"; readonly map: DeviceMap; readonly device: Device; readonly heir: Device }
  /** It stays marked as ending, as the heir is too young; what waits on it is to be put there now, and again at `until` (ms). */
  | {
      readonly kind: "ending";
      readonly map: DeviceMap;
      readonly device: Device;
      readonly heir: Device;
      readonly until: number;
    }
  /** It is kept for the next login, without an id. */
  | { readonly kind: "dormant"; readonly map: DeviceMap; readonly device: Device }
  /** It stays marked as ending: another one is leaving, and has to be finished first. */
  | { readonly kind: "blocked"; readonly map: DeviceMap; readonly device: Device; readonly leaving: Device }
  /** The map has no device with the id, or it is leaving already. */
  | { readonly kind: "none"; readonly map: DeviceMap };

/**
 * Marks a device as ending: from then on nobody can log in on it. Its sessions are ended next, and then it leaves by
 * {@link decideLeave}.
 *
 * @returns `undefined` if no device in use has the id.
 */
export function markEnding(map: DeviceMap, deviceId: string): DeviceMap | undefined {
  const device = deviceOf(map, deviceId);
  return device && withDevice(map, device, { ...device, ending: true });
}

/**
 * What becomes of a device that nobody is logged in on any more: one that is marked as ending, once its sessions have ended; or
 * one whose only session has just been ended by a logout.
 *
 * @param now Milliseconds since the epoch.
 */
export function decideLeave(stored: DeviceMap, deviceId: string, now: number): LeaveDecision {
  const map = expire(stored, dayOf(now));
  const device = map.devices.find(({ id, leaving }) => id === deviceId && !leaving);
  if (device === undefined) return { kind: "none", map };
  const leaving = map.devices.find((one) => one.leaving);
  const others = map.devices.filter((one) => one !== device && !one.shared && !one.leaving);
  const isNeeded = leaving?.heir === device.came;
  if (!isNeeded && others.some((one) => one.came < device.came && !one.missed)) {
    return { kind: "gone", map: withDevice(map, device, undefined), device };
  }
  if (leaving) return { kind: "blocked", ...changed(map, device, { ...device, ending: true }), leaving };
  const heir = chooseHeir(device, others);
  if (heir === undefined) {
    const { channel, came, seen } = device;
    const missed = device.missed ?? missedAsShared(map, device);
    return { kind: "dormant", ...changed(map, device, { channel, came, seen, missed }) };
  }
  const until = heir.came + LIMITS.devices.settling;
  if (now < until) {
    const handed = device.heir === heir.came ? device.handed : undefined;
    return { kind: "ending", ...changed(map, device, { ...device, ending: true, heir: heir.came, handed }), heir, until };
  }
  const marked: Device = { ...device, ending: true, leaving: true, heir: heir.came, handed: undefined };
  return { kind: "leaving", ...changed(map, device, marked), heir };
}

/**
 * A logout of a session that has just been ended. Its device leaves only if it is still that session's: another login may have
 * got it meanwhile. A shared device stays.
 */
export function decideLogout(map: DeviceMap, deviceId: string, sessionId: string, now: number): LeaveDecision {
  const device = deviceOf(map, deviceId);
  if (device === undefined || device.shared || device.session !== sessionId) return { kind: "none", map };
  return decideLeave(map, deviceId, now);
}

/**
 * The device that takes over what waits on the one that leaves.
 *
 * The oldest of the younger ones that have missed nothing: with what it is given, it has everything that those younger than
 * itself have. It may be ending as well; then it hands on in its turn. Where all others have missed something, one that is
 * given everything. But if all others are ending, what waits stays where it is, and is found there.
 *
 * @param others The personal ones that are not leaving, the oldest first. Of the older ones each has missed something.
 * @returns `undefined` if it becomes dormant.
 */
function chooseHeir(device: Device, others: readonly Device[]): Device | undefined {
  const younger = others.filter(({ came }) => came > device.came);
  const older = others.find(({ came }) => came < device.came);
  if (!others.some(isOpen)) return older;
  return younger.find(({ missed }) => !missed) ?? older ?? younger.find(isOpen);
}

/**
 * What the heir may lack of what waits on a device that leaves: the messages that were stored before this time, in milliseconds
 * since the epoch. Later ones were put on both.
 */
export const handsOverBefore = (device: Device, heir: Device): number =>
  heir.missed || heir.came < device.came ? Number.POSITIVE_INFINITY : heir.came + LIMITS.devices.settling;

const changed = (map: DeviceMap, device: Device, into: Device): { map: DeviceMap; device: Device } => ({
  map: withDevice(map, device, into),
  device: into,
});

/** The map without the device that was leaving; `undefined` if it is not there, or not leaving. */
export function finishLeaving(map: DeviceMap, deviceId: string): DeviceMap | undefined {
  const device = map.devices.find(({ id, leaving }) => id === deviceId && leaving);
  return device && withDevice(map, device, undefined);
}

/** The device that takes over what waits on another one that is ending or leaving. */
export const heirOf = ({ devices }: DeviceMap, { heir }: Device): Device | undefined =>
  heir === undefined ? undefined : devices.find(({ came }) => came === heir);

/**
 * The device that has to be finished next: the one that is leaving, or else the oldest that is ending. `undefined` if there is
 * none. Whoever finds one finishes it, see `hand-over.ts`.
 *
 * @param except Devices to pass over, by their `came`.
 */
export function pendingOf({ devices }: DeviceMap, except: ReadonlySet<number> = new Set()): Device | undefined {
  const pending = devices.filter(({ came, ending }) => ending && !except.has(came));
  return pending.find(({ leaving }) => leaving) ?? pending[0];
}

/** The map with a note of how far the heir has what waits on a device; the same map if that is another matter by now. */
export function noteHanded(map: DeviceMap, { came, heir, leaving }: Device, handed: string | undefined): DeviceMap {
  const device = map.devices.find((one) => one.came === came);
  const isSame = device?.ending && device.heir === heir && device.leaving === leaving;
  const isFurther = handed !== undefined && handed > (device?.handed ?? "");
  return device && isSame && isFurther ? withDevice(map, device, { ...device, handed }) : map;
}
