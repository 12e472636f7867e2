import { hash } from "node:crypto";
import { SHARED_DEVICE } from "../contract/devices.ts";
import { LIMITS } from "../contract/limits.ts";
import { type Device, type DeviceMap, dayOf, deviceOf, isToEnd, sharedOf, withDevice } from "../devices/device-map.ts";
import type { DeviceNames } from "../devices/device-names.ts";
import type { Devices } from "../devices/device-store.ts";
import type { HandOver } from "../devices/hand-over.ts";
import { decideLogin, type LoginDecision } from "../devices/login-decision.ts";
import { standingOf } from "../devices/login-standing.ts";
import { decidePersonal } from "../devices/personal-decision.ts";
import type { HangUp } from "../live/hang-up.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import { GoTalkError, InvalidToken, invalidRequest, secondsInWords, Unavailable } from "../runtime/errors.ts";
import { newOpaqueId } from "../runtime/ids.ts";
import type { Caller } from "../tokens/tokens.ts";
import { listedDevices } from "./device-list.ts";
import type { DeviceRemoval } from "./device-removal.ts";
import type { ListedSession, Session, Sessions } from "./sessions.ts";

/** The device that a login asks for. Without an id and a name it is the shared one. */
export interface WantedDevice {
  /** The device of an earlier login. */
  readonly deviceId?: string | undefined;
  readonly deviceName?: string | undefined;
  /** The same in each repeat of a login; without it a repeat is a login of its own. */
  readonly loginId?: string | undefined;
  /** A device that is removed if there is no room for another one. */
  readonly replaceDeviceId?: string | undefined;
}

/** A session that has begun, or goes on, on a device. */
export interface DeviceSession extends Session {
  readonly deviceId: string;
  readonly channel: string | undefined;
  /** The device that was asked for, if this one goes on as that one: what came meanwhile waits there. */
  readonly continuedDeviceId?: string | undefined;
}

/** A login that is in the map. */
interface Entered {
  readonly device: Device;
  readonly map: DeviceMap;
}

interface Parts {
  readonly devices: Devices;
  readonly names: DeviceNames;
  readonly sessions: Sessions;
  readonly handOver: HandOver;
  readonly removal: DeviceRemoval;
  /** Without it there are no WebSocket connections. */
  readonly hangUp: HangUp | undefined;
  readonly now: Clock;
}

/*
 * How a session gets its device:
 *
 * 1. The map is changed: it names the device, and the session of a personal one. The sessions of a device that it replaces end.
 * 2. The session is stored.
 * 3. The sessions are listed, and then the map is read again, see `login-standing.ts`. A login that has lost its device ends its
 *    session and begins anew.
 * 4. The other sessions that were listed on a personal device end: each of them began before this one named itself in the map, or
 *    the look would have found it there.
 *
 * A crash leaves at most an entry whose session is not there. A repeat with the same `loginId` finds that entry.
 */
