import type { ChannelCloser } from "../channel/channel-closer.ts";
import type { ChannelStore } from "../channel/channel-store.ts";
import type { MessageStore } from "../channel/message-store.ts";
import type { Clock } from "../runtime/clock.ts";
import type { DeviceMap } from "./device-map.ts";
import type { Devices } from "./device-store.ts";

/** What the rest of the system does when a device ends. Each is safe to repeat. */
export interface DeviceEnds {
  /** Ends all sessions and connections on the device. When it resolves, the session of none of them is stored any more. */
  endSessions(userId: string, deviceId: string): Promise<void>;
  /** The id is dead for good: forgets the device's name. */
  forget(userId: string, deviceId: string): Promise<void>;
}

interface Parts {
  readonly devices: Devices;
  readonly channels: ChannelStore;
  readonly messages: MessageStore;
  readonly closer: ChannelCloser;
  readonly ends: DeviceEnds;
  readonly now: Clock;
}

/** Finishes what devices have left undone that end or leave: at the heir's syncs, and at logins. Never in a `send`. */
export class HandOver {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Does what is to be done for the devices that are ending or leaving, until all is done, or it has to wait, or the time is
   * over. Safe to run several times at once, and to die at any step: the next one goes on.
   *
   * @param map As it was read or written last.
   * @param until When to stop, in milliseconds since the epoch. Nothing is begun after it.
   * @returns The map as it is then stored. See {@link pendingOf} for what is left.
   * @throws {Unavailable} The database is out of reach.
   */
  async step(userId: string, map: DeviceMap, until: number): Promise<DeviceMap> {
    throw new Error(`${userId} ${map} ${until} ${this.#parts}`);
  }
}
