import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";

/** Decoders put it in place of bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

const BOM = /^\ufeff/;

/** Removes the byte order mark with which some systems begin a file. */
export const withoutMark = (text: string): string => text.replace(BOM, "");

const notUtf8 = (what: string): CliError =>
  new CliError(EXIT.data, `${what} is not UTF-8. (base64 turns any file into text.)`);

/**
 * Decodes UTF-8, and removes a byte order mark.
 *
 * @param what names the text in the error
 * @throws CliError when it is not UTF-8
 */
export function decode(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) throw notUtf8(what);
  return withoutMark(bytes.toString("utf8"));
}

/**
 * Checks that all arguments are UTF-8. Node has decoded them already, and shows invalid bytes as U+FFFD. Linux still
 * has the bytes. Elsewhere an argument that contains U+FFFD itself looks the same, and is refused, too.
 *
 * @throws CliError when an argument is not UTF-8
 */
export function checkArguments(): void {
  if (!process.argv.some((argument) => argument.includes(REPLACEMENT))) return;
  const bytes = originalArguments();
  if (bytes !== undefined && isUtf8(bytes)) return;
  throw new CliError(EXIT.data, "An argument is not UTF-8. Send the text from stdin instead, as UTF-8.");
}

function originalArguments(): Buffer | undefined {
  try {
    return readFileSync("/proc/self/cmdline");
  } catch {
    return undefined;
  }
}
