import { type ClientError, NetworkError, ProblemError } from "./errors.ts";
import type { Timing } from "./timing.ts";

/** How requests are tried again. All in milliseconds. */
export interface RetryPolicy {
  /** The first wait is random, up to this; it doubles with each further attempt. */
  readonly base: number;
  /** No random wait is longer. */
  readonly max: number;
  /** No attempt begins later than this after the first one. `Infinity`: until the signal is aborted. */
  readonly giveUpAfter: number;
}

/** Called before each wait for another attempt; `delay` in milliseconds. */
export type OnRetry = (error: ClientError, delay: number) => void;

/** Statuses that say "not now", from goTalk or a gateway before it. Of goTalk's, everything else is final. */
export const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** Whether something else than the API answered that does not pass by waiting: a login page, say. */
export const isForeign = (error: unknown): boolean =>
  error instanceof NetworkError && error.status !== undefined && !PASSING.has(error.status);

/** Whether the same request may well succeed later. */
export const isPassing = (error: unknown): error is ClientError =>
  error instanceof NetworkError || (error instanceof ProblemError && PASSING.has(error.status));

/** A passing failure of the network or the service, not a limit that the caller has run into. */
export const isOutage = (error: unknown): error is ClientError =>
  isPassing(error) && !(error instanceof ProblemError && error.status === 429);

/** Whether the request may have taken effect although it failed. */
export const isUncertain = (error: unknown): boolean =>
  error instanceof NetworkError || (error instanceof ProblemError && error.status >= 500);

/** Milliseconds for which the server, or what answered in its place, asked to be left alone. */
export const askedDelay = ({ retryAfter = 0 }: ClientError): number => 1_000 * retryAfter;

/**
 * Exponential backoff with full jitter, in milliseconds.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const backoff = (attempt: number, policy: Pick<RetryPolicy, "base" | "max">, timing: Timing): number =>
  timing.random() * Math.min(policy.max, policy.base * 2 ** attempt);

/**
 * Milliseconds since it was begun. A clock that is set back meanwhile does not make them fewer: nobody waits for an hour
 * longer since it is an hour earlier.
 */
export function stopwatch(timing: Pick<Timing, "now">): () => number {
  let spent = 0;
  let last = timing.now();
  return () => {
    const now = timing.now();
    spent += Math.max(0, now - last);
    last = now;
    return spent;
  };
}

/** What {@link retrying} needs besides the work. */
export interface Retrying {
  readonly policy: RetryPolicy;
  readonly timing: Timing;
  readonly signal?: AbortSignal | undefined;
  readonly onRetry?: OnRetry | undefined;
  /** Which failures are worth another attempt; default: {@link isPassing}. */
  readonly isWorth?: ((error: unknown) => error is ClientError) | undefined;
}

/**
 * Calls `attempt` until it succeeds, fails for good, or the next attempt would come too late.
 *
 * @throws the last failure, or the signal's reason
 */
export async function retrying<T>(attempt: () => Promise<T>, options: Retrying): Promise<T> {
  const { policy, timing, signal, onRetry, isWorth = isPassing } = options;
  const spent = stopwatch(timing);
  for (let attempts = 0; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isWorth(error)) throw error;
      // Jitter on top of what was asked for: clients that were all told "in 1 s" must not come back as one.
      const delay = askedDelay(error) + backoff(attempts, policy, timing);
      if (spent() + delay > policy.giveUpAfter) throw error;
      onRetry?.(error, delay);
      await timing.sleep(delay, signal);
    }
  }
}
