/** Bytes of the longest line that is read. A message takes a tenth of it: later versions have room for more fields. */
const LONGEST = 1_048_576;

const NEWLINE = 10;

/** A line of a file. */
export interface TextLine {
  /** Undefined if it is no UTF-8, or too long. */
  readonly text: string | undefined;
  /** Bytes of the file that have been read with it. */
  readonly read: number;
}

/** The lines of a file, which is never in memory as a whole. A line that is too long is told as soon as it is. */
export async function* linesOf(file: Pick<Blob, "stream">): AsyncGenerator<TextLine> {
  // WebKit has no `for await` over a stream.
  const reader = file.stream().getReader();
  const splitter = new Splitter();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) yield* splitter.push(chunk.value);
    yield* splitter.endLine(0);
  } finally {
    await reader.cancel();
  }
}

/** Cuts chunks of bytes into lines. */
class Splitter {
  #read = 0;
  /** The line that is being read. */
  #parts: Uint8Array[] = [];
  #length = 0;
  /** It takes a byte order mark away. */
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  *push(bytes: Uint8Array): Generator<TextLine> {
    let start = 0;
    for (let newline = bytes.indexOf(NEWLINE); newline !== -1; newline = bytes.indexOf(NEWLINE, start)) {
      yield* this.#add(bytes.subarray(start, newline));
      yield* this.endLine(1);
      start = newline + 1;
    }
    yield* this.#add(bytes.subarray(start));
  }

  /** @param separator The bytes that end the line: none at the end of the file. */
  *endLine(separator: 0 | 1): Generator<TextLine> {
    this.#read += separator;
    const isLine = this.#length > 0 || separator > 0;
    if (isLine && this.#length <= LONGEST) yield { text: this.#text(), read: this.#read };
    this.#length = 0;
    this.#parts = [];
  }

  *#add(part: Uint8Array): Generator<TextLine> {
    const before = this.#length;
    this.#length += part.length;
    this.#read += part.length;
    if (this.#length <= LONGEST) this.#parts.push(part);
    else if (before <= LONGEST) {
      this.#parts = [];
      yield { text: undefined, read: this.#read };
    }
  }

  #text(): string | undefined {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    try {
      return this.#decoder.decode(bytes);
    } catch {
      return undefined;
    }
  }
}
