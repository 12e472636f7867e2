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
