/** The id of the conversation in the page's address: `/#<id>`. */
export const routed = (): string | undefined => location.hash.slice(1) || undefined;

/** Writes a conversation's id into the page's address, for a reload and the browser's Back button. */
export function goTo(peerId: string | undefined): void {
  if (peerId === routed()) return;
  history.pushState(null, "", peerId === undefined ? location.pathname : `#${peerId}`);
}

/** Calls back when the person goes back or forward. */
export function onRoute(listener: () => void, signal: AbortSignal): void {
  addEventListener("popstate", listener, { signal });
}
