import { wrap } from "./columns.ts";
import { visible } from "./text.ts";

/**
 * Writes data to stdout. It resolves once the system has taken it.
 *
 * @throws EPIPE when nobody reads it any more
 */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** Prints a text for people. Control characters are made visible: a pipe may end in a terminal. */
export const printText = (text: string): Promise<void> => print(visible(text));

/** Prints to stderr. Control characters are made visible: the text may come from a server. */
export const printError = (text: string): void => printLine(`gotalk: ${text}`);

/** Prints to stderr, on a terminal wrapped between words. */
function printLine(text: string): void {
  // A terminal without a known width has 0 columns. A pipe has none.
  const { columns } = process.stderr;
  const rowsOf = (line: string): string[] => (columns > 0 ? wrap(line, columns).map((row) => row.trim()) : [line]);
  process.stderr.write(`${visible(text).split("\n").flatMap(rowsOf).join("\n")}\n`);
}

/** Resolves once the system has taken all that was written, or cannot take it. */
export async function flush(): Promise<void> {
  const flushOne = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write("", () => resolve()));
  await Promise.all([process.stdout, process.stderr].map(flushOne));
}

/** Prints optional information. A cron job must not mail it, so it appears only on a terminal and without `--quiet`. */
export type Notice = (text: string) => void;

export const noticeBy =
  (isQuiet: boolean): Notice =>
  (text) => {
    if (!isQuiet && process.stderr.isTTY) printLine(text);
  };
