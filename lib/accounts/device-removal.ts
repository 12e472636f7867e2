import { SHARED_DEVICE } from "../contract/devices.ts";
import { LIMITS } from "../contract/limits.ts";
import { type Device, type DeviceMap, deviceOf } from "../devices/device-map.ts";
import type { Devices } from "../devices/device-store.ts";
import type { HandOver } from "../devices/hand-over.ts";
import { markEnding } from "../devices/leave-decision.ts";
import type { HangUp } from "../live/hang-up.ts";
import { bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Caller } from "../tokens/tokens.ts";
import type { Sessions } from "./sessions.ts";

interface Parts {
  readonly devices: Devices;
  readonly handOver: HandOver;
  readonly sessions: Sessions;
  /** Without it there are no WebSocket connections. */
  readonly hangUp: HangUp | undefined;
  readonly now: Clock;
}

/** A device that is marked as ending. */
interface MarkedDevice {
  readonly device: Device;
  readonly map: DeviceMap;
}

/** A session that ends. */
export type EndingSession = Pick<Caller, "userId" | "sessionId" | "deviceId">;

/*
 * How a device is removed, and how its own logout removes it:
 *
 * 1. Its entry in the map is marked as ending: nobody can log in on it any more. Messages are put on it all the same.
 * 2. Its sessions end, and the records of their connections are removed. The map says so, and the session of the device that
 *    takes over is told.
 * 3. It leaves the map, or becomes dormant, see `leave-decision.ts`. What waits on it alone is handed over before.
 *
 * The request is answered once 2 is done. 3 is finished by later logins, removals and the heir's syncs. A crash before 2 is
 * done leaves the mark: a repeat of the request goes on, also if its own session has ended, and so does the user's next login.
 *
 * A logout marks the entry before it ends its session, not after: else a crash in between would leave a device that seems to be
 * in use, and what waits on it would be found by nobody.
 */
export class DeviceRemoval {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @returns Whether the user has, or a moment ago had, such a device. */
  async remove(userId: string, deviceId: string): Promise<boolean> {
    const marked = await this.#mark(userId, deviceId);
    if (marked === undefined) return false;
    await this.#end(userId, marked);
    return true;
  }

  /**
   * Ends a session, and with it its device, if that is its own. The shared device stays. So does one on which another login has
   * begun since: that login has ended this session, or is about to.
   */
  async logOut(session: EndingSession): Promise<void> {
    const { userId, sessionId, deviceId = SHARED_DEVICE } = session;
    // Done again when the session has ended. A failure here leaves a session that can repeat the logout; later it could not.
    await this.#hangUp(session);
    const marked = deviceId === SHARED_DEVICE ? undefined : await this.#mark(userId, deviceId, sessionId);
    if (marked === undefined) await this.endSession(session);
    else await this.#end(userId, marked);
  }

  /**
   * Goes on with a logout or a removal that was interrupted once the session had ended: its repeat finds no session, and the
   * map still names it.
   *
   * @returns Whether there was one.
   */
  async resumeLogOut({ userId, sessionId }: Omit<EndingSession, "deviceId">): Promise<boolean> {
    const map = await this.#parts.devices.read(userId);
    const left = map?.devices.find((device) => device.ending && device.session === sessionId);
    if (left === undefined) return false;
    await this.logOut({ userId, sessionId, deviceId: left.id });
    return true;
  }

  /** Ends a session alone. In this order: a connection is stored before its session is checked. */
  async endSession(session: Omit<EndingSession, "deviceId">): Promise<void> {
    await this.#parts.sessions.end(session);
    await this.#hangUp(session);
  }

  /**
   * Goes on with what is left of devices that end, within `LIMITS.devices.handOverTime`. Never fails: somebody else goes on
   * later.
   */
  async goOn(userId: string, map: DeviceMap): Promise<void> {
    const { handOver, now } = this.#parts;
    const { handOverTime, handOverBound } = LIMITS.devices;
    await bestEffort("finish the end of a device", handOverBound, () =>
      handOver.step(userId, map, now() + handOverTime),
    );
  }

  async #hangUp({ userId, sessionId }: Omit<EndingSession, "deviceId">): Promise<void> {
    await this.#parts.hangUp?.(userId, (connection) => connection.sessionId === sessionId);
  }

  async #end(userId: string, { device, map }: MarkedDevice): Promise<void> {
    await this.goOn(userId, await this.#parts.handOver.endSessions(userId, map, device));
  }

  /**
   * @param session Of a logout: the device's own.
   * @returns `undefined` if there is no such device.
   */
  async #mark(userId: string, deviceId: string, session?: string): Promise<MarkedDevice | undefined> {
    const decided = await this.#parts.devices.change(userId, (map) => {
      // A repeat finds the mark.
      const device = deviceOf(map, deviceId) ?? map.devices.find(({ id, leaving }) => id === deviceId && !leaving);
      const isTheirs = session === undefined || device?.session === session;
      return { map: isTheirs ? (markEnding(map, deviceId) ?? map) : map, device: isTheirs ? device : undefined };
    });
    return decided?.device && { device: decided.device, map: decided.map };
  }
}
