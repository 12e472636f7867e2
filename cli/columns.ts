import { eastAsianWidth } from "get-east-asian-width";

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Combining and invisible characters. */
const WITHOUT_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\p{Default_Ignorable_Code_Point}]$/u;

/** Makes the character before it an emoji, two columns wide. */
const PICTURE = "\ufe0f";

const TAB = "    ";

const USUAL_COLUMNS = 80;

/** The columns of the terminal that stdout is. One without a known width has 0. */
export const widthOfTerminal = (): number => process.stdout.columns || USUAL_COLUMNS;

/**
 * The most columns that a grapheme takes. Terminals do not agree: one shows a family of emoji as one picture, another
 * as four. The widest counts, since a line that is too long goes on in the first column of the next.
 */
function widthOf(grapheme: string): number {
  const widths = [...grapheme].map((character) =>
    WITHOUT_WIDTH.test(character) ? 0 : eastAsianWidth(Number(character.codePointAt(0))),
  );
  const width = widths.reduce<number>((sum, each) => sum + each, 0);
  return grapheme.includes(PICTURE) ? Math.max(2, width) : width;
}

/** Wraps a line to so many columns, at spaces if possible, and never within a grapheme. */
export function wrap(line: string, columns: number): string[] {
  if (columns === Infinity) return [line];
  const lines: string[] = [];
  const current: { text: string; width: number }[] = [];
  let width = 0;
  const endLine = (count: number): void => {
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
      endLine(space > 0 ? space : current.length);
    }
    current.push({ text, width: own });
    width += own;
  }
  endLine(current.length);
  return lines;
}
