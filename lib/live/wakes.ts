import { LIMITS } from "../contract/limits.ts";
import { LocalRate } from "../rates/rate.ts";
import { allOf, bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import { type Count, countNothing } from "../runtime/metrics.ts";
import type { Connection, Listeners } from "./listeners.ts";
import type { LiveGateway } from "./live-gateway.ts";
import { post } from "./post.ts";

/**
 * What a connection is told: the text of a frame, see `live-frames.ts`. `undefined`: nothing is new for its device. So it is
 * for all connections of a device, or for none.
 */
export type FrameFor = (connection: Connection) => string | undefined;

/**
 * Wakes the connections of a user. It takes no longer than `LIMITS.live.wakeTime` (`firstWakeTime` where it may have to
 * connect).
 */
export type Wake = (frameFor: FrameFor) => Promise<void>;

/** The connections of a user, as they are being looked up. */
export interface LookUp<Waking> {
  readonly wake: Waking;
  /** Resolves once it is known whom to wake, and never rejects. */
  readonly isDone: Promise<unknown>;
  /** The ids of the devices that have connections. None where they cannot be read: it never rejects. */
  readonly connected: Promise<ReadonlySet<string>>;
}

/** A connection, and what it is told. */
interface Told extends Pick<Connection, "connectionId"> {
  readonly frame: string;
}

/**
 * Tells a user's connections that something waits, so that they sync at once. Delivery does not depend on it: a wake that
 * is lost, doubled or late changes nothing but the time at which a client looks. So nothing here ever fails.
 */
export class Wakes {
  readonly #listeners: Listeners;
  readonly #gateway: LiveGateway;
  readonly #count: Count;
  readonly #now: Clock;
  readonly #random: () => number;
  /** Connections beside the first of each device, by the receiver. */
  readonly #further: LocalRate;
  /** When somebody was woken the last time, in milliseconds since the epoch. */
  #wokenAt = Number.NEGATIVE_INFINITY;

  constructor(
    listeners: Listeners,
    gateway: LiveGateway,
    count: Count = countNothing,
    now: Clock = Date.now,
    random: () => number = Math.random,
  ) {
    this.#listeners = listeners;
    this.#gateway = gateway;
    this.#count = count;
    this.#now = now;
    this.#random = random;
    this.#further = new LocalRate(LIMITS.live.furtherWakes, now);
  }

  /**
   * Looks up the receiver's connections in parallel to what the caller does.
   *
   * @param isRepeat Whether a device's channel knows the message already. Asked once of each device that has connections.
   * @returns Wakes them; to be called once something waits. A repeat wakes nobody: its sender could keep the receiver awake
   * with it.
   */
  prepare(userId: string, isRepeat: (deviceId: string) => Promise<boolean>): Wake {
    return this.lookUp(userId, isRepeat).wake;
  }

  /** The same, for a caller that wants to know more. */
  lookUp(userId: string, isRepeat: (deviceId: string) => Promise<boolean>): LookUp<Wake> {
    const found = this.#listeners.list(userId).then((all) => [...Map.groupBy(all, ({ deviceId }) => deviceId)]);
    const fresh = found.then((devices) => withoutRepeats(devices, isRepeat));
    // A caller that fails never awaits it, and an unhandled rejection ends the process.
    const isDone = fresh.catch(() => undefined);
    const connected = found.then(
      (devices) => new Set(devices.map(([deviceId]) => deviceId)),
      () => new Set<string>(),
    );
    const wake: Wake = async (frameFor) => {
      let woken = 0;
      // Until the connections are known, one is assumed. In a flood there is one wake.
      let left = 1;
      await bestEffort("wake a receiver", this.#bound(), async (signal) => {
        const devices = (await fresh)
          .map(([, connections]) => connections.flatMap((connection) => told(connection, frameFor(connection))))
          .filter((connections) => connections.length > 0);
        const all = devices.flat();
        if (all.length > 0) this.#wokenAt = this.#now();
        const wakeOne = async (connection: Told): Promise<boolean> => {
          const exists = await this.#wake(userId, connection, signal);
          if (exists) woken += 1;
          return exists;
        };
        if (this.#mayWakeAll(userId, all.length - devices.length)) {
          left = all.length;
          return allOf(all.map((connection) => wakeOne(connection).then(() => (left -= 1))));
        }
        left = devices.length;
        await allOf(
          devices.map((connections) => untilOne(this.#fromAnyOn(connections), wakeOne, signal).then(() => (left -= 1))),
        );
      });
      this.#count("WakeSuccesses", woken);
      this.#count("WakeFailures", left);
    };
    return { wake, isDone, connected };
  }

  /**
   * Whether the receiver is in no flood. API Gateway bills each wake, and one client is enough to fetch what waits for a device.
   *
   * @param further Connections beside the first of each device.
   */
  #mayWakeAll(userId: string, further: number): boolean {
    return further === 0 || this.#further.consume(userId, further) === 0;
  }

  /** In an order that begins by chance: a connection that reaches no client keeps no messages from the others for long. */
  #fromAnyOn(connections: readonly Told[]): Told[] {
    const at = Math.floor(this.#random() * connections.length);
    return [...connections.slice(at), ...connections.slice(0, at)];
  }

  #bound(): number {
    const { wakeTime, firstWakeTime, wakePause } = LIMITS.live;
    return this.#now() - this.#wokenAt < wakePause ? wakeTime : firstWakeTime;
  }

  /** @returns Whether the connection still existed. */
  async #wake(userId: string, { connectionId, frame }: Told, signal: AbortSignal): Promise<boolean> {
    const exists = await post(this.#gateway, connectionId, frame, signal);
    if (!exists) await this.#listeners.remove(userId, connectionId);
    return exists;
  }
}

const told = ({ connectionId }: Connection, frame: string | undefined): Told[] =>
  frame === undefined ? [] : [{ connectionId, frame }];

/** A device's id, and its connections. */
type Listening = readonly [deviceId: string, connections: readonly Connection[]];

/** The devices whose channels do not know the message yet. Where that cannot be read, one wake too many does no harm. */
async function withoutRepeats(
  devices: readonly Listening[],
  isRepeat: (deviceId: string) => Promise<boolean>,
): Promise<Listening[]> {
  const repeated = await Promise.all(devices.map(([deviceId]) => isRepeat(deviceId).catch(() => false)));
  return devices.filter((_, at) => !repeated[at]);
}

/**
 * Goes on to the next where one fails, until the signal is aborted.
 *
 * @throws {AggregateError} None succeeded, and some failed.
 */
async function untilOne<T>(
  all: readonly T[],
  succeeds: (one: T) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const reasons: unknown[] = [];
  for (const one of all) {
    signal.throwIfAborted();
    try {
      if (await succeeds(one)) return;
    } catch (error) {
      reasons.push(error);
    }
  }
  if (reasons.length === 0) return;
  throw new AggregateError(reasons, `${reasons.length} of ${all.length} failed`, { cause: reasons[0] });
}
