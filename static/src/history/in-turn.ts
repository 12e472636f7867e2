/**
 * Does work in one tab of this browser at a time. The other tabs wait for their turn. It comes too when the working tab is closed or
 * crashes.
 *
 * @param name Of the work, the same in all tabs.
 * @param onWait Called if another tab is at it.
 * @throws what the work throws, and the signal's reason when the wait is aborted
 */
export async function inTurn<T>(
  name: string,
  signal: AbortSignal,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  // On plain HTTP from another machine browsers have no locks. They do not encrypt there either.
  if (!("locks" in navigator)) return work();
  const { locks } = navigator;
  const isFree = { ifAvailable: true };
  const done = await locks.request(name, isFree, async (lock) => lock && { result: await work() });
  if (done !== null) return done.result;
  onWait();
  return locks.request(name, { signal }, async () => work());
}
