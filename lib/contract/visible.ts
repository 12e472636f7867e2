/**
 * Characters that show nothing, by their Unicode properties: spaces and line breaks, control characters, and what is
 * ignorable by default, such as joiners, marks of direction, variation selectors and the Hangul fillers. Of the rest
 * these show nothing either: the marks of annotations, the empty braille pattern, and the musical null notehead.
 *
 * @see https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const BLANK = /^[\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800\u{1d159}]*$/u;

/** Whether a reader would see nothing of a text. */
export const isBlank = (text: string): boolean => BLANK.test(text);
