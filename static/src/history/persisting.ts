import { isForeign, isPassing, ProblemError, retrying, Sleeper, steadily } from "../../../lib/client/index.ts";

/** Milliseconds until the next attempt. The client has tried for some seconds by then. */
const PAUSE = 3_000;

/** Whether a short wait helps. A person who has used up the day's uploads does not watch the page until the next day. */
const isShort = (error: unknown): boolean =>
  isPassing(error) && !isForeign(error) && !(error instanceof ProblemError && error.status === 429);

/**
 * Does work that needs the network, again and again until there is one.
 *
 * @param onOutage Called before each wait, with the reason.
 * @throws what else the work throws, also when the signal is aborted
 */
export async function persisting<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  onOutage: (error: unknown) => void,
): Promise<T> {
  const sleeper = new Sleeper();
  const life = new AbortController();
  addEventListener("online", () => sleeper.wake(), { signal: life.signal });
  const attempt = async () => {
    signal.throwIfAborted();
    return work();
  };
  const policy = steadily(PAUSE, ({ error }) => !signal.aborted && isShort(error));
  try {
    return await retrying(attempt, { policy, signal, sleeper, onRetry: onOutage });
  } finally {
    life.abort();
  }
}
