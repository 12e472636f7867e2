import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { AwsV4Signer } from "aws4fetch";
import { describe, expect, it } from "vitest";
import { announced, checksumOf } from "../support/uploads.ts";
import { newFileId, SIGNER, type StoreWorld, startStore } from "./store-world.ts";

const BODY = randomBytes(1_000);
const OTHER = randomBytes(1_000);
const MINUTE = 60_000;

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An upload that would be right, changed. */
type Change = (asked: Asked) => Asked;

const inUrl =
  (from: string | RegExp, to: string): Change =>
  (asked) => ({ ...asked, url: asked.url.replace(from, to) });
const withBody =
  (body: Buffer): Change =>
  (asked) => ({ ...asked, body });
const by =
  (method: string): Change =>
  (asked) => ({ ...asked, method });
const withHeader =
  (name: string, value: string): Change =>
  (asked) => ({ ...asked, headers: { ...asked.headers, [name]: value } });
const without =
  (name: string): Change =>
  (asked) => ({ ...asked, headers: Object.fromEntries(Object.entries(asked.headers).filter(([one]) => one !== name)) });
const ofAnotherBody: Change = (asked) => withHeader("x-amz-checksum-sha256", checksumOf(OTHER))(withBody(OTHER)(asked));
const flipped: Change = (asked) =>
  inUrl(/Signature=./, asked.url.includes("Signature=0") ? "Signature=1" : "Signature=0")(asked);

const ofAnotherSecond: Change = (asked) => ({
  ...asked,
  url: asked.url.replace(/(?<=Date=\d{8}T\d{5})\d/, (digit) => (digit === "0" ? "1" : "0")),
});

/** By S3's code for it, what is wrong with an upload. */
const UPLOADS: Readonly<Record<string, readonly [status: number, Readonly<Record<string, Change>>]>> = {
  SignatureDoesNotMatch: [
    403,
    {
      "of one byte more": withBody(Buffer.concat([BODY, OTHER.subarray(0, 1)])),
      "of one byte less": withBody(BODY.subarray(1)),
      "with another body and its checksum": ofAnotherBody,
      "without the checksum": without("x-amz-checksum-sha256"),
      "with another content type": withHeader("content-type", "text/html"),
      "under another key": inUrl(/-files\/.{22}/, `-files/${newFileId()}`),
      "under no key": inUrl(/-files\/.{22}/, "-files/"),
      "by GET": by("GET"),
      "by DELETE": by("DELETE"),
      "at another host": withHeader("host", "localhost:9000"),
      "without a signature": inUrl(/&X-Amz-Signature=\w+/, ""),
      "with a changed signature": flipped,
      "with more time than was signed": inUrl("Expires=900", "Expires=9000"),
      "with another date than was signed": ofAnotherSecond,
      "with a parameter more": inUrl(/$/, "&response-content-type=text%2Fhtml"),
    },
  ],
  AccessDenied: [
    403,
    {
      unsigned: inUrl(/\?.*/, ""),
      "with a header of S3's that was not signed": withHeader("x-amz-acl", "public-read"),
      "whose host was not signed": inUrl("%3Bhost%3B", "%3B"),
    },
  ],
  InvalidAccessKeyId: [403, { "of another access key": inUrl("=local%2F", "=other%2F") }],
  BadDigest: [400, { "with another body under the same checksum": withBody(OTHER) }],
  AuthorizationQueryParametersError: [
    400,
    {
      "for another service": inUrl("%2Fs3%2F", "%2Fec2%2F"),
      "for another day": inUrl(/%2F\d{8}%2F/, "%2F20200101%2F"),
      "by another algorithm": inUrl("SHA256&", "SHA1&"),
      "with a time that is no number": inUrl("Expires=900", "Expires=1e2"),
      "for longer than a week": inUrl("Expires=900", "Expires=604801"),
      "of a date that is none": inUrl(/(?<=Date=\d{8})T\d+Z/, "T1"),
    },
  ],
};

const FORGERIES = Object.entries(UPLOADS).flatMap(([code, [status, changes]]) =>
  Object.entries(changes).map(([what, change]) => ({ what, code, status, change })),
);

/** By node:http: `fetch` sets the host by itself. */
async function ask({ url, method, headers, body }: Asked): Promise<{ status: number; code: string | undefined }> {
  const sent = request(url, { method, headers: { ...headers, "content-length": body.length } });
  const answered = new Promise<{ status: number; code: string | undefined }>((resolve, reject) => {
    sent.on("error", reject).on("response", (response) => {
      text(response).then(
        (xml) => resolve({ status: response.statusCode ?? 0, code: /<Code>(\w+)</.exec(xml)?.[1] }),
        reject,
      );
    });
  });
  sent.end(body);
  return answered;
}

