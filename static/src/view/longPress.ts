import type { TargetedMouseEvent, TargetedPointerEvent } from "preact";

/** Milliseconds that a finger rests until it counts as a long press: as on phones. */
const LONG = 500;

/** Pixels that a resting finger may move. */
const SLOP = 10;

/** What has a long press of its own: the browser's menu of a link. */
const OWN_MENU = "a, input, textarea";

const isPlain = (target: EventTarget | null): boolean => target instanceof Element && target.closest(OWN_MENU) === null;

/** Tells of a finger that rests on something. One that scrolls does not, and neither does a second finger. */
export function longPress(onPress: (target: EventTarget | null) => void) {
  let pressed: { readonly timer: ReturnType<typeof setTimeout>; readonly x: number; readonly y: number } | undefined;
  const end = () => {
    clearTimeout(pressed?.timer);
    pressed = undefined;
  };
  return {
    onPointerDown: ({ pointerType, isPrimary, target, clientX, clientY }: TargetedPointerEvent<HTMLElement>) => {
      end();
      if (pointerType !== "touch" || !isPrimary || !isPlain(target)) return;
      const timer = setTimeout(() => onPress(target), LONG);
      pressed = { timer, x: clientX, y: clientY };
    },
    onPointerMove: ({ clientX, clientY }: TargetedPointerEvent<HTMLElement>) => {
      if (pressed !== undefined && Math.hypot(clientX - pressed.x, clientY - pressed.y) > SLOP) end();
    },
    onPointerUp: end,
    // The browser has begun to scroll.
    onPointerCancel: end,
    onScroll: end,
    // Android asks for a menu at the same moment, and would select a word.
    onContextMenu: (event: TargetedMouseEvent<HTMLElement>) => {
      if (isPlain(event.target) && matchMedia("(pointer: coarse)").matches) event.preventDefault();
    },
  };
}
