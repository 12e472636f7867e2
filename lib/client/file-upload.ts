import { FILE_BYTES, sealedBytes } from "../contract/files.ts";
import { CONTENT_BYTES } from "../contract/limits.ts";
import { toBase64, toBase64Url } from "./base64.ts";
import type { Call } from "./calls.ts";
import { ProblemError } from "./errors.ts";
import { TransferTime } from "./file-attempt.ts";
import { FileCipher } from "./file-cipher.ts";
import { type FileContent, IV_BYTES, KEY_BYTES, UNKNOWN_MEDIA_TYPE } from "./file-content.ts";
import type { TransferOptions, UploadOptions } from "./file-options.ts";
import { put } from "./file-put.ts";
import { type SealedFile, sealFile } from "./file-sealing.ts";
import { PLACED, StoreRefusal, type UploadPlace } from "./file-store.ts";
import type { OwnCalls } from "./own-calls.ts";
import { isPassing } from "./retry.ts";

/** See `Files.uploadFile`. */
export async function uploadFile(own: OwnCalls, file: Blob, options: UploadOptions): Promise<FileContent> {
  const { onProgress, signal, onRetry, mediaType: given, ...said } = options;
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const mediaType = (given ?? file.type) || UNKNOWN_MEDIA_TYPE;
  const details = { ...said, mediaType, bytes: file.size, key: toBase64Url(key), iv: toBase64Url(iv) };
  checkDetails(details);
  // Before the memory of a page is filled: most servers refuse it, and count nothing.
  if (file.size > FILE_BYTES) await own.send(placeFor({ bytes: sealedBytes(file.size), sha256: NO_SHA256 }), options);
  const sealed = await sealFile(file, await FileCipher.of(key, iv), signal);
  const fileId = await new Upload(own, sealed, options).run();
  return { fileId, ...details, sha256: sealed.sha256 };
}

/** Asks where a file may be put. */
const placeFor = ({ bytes, sha256 }: Pick<SealedFile, "bytes" | "sha256">): Call<UploadPlace> => ({
  method: "POST",
  path: "/files",
  body: { bytes, sha256 },
  ...PLACED,
});

/** Of a file that was not read. */
const NO_SHA256 = toBase64(new Uint8Array(32));

/** What the rest of a content takes, at most: its `fileId` and `sha256`. */
const OTHER_BYTES = 200;

/** @throws ProblemError `too_large` (413), as the send of the message would, but before the upload */
function checkDetails(details: object): void {
  const bytes = new TextEncoder().encode(JSON.stringify(details)).byteLength + OTHER_BYTES;
  if (bytes <= CONTENT_BYTES) return;
  throw new ProblemError({ status: 413, code: "too_large", detail: "What is said about the file is too long." });
}

/** How many further URLs an upload may ask for, if the store refuses one: it has run out, say. */
const FURTHER_URLS = 2;

/** The upload of one file, with all its attempts. */
class Upload {
  readonly #own: OwnCalls;
  readonly #file: SealedFile;
  readonly #options: TransferOptions;
  readonly #time: TransferTime;
  #place: UploadPlace | undefined;
  #furtherUrls = FURTHER_URLS;

  constructor(own: OwnCalls, file: SealedFile, options: TransferOptions) {
    this.#own = own;
    this.#file = file;
    this.#options = options;
    this.#time = new TransferTime(own.calls.connection.timing);
  }

  /** @returns the file's id */
  run(): Promise<string> {
    const { calls } = this.#own;
    return calls.retrying(
      () => this.#attempt(),
      this.#options,
      (error) => this.#isWorth(error),
      this.#time,
    );
  }

  async #attempt(): Promise<string> {
    const { calls } = this.#own;
    const { signal } = this.#options;
    signal?.throwIfAborted();
    // Each place counts in the rates of the user.
    this.#place ??= await calls.once({ ...placeFor(this.#file), token: this.#own.session.token }, signal);
    const place = this.#place;
    try {
      await this.#time.of(() => put(calls.connection, place, this.#file, this.#options));
      return place.fileId;
    } catch (error) {
      if (this.#isUrlSpent(place, error)) {
        this.#place = undefined;
        this.#furtherUrls--;
      }
      throw error;
    }
  }

  /** Node may not see the refusal of a URL, if the store hangs up while the file is being sent. */
  #isUrlSpent({ expiresAt }: UploadPlace, error: unknown): boolean {
    const isRefused = error instanceof StoreRefusal && error.isOfUrl;
    return isRefused || (isPassing(error) && Date.parse(expiresAt) <= this.#own.calls.connection.timing.now());
  }

  #isWorth(error: unknown): boolean {
    if (!(error instanceof StoreRefusal)) return isPassing(error);
    return error.isOfUrl ? this.#furtherUrls >= 0 : !error.isFinal;
  }
}
