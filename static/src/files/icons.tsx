import type { VNode } from "preact";

/** Outlines on a grid of 24, as those of `view/icons.tsx`. */
const PATHS = {
  attach: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  mic: "M12 3a3 3 0 0 0-3 3v5.5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  pause: "M8.5 5v14M15.5 5v14",
  picture: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 8.8v.2",
  play: "M8 5l11 7-11 7z",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14",
  sound: "M9 17V5l10-2v12M9 17a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM19 15a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
  stop: "M7 7h10v10H7z",
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
} as const;

export type FileIconName = keyof typeof PATHS;

/** An icon of the parts for files. */
export const FileIcon = ({ name }: { name: FileIconName }): VNode => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
