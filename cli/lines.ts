import { createInterface, type Interface } from "node:readline";
import { type Readable, Transform, type TransformCallback } from "node:stream";
import { LIMITS } from "../lib/contract/limits.ts";
import { EXIT } from "./exit-codes.ts";
import { CliError } from "./failures.ts";
import { decode } from "./utf8.ts";

const BOM_BYTES = 3;

/** Bytes of the longest useful line: a byte order mark and a message. */
const LONGEST_LINE = LIMITS.contentBytes + BOM_BYTES;

const LF = 10;
const CR = 13;

/**
 * Cuts lines one byte after {@link LONGEST_LINE}, and drops the rest. readline keeps a line in memory until it ends,
 * and some never end.
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
 * Reads the lines of a stream that is not a terminal. Each character stands for a byte, so that a line can be checked
 * before {@link decodeLine} decodes it.
 */
export const linesOf = (input: Readable): Interface =>
  createInterface({ input: input.pipe(new LineBound()).setEncoding("latin1") });

/**
 * @param what names the line in the error
 * @throws CliError when the line is too long or not UTF-8
 */
export function decodeLine(line: string, what: string): string {
  if (line.length > LONGEST_LINE)
    throw new CliError(EXIT.data, `${what} is too long: it may have ${LIMITS.contentBytes} bytes at most.`);
  return decode(Buffer.from(line, "latin1"), what);
}
