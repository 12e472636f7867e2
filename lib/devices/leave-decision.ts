import { LIMITS } from "../contract/limits.ts";
import {
  type Device,
  type DeviceMap,
  dayOf,
  deviceOf,
  isInUse,
  isOpen,
  missedAsShared,
  withDevice,
} from "./device-map.ts";
import { expire } from "./expiry-decision.ts";

/** What follows once a device has no session any more. */
export type LeaveDecision =
  /** It has left: an older device has everything that it has. Its channel is to be closed. */
  | { readonly kind: "gone"; readonly map: DeviceMap; readonly device: Device }
  /** What waits on it is to be put on the heir; then it leaves by {@link finishLeaving}. */
  | { readonly kind: "leaving"; readonly map: DeviceMap; readonly device: Device; readonly heir: Device }
  /** It stays marked as ending, as the heir is too young; what waits on it is to be put there now, and again when it is not. */
  | { readonly kind: "ending"; readonly map: DeviceMap; readonly device: Device; readonly heir: Device }
  /** It is kept for the next login, without an id. */
  | { readonly kind: "dormant"; readonly map: DeviceMap; readonly device: Device }
  /** It stays marked as ending: another one is leaving, and has to be finished first. */
  | { readonly kind: "blocked"; readonly map: DeviceMap; readonly device: Device; readonly leaving: Device }
  /** It is not there any more, or not under this mark, or it is leaving already. */
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

/** An entry under one mark. After another login on the same channel it is another one. */
export type Marked = Pick<Device, "came" | "id" | "login">;

const findMarked = ({ devices }: DeviceMap, { came, id, login }: Marked): Device | undefined =>
  devices.find((one) => one.came === came && one.id === id && one.login === login && one.ending);

/**
 * What becomes of a device that is marked as ending, once its sessions have ended.
 *
 * @param marked As it was read before its sessions were ended.
 * @param now Milliseconds since the epoch.
 */
export function decideLeave(stored: DeviceMap, marked: Marked, now: number): LeaveDecision {
  const map = expire(stored, dayOf(now));
  const device = findMarked(map, marked);
  if (device === undefined || device.leaving) return { kind: "none", map };
  const leaving = map.devices.find((one) => one.leaving);
  const others = map.devices.filter((one) => one !== device && !one.shared && !one.leaving);
  if (others.some((one) => one.came < device.came && !one.missed)) {
    return { kind: "gone", map: withDevice(map, device, undefined), device };
  }
  if (leaving) return { kind: "blocked", ...changed(map, device, { ...device, ended: true }), leaving };
  const heir = chooseHeir(device, others);
  if (heir === undefined) {
    const { channel, came, there, seen } = device;
    const missed = device.missed ?? missedAsShared(map, device);
    const last = device.shared ? undefined : device.id;
    return { kind: "dormant", ...changed(map, device, { channel, came, there, seen, last, missed }) };
  }
  if (now < knownToSendsAt(heir)) {
    const handed = device.heir === heir.came ? device.handed : undefined;
    const waits = { ...device, ended: true, heir: heir.came, handed } as const;
    return { kind: "ending", ...changed(map, device, waits), heir };
  }
  const leaves = { ...device, ended: true, leaving: true, heir: heir.came, handed: undefined } as const;
  return { kind: "leaving", ...changed(map, device, leaves), heir };
}

/**
 * The device that takes over what waits on the one that leaves.
 *
 * It is the oldest younger device that has missed nothing: with what it is given, it has all that the devices younger than itself
 * have. It may be ending as well, and then hands on in its turn. If all others have missed something, one of them is given
 * everything. If all others are ending, what waits stays where it is, and is found there.
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
  heir.missed || heir.came < device.came ? Number.POSITIVE_INFINITY : knownToSendsAt(heir);

/** From then on no send is under way that does not know of the device, in milliseconds since the epoch. */
const knownToSendsAt = ({ there = Number.POSITIVE_INFINITY }: Device): number => there + LIMITS.devices.youngFor;

const changed = (map: DeviceMap, device: Device, into: Device): { map: DeviceMap; device: Device } => ({
  map: withDevice(map, device, into),
  device: into,
});

/** The map with a note that the sessions on a device have ended; the same map if it is there already, or the mark is not. */
export function markEnded(map: DeviceMap, marked: Marked): DeviceMap {
  const device = findMarked(map, marked);
  return device ? withDevice(map, device, { ...device, ended: true }) : map;
}

/** The map without the device that was leaving; the same map if it has left. */
export function finishLeaving(map: DeviceMap, marked: Marked): DeviceMap {
  const device = findMarked(map, marked);
  return device?.leaving ? withDevice(map, device, undefined) : map;
}

/** The device that takes over what waits on another one that is ending or leaving. */
export const heirOf = ({ devices }: DeviceMap, { heir }: Device): Device | undefined =>
  heir === undefined ? undefined : devices.find(({ came }) => came === heir);

/**
 * The device whose syncs finish what is left to do after a decision: the heir, or where that is ending itself, the oldest
 * personal one that is in use. `undefined` if nothing is left to do, or nobody is there: then the next login does it.
 */
export function finisherOf(decision: LeaveDecision): Device | undefined {
  if (decision.kind !== "leaving" && decision.kind !== "ending" && decision.kind !== "blocked") return undefined;
  const heir = heirOf(decision.map, decision.kind === "blocked" ? decision.leaving : decision.device);
  if (heir !== undefined && isInUse(heir)) return heir;
  return decision.map.devices.find((one) => isInUse(one) && !one.shared);
}

/**
 * The device that has to be finished next: the one that is leaving, or else the oldest that is ending. `undefined` if there is
 * none. Each function that finds one finishes it, see `hand-over.ts`.
 *
 * @param except Devices to pass over, by their `came`.
 */
export function pendingOf({ devices }: DeviceMap, except: ReadonlySet<number> = new Set()): Device | undefined {
  const pending = devices.filter(({ came, ending }) => ending && !except.has(came));
  return pending.find(({ leaving }) => leaving) ?? pending[0];
}

/** The map with a note of how far the heir has what waits on a device; the same map if that is another matter by now. */
export function withHanded(map: DeviceMap, marked: Device, handed: string | undefined): DeviceMap {
  const device = findMarked(map, marked);
  const isSame = device?.heir === marked.heir && device?.leaving === marked.leaving;
  const isFurther = handed !== undefined && handed > (device?.handed ?? "");
  return device && isSame && isFurther ? withDevice(map, device, { ...device, handed }) : map;
}
