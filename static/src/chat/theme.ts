import { effect, signal } from "@preact/signals";
import { attempt } from "../storage/safely.ts";

/** `system` follows `prefers-color-scheme`. */
export type Theme = "system" | "light" | "dark";

const KEY = "gotalk.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export const theme = signal<Theme>(load());

/** Applies and stores the person's choice. */
export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
    // If nothing can be stored, it lasts until the page is closed.
    attempt(() => localStorage.setItem(KEY, theme.value));
  });
}

function load(): Theme {
  return attempt(() => THEMES.find((known) => known === localStorage.getItem(KEY))) ?? "system";
}
