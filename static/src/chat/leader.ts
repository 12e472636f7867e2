import type { Tabs } from "./tabs.ts";

/**
 * Does the work in one tab at a time: the leader, which holds the user's lock. When the leader is closed or crashes,
 * the browser gives the lock to the next tab. A hidden leader gives it to a visible tab.
 */
export async function lead(
  userId: string,
  tabs: Tabs,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const claim = () => {
    if (document.visibilityState === "visible") tabs.post({ type: "claim" });
  };
  document.addEventListener("visibilitychange", claim, { signal });
  // Of two windows side by side, the one that stays visible gets no event when the other is hidden.
  tabs.listen((event) => {
    if (event.type === "offer") claim();
  });
  claim();
  // On plain HTTP from another machine browsers have no locks. There each tab works for itself, which loses nothing.
  if (!("locks" in navigator)) return work(signal);
  while (!signal.aborted) {
    const term = () => serveTerm(tabs, signal, work);
    // The signal ends the wait for the lock, with an error.
    await navigator.locks.request(`gotalk-${userId}`, { signal }, term).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

async function serveTerm(tabs: Tabs, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const term = new AbortController();
  const end = () => term.abort();
  const stopListening = tabs.listen((event) => {
    if (event.type === "claim" && document.visibilityState === "hidden") end();
  });
  signal.addEventListener("abort", end);
  const offer = () => {
    if (document.visibilityState === "hidden") tabs.post({ type: "offer" });
  };
  document.addEventListener("visibilitychange", offer, { signal: term.signal });
  // The lock goes to the tab that has waited longest, which may be hidden.
  offer();
  try {
    await work(term.signal);
  } finally {
    // Ends background work, such as a message that waits for its next attempt.
    end();
    stopListening();
    signal.removeEventListener("abort", end);
  }
}
