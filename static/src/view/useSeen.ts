import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { Timeline } from "../chat/timeline.ts";
import { useChat } from "./context.ts";

/** A message of which less is in view, in pixels at the upper or the lower edge, is not on the screen. */
const EDGE = 12;

/** Tells which of the messages that have not been on the screen yet are there, in a visible window. */
export function useSeen(ref: RefObject<HTMLElement | null>, timeline: Timeline): void {
  const { reading } = useChat();
  const unseen = timeline.unseen.value;
  const messages = timeline.messages.value;
  useEffect(() => {
    const log = ref.current;
    if (log === null || unseen.size === 0) return;
    const rows = [...log.querySelectorAll<HTMLElement>("[data-id]")].filter((row) =>
      unseen.has(row.dataset["id"] ?? ""),
    );
    const observer = new IntersectionObserver(
      (entries) => {
        const seen = entries.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target);
        reading.see(
          timeline,
          seen.map((row) => (row as HTMLElement).dataset["id"] ?? ""),
        );
      },
      { root: log, rootMargin: `-${EDGE}px 0px` },
    );
    // Each row is looked at once it is observed: so also what came to a window that was not visible.
    const observe = () => {
      observer.disconnect();
      for (const row of rows) observer.observe(row);
    };
    observe();
    document.addEventListener("visibilitychange", observe);
    return () => {
      document.removeEventListener("visibilitychange", observe);
      observer.disconnect();
    };
  }, [ref, timeline, unseen, messages, reading]);
}
