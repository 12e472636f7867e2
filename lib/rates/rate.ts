import type { Clock } from "../runtime/clock.ts";
import { RecentMap } from "../runtime/recent-map.ts";

/** A token bucket: it holds `burst` tokens, and refills by `perSecond`. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * Token buckets in the memory of one running function: they cost no call, and bound what this function does. Each is one
 * number, the time at which it is full again (the generic cell rate algorithm, ITU-T I.371).
 */
export class LocalRate {
  readonly #rate: Rate;
  readonly #now: Clock;
  readonly #fullAt: RecentMap<string, number>;

  /** @param kept Buckets that are remembered. The one that was used the longest ago is forgotten first, and full then. */
  constructor({ kept, ...rate }: Rate & { readonly kept: number }, now: Clock) {
    this.#rate = rate;
    this.#now = now;
    this.#fullAt = new RecentMap(kept);
  }

  /**
   * Takes tokens out of a bucket, or none if it has not that many.
   *
   * @returns 0, or the whole seconds until it has them.
   */
  consume(key: string, tokens = 1): number {
    const wait = this.wait(key, tokens);
    const cost = (tokens / this.#rate.perSecond) * 1_000;
    if (wait === 0) this.#fullAt.set(key, Math.max(this.#now(), this.#fullAt.get(key) ?? 0) + cost);
    return wait;
  }

  /** @returns 0, or the whole seconds until the bucket has so many tokens. Takes none. */
  wait(key: string, tokens = 1): number {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    const refill = (burst / perSecond) * 1_000;
    const known = this.#fullAt.get(key) ?? 0;
    // No bucket is emptier than empty: the clock was set back, and nobody is shut out until it catches up.
    if (known > now + refill) this.#fullAt.set(key, now + refill);
    const fullIn = Math.min(Math.max(0, known - now), refill);
    return Math.max(0, Math.ceil((fullIn + (tokens / perSecond) * 1_000 - refill) / 1_000));
  }
}
