import { useEffect } from "preact/hooks";
import type { Timeline } from "../chat/timeline.ts";

/** Ends the choice of a message when a finger touches something else. A dialog that acts on the message does not end it. */
export function useTouchElsewhere(timeline: Timeline): void {
  useEffect(() => {
    // A finger that scrolls is never lifted in the eyes of the page: the browser cancels its pointer.
    const end = ({ target, pointerType }: PointerEvent) => {
      if (pointerType !== "touch" || !(target instanceof Element) || target.closest("dialog") !== null) return;
      const touched = target.closest<HTMLElement>("[data-id]")?.dataset["id"];
      if (touched !== timeline.active.value) timeline.active.value = undefined;
    };
    document.addEventListener("pointerup", end);
    return () => document.removeEventListener("pointerup", end);
  }, [timeline]);
}
