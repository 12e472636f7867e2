import { effect, signal } from "@preact/signals";

/** `system` follows `prefers-color-scheme`. */
export type Theme = "system" | "light" | "dark";

const KEY = "gotalk.theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export const theme = signal<Theme>(load());

/** Keeps the page's look as the person chose it. */
export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
    try {
      localStorage.setItem(KEY, theme.value);
    } catch {
      // Then it lasts until the page is closed.
    }
  });
}

function load(): Theme {
  try {
    return THEMES.find((known) => known === localStorage.getItem(KEY)) ?? "system";
  } catch {
    return "system";
  }
}
