import { sealedBytes, TAG_BYTES } from "../contract/files.ts";
import { toBase64 } from "./base64.ts";
import type { FileCipher } from "./file-cipher.ts";
import { FileError } from "./file-error.ts";
import { type Segment, segmentsOf } from "./file-format.ts";
import { hashOf, type StartHash, startHash } from "./file-hash.ts";
import { type Bytes, free } from "./file-memory.ts";

/** A file in its encrypted form. */
export interface SealedFile {
  readonly bytes: number;
  /** In base64. */
  readonly sha256: string;
  /** All of it, or a way to make it segment by segment, as often as it is needed. */
  readonly body: Blob | (() => AsyncIterable<Bytes>);
}

/**
 * Encrypts a file. Its SHA-256 is needed before the first byte is uploaded. Where bytes can be hashed piece by piece, each
 * upload encrypts the file anew, and two segments are in memory. Elsewhere what is stored stays in memory.
 *
 * @param start Begins a hash, or not, see {@link startHash}.
 * @throws FileError `file_changed`
 */
export async function sealFile(
  file: Blob,
  cipher: FileCipher,
  signal?: AbortSignal,
  start: StartHash = startHash,
): Promise<SealedFile> {
  const hash = start();
  const bytes = sealedBytes(file.size, cipher.segmentBytes);
  if (hash === undefined) {
    const whole = await wholeOf(file, cipher, bytes, signal);
    const sha256 = toBase64(await hashOf(whole));
    // A browser may keep a blob on the disk, and uploads it without a copy.
    const body = new Blob([whole]);
    free(whole);
    return { bytes, sha256, body };
  }
  const tags: Bytes[] = [];
  for await (const segment of sealed(file, cipher, signal)) {
    hash.update(segment);
    tags.push(tagOf(segment));
  }
  return { bytes, sha256: toBase64(hash.digest()), body: () => sealedAgain(sealed(file, cipher), tags) };
}

async function* sealed(file: Blob, cipher: FileCipher, signal?: AbortSignal): AsyncGenerator<Bytes, void> {
  for (const segment of segmentsOf(file.size, cipher.segmentBytes)) yield sealedPart(file, cipher, segment, signal);
}

async function sealedPart(file: Blob, cipher: FileCipher, segment: Segment, signal?: AbortSignal): Promise<Bytes> {
  signal?.throwIfAborted();
  const part = await read(file.slice(segment.start, segment.end));
  const result = await cipher.seal(part, segment);
  free(part);
  return result;
}

/** A file on the disk may be gone, or may have changed: then its parts are no longer read. */
async function read(part: Blob): Promise<Bytes> {
  try {
    return new Uint8Array(await part.arrayBuffer());
  } catch (cause) {
    throw new FileError("file_changed", { cause });
  }
}

/** How many segments are read at once. A browser takes longer to come to a part of a file than to read and encrypt it. */
const AT_ONCE = 4;

async function wholeOf(file: Blob, cipher: FileCipher, bytes: number, signal?: AbortSignal): Promise<Bytes> {
  const whole = new Uint8Array(bytes);
  // Each segment is taken once. When one fails, the loop that had it ends this for the others.
  const segments = segmentsOf(file.size, cipher.segmentBytes);
  const fill = async () => {
    for (const segment of segments) {
      const part = await sealedPart(file, cipher, segment, signal);
      whole.set(part, segment.sealedStart);
      free(part);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fill));
  return whole;
}

const tagOf = (segment: Bytes): Bytes => segment.slice(-TAG_BYTES);

/**
 * Lets a segment pass only if it is the one that was hashed. A file that has changed unseen would otherwise have two texts under
 * one nonce, from which both could be read.
 */
async function* sealedAgain(segments: AsyncIterable<Bytes>, tags: readonly Bytes[]): AsyncGenerator<Bytes, void> {
  let index = 0;
  for await (const segment of segments) {
    const tag = tags[index++];
    if (!tagOf(segment).every((byte, place) => byte === tag?.[place])) throw new FileError("file_changed");
    yield segment;
  }
}
