/** How a person points at things on this device. Read at each key, since a keyboard or a mouse comes and goes. */
interface Pointers {
  /** The main one is a finger. */
  readonly isTouch: boolean;
  /** There is a mouse or a trackpad beside it, as with the keyboards of tablets. */
  readonly hasMouse: boolean;
}

export const pointers = (): Pointers => ({
  isTouch: matchMedia("(pointer: coarse)").matches,
  hasMouse: matchMedia("(any-pointer: fine)").matches,
});

type Key = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "isComposing" | "keyCode">;

/**
 * Whether a key sends the message. With a keyboard Enter does, and Shift+Enter makes a new line. On a touch screen Enter
 * makes a new line, as there is no other way to make one; Ctrl+Enter and Cmd+Enter send everywhere. A tablet with a
 * trackpad has a real keyboard, whose keys have a `code`; those of a screen keyboard have none on Android, where a pen
 * counts as a mouse.
 */
export function isSendKey(event: Key, { isTouch, hasMouse }: Pointers): boolean {
  // Safari ends the composition before the Enter that ends it, and marks that one with 229.
  const isComposing = event.isComposing || event.keyCode === 229;
  if (event.key !== "Enter" || event.shiftKey || isComposing) return false;
  const isOnKeyboard = !isTouch || (hasMouse && event.code !== "");
  return isOnKeyboard || event.ctrlKey || event.metaKey;
}
