import { eastAsianWidth } from "get-east-asian-width";

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** What stands on the character before it, and what is not seen. */
const WITHOUT_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Default_Ignorable_Code_Point}]$/u;

/** Makes a picture of the character before it, two columns wide. */
const PICTURE = "\ufe0f";

const TAB = "    ";

/**
 * Columns that a grapheme takes at most. Terminals do not agree: one shows a family of emoji as one picture, another as
 * four. The widest counts, as a line that is too long goes on in the next one's first column.
 */
function widthOf(grapheme: string): number {
  const widths = [...grapheme].map((character) =>
    WITHOUT_WIDTH.test(character) ? 0 : eastAsianWidth(Number(character.codePointAt(0))),
  );
  const width = widths.reduce<number>((sum, each) => sum + each, 0);
  return grapheme.includes(PICTURE) ? Math.max(2, width) : width;
}

/** Breaks a line into lines of so many columns, at spaces where it can, and never within a grapheme. */
export function wrap(line: string, columns: number): string[] {
  if (columns === Infinity) return [line];
  const lines: string[] = [];
  const current: { text: string; width: number }[] = [];
  let width = 0;
  const take = (count: number): void => {
    lines.push(
      current
        .splice(0, count)
        .map(({ text }) => text)
        .join(""),
    );
    width = current.reduce((sum, each) => sum + each.width, 0);
  };
  for (const { segment: text } of GRAPHEMES.segment(line.replaceAll("\t", TAB))) {
    const own = widthOf(text);
    while (current.length > 0 && width + own > columns) {
      const space = text === " " ? current.length : current.findLastIndex((each) => each.text === " ") + 1;
      take(space > 0 ? space : current.length);
    }
    current.push({ text, width: own });
    width += own;
  }
  take(current.length);
  return lines;
}
