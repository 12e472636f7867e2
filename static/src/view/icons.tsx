import type { VNode } from "preact";

/** Outlines on a grid of 24, drawn in the colour of the text around them. */
const PATHS = {
  back: "M15 5l-7 7 7 7",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15zM10 21h4",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  check: "M5 13l4.5 4.5L19 7",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 2",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M12 5v14M6 13l6 6 6-6",
  send: "M12 19V5M6 11l6-6 6 6",
  start: "M5 12h14M13 6l6 6-6 6",
  warning: "M12 4l9 16H3zM12 10v4M12 17v.5",
} as const;

/** An icon has no text of its own: the text is beside it, or is the name of its button. */
export function Icon({ name }: { name: keyof typeof PATHS }): VNode {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** goTalk's mark; the same shape as the files in `public/icons`. */
export function Logo(): VNode {
  return (
    <svg class="logo" viewBox="0 0 64 64" aria-hidden="true">
      <rect width="64" height="64" rx="15" />
      <path d="M15 18h34a3 3 0 0 1 3 3v20a3 3 0 0 1-3 3H31l-11 9v-9h-5a3 3 0 0 1-3-3V21a3 3 0 0 1 3-3z" />
    </svg>
  );
}