export class DeviceLogins {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Begins a session.
   *
   * @param userAgent What the client says of itself.
   * @returns `undefined` if there is no such user any more.
   * @throws {GoTalkError} `device_expired`: The `deviceId` no longer exists, and there is no name for a new one.
   * @throws {GoTalkError} `too_many_devices`: There is no room for another one. It lists them.
   * @throws {GoTalkError} `too_many_requests`: So many devices are still ending that there is no room for another one.
   * @throws {Unavailable} A repeat of the login came in between, or other logins did each time.
   */
  async begin(userId: string, wanted: WantedDevice, userAgent: string): Promise<DeviceSession | undefined> {
    const loginId = storedLoginId(wanted.loginId);
    for (let round = 0; round < LIMITS.devices.attempts; round++) {
      const sessionId = newOpaqueId();
      const entered = await this.#enter(userId, { ...wanted, loginId }, sessionId);
      if (entered === undefined) return undefined;
      const { device, map } = entered;
      const on = this.#on(device);
      // Also where an earlier try has replaced it, and its function died before this.
      const replaced = map.devices.find((one) => isToEnd(one) && one.id === wanted.replaceDeviceId);
      if (replaced !== undefined) await this.#parts.handOver.endSessions(userId, map, replaced);
      const [session] = await Promise.all([
        this.#parts.sessions.start(userId, { ...on, sessionId, userAgent, heir: this.#heirSince(map) }),
        this.#name(userId, device, wanted.deviceName, userAgent),
      ]);
      if (await this.#holdsItsDevice(userId, sessionId, device, { isNew: true }))
        return { ...session, deviceId: on.device, channel: on.channel, ...continued(device, wanted) };
    }
    throw new Unavailable("other logins took the device each time");
  }

  /**
   * Gives a session of the shared device a device of its own. The session keeps its id: its next token names the device, and
   * the previous token is dead. Safe to repeat, with either token.
   *
   * @param current The id of the device that the session is on.
   * @throws {InvalidToken} The session has ended; or another request with another `loginId` has moved it to a device of its own.
   * @throws {GoTalkError} `invalid_request`: The session has a device of its own.
   * @throws {GoTalkError} `too_many_devices`: There is no room for another one. It lists them.
   */
  async makePersonal(
    caller: Caller,
    current: string,
    { deviceName, loginId: given }: Required<Pick<WantedDevice, "deviceName" | "loginId">>,
    userAgent: string,
  ): Promise<DeviceSession> {
    const answerBy = this.#parts.now() + LIMITS.requestTime;
    const { userId, sessionId } = caller;
    const loginId = storedLoginId(given);
    if (current !== SHARED_DEVICE) await this.#requireRepeat(caller, current, loginId);
    let from = current;
    for (let round = 0; round < LIMITS.devices.attempts; round++) {
      const isAlone = !(await this.#parts.sessions.list(userId)).some(
        (one) => one.deviceId === SHARED_DEVICE && one.sessionId !== sessionId,
      );
      const request = { ...this.#fresh(sessionId, newOpaqueId()), loginId, isAlone };
      const entered = await this.#change(userId, (map) => decidePersonal(map, request));
      if (entered === undefined) throw new InvalidToken("the user has been removed");
      const { device } = entered;
      const on = this.#on(device);
      const [expiresAt] = await Promise.all([
        this.#parts.sessions.move(caller, from, on),
        this.#name(userId, device, deviceName, userAgent),
      ]);
      if (expiresAt === undefined) {
        await this.#parts.removal.logOut({ userId, sessionId, deviceId: on.device });
        throw new InvalidToken("the session has ended, or another request has moved it");
      }
      from = on.device;
      if (await this.#holdsItsDevice(userId, sessionId, device, { isNew: false })) {
        await this.#copyWaiting(userId, entered.map, device, answerBy);
        return { sessionId, expiresAt, deviceId: on.device, channel: on.channel };
      }
    }
    throw new Unavailable("other logins took the device each time");
  }

  /**
   * What waits on the shared device was for this session as well: it is put on the session's own device, which came later. What
   * cannot be put there before the request has to be answered is left to the other sessions of the shared device.
   */
  async #copyWaiting(userId: string, map: DeviceMap, device: Device, answerBy: number): Promise<void> {
    const shared = sharedOf(map);
    const { now, handOver } = this.#parts;
    const { answerMargin } = LIMITS.devices;
    const bound = answerBy - now() - answerMargin;
    if (shared === undefined || shared.came > device.came || bound <= 0) return;
    // A page that is under way when the time is over has as long as the margin.
    await bestEffort("take along what waits on the shared device", bound, () =>
      handOver.share(userId, shared, device, answerBy - 2 * answerMargin),
    );
  }

  async #requireRepeat({ userId, sessionId, deviceId }: Caller, current: string, loginId: string): Promise<void> {
    const map = await this.#parts.devices.read(userId);
    const device = map && deviceOf(map, current);
    if (device?.login === loginId && device.session === sessionId) return;
    if (deviceId === current) throw invalidRequest("This session has a device of its own already.");
    throw new InvalidToken("the session is on another device");
  }

