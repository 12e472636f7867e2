import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** An object as S3 keeps it. */
export interface StoredObject {
  readonly content: Buffer;
  readonly type: string | undefined;
  readonly cacheControl: string | undefined;
  /** Milliseconds since the epoch. */
  changedAt: number;
}

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/**
 * No engine of S3 that is still kept runs locally: this one keeps one bucket's objects, and answers as AWS documents
 * PutObject, ListObjectsV2 and DeleteObjects.
 */
export class ObjectStore {
  readonly bucket = "page";
  /** In the order in which they were put. */
  readonly objects = new Map<string, StoredObject>();
  /** What nobody may delete. */
  readonly locked = new Set<string>();
  /** Objects on one page of a list, at most. */
  readonly #pageSize: number;
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  constructor(pageSize = 1_000) {
    this.#pageSize = pageSize;
  }

  async start() {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return {
      endpoint: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      forcePathStyle: true,
      region: "eu-central-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    };
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://s3");
    const [bucket, ...parts] = decodeURIComponent(pathname).slice(1).split("/");
    const key = parts.join("/");
    if (bucket !== this.bucket) refuse(response, 404, "NoSuchBucket");
    else if (request.method === "PUT" && key !== "") this.#put(key, body, request, response);
    else if (request.method === "GET" && searchParams.get("list-type") === "2") this.#list(searchParams, response);
    else if (request.method === "POST" && searchParams.has("delete")) this.#delete(body, response);
    else refuse(response, 501, "NotImplemented");
  }

  #put(key: string, content: Buffer, { headers }: IncomingMessage, response: ServerResponse): void {
    const { "content-type": type, "cache-control": cacheControl } = headers;
    this.objects.delete(key);
    this.objects.set(key, { content, type, cacheControl, changedAt: Date.now() });
    end(response, 200, "");
  }

  #list(parameters: URLSearchParams, response: ServerResponse): void {
    const after = parameters.get("continuation-token") ?? "";
    const keys = [...this.objects.keys()].sort().filter((key) => key > after);
    const page = keys.slice(0, this.#pageSize);
    const contents = page.map((key) => {
      const changedAt = new Date(this.objects.get(key)?.changedAt ?? 0).toISOString();
      return `<Contents><Key>${key}</Key><LastModified>${changedAt}</LastModified></Contents>`;
    });
    const isTruncated = page.length < keys.length;
    const next = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
    const list = `<IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join("")}`;
    end(response, 200, `<ListBucketResult ${NAMESPACE}>${list}</ListBucketResult>`);
  }

  #delete(body: Buffer, response: ServerResponse): void {
    const keys = [...body.toString().matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = ""]) => key);
    if (keys.length === 0 || keys.length > 1_000) {
      refuse(response, 400, "MalformedXML");
      return;
    }
    for (const key of keys) if (!this.locked.has(key)) this.objects.delete(key);
    const errors = keys
      .filter((key) => this.locked.has(key))
      .map((key) => `<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`);
    end(response, 200, `<DeleteResult ${NAMESPACE}>${errors.join("")}</DeleteResult>`);
  }
}

const refuse = (response: ServerResponse, status: number, code: string): void =>
  end(response, status, `<Error><Code>${code}</Code></Error>`);

function end(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(xml);
}
