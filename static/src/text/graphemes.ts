/** A reader sees one character where there may be many, such as a family or a flag. Made when it is needed: that takes 20 ms. */
let segmenter: Intl.Segmenter | undefined;

/** The most UTF-16 units of such a character. A longer one is cut: stacked marks have no end. */
const MOST_UNITS = 32;

/**
 * The beginning of a text, with at most so many characters as a reader counts them, and `…` if something is left out.
 */
export function shortened(text: string, most: number): string {
  const start = beginning(text, most);
  return start.length < text.length ? `${start}…` : text;
}

/** The first character of a text, as a reader sees it. */
export const firstCharacter = (text: string): string => beginning(text, 1);

function beginning(text: string, most: number): string {
  let end = 0;
  let count = 0;
  for (const segment of charactersOf(text.slice(0, most * MOST_UNITS))) {
    if (count++ === most) break;
    end += segment.length;
  }
  // A cut through a longer character may leave half a surrogate pair.
  return text.slice(0, end).replace(/[\ud800-\udbff]$/, "");
}

function* charactersOf(text: string): Iterable<string> {
  // Not every browser has it.
  if (!("Segmenter" in Intl)) return yield* text;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  for (const { segment } of segmenter.segment(text)) yield segment;
}
