import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { S3Error } from "./s3-error.ts";

/*
 * Signature Version 4, as S3 checks it:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */

const ALGORITHM = "AWS4-HMAC-SHA256";
const UNSIGNED = "UNSIGNED-PAYLOAD";
const LONGEST_SECONDS = 7 * 86_400;
/** How far the clock of a client may be from the store's, in milliseconds. */
const SKEW = 15 * 60_000;

/** Who may sign. */
export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** What of a request a signature is about. */
export interface SignedRequest {
  readonly method: string;
  /** As it stands in the request: path and query. */
  readonly url: string;
  /** By their names in lower case. */
  readonly headers: IncomingHttpHeaders;
}

/** What a request says of its signature. */
interface Claim {
  readonly credential: string;
  readonly date: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** What stands for the body. */
  readonly payload: string;
  readonly query: readonly (readonly [name: string, value: string])[];
}

/**
 * Checks who signed a request, and that it is the one that was signed.
 *
 * @param now Milliseconds since the epoch.
 * @returns The SHA-256 in hexadecimal that the body must have; `undefined` where the signature does not say.
 * @throws {S3Error} It is not signed, not yet or no longer valid, or another request than the one that was signed.
 */
export function checkSignature(request: SignedRequest, signer: Signer, now: number): string | undefined {
  const [path = "", search = ""] = split(request.url);
  const query = [...new URLSearchParams(search)];
  const claim = fromQuery(query, now) ?? fromHeaders(request.headers, query, now);
  const scope = scopeOf(claim, signer);
  requireSignedHeaders(claim, request.headers);
  const canonical = [
    request.method,
    encodedPath(path),
    canonicalQuery(claim.query),
    ...claim.signedHeaders.map((name) => `${name}:${canonicalValue(request.headers[name])}`),
    "",
    claim.signedHeaders.join(";"),
    claim.payload,
  ].join("\n");
  const text = [ALGORITHM, claim.date, scope, sha256(canonical)].join("\n");
  if (!isEqual(hmac(keyOf(signer, scope), text).toString("hex"), claim.signature)) {
    throw new S3Error(
      "SignatureDoesNotMatch",
      "The signature is not that of this request: method, host, path, query and signed headers must be as they were signed.",
    );
  }
  return claim.payload === UNSIGNED ? undefined : claim.payload;
}

function split(url: string): [path: string, search: string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}

/** The claim of a presigned URL; nothing where the query has none. */
function fromQuery(query: readonly [string, string][], now: number): Claim | undefined {
  const parameters = new Map(query);
  const of = (name: string): string => parameters.get(`X-Amz-${name}`) ?? "";
  if (!parameters.has("X-Amz-Algorithm")) return undefined;
  const seconds = Number(of("Expires"));
  const isRight = of("Algorithm") === ALGORITHM && /^\d{1,6}$/.test(of("Expires")) && seconds <= LONGEST_SECONDS;
  const signedAt = timeOf(of("Date"));
  if (!isRight || seconds < 1 || signedAt === undefined) {
    throw new S3Error("AuthorizationQueryParametersError", "A parameter of the signature is missing or malformed.");
  }
  if (signedAt > now + SKEW) throw new S3Error("AccessDenied", "Request is not valid yet");
  if (now >= signedAt + seconds * 1_000) throw new S3Error("AccessDenied", "Request has expired");
  return {
    credential: of("Credential"),
    date: of("Date"),
    signedHeaders: of("SignedHeaders").split(";"),
    signature: of("Signature"),
    payload: UNSIGNED,
    query: query.filter(([name]) => name !== "X-Amz-Signature"),
  };
}

const AUTHORIZATION = /^AWS4-HMAC-SHA256 +Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})$/;

function fromHeaders(headers: IncomingHttpHeaders, query: Claim["query"], now: number): Claim {
  const { authorization } = headers;
  if (authorization === undefined) throw new S3Error("AccessDenied", "Access Denied");
  const [, credential = "", names = "", signature = ""] = AUTHORIZATION.exec(authorization) ?? [];
  const { date, payload } = { date: textOf(headers["x-amz-date"]), payload: textOf(headers["x-amz-content-sha256"]) };
  const signedAt = timeOf(date);
  if (signature === "" || signedAt === undefined) {
    throw new S3Error("AuthorizationHeaderMalformed", "The header Authorization or x-amz-date is malformed.");
  }
  if (Math.abs(signedAt - now) > SKEW) throw new S3Error("RequestTimeTooSkewed", "The clocks are too far apart.");
  if (payload !== UNSIGNED && !/^[0-9a-f]{64}$/.test(payload)) {
    throw new S3Error("NotImplemented", "x-amz-content-sha256 must be a SHA-256 or UNSIGNED-PAYLOAD here.");
  }
  return { credential, date, signedHeaders: names.split(";"), signature, payload, query };
}

/** @returns Milliseconds since the epoch of a time such as `20260312T190358Z`; nothing if it is none. */
function timeOf(text: string): number | undefined {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const time = iso === text ? Number.NaN : Date.parse(iso);
  return Number.isNaN(time) ? undefined : time;
}

/** What the key of a signature is for: a day, the region, and S3. */
function scopeOf({ credential, date }: Claim, { accessKeyId, region }: Signer): string {
  const [key = "", ...scope] = credential.split("/");
  if (key !== accessKeyId) throw new S3Error("InvalidAccessKeyId", "Nobody has this access key.");
  const expected = [date.slice(0, 8), region, "s3", "aws4_request"].join("/");
  if (scope.join("/") !== expected) {
    throw new S3Error("AuthorizationQueryParametersError", "The credential is for another day, region or service.");
  }
  return expected;
}

/** Nobody may add a header that S3 acts on. */
function requireSignedHeaders({ signedHeaders }: Claim, headers: IncomingHttpHeaders): void {
  const needed = ["host", ...Object.keys(headers).filter((name) => name.startsWith("x-amz-"))];
  if (needed.every((name) => signedHeaders.includes(name))) return;
  throw new S3Error("AccessDenied", "There were headers present in the request which were not signed");
}

/** Each part is encoded anew: it may have come encoded more or less than need be. */
function encodedPath(path: string): string {
  try {
    return path
      .split("/")
      .map((part) => encoded(decodeURIComponent(part)))
      .join("/");
  } catch {
    throw new S3Error("InvalidURI", "The path is malformed.");
  }
}

/** Sorted by name and then by value, as they are encoded. A space comes before every character that a name may have. */
const canonicalQuery = (query: Claim["query"]): string =>
  query
    .map((pair) => pair.map(encoded).join(" "))
    .toSorted()
    .map((pair) => pair.replace(" ", "="))
    .join("&");

const canonicalValue = (value: string | string[] | undefined): string => textOf(value).trim().replace(/ +/g, " ");

const textOf = (value: string | string[] | undefined = ""): string => (Array.isArray(value) ? value.join(",") : value);

/** RFC 3986: all but the unreserved characters. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const keyOf = ({ secretAccessKey }: Signer, scope: string): Buffer =>
  scope.split("/").reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));

function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
