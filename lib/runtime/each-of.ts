/**
 * Does the work for all, some of them at a time. It waits for all of them, even if one fails: nothing goes on after the answer.
 *
 * @param atOnce How many are under way at the same time, at most.
 * @returns The results, in the order of `all`.
 * @throws What the first of them failed with, in the order of `all`.
 */
export async function eachOf<T, Result>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<Result>,
): Promise<Result[]> {
  const outcomes: Promise<Result>[] = [];
  const left = all.entries();
  const takeTurns = async (): Promise<void> => {
    for (const [at, one] of left) {
      const outcome = work(one);
      outcomes[at] = outcome;
      await outcome.catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, takeTurns));
  return Promise.all(outcomes);
}
