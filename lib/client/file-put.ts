import type { Connection } from "./exchange.ts";
import { type Transfer, transferring } from "./file-attempt.ts";
import type { Bytes } from "./file-memory.ts";
import type { OnProgress } from "./file-options.ts";
import type { SealedFile } from "./file-sealing.ts";
import { type StoreAnswer, storeError, type UploadPlace } from "./file-store.ts";
import { answerOf, byXhr, hasXhr } from "./file-xhr.ts";

/** How an upload is made. */
interface Put {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** A transfer, and who is told of it. */
interface Upload extends Transfer {
  readonly place: UploadPlace;
  readonly tell: (done: number) => void;
}

/** The store has these bytes already: an earlier attempt was stored, and its answer was lost. */
const STORED_BEFORE = 412;

/**
 * Uploads what is stored of a file, once.
 *
 * @throws StoreRefusal, NetworkError, FileError `file_changed`
 */
export async function put(connection: Connection, place: UploadPlace, file: SealedFile, options: Put): Promise<void> {
  const answer = await transferring(connection, options.signal, async ({ signal, moved }) => {
    const tell = (done: number) => {
      moved();
      options.onProgress?.(done, file.bytes);
    };
    tell(0);
    const upload = { place, signal, moved, tell };
    if (typeof file.body === "function") return byStream(connection, upload, file.bytes, file.body());
    return hasXhr()
      ? byRequest(upload, file.body)
      : byFetch(connection, upload, { body: file.body }, browserHeaders(place));
  });
  // The page of a captive portal would not be empty.
  const isStored = answer.status === 200 && answer.text === "";
  if (!isStored && answer.status !== STORED_BEFORE) throw storeError(answer, connection.timing.now());
  options.onProgress?.(file.bytes, file.bytes);
}

/** A browser sets the others itself, and lets no page do it. */
const browserHeaders = ({ headers }: UploadPlace): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(content-length|host)$/i.test(name)));

async function byFetch(
  connection: Connection,
  { place, signal }: Upload,
  body: Pick<RequestInit, "body">,
  headers: Record<string, string>,
): Promise<StoreAnswer> {
  const response = await connection.fetch(place.url, {
    method: "PUT",
    headers,
    ...body,
    signal,
    redirect: "manual",
    credentials: "omit",
    cache: "no-store",
  });
  return { status: response.status, text: await response.text(), retryAfter: response.headers.get("retry-after") };
}

/** Bytes that are handed over at once. Progress is told after each. */
const PIECE_BYTES = 64 * 1024;

function* piecesOf(bytes: Bytes): Generator<Bytes, void> {
  for (let start = 0; start < bytes.byteLength; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}

/** Uploads segments as they are made, each when the connection has taken the one before. */
async function byStream(
  connection: Connection,
  upload: Upload,
  bytes: number,
  segments: AsyncIterable<Bytes>,
): Promise<StoreAnswer> {
  const failures: unknown[] = [];
  async function* pieces() {
    let done = 0;
    try {
      for await (const segment of segments) {
        for (const piece of piecesOf(segment)) {
          yield piece;
          done += piece.byteLength;
          upload.tell(done);
        }
      }
    } catch (error) {
      failures.push(error);
      throw error;
    }
  }
  const stream = { body: streamOf(pieces()), duplex: "half" };
  // Without the length Node sends chunks, which S3 does not take. Browsers refuse such a body.
  const headers = { ...upload.place.headers, "content-length": `${bytes}` };
  try {
    return await byFetch(connection, upload, stream, headers);
  } catch (error) {
    throw failures[0] ?? error;
  }
}

/** Takes nothing before it is asked to. */
function streamOf(pieces: AsyncGenerator<Bytes, void>): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function byRequest({ place, signal, tell }: Upload, body: Blob): Promise<StoreAnswer> {
  const watch = (request: XMLHttpRequest) => {
    request.upload.onprogress = ({ loaded }) => tell(loaded);
  };
  const headers = browserHeaders(place);
  return answerOf(await byXhr({ method: "PUT", url: place.url, headers, body, signal, watch }));
}
