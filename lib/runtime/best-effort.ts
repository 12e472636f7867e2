import { log } from "./log.ts";

/**
 * Runs optional work: never throws, and gives up after a bound. Then the signal of the work is aborted, and the caller goes
 * on. A failure and a late end are logged.
 *
 * @param what For the log, such as "wake a receiver".
 * @param milliseconds For all of it.
 */
export async function bestEffort(
  what: string,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const scope = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`took longer than ${milliseconds} ms`));
    scope.abort();
  }, milliseconds);
  try {
    await Promise.race([work(scope.signal), late]);
  } catch (error) {
    log("warn", `could not ${what}`, {}, error);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for all of the work, also where some of it fails.
 *
 * @throws {AggregateError} Something failed.
 */
export async function allOf(work: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  const failures = outcomes.filter(({ status }) => status === "rejected");
  if (failures.length === 0) return;
  const reasons = failures.map((failure) => (failure as PromiseRejectedResult).reason);
  throw new AggregateError(reasons, `${failures.length} of ${work.length} failed`, { cause: reasons[0] });
}
