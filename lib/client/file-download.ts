import { sealedBytes } from "../contract/files.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { ProblemError } from "./errors.ts";
import { TransferTime } from "./file-attempt.ts";
import { FileCipher } from "./file-cipher.ts";
import type { FileContent } from "./file-content.ts";
import { FileError } from "./file-error.ts";
import { get } from "./file-get.ts";
import { type StartHash, startHash } from "./file-hash.ts";
import { free } from "./file-memory.ts";
import type { TransferOptions } from "./file-options.ts";
import type { Sealed } from "./file-received.ts";
import { FOUND, StoreRefusal } from "./file-store.ts";
import { inPath } from "./in-path.ts";
import type { OwnCalls } from "./own-calls.ts";
import { isPassing } from "./retry.ts";

/** See `Files.fetchFile`. */
export async function fetchFile(
  own: OwnCalls,
  file: FileContent,
  options: TransferOptions,
  start: StartHash = startHash,
): Promise<Blob> {
  const { calls } = own;
  const { connection } = calls;
  const time = new TransferTime(connection.timing);
  const bytes = sealedBytes(file.bytes);
  const attempt = async () => {
    options.signal?.throwIfAborted();
    const path = `/files/${inPath(file.fileId, "unknown_file", "There is no file with this id.")}`;
    const { token } = own.session;
    const { url } = await calls.once({ method: "GET", path, token, ...FOUND }, options.signal);
    return time.of(() => get(connection, url, { ...options, bytes, hash: start() }));
  };
  try {
    const { sealed, sha256 } = await calls.retrying(attempt, options, isWorth, time);
    return await opened(sealed, sha256, file);
  } catch (error) {
    throw isGone(error) ? new FileError("file_expired", { cause: error }) : error;
  }
}

const isWorth = (error: unknown): boolean => isPassing(error) && !(error instanceof StoreRefusal && error.isFinal);

/** S3 says "no such key" only to those who may list the keys, and forbids it to all others. The URL itself is a moment old. */
const GONE = new Set(["NoSuchKey", "AccessDenied"]);

function isGone(error: unknown): boolean {
  if (error instanceof ProblemError) return error.code === "unknown_file";
  return error instanceof StoreRefusal && GONE.has(error.storeCode);
}

/**
 * Checks and opens what was stored.
 *
 * @param sealed Lost by it.
 * @param sha256 Of `sealed`.
 * @throws FileError `file_corrupt`
 */
export async function opened(sealed: Sealed, sha256: Uint8Array, file: FileContent): Promise<Blob> {
  const [key, iv, said] = [file.key, file.iv, file.sha256].map(fromBase64);
  const isWhole = said !== undefined && toBase64(sha256) === toBase64(said);
  if (!isWhole || key === undefined || iv === undefined) throw new FileError("file_corrupt");
  try {
    const cipher = await FileCipher.of(key, iv);
    if (!(sealed instanceof Uint8Array)) return await cipher.openEach(sealed, file.bytes);
    const blob = new Blob([await cipher.openAll(sealed, file.bytes)]);
    free(sealed);
    return blob;
  } catch (cause) {
    throw new FileError("file_corrupt", { cause });
  }
}
