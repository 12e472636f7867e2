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

/** For people. Control characters are made visible: a pipe may end in a terminal. */
export const printText = (text: string): Promise<void> => print(visible(text));

const USUAL_COLUMNS = 80;

/** Prints a message for people, to the width that the terminal has now. */
export const printMessage = (message: Message, isRaw = false): Promise<void> =>
  print(messageLine(message, { columns: widthOfTerminal(), isRaw }));

/** A terminal that does not know its width has 0 columns. */
const widthOfTerminal = () => (process.stdout.isTTY ? process.stdout.columns || USUAL_COLUMNS : undefined);

/** To stderr. What is told may be a server's word. */
export function printError(text: string): void {
  process.stderr.write(`gotalk: ${visible(text)}\n`);
}

/** Resolves once the system has taken all that was written, or cannot take it. */
export async function flush(): Promise<void> {
  const flushOne = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write("", () => resolve()));
  await Promise.all([process.stdout, process.stderr].map(flushOne));
}

/** What people may like to know: nothing a cron job should mail, so only on a terminal, and not with `--quiet`. */
export type Notice = (text: string) => void;

export const noticeBy =
  (isQuiet: boolean): Notice =>
  (text) => {
    if (!isQuiet && process.stderr.isTTY) process.stderr.write(`${visible(text)}\n`);
  };
