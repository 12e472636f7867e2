import type { ChannelCloser } from "../channel/channel-closer.ts";
import { LIMITS } from "../contract/limits.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { Unavailable } from "../runtime/errors.ts";
import { channelKey } from "../runtime/ids.ts";
import type { Device, DeviceMap } from "./device-map.ts";
import type { Devices } from "./device-store.ts";
import {
  decideLeave,
  finisherOf,
  finishLeaving,
  heirOf,
  type LeaveDecision,
  markEnded,
  pendingOf,
  withHanded,
} from "./leave-decision.ts";
import { HANDED_ALL, type WaitingCopy } from "./waiting-copy.ts";

/** What the rest of the system does when a device ends. Each is safe to repeat. */
export interface DeviceCleanup {
  /**
   * Ends all sessions and connections on the device's channel. By its id alone those of another shared device would end.
   * When it resolves, none of them is stored any more.
   */
  endSessions(userId: string, device: Device): Promise<void>;
  /** Tells a session that its syncs have something to finish for another device. Done before the map says so. */
  tellHeir(userId: string, sessionId: string): Promise<void>;
  /** The id is dead for good: forgets the device's name. */
  removeName(userId: string, deviceId: string): Promise<void>;
}

interface Parts {
  readonly devices: Devices;
  readonly waitingCopy: WaitingCopy;
  readonly closer: ChannelCloser;
  /** A sync has none: it leaves a device alone whose sessions may not have ended. */
  readonly cleanup: DeviceCleanup | undefined;
  readonly now: Clock;
}

/** Whether the work goes on, and with which map; or what it waits for. */
interface Progress {
  readonly map: DeviceMap;
  readonly hasToWait: boolean;
}

/**
 * Finishes what is begun with devices that are ending or leaving: at the heir's syncs, and at logins. Never in a `send`.
 *
 * An *ending* device: its sessions are ended, then `decideLeave` says what becomes of it. A *leaving* one: what waits on it is put
 * on its heir, then it leaves the map, and its channel is closed.
 *
 * Each step may run several times, at once too: sessions are ended again, a put finds its message there, and of several
 * changes of the map one applies. A function that dies leaves the mark, and the next one that finds it goes on.
 */
export class HandOver {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Goes on until all is done, or only what has to wait is left, or the time is over.
   *
   * @param map As it was read or written last.
   * @param until When to stop, in milliseconds since the epoch. Nothing is begun from then on.
   * @returns The map as it is then stored, but for `handed`. See {@link pendingOf} for what is left.
   * @throws {Unavailable} The database is out of reach.
   */
  async step(userId: string, map: DeviceMap, until: number): Promise<DeviceMap> {
    let current = map;
    const waiting = new Set<number>();
    while (this.#parts.now() < until) {
      const device = pendingOf(current, waiting);
      if (device === undefined) break;
      const progress = device.leaving
        ? await this.#handOver(userId, current, device, until)
        : await this.#end(userId, current, device, until);
      current = progress.map;
      if (progress.hasToWait) waiting.add(device.came);
    }
    return current;
  }

  /**
   * Ends the sessions on a device that is marked as ending, tells the session that goes on with it, and stores that they have
   * ended. From then on a sync can finish it, however the caller ends.
   *
   * @param map As it was read or written last.
   * @returns The map as it is then stored.
   * @throws {Unavailable} The database is out of reach.
   */
  async endSessions(userId: string, map: DeviceMap, device: Device): Promise<DeviceMap> {
    const { cleanup } = this.#parts;
    if (cleanup === undefined) return map;
    await cleanup.endSessions(userId, device);
    const ended = await this.#decide(userId, device, (read) => markEnded(read, device));
    return ended?.map ?? map;
  }

  /**
   * Puts what waits on a device that stays on one that has come later. Safe to repeat. What the time does not reach for stays where
   * it is.
   *
   * @param until In milliseconds since the epoch.
   * @throws {Unavailable} The database is out of reach.
   */
  async share(userId: string, from: Device, to: Device, until: number): Promise<void> {
    await this.#parts.waitingCopy.copy(userId, from, to, until);
  }

