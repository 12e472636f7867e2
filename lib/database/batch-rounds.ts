import { LIMITS } from "../contract/limits.ts";
import { Unavailable } from "../runtime/errors.ts";
import type { Sleep } from "../runtime/sleep.ts";

/**
 * A batch command may leave a part of it undone, which is then asked for again in a further round. Waits before each
 * round but the first: exponential backoff with full jitter.
 *
 * @param round 0 is the first.
 * @throws {Unavailable} There were `LIMITS.database.batchRounds`, less than 2 seconds together.
 */
export async function waitBeforeRound(round: number, pause: Sleep, abortSignal?: AbortSignal): Promise<void> {
  if (round === 0) return;
  if (round >= LIMITS.database.batchRounds) throw new Unavailable("a batch command was left unprocessed too often");
  await pause(Math.random() * 25 * 2 ** round, abortSignal);
}
