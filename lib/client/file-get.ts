import type { Connection } from "./exchange.ts";
import { type Transfer, transferring } from "./file-attempt.ts";
import { FileError } from "./file-error.ts";
import type { RunningHash } from "./file-hash.ts";
import type { Bytes } from "./file-memory.ts";
import type { OnProgress } from "./file-options.ts";
import { storeError } from "./file-store.ts";
import { answerOf, byXhr, hasXhr } from "./file-xhr.ts";

/** How a download is made. */
interface Get {
  /** How many bytes there must be. */
  readonly bytes: number;
  /** Gets the bytes as they come. */
  readonly hash: RunningHash | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Downloads what is stored of a file, once.
 *
 * @throws StoreRefusal, NetworkError
 * @throws FileError `file_corrupt` when it has another length
 */
export async function get(connection: Connection, url: string, options: Get): Promise<Bytes> {
  return transferring(connection, options.signal, (transfer) =>
    options.hash === undefined && hasXhr()
      ? byRequest(connection, url, transfer, options)
      : byFetch(connection, url, transfer, options),
  );
}

async function byFetch(connection: Connection, url: string, transfer: Transfer, options: Get): Promise<Bytes> {
  const response = await connection.fetch(url, {
    signal: transfer.signal,
    redirect: "manual",
    credentials: "omit",
    cache: "no-store",
  });
  if (response.status === 200) return bytesOf(response, transfer, options);
  const { status, headers } = response;
  const answer = { status, text: await response.text(), retryAfter: headers.get("retry-after") };
  throw storeError(answer, connection.timing.now());
}

/** The browser puts the bytes together, and leaves less behind in memory than the parts of a stream are. */
async function byRequest(
  { timing }: Connection,
  url: string,
  { signal, moved }: Transfer,
  { bytes, onProgress }: Get,
): Promise<Bytes> {
  let isRefused = false;
  const watch = (request: XMLHttpRequest) => {
    request.onprogress = ({ loaded, total, lengthComputable }) => {
      if (request.status !== 200) return;
      isRefused = loaded > bytes || (lengthComputable && total !== bytes);
      if (isRefused) return request.abort();
      moved();
      onProgress?.(loaded, bytes);
    };
  };
  onProgress?.(0, bytes);
  const request = await byXhr({ method: "GET", url, signal, watch }).catch((error: unknown) => {
    throw isRefused ? new FileError("file_corrupt") : error;
  });
  if (request.status !== 200) throw storeError(answerOf(request), timing.now());
  const whole = new Uint8Array(request.response as ArrayBuffer);
  if (whole.byteLength !== bytes) throw new FileError("file_corrupt");
  onProgress?.(bytes, bytes);
  return whole;
}

/** The body. It is held in memory once: nothing of it may be used before all of it is checked. */
async function bytesOf(response: Response, { moved }: Transfer, { bytes, hash, onProgress }: Get): Promise<Bytes> {
  // Before so much memory is taken: the length that is asked for comes from the message.
  const length = response.headers.get("content-length");
  const reader = (response.body ?? new Blob().stream()).getReader();
  const refuse = () => {
    reader.cancel().catch(() => undefined);
    throw new FileError("file_corrupt");
  };
  if (length !== null && Number(length) !== bytes) return refuse();
  const whole = new Uint8Array(bytes);
  let done = 0;
  onProgress?.(0, bytes);
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const { value } = part;
    if (done + value.byteLength > bytes) return refuse();
    whole.set(value, done);
    hash?.update(value);
    done += value.byteLength;
    moved();
    onProgress?.(done, bytes);
  }
  return done === bytes ? whole : refuse();
}