describe("the local store refuses an upload", () => {
  /** Asks for an upload as the function allows it, with something changed. */
  async function tried(change: Change, later = 0) {
    const world = await startStore();
    const { url, headers } = await world.presigner.presignUpload(newFileId(), announced(BODY), world.host);
    world.clock.now += later;
    const answer = await ask(change({ url, method: "PUT", headers, body: BODY }));
    if (answer.status !== 200) expect(readdirSync(world.folder, { recursive: true })).toEqual(["unfinished"]);
    expect(world.faults).toEqual([]);
    return answer;
  }
  const unchanged: Change = (asked) => asked;

  it.each(FORGERIES)("$what", async ({ code, status, change }) => {
    expect(await tried(change)).toEqual({ status, code });
  });

  it("that has expired, and one that was signed for a time to come", async () => {
    expect(await tried(unchanged, 15 * MINUTE)).toEqual({ status: 403, code: "AccessDenied" });
    expect(await tried(unchanged, -16 * MINUTE)).toEqual({ status: 403, code: "AccessDenied" });
  });

  it("and takes it without such a change, until its time is over", async () => {
    expect(await tried(unchanged)).toMatchObject({ status: 200 });
    expect(await tried(unchanged, 15 * MINUTE - 1_000)).toMatchObject({ status: 200 });
  });

  it("in parts of which nobody knows the length", async () => {
    const world = await startStore();
    const signed = await signedByHand(world, "PUT", `/-files/${newFileId()}`);
    const sent = request(signed, { method: "PUT", headers: { "transfer-encoding": "chunked" } });
    const status = new Promise((resolve) => sent.on("response", (response) => resolve(response.resume().statusCode)));
    sent.end(BODY);
    expect(await status).toBe(411);
  });
});

/** What only the owner of the secret can ask for, and the function never does. */
const signedByHand = async ({ origin }: StoreWorld, method: string, path: string): Promise<string> => {
  const { region, ...credentials } = SIGNER;
  const signer = new AwsV4Signer({
    method,
    url: origin + path,
    ...credentials,
    region,
    service: "s3",
    signQuery: true,
  });
  return (await signer.sign()).url.href;
};

describe("the local store refuses, with a right signature", () => {
  it.each([
    ["PUT", "/-files/short"],
    ["PUT", "/-files/..%5ctoken.key"],
    ["GET", "/-files/unfinished"],
    ["GET", "/-files/"],
    ["GET", `/-files/${newFileId()}/more`],
  ])("%s of %s, which is no file's key", async (method, path) => {
    const world = await startStore();
    const answer = await ask({ url: await signedByHand(world, method, path), method, headers: {}, body: BODY });
    expect(answer).toEqual({ status: 403, code: "AccessDenied" });
  });

  it("a method that it does not have", async () => {
    const world = await startStore();
    const url = await signedByHand(world, "DELETE", `/-files/${newFileId()}`);
    const answer = await ask({ url, method: "DELETE", headers: {}, body: BODY });
    expect(answer).toEqual({ status: 405, code: "MethodNotAllowed" });
  });
});

describe("the local store, with a signature in a header, as AWS's own clients have it", () => {
  /** Signs an upload of `BODY`, and sends this one. */
  async function put(body: Buffer, payload: string) {
    const { origin, folder } = await startStore();
    const { region, ...credentials } = SIGNER;
    const url = `${origin}/-files/${newFileId()}`;
    const headers = { "x-amz-content-sha256": payload };
    const signer = new AwsV4Signer({ method: "PUT", url, headers, ...credentials, region, service: "s3" });
    const signed = await signer.sign();
    const answer = await ask({ url, method: "PUT", headers: Object.fromEntries(signed.headers), body });
    return { ...answer, kept: readdirSync(folder).filter((name) => name !== "unfinished").length };
  }
  const hexOf = (body: Buffer): string => Buffer.from(checksumOf(body), "base64").toString("hex");

  it("takes the body that was signed, and any where none was", async () => {
    expect(await put(BODY, hexOf(BODY))).toMatchObject({ status: 200, kept: 1 });
    expect(await put(OTHER, "UNSIGNED-PAYLOAD")).toMatchObject({ status: 200, kept: 1 });
  });

  it("refuses another body of the same length, and keeps nothing of it", async () => {
    expect(await put(OTHER, hexOf(BODY))).toEqual({ status: 400, code: "XAmzContentSHA256Mismatch", kept: 0 });
  });

  it("refuses a body that is signed in parts", async () => {
    const payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    expect(await put(BODY, payload)).toEqual({ status: 501, code: "NotImplemented", kept: 0 });
  });
});

describe("the local store refuses a download", () => {
  it.each([
    ["that has expired", 5 * MINUTE, (url: string) => url],
    ["of another file", 0, (url: string) => url.replace(/-files\/.{22}/, `-files/${newFileId()}`)],
    ["that is not signed", 0, (url: string) => url.replace(/\?.*/, "")],
  ])("%s", async (_, later, change) => {
    const world = await startStore();
    const id = newFileId();
    const upload = await world.presigner.presignUpload(id, announced(BODY), world.host);
    await ask({ ...upload, method: "PUT", body: BODY });
    const { url } = await world.presigner.presignDownload(id, world.host);
    expect((await fetch(url)).status).toBe(200);
    world.clock.now += later;
    expect((await fetch(change(url))).status).toBe(403);
  });
});
