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

/** For people: on a terminal control characters are made visible. A pipe gets what was sent. */
export const printText = (text: string): Promise<void> => print(process.stdout.isTTY ? visible(text) : text);

/** To stderr. What is told may be a server's word. */
export function complain(text: string): void {
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
