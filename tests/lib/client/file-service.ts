import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { Client } from "../../../lib/client/index.ts";
import { type Act, json, session, testTiming } from "../../support/client-servers.ts";

/** A transfer that the store saw. */
interface SeenTransfer {
  readonly request: IncomingMessage;
  /** Of an upload that came to its end. */
  readonly body?: Buffer;
}

/** Answers a request to the store, whose body has not been read. */
export type StoreAct = (response: ServerResponse, request: IncomingMessage) => unknown;

/** Reads all of an upload before it answers. */
const whole =
  (answer: (response: ServerResponse) => unknown): StoreAct =>
  async (response, request) => {
    await buffer(request);
    answer(response);
  };

/** S3's answer to an upload. */
export const stored = whole((response) => response.writeHead(200, { etag: '"e"', "content-length": 0 }).end());

/** An error of S3. */
export const s3Error = (status: number, code: string): StoreAct =>
  whole((response) =>
    response
      .writeHead(status, { "content-type": "application/xml" })
      .end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>No</Message></Error>`),
  );

/** What a proxy or a captive portal says in place of the store. */
export const portal = (status: number): StoreAct =>
  whole((response) => response.writeHead(status, { "content-type": "text/html" }).end("<h1>Log in</h1>"));

/** The connection is cut when the request has come. */
export const cutOff: StoreAct = (response) => response.destroy();

/** Stored, but the answer is lost. */
export const lostAnswer: StoreAct = whole((response) => response.destroy());

/** The bytes as a file of the store. */
export const file =
  (bytes: Uint8Array, headers: Record<string, string> = {}): StoreAct =>
  (response) =>
    response.writeHead(200, { "content-length": String(bytes.byteLength), ...headers }).end(bytes);

/** The bytes in chunks, without a length. */
export const chunked =
  (bytes: Uint8Array): StoreAct =>
  (response) => {
    response.writeHead(200);
    response.write(bytes.subarray(0, 3));
    response.end(bytes.subarray(3));
  };

/** Half of the bytes, and then the connection is cut. */
export const halfOf =
  (bytes: Uint8Array): StoreAct =>
  (response) => {
    response.writeHead(200, { "content-length": String(bytes.byteLength) });
    response.write(bytes.subarray(0, bytes.byteLength / 2), () => response.destroy());
  };

interface Script {
  /** The answers of the store, one for each request, and the last one again and again. */
  readonly store?: readonly StoreAct[];
  /** The answers to `POST /files` and `GET /files/…`. Default: a place in the store of the same port. */
  readonly api?: readonly Act[];
  /** Of an upload's URL. */
  readonly expiresAt?: string;
  readonly timing?: ReturnType<typeof testTiming>;
}

/** goTalk's routes of files and a store in one server, and a client that is logged in there. */
export async function fileService({ store = [stored], api = [], timing = testTiming(), ...script }: Script = {}) {
  const asked: object[] = [];
  const transfers: SeenTransfer[] = [];
  const { expiresAt = "2026-01-01T00:10:00Z" } = script;
  const placed =
    (url: string): Act =>
    (response, request) => {
      const place = { url, expiresAt };
      const headers = { "x-amz-checksum-sha256": "c", "content-type": "application/octet-stream" };
      if (request.method === "GET") return json(200, place)(response, request);
      return json(201, { ...place, fileId: `file-${asked.length}`, headers })(response, request);
    };
  const server = createServer(async (request, response) => {
    if (request.url?.startsWith("/files")) {
      const body = await buffer(request);
      asked.push({ route: `${request.method} ${request.url}`, ...(body.length > 0 && JSON.parse(body.toString())) });
      (api[Math.min(asked.length, api.length) - 1] ?? placed(`${url}/store/${asked.length}`))(response, request);
      return;
    }
    const chunks: Buffer[] = [];
    const index = transfers.push({ request }) - 1;
    request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => undefined);
    request.once("end", () => transfers.splice(index, 1, { request, body: Buffer.concat(chunks) }));
    await store[Math.min(index, store.length - 1)]?.(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new Client({ url, session, timing, live: false });
  return { client, timing, asked, transfers };
}
