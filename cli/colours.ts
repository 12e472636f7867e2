import { styleText } from "node:util";

/** Told apart on a dark and on a light ground. Red is for errors. */
const NAMES = ["cyan", "green", "magenta", "yellow", "blue"] as const;

/** How a part of a line looks. */
export type Style = (typeof NAMES)[number] | "dim";

/** A user's colour, the same in each run. */
export function colourOf(userId: string): Style {
  const sum = [...userId].reduce((before, character) => (31 * before + Number(character.codePointAt(0))) % 9_973, 0);
  return NAMES[sum % NAMES.length] ?? "cyan";
}

/** Colours a text, wherever it goes: see {@link hasColours}. */
export const coloured = (style: Style, text: string | undefined = ""): string =>
  styleText(style, text, { validateStream: false });

/** Whether stdout is a terminal with colours. Node follows NO_COLOR, FORCE_COLOR and TERM there. */
export const hasColours = (): boolean => Boolean(process.stdout.isTTY && process.stdout.hasColors());