  async #end(userId: string, map: DeviceMap, device: Device, until: number): Promise<Progress> {
    if (!device.ended) {
      const { cleanup } = this.#parts;
      if (cleanup === undefined) return { map, hasToWait: true };
      await cleanup.endSessions(userId, device);
    }
    const decision = await this.#decide(userId, device, (_, { map: next }) => next);
    if (decision === undefined) return { map, hasToWait: true };
    const { kind } = decision;
    // By the map, not by the decision: the write whose answer was lost is decided on again, and finds nothing to do.
    const hasLeft = decision.map.devices.every(({ channel }) => channel !== device.channel);
    if (hasLeft) await this.#close(userId, device);
    if (hasLeft || kind === "dormant") await this.#removeName(userId, device);
    if (kind !== "ending") return { map: decision.map, hasToWait: kind === "blocked" };
    // So that the heir need not wait for it. It is done again from the start when the heir has been there for long enough.
    const hasAll = decision.device.handed === HANDED_ALL;
    if (!hasAll) await this.#put(userId, decision.device, decision.heir, until);
    return { map: decision.map, hasToWait: true };
  }

  /**
   * Decides what becomes of a device, and stores that or a part of it. The session that goes on with it is told first. If the
   * function dies in between, that session checks for nothing for a while, and no device is left unfinished.
   *
   * @param nextOf What is stored.
   * @returns The decision, with the map as it is stored. `undefined` if there is no such user any more.
   */
  async #decide(
    userId: string,
    device: Device,
    nextOf: (read: DeviceMap, decision: LeaveDecision) => DeviceMap,
  ): Promise<LeaveDecision | undefined> {
    const { devices, cleanup, now } = this.#parts;
    const told = new Set<string | undefined>([undefined]);
    for (let round = 0; round < LIMITS.devices.attempts; round++) {
      const decided = await devices.change(userId, (read) => {
        const decision = decideLeave(read, device, now());
        const session = cleanup && finisherOf(decision)?.session;
        const isTold = told.has(session);
        return { map: isTold ? nextOf(read, decision) : read, decision, untold: isTold ? undefined : session };
      });
      if (decided === undefined) return undefined;
      if (decided.untold === undefined) return { ...decided.decision, map: decided.map };
      await cleanup?.tellHeir(userId, decided.untold);
      told.add(decided.untold);
    }
    throw new Unavailable("another device had to be told each time");
  }

  async #handOver(userId: string, map: DeviceMap, device: Device, until: number): Promise<Progress> {
    const heir = heirOf(map, device);
    if (heir === undefined) throw new Error("a device is leaving, and its heir has left");
    if (!(await this.#put(userId, device, heir, until))) return { map, hasToWait: true };
    const left = await this.#parts.devices.change(userId, (read) => ({ map: finishLeaving(read, device) }));
    await this.#close(userId, device);
    await this.#removeName(userId, device);
    return { map: left?.map ?? map, hasToWait: left === undefined };
  }

  /** @returns Whether the heir has everything; otherwise the time was over. */
  async #put(userId: string, device: Device, heir: Device, until: number): Promise<boolean> {
    const { waitingCopy, devices } = this.#parts;
    const handed = await waitingCopy.copy(userId, device, heir, until);
    const isDone = handed === HANDED_ALL;
    const leavesNext = isDone && device.leaving;
    if (!leavesNext) await devices.change(userId, (read) => ({ map: withHanded(read, device, handed) }));
    return isDone;
  }

  async #removeName(userId: string, { id }: Device): Promise<void> {
    if (id !== undefined) await this.#parts.cleanup?.removeName(userId, id);
  }

  async #close(userId: string, { channel }: Device): Promise<void> {
    const { closer, now } = this.#parts;
    await closer.close(channelKey(userId, channel), epochSeconds(now() + LIMITS.retention));
  }
}
