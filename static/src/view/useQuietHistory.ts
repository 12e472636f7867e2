import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { areLinksFound } from "../chat/linking.ts";
import type { Timeline } from "../chat/timeline.ts";

/** Milliseconds after which screen readers have noticed a change. */
const ANNOUNCED_AFTER = 500;

/**
 * Lets screen readers announce new messages, but not the history: the log is not live while it is being filled at
 * either end, and while the links in it are marked.
 */
export function useQuietHistory(ref: RefObject<HTMLElement | null>, timeline: Timeline): void {
  useLayoutEffect(() => {
    const log = ref.current;
    if (log === null) return;
    log.setAttribute("aria-live", "off");
    const timer = setTimeout(() => log.setAttribute("aria-live", "polite"), ANNOUNCED_AFTER);
    return () => clearTimeout(timer);
  }, [ref, timeline, timeline.loads.value, areLinksFound.value]);
}
