import { type ClientError, NetworkError, ProblemError } from "./errors.ts";
import type { Sleeper } from "./sleeper.ts";
import { realTiming, type Timing } from "./timing.ts";

/** A failed attempt. */
export interface Failure {
  readonly error: unknown;
  /** How many attempts have failed before this one. */
  readonly earlier: number;
  /** Milliseconds since the first attempt began. */
  readonly elapsed: number;
}

/** The time between a failed attempt and the next one. */
export interface Wait {
  /** Milliseconds that the server asked for. Nothing cuts them short. */
  readonly asked: number;
  /** Milliseconds on top of it. */
  readonly backoff: number;
}

/** Decides whether and when a failed attempt is repeated. */
export interface RetryPolicy {
  /** @returns undefined to give up */
  waitAfter(failure: Failure): Wait | undefined;
}

/** How waits grow. Both in milliseconds. */
export interface Growth {
  /** The first wait at most; each further one may be twice as long. */
  readonly base: number;
  /** No wait is longer. */
  readonly max: number;
}

/** The parameters of a {@link Backoff}. All in milliseconds. */
export interface BackoffOptions extends Growth {
  /** No attempt begins later than this after the first one. `Infinity`: until the signal is aborted. */
  readonly giveUpAfter: number;
}

/** Called before each wait for another attempt; `delay` in milliseconds. */
export type OnRetry = (error: ClientError, delay: number) => void;

/** Statuses that say "not now", from goTalk or a gateway before it. goTalk's other statuses are final. */
export const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** Whether something else than the API answered, and waiting does not change that: a login page, say. */
export const isForeign = (error: unknown): boolean =>
  error instanceof NetworkError && error.status !== undefined && !PASSING.has(error.status);

/** Whether the same request may succeed later. */
export const isPassing = (error: unknown): error is ClientError =>
  error instanceof NetworkError || (error instanceof ProblemError && PASSING.has(error.status));

/** Whether the network or the service failed for the moment. A rate limit is no such failure. */
export const isOutage = (error: unknown): error is ClientError =>
  isPassing(error) && !(error instanceof ProblemError && error.status === 429);

/** Whether the request may have taken effect although it failed. */
export const isUncertain = (error: unknown): boolean =>
  error instanceof NetworkError || (error instanceof ProblemError && error.status >= 500);

/** Milliseconds to wait before the next attempt, as the answer asks. */
export const askedDelay = (error: unknown): number =>
  error instanceof NetworkError || error instanceof ProblemError ? 1_000 * (error.retryAfter ?? 0) : 0;

/** The longest wait after so many earlier failures, in milliseconds. */
export const longestBackoff = (earlier: number, { base, max }: Growth): number => Math.min(max, base * 2 ** earlier);

/**
 * Exponential backoff with full jitter, in milliseconds.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const backoff = (earlier: number, growth: Growth, timing: Pick<Timing, "random">): number =>
  timing.random() * longestBackoff(earlier, growth);

/** The client's policy: {@link backoff}, and never before the server's `Retry-After`. */
export class Backoff implements RetryPolicy {
  readonly #options: BackoffOptions;
  readonly #timing: Pick<Timing, "random">;
  readonly #isWorth: (error: unknown) => boolean;

  /** @param isWorth Which failures are worth another attempt. */
  constructor(
    options: BackoffOptions,
    timing: Pick<Timing, "random">,
    isWorth: (error: unknown) => boolean = isPassing,
  ) {
    this.#options = options;
    this.#timing = timing;
    this.#isWorth = isWorth;
  }

  waitAfter({ error, earlier, elapsed }: Failure): Wait | undefined {
    if (!this.#isWorth(error)) return undefined;
    // Jitter on top of what was asked for: clients that were all told "in 1 s" must not come back as one.
    const wait = { asked: askedDelay(error), backoff: backoff(earlier, this.#options, this.#timing) };
    return elapsed + wait.asked + wait.backoff > this.#options.giveUpAfter ? undefined : wait;
  }
}

/** A policy that waits equally long after each failure. */
export const steadily = (milliseconds: number, isWorth?: (failure: Failure) => boolean): RetryPolicy => ({
  waitAfter: (failure) => (isWorth?.(failure) === false ? undefined : { asked: 0, backoff: milliseconds }),
});

/**
 * A stopwatch that is running. It shows milliseconds. If the clock is set back meanwhile, it does not go back: no
 * caller waits an hour longer because it is an hour earlier.
 */
function stopwatch(timing: Pick<Timing, "now">): () => number {
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
  /** Default: the real clock. */
  readonly timing?: Timing;
  readonly signal?: AbortSignal | undefined;
  /** Called before each wait; `delay` in milliseconds. */
  readonly onRetry?: (error: unknown, delay: number) => void;
  /** May cut the backoff short. */
  readonly sleeper?: Sleeper;
}

/**
 * Calls `attempt` until it succeeds or the policy gives up.
 *
 * @throws the last failure
 */
export async function retrying<T>(attempt: () => Promise<T>, options: Retrying): Promise<T> {
  const { policy, timing = realTiming, signal, onRetry, sleeper } = options;
  const elapsed = stopwatch(timing);
  for (let earlier = 0; ; earlier++) {
    try {
      return await attempt();
    } catch (error) {
      const wait = policy.waitAfter({ error, earlier, elapsed: elapsed() });
      if (wait === undefined) throw error;
      const delay = wait.asked + wait.backoff;
      onRetry?.(error, delay);
      await timing.sleep(sleeper ? wait.asked : delay, signal);
      await sleeper?.sleep(wait.backoff, signal);
    }
  }
}
