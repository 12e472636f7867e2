import { createInterface, type Interface } from "node:readline";
import { type Readable, Transform, type TransformCallback } from "node:stream";
import { LIMITS } from "../lib/contract/limits.ts";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import { decode } from "./utf8.ts";

const BOM_BYTES = 3;

/** Bytes of the longest line that may be of use: a message, behind a byte order mark. */
const LONGEST_LINE = LIMITS.contentBytes + BOM_BYTES;

const LF = 10;
const CR = 13;

/**
 * Ends lines that are longer than {@link LONGEST_LINE}, one byte after that, and drops the rest of them. readline keeps a
 * line in memory until it ends, and some never do.
 */
class LineBound extends Transform {
  #length = 0;
  #isDropping = false;

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const kept = Buffer.allocUnsafe(2 * chunk.length);
    let end = 0;
    for (const byte of chunk) {
      const isLineEnd = byte === LF || byte === CR;
      if (this.#isDropping && !isLineEnd) continue;
      this.#isDropping = false;
      kept[end++] = byte;
      this.#length = isLineEnd ? 0 : this.#length + 1;
      if (this.#length <= LONGEST_LINE) continue;
      kept[end++] = LF;
      this.#length = 0;
      this.#isDropping = true;
    }
    done(null, kept.subarray(0, end));
  }
}

/**
 * The lines of a stream that is no terminal. They come as characters that stand for bytes, so that lines can be told apart
 * before they are decoded: {@link decodeLine} decodes them.
 */
export const linesOf = (input: Readable): Interface =>
  createInterface({ input: input.pipe(new LineBound()).setEncoding("latin1") });

/**
 * @param what what it is, for the error
 * @throws CliError when the line is too long or not UTF-8
 */
export function decodeLine(line: string, what: string): string {
  if (line.length > LONGEST_LINE)
    throw new CliError(EXIT.data, `${what} is too long: it may have ${LIMITS.contentBytes} bytes at most.`);
  return decode(Buffer.from(line, "latin1"), what);
}
