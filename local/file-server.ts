import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { inspect } from "node:util";
import { FILE_ID } from "../lib/contract/files.ts";
import { rangeIn } from "./byte-range.ts";
import { S3Error } from "./s3-error.ts";
import { checkSignature, type Signer } from "./signature.ts";
import type { StoredFiles } from "./stored-files.ts";

/** Where the local store is, on the stack's own port. No route of the API and no file of the page begins so. */
export const FILES_PATH = "/-files";

/** Of the parts in which a file is read. */
const PART_BYTES = 262_144;

/** How long a browser may remember what a preflight answered, in seconds: as the bucket's rule says. */
const PREFLIGHT_SECONDS = 3_600;

/** What comes from here is no page and no script, whatever somebody has uploaded: it has the page's origin. */
const HARMLESS = {
  "content-security-policy": "default-src 'none'; sandbox",
  "content-disposition": "attachment",
  "x-content-type-options": "nosniff",
};

/** What the store works with. */
export interface FileServerParts {
  readonly files: StoredFiles;
  readonly signer: Signer;
  readonly now: () => number;
  /** Is told of defects. */
  fail(error: unknown): void;
}

/**
 * Serves the store of files on a server that serves other things too. It does what goTalk needs of S3: PUT and GET of one object, each
 * signed.
 *
 * The host of a request must have been checked already: a request under another name may come from a page of another site.
 */
export function serveFiles(server: Server, parts: FileServerParts): void {
  for (const name of ["request", "checkContinue"] as const) {
    const others = server.listeners(name) as RequestListener[];
    server.removeAllListeners(name);
    server.on(name, (request: IncomingMessage, response: ServerResponse) => {
      if (!isForFiles(request)) {
        for (const listener of others) listener(request, response);
        return;
      }
      const goOn = name === "checkContinue" ? () => response.writeContinue() : () => {};
      answer(parts, request, response, goOn).catch((error: unknown) => refuse(parts, request, response, error));
    });
  }
}

const isForFiles = ({ url = "" }: IncomingMessage): boolean => url.startsWith(`${FILES_PATH}/`);

async function answer(
  parts: FileServerParts,
  request: IncomingMessage,
  response: ServerResponse,
  goOn: () => void,
): Promise<void> {
  allowOrigin(request, response);
  const { method = "", url = "", headers } = request;
  if (method === "OPTIONS") return preflight(response);
  const payload = checkSignature({ method, url, headers }, parts.signer, parts.now());
  const id = url.slice(FILES_PATH.length + 1).split("?")[0] ?? "";
  if (!FILE_ID.test(id)) throw new S3Error("AccessDenied", "Access Denied");
  if (method === "PUT") return store(parts, id, payload, request, response, goOn);
  if (method === "GET") return send(parts, id, request, response);
  throw new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.");
}

/** The origin that asks is the page's own, or a guard before this has refused it. */
function allowOrigin({ headers: { origin } }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("vary", "Origin");
  if (origin !== undefined) response.setHeader("access-control-allow-origin", origin);
}

function preflight(response: ServerResponse): void {
  response.writeHead(200, {
    "access-control-allow-methods": "GET, PUT",
    "access-control-allow-headers": "content-type, x-amz-checksum-sha256",
    "access-control-max-age": String(PREFLIGHT_SECONDS),
  });
  response.end();
}

async function store(
  { files }: FileServerParts,
  id: string,
  payload: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  goOn: () => void,
): Promise<void> {
  if (request.headers["content-length"] === undefined) {
    throw new S3Error("MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  const checksum = request.headers["x-amz-checksum-sha256"];
  goOn();
  await files.put(id, request, (sha256) => {
    if (payload !== undefined && payload !== sha256) {
      throw new S3Error(
        "XAmzContentSHA256Mismatch",
        "The provided x-amz-content-sha256 does not match what was computed.",
      );
    }
    if (checksum !== undefined && checksum !== Buffer.from(sha256, "hex").toString("base64")) {
      throw new S3Error("BadDigest", "The SHA256 you specified did not match the calculated checksum.");
    }
  });
  response.writeHead(200, {
    etag: tagOf(id),
    "content-length": 0,
    ...(checksum !== undefined && { "x-amz-checksum-sha256": String(checksum) }),
  });
  response.end();
}

async function send(
  { files, now }: FileServerParts,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const file = await files.open(id, now());
  // As in S3: a caller that may not list the bucket is not told that a file is missing, and no function may list it.
  if (file === undefined) throw new S3Error("AccessDenied", "Access Denied");
  const { handle, bytes, storedAt } = file;
  try {
    const range = rangeIn(request.headers.range, bytes);
    const { start, end } = range ?? { start: 0, end: bytes - 1 };
    response.writeHead(range === undefined ? 200 : 206, {
      ...HARMLESS,
      "accept-ranges": "bytes",
      "cache-control": "no-store",
      "content-length": end - start + 1,
      "content-type": "application/octet-stream",
      "last-modified": storedAt.toUTCString(),
      etag: tagOf(id),
      ...(range !== undefined && { "content-range": `bytes ${start}-${end}/${bytes}` }),
    });
    if (bytes === 0) response.end();
    else await pipeline(handle.createReadStream({ start, end, highWaterMark: PART_BYTES, autoClose: false }), response);
  } finally {
    await handle.close();
  }
}

/** What lies under an id never changes: its checksum was signed. */
const tagOf = (id: string): string => `"${id}"`;

/** What is left of the request is read to its end, so that the client sees the answer and no broken connection. */
function refuse(parts: FileServerParts, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const isGone = request.errored !== null || response.destroyed || response.headersSent;
  if (isGone) {
    response.destroy();
    return;
  }
  if (!(error instanceof S3Error)) parts.fail(new Error(`the store of files has failed: ${inspect(error)}`));
  const { status, xml } = error instanceof S3Error ? error : new S3Error("InternalError", "Please try again.");
  response.writeHead(status, {
    ...HARMLESS,
    "content-type": "application/xml",
    "content-length": Buffer.byteLength(xml),
  });
  response.end(xml);
}
