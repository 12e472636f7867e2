import type { RefObject } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";
import type { Anchor, Timeline } from "../chat/timeline.ts";
import { focusMessage } from "./focus.ts";

/** Pixels from the bottom within which the reader counts as being there. */
const NEAR = 40;

/** Pixels from an end at which more messages are loaded: about a screen, before it is reached. */
const AHEAD = 800;

/** Keeps the log where the reader is: at the bottom, or at the same message, whatever is added or removed. */
export function useScroll(ref: RefObject<HTMLElement | null>, timeline: Timeline): void {
  useLayoutEffect(() => {
    const log = ref.current;
    if (log === null || timeline.messages.value === undefined) return;
    scroll(log, timeline);
    timeline.target = undefined;
    // At the bottom no message is kept in place.
    timeline.anchor = timeline.isPinned.value ? undefined : firstVisible(log);
  });

  useEffect(() => {
    const log = ref.current;
    if (log === null) return;
    let top = log.scrollTop;
    const onScroll = () => {
      const below = belowOf(log);
      // A reader leaves the bottom only by scrolling up. A narrower log moves the bottom away from the reader.
      const isStaying = timeline.isPinned.value && log.scrollTop >= top;
      const isPinned = timeline.isAtEnd.value && (below <= NEAR || isStaying);
      top = log.scrollTop;
      timeline.anchor = isPinned ? undefined : firstVisible(log);
      if (isPinned) timeline.below.value = 0;
      timeline.isPinned.value = isPinned;
      if (log.scrollTop < AHEAD) void timeline.older();
      if (below < AHEAD) void timeline.newer();
    };
    // A phone's keyboard or a longer draft shrinks the log. The bottom stays in view.
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

/** Pixels of the log below the visible part. */
/** Scrolls to where the reader is, or is to be. */
function scroll(log: HTMLElement, timeline: Timeline): void {
  const { target } = timeline;
  if (typeof target === "object") focusMessage(log, target.id);
  else if (target === "divider") {
    log.querySelector(".divider")?.scrollIntoView({ block: "center" });
    // If everything fits, nothing scrolls, and no event tells that this is the bottom.
    if (timeline.isAtEnd.value && belowOf(log) <= NEAR) timeline.isPinned.value = true;
  } else if (target === "end" || timeline.isPinned.value) log.scrollTop = log.scrollHeight;
  else restore(log, timeline.anchor);
}

const belowOf = (log: HTMLElement): number => log.scrollHeight - log.clientHeight - log.scrollTop;

function restore(log: HTMLElement, anchor: Anchor | undefined): void {
  const row = anchor && log.querySelector(`[data-id="${CSS.escape(anchor.id)}"]`);
  if (row) log.scrollTop += topOf(row) - topOf(log) - anchor.top;
}

/** Finds the first visible row by halving: the position of each row costs time. */
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
