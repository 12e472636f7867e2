import { LIMITS } from "../lib/contract/limits.ts";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import { decodeLine, linesOf } from "./lines.ts";
import { ask } from "./prompt.ts";
import { decode } from "./utf8.ts";

/** The password: asked for on a terminal, otherwise the first line of stdin. */
export async function readPassword(prompt = "Password:"): Promise<string> {
  return process.stdin.isTTY ? ask(prompt, true) : nextLine("password");
}

/** A password that is made up: on a terminal it is asked for twice, as nobody sees what was typed. */
export async function readNewPassword(prompt = "Password:"): Promise<string> {
  const password = await readPassword(prompt);
  if (process.stdin.isTTY && (await ask("Repeat it:", true)) !== password) {
    throw new CliError(EXIT.usage, "These are two different passwords.");
  }
  return password;
}

/** A name that was not given as an argument. */
export async function readName(): Promise<string> {
  if (process.stdin.isTTY) return (await ask("Username:", false)).trim();
  throw new CliError(EXIT.usage, "Say whose account it is: NAME is missing.");
}

let lines: AsyncIterator<string> | undefined;

/** Several answers may come as several lines. */
async function nextLine(what: string): Promise<string> {
  lines ??= linesOf(process.stdin)[Symbol.asyncIterator]();
  const { done, value } = await lines.next();
  if (done) throw new CliError(EXIT.usage, `The ${what} is missing: write it to stdin as a line.`);
  return decodeLine(value, `The ${what}`);
}

/**
 * All of stdin as text, without the line end that a command's last line has, and without a byte order mark.
 *
 * @throws CliError when it is too long for a message, as soon as that is known, or not UTF-8
 */
export async function readContent(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    // With a byte order mark and its line end, which are not sent.
    if (size > LIMITS.contentBytes + 5) throw tooLong();
  }
  return decode(Buffer.concat(chunks), "The message").replace(/\r?\n$/, "");
}

/** @throws CliError for what no server would take */
export function checkContent(content: string): void {
  if (content === "") throw new CliError(EXIT.data, "There is nothing to send: the message is empty.");
  if (Buffer.byteLength(content) > LIMITS.contentBytes) throw tooLong();
}

const tooLong = (): CliError => new CliError(EXIT.data, `A message may have ${LIMITS.contentBytes} bytes at most.`);
