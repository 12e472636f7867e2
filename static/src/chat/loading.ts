type Load<Part> = () => Promise<Part>;

/** The last attempt to load each part. */
const attempts = new WeakMap<Load<unknown>, Promise<unknown>>();

/**
 * Loads a part of the page, unless it is there. If it did not load before, it is loaded under another address: browsers may remember
 * a failure of the first one for as long as the page lives.
 *
 * @param load The same function each time.
 */
export function loadPart<Part>(load: Load<Part>): Promise<Part> {
  const before = attempts.get(load) as Promise<Part> | undefined;
  const loading = before?.catch((failure: unknown) => loadAgain(load, failure)) ?? load();
  attempts.set(load, loading);
  return loading;
}

/** @param failure Why it did not load. Most browsers name the address in it. */
function loadAgain<Part>(load: Load<Part>, failure: unknown): Promise<Part> {
  const address = /https?:\S+\.js/.exec(String(failure))?.[0];
  const isOwn = address !== undefined && new URL(address).origin === location.origin;
  return isOwn ? (import(/* @vite-ignore */ `${address}?again=${Date.now()}`) as Promise<Part>) : load();
}
