import { GROUP } from "./limits.ts";

/**
 * Characters that show nothing, by their Unicode properties: spaces and line breaks, control characters, and characters
 * that are ignorable by default, such as joiners, direction marks, variation selectors and the Hangul fillers. Three
 * kinds have none of these properties and show nothing either: annotation marks, the empty braille pattern, the musical
 * null notehead.
 *
 * @see https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const BLANK = /^[\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800\u{1d159}]*$/u;

/** Whether a reader would see nothing of a text. */
export const isBlank = (text: string): boolean => BLANK.test(text);

const LINE_BREAK = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** The length of a text in characters, as the rules count them: code points. */
export const characters = (text: string): number => [...text].length;

/** Whether a text is a name that people give something: on one line, and of so many characters at most. */
export const isVisibleName = (text: string, most: number): boolean =>
  text.isWellFormed() && !isBlank(text) && !LINE_BREAK.test(text) && characters(text) <= most;

/**
 * Embeddings, overrides and isolates. A group's name stands within other texts, and one of them that is not closed turns what
 * follows. The marks of a direction (U+200E, U+200F, U+061C) turn nothing.
 *
 * @see https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
 */
const TURNS_DIRECTION = /[\u202a-\u202e\u2066-\u2069]/;

/** Whether a group can have this name. */
export const isGroupName = (text: string): boolean =>
  isVisibleName(text, GROUP.nameCharacters) && !TURNS_DIRECTION.test(text);
