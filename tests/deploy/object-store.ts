import { type Call, type Reply, xml, xmlError } from "./stand-in.ts";

/** An object as S3 keeps it. */
export interface StoredObject {
  readonly content: Buffer;
  readonly type: string | undefined;
  readonly cacheControl: string | undefined;
  /** Milliseconds since the epoch. */
  changedAt: number;
}

/** An old version of an object, or the mark that one was deleted. */
interface Hidden {
  readonly key: string;
  readonly versionId: string;
  readonly isMarker: boolean;
}

const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** What S3 calls the version of an object in a bucket without versions. */
const NULL_VERSION = "null";

/**
 * No engine of S3 that is still kept runs locally: this one keeps one bucket's objects, and answers as AWS documents
 * PutObject, ListObjectsV2, ListObjectVersions and DeleteObjects, and HeadBucket,
 * CreateBucket, DeleteBucket, PutBucketPolicy, PutBucketCors and PutBucketLifecycleConfiguration.
 */
export class ObjectStore {
  readonly bucket: string;
  /** Whether there is such a bucket. */
  isThere = true;
  /** Whether deleting and overwriting leave the old version behind. */
  isVersioned = false;
  /** As JSON. */
  policy: string | undefined;
  /** Its rules of lifecycle and of CORS, as XML. */
  readonly rules: Record<string, string> = {};
  /** Where it was made: what S3 was told, or nothing. */
  location: string | undefined;
  /** In the order in which they were put. */
  readonly objects = new Map<string, StoredObject>();
  readonly hidden: Hidden[] = [];
  /** What nobody may delete. */
  readonly locked = new Set<string>();
  /** Objects on one page of a list, at most. */
  readonly #pageSize: number;

  constructor(pageSize = 1_000, bucket = "page") {
    this.#pageSize = pageSize;
    this.bucket = bucket;
  }

  /** Whether S3 deletes the bucket. */
  get isEmpty(): boolean {
    return this.objects.size === 0 && this.hidden.length === 0;
  }

  put(key: string, content = Buffer.of()): void {
    this.objects.set(key, { content, type: undefined, cacheControl: undefined, changedAt: Date.now() });
  }

  /** Whether a request is about this bucket. */
  takes({ path }: Call): boolean {
    return decodeURIComponent(path).slice(1).split("/")[0] === this.bucket;
  }

  answer(call: Call): Reply {
    const { method, path, query } = call;
    const [bucket, ...parts] = decodeURIComponent(path).slice(1).split("/");
    const key = parts.join("/");
    const rule = ["policy", "cors", "lifecycle"].find((name) => query.has(name));
    if (method === "PUT" && key === "" && rule === undefined) return this.#create(String(call.body));
    if (bucket !== this.bucket || !this.isThere) return xmlError(404, "NoSuchBucket");
    if (key === "" && rule !== undefined) return this.#rule(rule, String(call.body));
    if (key === "" && method === "HEAD") return xml("");
    if (key === "" && method === "DELETE") return this.#deleteBucket();
    return method === "PUT" ? this.#put(key, call) : this.#answerMany(call);
  }

  /** What is about many objects. */
  #answerMany({ method, query, body }: Call): Reply {
    if (method === "GET" && query.get("list-type") === "2") return this.#list(query);
    if (method === "GET" && query.has("versions")) return this.#listVersions(query);
    if (method === "POST" && query.has("delete")) return this.#delete(String(body));
    return xmlError(501, "NotImplemented");
  }

  #create(body: string): Reply {
    if (this.isThere) return xmlError(409, "BucketAlreadyOwnedByYou");
    this.isThere = true;
    this.location = /<LocationConstraint>([^<]+)</.exec(body)?.[1];
    this.policy = undefined;
    return xml("");
  }

  #rule(name: string, rules: string): Reply {
    if (name === "policy") this.policy = rules;
    else this.rules[name] = rules;
    return xml("", 204);
  }

  #deleteBucket(): Reply {
    if (!this.isEmpty) return xmlError(409, "BucketNotEmpty");
    this.isThere = false;
    return xml("", 204);
  }

  #put(key: string, { headers, body: content }: Call): Reply {
    const type = headers["content-type"]?.toString();
    const cacheControl = headers["cache-control"]?.toString();
    this.#hide(key, false);
    this.objects.delete(key);
    this.objects.set(key, { content, type, cacheControl, changedAt: Date.now() });
    return xml("");
  }

  #list(parameters: URLSearchParams): Reply {
    const after = parameters.get("continuation-token") ?? "";
    const prefix = parameters.get("prefix") ?? "";
    const keys = [...this.objects.keys()].sort().filter((key) => key > after && key.startsWith(prefix));
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

  #listVersions(parameters: URLSearchParams): Reply {
    const current = [...this.objects.keys()].map((key) => ({ key, versionId: NULL_VERSION, isMarker: false }));
    const all = [...current, ...this.hidden].sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
    const after = `${parameters.get("key-marker") ?? ""} ${parameters.get("version-id-marker") ?? ""}`;
    const left = all.filter((entry) => placeOf(entry) > after);
    const page = left.slice(0, this.#pageSize);
    const entries = page.map(({ key, versionId, isMarker }) => {
      const name = isMarker ? "DeleteMarker" : "Version";
      return `<${name}><Key>${key}</Key><VersionId>${versionId}</VersionId></${name}>`;
    });
    const last = page.at(-1);
    const isTruncated = page.length < left.length;
    const next = isTruncated
      ? `<NextKeyMarker>${last?.key}</NextKeyMarker><NextVersionIdMarker>${last?.versionId}</NextVersionIdMarker>`
      : "";
    const list = `<IsTruncated>${isTruncated}</IsTruncated>${next}${entries.join("")}`;
    return xml(`<ListVersionsResult ${NAMESPACE}>${list}</ListVersionsResult>`);
  }

  #delete(body: string): Reply {
    const asked = [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, text = ""]) => ({
      key: /<Key>([^<]+)<\/Key>/.exec(text)?.[1] ?? "",
      versionId: /<VersionId>([^<]+)<\/VersionId>/.exec(text)?.[1],
    }));
    if (asked.length === 0 || asked.length > 1_000) return xmlError(400, "MalformedXML");
    for (const { key, versionId } of asked) if (!this.locked.has(key)) this.#remove(key, versionId);
    const errors = asked
      .filter(({ key }) => this.locked.has(key))
      .map(({ key }) => `<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`);
    return xml(`<DeleteResult ${NAMESPACE}>${errors.join("")}</DeleteResult>`);
  }

  #remove(key: string, versionId: string | undefined): void {
    if (versionId === undefined) this.#hide(key, true);
    if (versionId === undefined || versionId === NULL_VERSION) this.objects.delete(key);
    const index = this.hidden.findIndex((entry) => entry.key === key && entry.versionId === versionId);
    if (index >= 0) this.hidden.splice(index, 1);
  }

  /** What deleting or overwriting an object leaves behind where versions are switched on. */
  #hide(key: string, marks: boolean): void {
    if (!this.isVersioned || !this.objects.has(key)) return;
    this.hidden.push({ key, versionId: `v${this.hidden.length}`, isMarker: false });
    if (marks) this.hidden.push({ key, versionId: `v${this.hidden.length}`, isMarker: true });
  }
}

const placeOf = ({ key, versionId }: Hidden): string => `${key} ${versionId}`;
