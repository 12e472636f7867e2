import { LIMITS } from "../contract/limits.ts";
import { LocalRate } from "../rates/rate.ts";
import { allOf, bestEffort } from "../runtime/best-effort.ts";
import type { Clock } from "../runtime/clock.ts";
import { type Count, countNothing } from "../runtime/metrics.ts";
import type { Connection, Listeners } from "./listeners.ts";
import { type LiveGateway, post } from "./live-gateway.ts";

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
  /** Connections beside the first, by the receiver. */
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
   * @param isRepeat Whether the channel knows the message already. Asked only if the receiver has connections.
   * @returns Wakes them, within `LIMITS.live.wakeTime` (`firstWakeTime` where it may have to connect); to be called once
   * something waits. A repeat wakes nobody: its sender could keep the receiver awake with it.
   */
  prepare(userId: string, isRepeat: () => Promise<boolean> = async () => false): () => Promise<void> {
    const found = this.#listeners.list(userId);
    // Where this cannot be read, one wake too many does no harm.
    const repeated = found.then(({ length }) => length > 0 && isRepeat()).catch(() => false);
    // If the caller fails it never asks for the outcome, and a rejection that nobody handles ends the process.
    found.catch(() => undefined);
    return async () => {
      let woken = 0;
      // Until the connections are known, one is assumed. In a flood there is one wake.
      let left = 1;
      await bestEffort("wake a receiver", this.#bound(), async (signal) => {
        const connections = (await repeated) ? [] : await found;
        if (connections.length > 0) this.#wokenAt = this.#now();
        const wake = async (connection: Connection): Promise<boolean> => {
          const exists = await this.#wake(userId, connection, signal);
          if (exists) woken += 1;
          return exists;
        };
        if (this.#mayWakeAll(userId, connections)) {
          left = connections.length;
          return allOf(connections.map((connection) => wake(connection).then(() => (left -= 1))));
        }
        await untilOne(this.#fromAnyOn(connections), wake, signal);
        left = 0;
      });
      this.#count("WakeSuccesses", woken);
      this.#count("WakeFailures", left);
    };
  }

  /** Whether the receiver is in no flood. API Gateway bills each wake, and one client is enough to fetch a message. */
  #mayWakeAll(userId: string, { length }: readonly Connection[]): boolean {
    return length < 2 || this.#further.take(userId, length - 1) === 0;
  }

  /** In an order that begins by chance: a connection that reaches no client keeps no messages from the others for long. */
  #fromAnyOn(connections: readonly Connection[]): Connection[] {
    const at = Math.floor(this.#random() * connections.length);
    return [...connections.slice(at), ...connections.slice(0, at)];
  }

  #bound(): number {
    const { wakeTime, firstWakeTime, wakePause } = LIMITS.live;
    return this.#now() - this.#wokenAt < wakePause ? wakeTime : firstWakeTime;
  }

  /** @returns Whether the connection still existed. */
  async #wake(userId: string, { connectionId }: Connection, signal: AbortSignal): Promise<boolean> {
    const exists = await post(this.#gateway, connectionId, { type: "wake" }, signal);
    if (!exists) await this.#listeners.remove(userId, connectionId);
    return exists;
  }
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
