import type { Connection } from "./exchange.ts";
import { type Transfer, transferring } from "./file-attempt.ts";
import { FileError } from "./file-error.ts";
import type { RunningHash } from "./file-hash.ts";
import { free } from "./file-memory.ts";
import type { OnProgress } from "./file-options.ts";
import { inMemory, type Received, receiverOf } from "./file-received.ts";
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
export async function get(connection: Connection, url: string, options: Get): Promise<Received> {
  return transferring(connection, options.signal, (transfer) =>
    options.hash === undefined && hasXhr()
      ? byRequest(connection, url, transfer, options)
      : byFetch(connection, url, transfer, options),
  );
}

async function byFetch(connection: Connection, url: string, transfer: Transfer, options: Get): Promise<Received> {
  const response = await connection.fetch(url, {
    signal: transfer.signal,
    redirect: "manual",
    credentials: "omit",
    cache: "no-store",
  });
  if (response.status === 200) return receive(response, transfer, options);
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
): Promise<Received> {
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
  return inMemory(whole);
}

/** The body. */
async function receive(response: Response, { moved }: Transfer, { bytes, hash, onProgress }: Get): Promise<Received> {
  // Before so much memory is taken: the length that is asked for comes from the message.
  const length = response.headers.get("content-length");
  const body = response.body ?? new Blob().stream();
  const isOwned = isOfBytes(body);
  const reader = body.getReader();
  const refuse = () => {
    reader.cancel().catch(() => undefined);
    throw new FileError("file_corrupt");
  };
  if (length !== null && Number(length) !== bytes) return refuse();
  const receiver = receiverOf(bytes, hash);
  let done = 0;
  onProgress?.(0, bytes);
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const { value } = part;
    if (done + value.byteLength > bytes) return refuse();
    done += value.byteLength;
    receiver.add(value);
    if (isOwned) free(value);
    moved();
    onProgress?.(done, bytes);
  }
  return done === bytes ? receiver.end() : refuse();
}

/** Whether what comes out of a stream is its reader's alone: a stream of bytes hands the memory over. Others may go on using theirs. */
function isOfBytes(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
