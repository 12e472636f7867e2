import type { Tabs } from "./tabs.ts";

/**
 * Does the work in one of all tabs at a time: the one that holds the user's lock. The browser gives the lock to the next
 * tab when that one is closed or crashes. A hidden leader makes way for a visible tab.
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
  // Of two windows side by side, the one that stays visible has no event of its own when the other is hidden.
  tabs.listen((event) => {
    if (event.type === "offer") claim();
  });
  claim();
  // Browsers have no locks on plain HTTP from another machine. There each tab works for itself, which loses nothing.
  if (!("locks" in navigator)) return work(signal);
  while (!signal.aborted) {
    const term = () => serveTerm(tabs, signal, work);
    // Waiting for the lock ends by the signal, with an error.
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
  // The lock goes to the tab that has waited longest, which may be a hidden one.
  offer();
  try {
    await work(term.signal);
  } finally {
    // What the work left going, such as a message that waits for its next attempt, ends with the term.
    end();
    stopListening();
    signal.removeEventListener("abort", end);
  }
}
