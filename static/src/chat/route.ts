/** The conversation that the address names. It is its only part that changes: `/#<id>`. */
export const routed = (): string | undefined => location.hash.slice(1) || undefined;

/** Makes the address name a conversation, so that a reload and the browser's Back find it. */
export function goTo(peerId: string | undefined): void {
  if (peerId === routed()) return;
  history.pushState(null, "", peerId === undefined ? location.pathname : `#${peerId}`);
}

/** Calls back when the person goes back or forward. */
export function onRoute(listener: () => void, signal: AbortSignal): void {
  addEventListener("popstate", listener, { signal });
}
