import { SEGMENT_BYTES, TAG_BYTES } from "../contract/files.ts";
import { hashOf, type RunningHash } from "./file-hash.ts";
import type { Bytes } from "./file-memory.ts";

/** What is stored of a file: in one piece, or each segment by itself, whose memory can be freed as soon as it is opened. */
export type Sealed = Bytes | readonly Bytes[];

/** A download that came to its end. */
export interface Received {
  readonly sealed: Sealed;
  /** SHA-256 of all of it. */
  readonly sha256: Uint8Array;
}

/** Where a download is kept as it comes. All of it is there once, as nothing of it may be used before all is checked. */
export interface Receiver {
  /** Copies the next bytes. There must not be more in all than were announced. */
  add(part: Bytes): void;
  end(): Promise<Received>;
}

/** @param hash Gets the bytes as they come. Without it they are hashed when all are there, and so are in one piece. */
export const receiverOf = (bytes: number, hash: RunningHash | undefined): Receiver =>
  hash === undefined ? inOnePiece(bytes) : inSegments(bytes, hash);

function inOnePiece(bytes: number): Receiver {
  const whole = new Uint8Array(bytes);
  let done = 0;
  return {
    add(part) {
      whole.set(part, done);
      done += part.byteLength;
    },
    end: () => inMemory(whole),
  };
}

/** What is there in one piece. */
export const inMemory = async (whole: Bytes): Promise<Received> => ({ sealed: whole, sha256: await hashOf(whole) });

const SEALED_SEGMENT = SEGMENT_BYTES + TAG_BYTES;

function inSegments(bytes: number, hash: RunningHash): Receiver {
  const segments: Bytes[] = [];
  let done = 0;
  const place = (part: Bytes): void => {
    const start = done % SEALED_SEGMENT;
    if (start === 0) segments.push(new Uint8Array(Math.min(SEALED_SEGMENT, bytes - done)));
    const fitting = part.subarray(0, SEALED_SEGMENT - start);
    segments.at(-1)?.set(fitting, start);
    done += fitting.byteLength;
    if (fitting.byteLength < part.byteLength) place(part.subarray(fitting.byteLength));
  };
  return {
    add(part) {
      hash.update(part);
      if (part.byteLength > 0) place(part);
    },
    end: async () => ({ sealed: segments, sha256: hash.digest() }),
  };
}
