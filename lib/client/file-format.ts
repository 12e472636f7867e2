import { SEGMENT_BYTES, sealedBytes, TAG_BYTES } from "../contract/files.ts";

/*
 * The format of an encrypted file: STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015), as Tink and age have it. The file is cut
 * into segments, and each is sealed by AES-256-GCM. The nonce of a segment holds its place and whether it is the last one.
 * So a segment that is missing, moved or added does not open.
 */

const NONCE_BYTES = 12;

/** Where a segment is. All in bytes. */
export interface Segment {
  readonly index: number;
  readonly isLast: boolean;
  /** In the file. */
  readonly start: number;
  readonly end: number;
  /** In what is stored. */
  readonly sealedStart: number;
  readonly sealedEnd: number;
}

/** The segments of a file of so many bytes, in order. */
export function* segmentsOf(bytes: number, segmentBytes = SEGMENT_BYTES): Generator<Segment, void> {
  const count = (sealedBytes(bytes, segmentBytes) - bytes) / TAG_BYTES;
  for (let index = 0; index < count; index++) {
    const start = index * segmentBytes;
    const end = Math.min(bytes, start + segmentBytes);
    const [sealedStart, sealedEnd] = [start + index * TAG_BYTES, end + (index + 1) * TAG_BYTES];
    yield { index, isLast: index === count - 1, start, end, sealedStart, sealedEnd };
  }
}

/**
 * The nonce of a segment.
 *
 * @param iv 7 random bytes, the same for all segments of a file.
 */
export function nonceOf(iv: Uint8Array, { index, isLast }: Pick<Segment, "index" | "isLast">): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(NONCE_BYTES);
  nonce.set(iv);
  const view = new DataView(nonce.buffer);
  view.setUint32(iv.byteLength, index);
  view.setUint8(NONCE_BYTES - 1, isLast ? 1 : 0);
  return nonce;
}
