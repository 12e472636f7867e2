/** What a reader takes for one character, such as a family or a flag, may be made of many. Not every browser can tell. */
const segmenter = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : undefined;

/** UTF-16 units that a character of a reader's has at most before it is cut all the same: stacked marks have no end. */
const MOST_UNITS = 32;

/** The beginning of a text, at most so many of what a reader takes for characters, with `…` where something is left out. */
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
  // Where a character of more units was cut, half a surrogate pair may be left.
  return text.slice(0, end).replace(/[\ud800-\udbff]$/, "");
}

function* charactersOf(text: string): Iterable<string> {
  if (segmenter === undefined) yield* text;
  else for (const { segment } of segmenter.segment(text)) yield segment;
}