  /** Step 1. */
  async #enter(
    userId: string,
    wanted: WantedDevice & { readonly loginId: string },
    session: string,
  ): Promise<Entered | undefined> {
    // The id of the shared device names no device of its own.
    const deviceId = wanted.deviceId === SHARED_DEVICE ? undefined : wanted.deviceId;
    const isNamed = deviceId !== undefined || wanted.deviceName !== undefined;
    const fresh = this.#fresh(session, isNamed ? newOpaqueId() : SHARED_DEVICE);
    const found = isNamed
      ? await this.#foundByName(userId)
      : (stored: DeviceMap): DeviceMap => withSharedSeen(stored, fresh.now);
    return this.#change(userId, (stored) => decideLogin(found(stored), { ...fresh, ...wanted, deviceId }));
  }

  async #change(userId: string, decide: (map: DeviceMap) => LoginDecision): Promise<Entered | undefined> {
    let decided = await this.#decide(userId, decide);
    if (decided?.decision.kind === "too_many_ending") {
      // There may be no session that goes on with those.
      await this.#parts.removal.goOn(userId, decided.map);
      decided = await this.#decide(userId, decide);
    }
    if (decided === undefined) return undefined;
    const { map, decision } = decided;
    if (decision.kind === "device_expired") throw new GoTalkError("device_expired");
    if (decision.kind === "too_many_devices") return this.#refuse(userId, map);
    if (decision.kind === "too_many_ending") throw tooManyEnding();
    return { map, device: decision.device };
  }

  #decide(userId: string, decide: (map: DeviceMap) => LoginDecision) {
    return this.#parts.devices.change(userId, (stored) => {
      const decision = decide(stored);
      return { map: decision.kind === "device" ? decision.map : stored, decision };
    });
  }

  /**
   * The map that a login by a name decides on. A user created before devices existed has one device. While nobody is logged in on it,
   * it is dormant: the login gets it, and finds what waits there.
   */
  async #foundByName(userId: string): Promise<(stored: DeviceMap) => DeviceMap> {
    const { devices, sessions } = this.#parts;
    const map = await devices.read(userId);
    const isDormant = map?.version === undefined && (await sessions.list(userId)).length === 0;
    return isDormant ? withoutShared : (stored) => stored;
  }

  async #refuse(userId: string, map: DeviceMap): Promise<never> {
    const devices = listedDevices(map, await this.#parts.names.list(userId), undefined);
    throw new GoTalkError("too_many_devices", { values: [LIMITS.devices.most], members: { devices } });
  }

  /** Steps 3 and 4. @returns Whether the session may be answered; otherwise it has ended. */
  async #holdsItsDevice(
    userId: string,
    sessionId: string,
    device: Device,
    { isNew }: { readonly isNew: boolean },
  ): Promise<boolean> {
    const { devices, sessions, removal, hangUp, now } = this.#parts;
    // A server whose clock is behind lets a session go on for longer than this one would.
    const listed = device.shared ? [] : await sessions.list(userId, now() - LIMITS.clocksApart);
    const map = await devices.read(userId);
    const standing = map === undefined ? "lost" : standingOf(map, device);
    if (map === undefined || standing !== "ours") {
      // One that goes on is on no device now: the request that took the device ends it, or the next round moves it.
      if (isNew) await removal.endSession({ userId, sessionId });
      if (standing === "repeated") throw new Unavailable("a repeat of this login has begun");
      return false;
    }
    if (!device.shared) {
      const others = listed.filter((one) => one.sessionId !== sessionId && isOn(one, device, map));
      const ended = new Set(others.map((one) => one.sessionId));
      await sessions.endEach(userId, ended);
      const isStale = (connection: { readonly sessionId: string; readonly deviceId: string }): boolean =>
        ended.has(connection.sessionId) || (connection.sessionId === sessionId && connection.deviceId !== device.id);
      if (ended.size > 0 || !isNew) await hangUp?.(userId, isStale);
    }
    await removal.goOn(userId, await this.#stampThere(userId, map));
    return true;
  }

  /** A device counts as settled only once it was found in the map, as it is now. If this write fails, the next change of the map makes up for it. */
  async #stampThere(userId: string, map: DeviceMap): Promise<DeviceMap> {
    const { devices } = this.#parts;
    let noted = map;
    await bestEffort("note that a device is there", LIMITS.devices.handOverBound, async () => {
      noted = await devices.stampThere(userId, map);
    });
    return noted;
  }

  #fresh(session: string, newId: string) {
    return { session, now: this.#parts.now(), newId, newChannel: newOpaqueId() };
  }

  #on({ id = SHARED_DEVICE, channel }: Device) {
    return { device: id, channel, seen: dayOf(this.#parts.now()) };
  }

  /** A session that begins while a device ends may have something to take over. */
  #heirSince({ devices }: DeviceMap): number | undefined {
    return devices.some(({ ending, leaving }) => ending || leaving) ? this.#parts.now() : undefined;
  }

  async #name(userId: string, device: Device, name: string | undefined, userAgent: string): Promise<void> {
    if (device.shared || device.id === undefined) return;
    if (name === undefined) await this.#parts.names.keep(userId, device.id);
    else await this.#parts.names.set(userId, device.id, { name, userAgent });
  }
}

/**
 * Whether a session is on a personal device, by its id or its channel: one that began on the shared device may still have the
 * channel that the device has taken since. Where there is no shared device, those that name none are on no device: they began
 * when there was one, or by a function of a version without devices.
 */
const isOn = ({ deviceId, channel }: ListedSession, device: Device, map: DeviceMap): boolean =>
  deviceId === device.id || channel === device.channel || (deviceId === SHARED_DEVICE && sharedOf(map) === undefined);

/** The map of a user who has no session, and has never had a map: its one device is dormant. */
const withoutShared = (map: DeviceMap): DeviceMap =>
  map.version === undefined ? { ...map, devices: map.devices.map(({ came, seen }) => ({ came, seen })) } : map;

/**
 * The map for a login that names no device. The shared device has no id that could be dead: however long nobody was there, the next
 * such login goes on with it and finds what waits.
 */
function withSharedSeen(map: DeviceMap, now: number): DeviceMap {
  const shared = sharedOf(map);
  return shared === undefined ? map : withDevice(map, shared, { ...shared, seen: dayOf(now) });
}

function tooManyEnding(): GoTalkError {
  const retryAfter = Math.ceil(LIMITS.devices.youngFor / 1_000);
  const detail = `Too many of your devices are still being removed. Try again in ${secondsInWords(retryAfter)}.`;
  return new GoTalkError("too_many_requests", { detail, retryAfter });
}

const continued = ({ last }: Device, { deviceId }: WantedDevice): Pick<DeviceSession, "continuedDeviceId"> =>
  last !== undefined && last === deviceId ? { continuedDeviceId: last } : {};

/** What is stored of a client's `loginId`: of one length, so that the map stays small. */
const storedLoginId = (given: string | undefined): string =>
  given === undefined ? newOpaqueId() : hash("sha256", given, "base64url").slice(0, 22);
