import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Timeline } from "../chat/timeline.ts";

/** Pixels from the bottom within which the reader counts as being there. */
const NEAR = 40;

/** Pixels from an end at which more messages are loaded: about a screen, before it is reached. */
const AHEAD = 800;

/** Where a row is: how far below the log's upper edge, in pixels. */
interface Anchor {
  readonly id: string;
  readonly top: number;
}

/** Keeps the log where the reader is: at the bottom if there, else at the same message, whatever comes and goes. */
export function useScroll(ref: RefObject<HTMLElement | null>, timeline: Timeline): void {
  const anchor = useRef<Anchor | undefined>(undefined);

  useLayoutEffect(() => {
    const log = ref.current;
    if (log === null || timeline.messages.value === undefined) return;
    if (timeline.target === "divider") {
      log.querySelector(".divider")?.scrollIntoView({ block: "center" });
      // Where all of it fits nothing scrolls, and no event tells that this is the bottom.
      if (timeline.isAtEnd.value && belowOf(log) <= NEAR) timeline.isPinned.value = true;
    } else if (timeline.target === "end" || timeline.isPinned.value) log.scrollTop = log.scrollHeight;
    else restore(log, anchor.current);
    timeline.target = undefined;
    // At the bottom nothing else is kept in place.
    anchor.current = timeline.isPinned.value ? undefined : firstVisible(log);
  });

  useEffect(() => {
    const log = ref.current;
    if (log === null) return;
    let top = log.scrollTop;
    const onScroll = () => {
      const below = belowOf(log);
      // Only a reader who scrolls up leaves the bottom; when the log gets narrower, the bottom leaves the reader.
      const isStaying = timeline.isPinned.value && log.scrollTop >= top;
      const isPinned = timeline.isAtEnd.value && (below <= NEAR || isStaying);
      top = log.scrollTop;
      anchor.current = isPinned ? undefined : firstVisible(log);
      if (isPinned) timeline.below.value = 0;
      timeline.isPinned.value = isPinned;
      if (log.scrollTop < AHEAD) void timeline.older();
      if (below < AHEAD) void timeline.newer();
    };
    // The keyboard of a phone, a longer draft: the bottom stays in view.
    const resized = new ResizeObserver(() => {
      if (timeline.isPinned.value) log.scrollTop = log.scrollHeight;
      else onScroll();
    });
    log.addEventListener("scroll", onScroll, { passive: true });
    resized.observe(log);
    return () => {
      log.removeEventListener("scroll", onScroll);
      resized.disconnect();
    };
  }, [ref, timeline]);
}

/** Pixels of the log below what is seen. */
const belowOf = (log: HTMLElement): number => log.scrollHeight - log.clientHeight - log.scrollTop;

function restore(log: HTMLElement, anchor: Anchor | undefined): void {
  const row = anchor && log.querySelector(`[data-id="${CSS.escape(anchor.id)}"]`);
  if (row) log.scrollTop += topOf(row) - topOf(log) - anchor.top;
}

/** The rows lie one below the other, so that halving finds it: not each of them has to be asked where it is. */
function firstVisible(log: HTMLElement): Anchor | undefined {
  const edge = topOf(log);
  const rows = log.querySelectorAll<HTMLElement>("[data-id]");
  const isVisible = (row: HTMLElement | undefined): boolean =>
    row !== undefined && topOf(row) + row.offsetHeight > edge;
  let [first, end] = [0, rows.length];
  while (first < end) {
    const middle = (first + end) >> 1;
    if (isVisible(rows[middle])) end = middle;
    else first = middle + 1;
  }
  const row = rows[first];
  return row && { id: row.dataset["id"] ?? "", top: topOf(row) - edge };
}

const topOf = (element: Element): number => element.getBoundingClientRect().top;
