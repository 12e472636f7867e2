import { SEGMENT_BYTES } from "../contract/files.ts";
import { nonceOf, type Segment, segmentsOf } from "./file-format.ts";
import { type Bytes, free } from "./file-memory.ts";

/** Seals and opens the segments of one file. See `file-format.ts`. */
export class FileCipher {
  readonly segmentBytes: number;
  readonly #key: CryptoKey;
  readonly #iv: Bytes;

  private constructor(key: CryptoKey, iv: Bytes, segmentBytes: number) {
    this.#key = key;
    this.#iv = iv;
    this.segmentBytes = segmentBytes;
  }

  /**
   * @param key 32 bytes, of one file alone: a nonce must never be used twice under a key.
   * @param iv 7 bytes.
   */
  static async of(key: Bytes, iv: Bytes, segmentBytes = SEGMENT_BYTES): Promise<FileCipher> {
    const usable = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
    return new FileCipher(usable, iv, segmentBytes);
  }

  async seal(bytes: Bytes, segment: Pick<Segment, "index" | "isLast">): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.encrypt(this.#algorithm(segment), this.#key, bytes));
  }

  /** @throws DOMException `OperationError` when it is not what was sealed at this place under this key */
  async open(sealed: Bytes, segment: Pick<Segment, "index" | "isLast">): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.decrypt(this.#algorithm(segment), this.#key, sealed));
  }

  /**
   * Opens a whole file where it lies: each segment in the place of its sealed form, which is longer.
   *
   * @param bytes Of the file. `sealed` has as many as `sealedBytes` says.
   * @returns the part of `sealed` that is the file now
   * @throws DOMException `OperationError` as {@link open} does. `sealed` is of no use then
   */
  async openAll(sealed: Bytes, bytes: number): Promise<Bytes> {
    for (const segment of segmentsOf(bytes, this.segmentBytes)) {
      const opened = await this.open(sealed.subarray(segment.sealedStart, segment.sealedEnd), segment);
      sealed.set(opened, segment.start);
      free(opened);
    }
    return sealed.subarray(0, bytes);
  }

  /**
   * Opens a whole file that is there segment by segment. The memory of each is free when it is opened, so that the file is not there
   * twice.
   *
   * @param sealed Lost by it.
   * @param bytes Of the file.
   * @throws DOMException `OperationError` as {@link open} does
   */
  async openEach(sealed: readonly Bytes[], bytes: number): Promise<Blob> {
    const parts: Blob[] = [];
    for (const segment of segmentsOf(bytes, this.segmentBytes)) {
      const own = sealed[segment.index] ?? new Uint8Array();
      const opened = await this.open(own, segment);
      parts.push(new Blob([opened]));
      free(opened);
      free(own);
    }
    return new Blob(parts);
  }

  #algorithm(segment: Pick<Segment, "index" | "isLast">): AesGcmParams {
    return { name: "AES-GCM", iv: nonceOf(this.#iv, segment) };
  }
}
