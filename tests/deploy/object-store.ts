import { type Call, type Reply, xml, xmlError } from "./stand-in.ts";

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
  constructor(pageSize = 1_000) {
    this.#pageSize = pageSize;
  }

  answer(call: Call): Reply {
    const { method, path, query } = call;
    const [bucket, ...parts] = decodeURIComponent(path).slice(1).split("/");
    const key = parts.join("/");
    if (bucket !== this.bucket) return xmlError(404, "NoSuchBucket");
    if (method === "PUT" && key !== "") return this.#put(key, call);
    if (method === "GET" && query.get("list-type") === "2") return this.#list(query);
    if (method === "POST" && query.has("delete")) return this.#delete(call.body);
    return xmlError(501, "NotImplemented");
  }

  #put(key: string, { headers, body: content }: Call): Reply {
    const type = headers["content-type"]?.toString();
    const cacheControl = headers["cache-control"]?.toString();
    this.objects.delete(key);
    this.objects.set(key, { content, type, cacheControl, changedAt: Date.now() });
    return xml("");
  }

  #list(parameters: URLSearchParams): Reply {
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
    return xml(`<ListBucketResult ${NAMESPACE}>${list}</ListBucketResult>`);
  }

  #delete(body: Buffer): Reply {
    const keys = [...body.toString().matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = ""]) => key);
    if (keys.length === 0 || keys.length > 1_000) return xmlError(400, "MalformedXML");
    for (const key of keys) if (!this.locked.has(key)) this.objects.delete(key);
    const errors = keys
      .filter((key) => this.locked.has(key))
      .map((key) => `<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`);
    return xml(`<DeleteResult ${NAMESPACE}>${errors.join("")}</DeleteResult>`);
  }
}
