/**
 * Loads a part of the page once more. Browsers may remember that a module did not load for as long as the page lives, but not
 * under another address.
 *
 * @param failure Why it did not load. Most browsers name the address in it.
 */
export function loadAgain<Part>(load: () => Promise<Part>, failure: unknown): Promise<Part> {
  const address = /https?:\S+\.js/.exec(String(failure))?.[0];
  const isOwn = address !== undefined && new URL(address).origin === location.origin;
  return isOwn ? (import(/* @vite-ignore */ `${address}?again=${Date.now()}`) as Promise<Part>) : load();
}
