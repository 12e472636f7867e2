import { CONTENT_BYTES } from "../contract/limits.ts";
import { toBase64Url } from "./base64.ts";
import { ProblemError } from "./errors.ts";
import { FileCipher } from "./file-cipher.ts";
import { type FileContent, IV_BYTES, KEY_BYTES, UNKNOWN_MEDIA_TYPE } from "./file-content.ts";
import type { TransferOptions, UploadOptions } from "./file-options.ts";
import { put } from "./file-put.ts";
import { type SealedFile, sealFile } from "./file-sealing.ts";
import { PLACED, StoreRefusal, type UploadPlace } from "./file-store.ts";
import { TransferTime } from "./file-transfer.ts";
import type { OwnCalls } from "./own-calls.ts";
import { isPassing } from "./retry.ts";

/** Encrypts a file and uploads it. See `Files.uploadFile`. */
export async function upload(own: OwnCalls, file: Blob, options: UploadOptions): Promise<FileContent> {
  const { onProgress, signal, onRetry, mediaType: given, ...said } = options;
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const mediaType = (given ?? file.type) || UNKNOWN_MEDIA_TYPE;
  const details = { ...said, mediaType, bytes: file.size, key: toBase64Url(key), iv: toBase64Url(iv) };
  checkDetails(details);
  const sealed = await sealFile(file, await FileCipher.of(key, iv), signal);
  const fileId = await new Upload(own, sealed, options).run();
  return { fileId, ...details, sha256: sealed.sha256 };
}

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
    const { signal } = this.#options;
    signal?.throwIfAborted();
    this.#place ??= await this.#ask();
    const place = this.#place;
    try {
      await this.#time.of(() => put(this.#own.calls.connection, place, this.#file, this.#options));
      return place.fileId;
    } catch (error) {
      if (this.#isUrlSpent(place, error)) {
        this.#place = undefined;
        this.#furtherUrls--;
      }
      throw error;
    }
  }

  /** Every answer counts in the rates of the user, so a URL is used as long as it does. */
  #ask(): Promise<UploadPlace> {
    const { bytes, sha256 } = this.#file;
    const { token } = this.#own.session;
    const call = { method: "POST", path: "/files", token, body: { bytes, sha256 }, ...PLACED } as const;
    return this.#own.calls.once(call, this.#options.signal);
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
