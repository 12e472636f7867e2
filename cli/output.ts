import type { Message } from "../lib/client/index.ts";
import { messageLine, visible } from "./text.ts";

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

const USUAL_COLUMNS = 80;

/** Prints a message for people, to the width that the terminal has now. */
export const printMessage = (message: Message, isRaw = false): Promise<void> =>
  print(messageLine(message, { columns: widthOfTerminal(), isRaw }));

/** A terminal without a known width has 0 columns. */
const widthOfTerminal = () => (process.stdout.isTTY ? process.stdout.columns || USUAL_COLUMNS : undefined);

/** Prints to stderr. Control characters are made visible: the text may come from a server. */
export function printError(text: string): void {
  process.stderr.write(`gotalk: ${visible(text)}\n`);
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
    if (!isQuiet && process.stderr.isTTY) process.stderr.write(`${visible(text)}\n`);
  };
