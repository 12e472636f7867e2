import { validate, version } from "uuid";
import { LIMITS } from "../lib/contract/limits.ts";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import { decodeLine, linesOf } from "./lines.ts";
import type { Notice } from "./output.ts";
import { ask } from "./prompt.ts";
import { decode, withoutMark } from "./utf8.ts";

/** Reads a password: asks for it on a terminal, otherwise reads a line of stdin. */
export async function readPassword(prompt = "Password:"): Promise<string> {
  return process.stdin.isTTY ? ask(prompt, true) : nextLine("password");
}

/** Reads a new password. Asks for it twice on a terminal, which does not show it. */
export async function readNewPassword(prompt = "Password:"): Promise<string> {
  const password = await readPassword(prompt);
  if (process.stdin.isTTY && (await ask("Repeat it:", true)) !== password) {
    throw new CliError(EXIT.usage, "The two passwords differ.");
  }
  return password;
}

/** Reads a username that is not among the arguments. */
export async function readName(): Promise<string> {
  if (process.stdin.isTTY) return (await ask("Username:", false)).trim();
  throw new CliError(EXIT.usage, "The argument NAME is missing.");
}

let lines: AsyncIterator<string> | undefined;

/** Each call reads one line more. */
async function nextLine(what: string): Promise<string> {
  lines ??= linesOf(process.stdin)[Symbol.asyncIterator]();
  const { done, value } = await lines.next();
  if (done) throw new CliError(EXIT.usage, `The ${what} is missing: write it to stdin as a line.`);
  return decodeLine(value, `The ${what}`);
}

/**
 * The words after the other arguments are the text. A leading `--`, which earlier versions needed for a text with a dash,
 * is dropped.
 */
const textOf = (words: readonly string[]): readonly string[] =>
  words[0] === "--" && words.length > 1 ? words.slice(1) : words;

/**
 * The text of a message: the words, or else stdin.
 *
 * @throws CliError for content that no server accepts
 */
export async function contentOf(args: readonly string[], notice: Notice): Promise<string> {
  const words = textOf(args);
  if (words.length === 0 && process.stdin.isTTY) notice("Write the message. Ctrl-D at the start of a line sends it.");
  const content = words.length > 0 ? withoutMark(words.join(" ")) : await readContent();
  checkContent(content);
  return content;
}

/**
 * Checks the id of the message that another one is about.
 *
 * @throws CliError when it is none
 */
export function checkMessageId(text: string): string {
  if (validate(text) && version(text) === 7) return text.toLowerCase();
  throw new CliError(EXIT.usage, `${text} is not the id of a message. gotalk receive --ids and send --json show ids.`);
}

/**
 * Reads all of stdin as text, without a final line end and without a byte order mark.
 *
 * @throws CliError when it is too long for a message, as soon as that is known, or not UTF-8
 */
async function readContent(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    // The byte order mark and the final line end are not sent.
    if (size > LIMITS.contentBytes + 5) throw tooLong();
  }
  return decode(Buffer.concat(chunks), "The message").replace(/\r?\n$/, "");
}

/** @throws CliError for content that no server accepts */
export function checkContent(content: string): void {
  if (content === "") throw new CliError(EXIT.data, "The text is empty. Nothing was sent.");
  if (Buffer.byteLength(content) > LIMITS.contentBytes) throw tooLong();
}

const tooLong = (): CliError => new CliError(EXIT.data, `A message may have ${LIMITS.contentBytes} bytes at most.`);
