import type { VNode } from "preact";

/** Outlines on a grid of 24, drawn in the colour of the text around them. */
const PATHS = {
  archive: "M4 5h16v4H4zM6 9v10h12V9M10 13h4",
  back: "M15 5l-7 7 7 7",
  bell: "M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15zM10 21h4",
  block: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.5 6.5l11 11",
  chat: "M4 5h16v11H10l-5 4v-4H4z",
  check: "M5 13l4.5 4.5L19 7",
  checks: "M2 13l4.5 4.5L15 8M11 16l1.5 1.5L22 7",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 2",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M12 5v14M6 13l6 6 6-6",
  edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  group:
    "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2.5 20a6.5 6.5 0 0 1 13 0M16 5.5a3.5 3.5 0 0 1 0 6M18 14.5a6.5 6.5 0 0 1 3.5 5.5",
  info: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8v.5",
  leave: "M10 4H5v16h5M10 12h10M16 8l4 4-4 4",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  muted: "M8 7a6 6 0 0 1 10 4v4M6 11v6l-1.5 2H17M10 21h4M4 4l16 16",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
  plus: "M12 5v14M5 12h14",
  reply: "M10 6l-6 6 6 6M4 12h9a7 7 0 0 1 7 6",
  send: "M12 19V5M6 11l6-6 6 6",
  start: "M5 12h14M13 6l6 6-6 6",
  smile: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM8.5 14a4 4 0 0 0 7 0M9 10v.5M15 10v.5",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
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
