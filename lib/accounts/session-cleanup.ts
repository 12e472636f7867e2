import { SHARED_DEVICE } from "../contract/devices.ts";
import type { Device } from "../devices/device-map.ts";
import type { DeviceNames } from "../devices/device-names.ts";
import type { DeviceCleanup } from "../devices/hand-over.ts";
import type { HangUp } from "../live/hang-up.ts";
import type { Sessions } from "./sessions.ts";

interface Parts {
  readonly sessions: Sessions;
  readonly names: DeviceNames;
  /** Without it there are no WebSocket connections. */
  readonly hangUp: HangUp | undefined;
}

/** Cleans up the sessions, the connections and the name of a device that ends. Each step is safe to repeat. */
export class SessionCleanup implements DeviceCleanup {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * It selects sessions by the channel: those of the shared device may have begun on it before it became this device's. A session of
   * another personal device on that channel is of a later login, which was faster than this, and goes on.
   *
   * In this order: a connection is stored before its session is checked, so that one of the two finds the other.
   */
  async endSessions(userId: string, { id, channel }: Device): Promise<void> {
    const { sessions, hangUp } = this.#parts;
    const isOnIt = (one: { readonly deviceId: string; readonly channel?: string | undefined }): boolean =>
      one.channel === channel && (one.deviceId === id || one.deviceId === SHARED_DEVICE);
    // Also those that have expired by this clock: a server whose clock is behind lets them go on.
    const ended = new Set((await sessions.list(userId, 0)).filter(isOnIt).map(idOf));
    await sessions.endEach(userId, ended);
    await hangUp?.(userId, (connection) => isOnIt(connection) || ended.has(connection.sessionId));
    // Also here, as a sync may go on from now on, and it forgets no names.
    if (id !== undefined) await this.removeName(userId, id);
  }

  async removeName(userId: string, deviceId: string): Promise<void> {
    await this.#parts.names.remove(userId, deviceId);
  }

  async tellHeir(userId: string, sessionId: string): Promise<void> {
    await this.#parts.sessions.tellHeir(userId, sessionId);
  }
}

const idOf = ({ sessionId }: { readonly sessionId: string }): string => sessionId;
