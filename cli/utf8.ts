import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";

/** What decoders put in the place of bytes that are no UTF-8. */
const REPLACEMENT = "\ufffd";

const BOM = /^\ufeff/;

/** A text without the byte order mark that some systems begin a file with. */
export const withoutMark = (text: string): string => text.replace(BOM, "");

const notUtf8 = (what: string): CliError =>
  new CliError(EXIT.data, `${what} is not UTF-8. (base64 makes text of anything.)`);

/**
 * Text in UTF-8, without a byte order mark.
 *
 * @param what what it is, for the error
 * @throws CliError when it is not UTF-8
 */
export function decode(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) throw notUtf8(what);
  return withoutMark(bytes.toString("utf8"));
}

/**
 * Node has decoded the arguments already, and shows bytes that are no UTF-8 as U+FFFD. Linux still has the bytes.
 * Elsewhere an argument that somebody wrote with that character looks the same, and is refused as well.
 *
 * @throws CliError when an argument is not UTF-8
 */
export function checkArguments(): void {
  if (!process.argv.some((argument) => argument.includes(REPLACEMENT))) return;
  const bytes = originalArguments();
  if (bytes !== undefined && isUtf8(bytes)) return;
  throw new CliError(EXIT.data, "An argument is not UTF-8. What is to be sent may come from stdin instead, as UTF-8.");
}

function originalArguments(): Buffer | undefined {
  try {
    return readFileSync("/proc/self/cmdline");
  } catch {
    return undefined;
  }
}
