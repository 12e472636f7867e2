import type { TargetedEvent, TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import type { Timeline } from "../chat/timeline.ts";
import { focusArticle } from "./focus.ts";
import { longPress } from "./longPress.ts";
import { pointers } from "./sendKey.ts";

const rowOf = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>("[data-id]") : null;

const articleOf = (row: Element | undefined | null) => row?.querySelector<HTMLElement>("article");

/**
 * Lets the person choose a message to act on: by pointing at it, by touching it, or by keyboard. There Enter on the log goes to
 * the last message, the arrows go to the next ones, Tab to the actions, and Escape back to the log.
 */
export function choosing(timeline: Timeline) {
  const choose = ({ target }: TargetedEvent<HTMLElement>) => {
    const row = rowOf(target);
    if (row !== null) timeline.active.value = row.dataset["id"];
  };
  const press = longPress((target) => {
    const row = rowOf(target);
    if (row === null) return;
    timeline.active.value = row.dataset["id"];
    articleOf(row)?.focus({ preventScroll: true });
  });
  /** Where the pointer was last seen. */
  let place = "";
  return {
    ...press,
    onPointerMove: (event: TargetedPointerEvent<HTMLElement>) => {
      press.onPointerMove(event);
      const { screenX, screenY, pointerType, target } = event;
      const last = place;
      place = `${screenX} ${screenY}`;
      // Messages that move under a resting mouse are not pointed at. Some browsers make a move of it at the same place.
      if (place === last) return;
      // A finger that touches a message to scroll chooses nothing. Some browsers make events of a mouse of it.
      const { isTouch, hasMouse } = pointers();
      if (pointerType === "touch" || (isTouch && !hasMouse)) return;
      const row = rowOf(target);
      if (row === null || row.dataset["id"] === timeline.active.value) return;
      // The focus does not disappear with the actions of another message.
      const focused = document.activeElement;
      if (focused?.closest(".actions-bar")) focusArticle(focused);
      choose(event);
    },
    onFocusIn: choose,
    // A finger leaves whenever it is lifted. A message that has the focus keeps its actions.
    onPointerLeave: ({ pointerType, currentTarget }: TargetedPointerEvent<HTMLElement>) => {
      const focused = document.activeElement;
      const row = currentTarget.contains(focused) ? rowOf(focused) : null;
      if (pointerType !== "touch") timeline.active.value = row?.dataset["id"];
    },
    onKeyDown: (event: TargetedKeyboardEvent<HTMLElement>) => {
      const log = event.currentTarget;
      const next = nextFor(event.key, log, event.target);
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: "nearest" });
      if (next === log) timeline.active.value = undefined;
    },
  };
}

function nextFor(key: string, log: HTMLElement, target: EventTarget | null): HTMLElement | undefined {
  // The events of a group have nothing to act on.
  const rows = [...log.querySelectorAll<HTMLElement>("[data-id]:has(article)")];
  if (target === log) return key === "Enter" ? (articleOf(rows.at(-1)) ?? undefined) : undefined;
  const row = rowOf(target);
  if (row === null) return undefined;
  if (key === "Escape") return log;
  // Of what is in a message, only the message itself is left by the arrows.
  if (target !== articleOf(row)) return undefined;
  const step = { ArrowUp: -1, ArrowDown: 1 }[key];
  return step === undefined ? undefined : (articleOf(rows[rows.indexOf(row) + step]) ?? undefined);
}
