/** The client's clock and random numbers. They are handed in, so that tests neither wait nor guess. */
export interface Timing {
  /** Milliseconds since the epoch. */
  now(): number;
  /** At least 0, less than 1. */
  random(): number;
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. Never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** A timer with a longer delay fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The real clock. */
export const realTiming: Timing = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep(milliseconds, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(milliseconds, LONGEST_TIMER_MS));
      signal?.addEventListener("abort", end);
    });
  },
};

/**
 * Runs `work` with a controller that is aborted with `outer`. `AbortSignal.any` would leave a listener on a signal that
 * outlives thousands of requests.
 */
export async function withScope<T>(
  outer: AbortSignal | undefined,
  work: (scope: AbortController) => Promise<T>,
): Promise<T> {
  const scope = new AbortController();
  const follow = () => scope.abort(outer?.reason);
  if (outer?.aborted) follow();
  outer?.addEventListener("abort", follow);
  try {
    return await work(scope);
  } finally {
    outer?.removeEventListener("abort", follow);
  }
}
