/** The pointing devices. Read at each key, since a keyboard or a mouse comes and goes. */
interface Pointers {
  /** The main pointing device is a finger. */
  readonly isTouch: boolean;
  /** There is also a mouse or a trackpad, as on the keyboards of tablets. */
  readonly hasMouse: boolean;
}

export const pointers = (): Pointers => ({
  isTouch: matchMedia("(pointer: coarse)").matches,
  hasMouse: matchMedia("(any-pointer: fine)").matches,
});

type Key = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "isComposing" | "keyCode">;

/**
 * Whether a key sends the message. On a keyboard Enter sends and Shift+Enter makes a new line. On a touch screen Enter
 * makes a new line, since nothing else does. Ctrl+Enter and Cmd+Enter send everywhere. A tablet with a trackpad has a
 * real keyboard, whose keys have a `code`. On Android, where a pen counts as a mouse, the keys of a screen keyboard have
 * none.
 */
export function isSendKey(event: Key, { isTouch, hasMouse }: Pointers): boolean {
  // Safari ends a composition before the Enter that ends it, and marks this Enter with 229.
  const isComposing = event.isComposing || event.keyCode === 229;
  if (event.key !== "Enter" || event.shiftKey || isComposing) return false;
  const isOnKeyboard = !isTouch || (hasMouse && event.code !== "");
  return isOnKeyboard || event.ctrlKey || event.metaKey;
}
