import type { TargetedKeyboardEvent, TargetedToggleEvent } from "preact";

/**
 * The keys of a menu: it takes the focus when it opens, and the arrows, Home and End go to its entries. On Escape the browser closes
 * it and gives the focus back.
 */
export const menuKeys = {
  onToggle({ currentTarget, newState }: TargetedToggleEvent<HTMLElement>): void {
    if (newState === "open") currentTarget.querySelector("button")?.focus();
  },
  onKeyDown(event: TargetedKeyboardEvent<HTMLElement>): void {
    const entries = [...event.currentTarget.querySelectorAll("button")];
    const at = entries.findIndex((entry) => entry.matches(":focus"));
    const next = { ArrowDown: (at + 1) % entries.length, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    entries.at(next)?.focus();
  },
};
