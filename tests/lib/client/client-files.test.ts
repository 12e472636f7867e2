import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { FileCipher } from "../../../lib/client/file-cipher.ts";
import { type FileContent, FileError, NetworkError, ProblemError } from "../../../lib/client/index.ts";
import { FILE_BYTES } from "../../../lib/contract/files.ts";
import { json, problem, testTiming } from "../../support/client-servers.ts";
import { chunked, cutOff, file, fileService, halfOf, lostAnswer, portal, s3Error, stored } from "./file-service.ts";

const TEXT = new TextEncoder().encode("The quick brown fox");
const BLOB = new Blob([TEXT], { type: "text/plain" });
const SEALED_BYTES = TEXT.byteLength + 16;

/** Three segments and a bit. */
const LARGE = new Blob([Uint8Array.from({ length: 3_200_000 }, (_, index) => index % 251)]);

/** A file as its message tells of it, and as it is stored. */
async function uploaded(blob = BLOB) {
  const { client, transfers } = await fileService();
  const content = await client.uploadFile(blob, { name: "fox.txt" });
  return { content, sealed: transfers[0]?.body ?? Buffer.alloc(0) };
}

/** A file that is too large to be read. */
class Unread extends Blob {
  override get size(): number {
    return FILE_BYTES + 1;
  }

  override slice(): Blob {
    throw new Error("The file is read.");
  }
}

describe("uploading a file", () => {
  it("asks for a place, and puts there what is encrypted, with the headers that were given and its length", async () => {
    const { client, asked, transfers } = await fileService();
    const content = await client.uploadFile(BLOB, { name: "fox.txt", width: 3, preview: "cHJl" });
    const [{ request, body = Buffer.alloc(0) } = { request: undefined }] = transfers;
    const sha256 = createHash("sha256").update(body).digest("base64");
    expect(asked).toEqual([{ route: "POST /files", bytes: SEALED_BYTES, sha256 }]);
    expect(request?.method).toBe("PUT");
    expect(request?.headers).toMatchObject({
      "content-length": String(SEALED_BYTES),
      "content-type": "application/octet-stream",
      "x-amz-checksum-sha256": "c",
    });
    expect(request?.headers["transfer-encoding"]).toBeUndefined();
    expect(request?.headers.authorization).toBeUndefined();
    const { key, iv, ...rest } = content;
    const details = { name: "fox.txt", mediaType: "text/plain", bytes: TEXT.byteLength, width: 3, preview: "cHJl" };
    expect(rest).toEqual({ fileId: "file-1", sha256, ...details });
    const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "base64url"));
    const cipher = await FileCipher.of(bytes(key), bytes(iv));
    expect(await cipher.openAll(Uint8Array.from(body), TEXT.byteLength)).toEqual(TEXT);
  });

  it("takes a key and a nonce of its own for each file", async () => {
    const [{ content: one }, { content: other }] = [await uploaded(), await uploaded()];
    expect(one.key).not.toBe(other.key);
    expect(one.iv).not.toBe(other.iv);
  });

  it.each([
    [{ mediaType: "image/webp" }, BLOB, "image/webp"],
    [{}, BLOB, "text/plain"],
    [{}, new Blob(["a"]), "application/octet-stream"],
  ])("says the media type %j, or that of the blob", async (given, blob, mediaType) => {
    const { client } = await fileService();
    expect((await client.uploadFile(blob, { name: "a", ...given })).mediaType).toBe(mediaType);
  });

  it("tells of its progress, from nothing to all", async () => {
    const { client } = await fileService();
    const told: [number, number][] = [];
    await client.uploadFile(LARGE, { name: "a", onProgress: (...progress) => told.push(progress) });
    const total = LARGE.size + 4 * 16;
    expect(told[0]).toEqual([0, total]);
    expect(told.at(-1)).toEqual([total, total]);
    expect(told.map(([done]) => done)).toEqual(told.map(([done]) => done).toSorted((one, other) => one - other));
    expect(told.length).toBeGreaterThan(40);
  });

  it.each([
    ["the connection is cut", cutOff],
    ["the answer is lost", lostAnswer],
    ["S3 is busy", s3Error(503, "SlowDown")],
    ["S3 has waited for it", s3Error(400, "RequestTimeout")],
    ["S3 has an error", s3Error(500, "InternalError")],
    ["a portal answers", portal(200)],
    ["a proxy forbids it", portal(403)],
  ])("is repeated in the same place when %s", async (_, fault) => {
    const { client, asked, transfers, timing } = await fileService({ store: [fault, fault, stored] });
    const retried: unknown[] = [];
    const content = await client.uploadFile(BLOB, { name: "a", onRetry: (error) => retried.push(error) });
    expect(content.fileId).toBe("file-1");
    expect(asked).toHaveLength(1);
    expect(transfers.map(({ request }) => request.url)).toEqual(Array(3).fill("/store/1"));
    expect(timing.sleeps).toEqual([100, 200]);
    expect(retried).toEqual([expect.any(NetworkError), expect.any(NetworkError)]);
  });

  it("gives the same bytes to each attempt", async () => {
    const { client, transfers } = await fileService({ store: [lostAnswer, stored] });
    await client.uploadFile(LARGE, { name: "a" });
    expect(transfers[0]?.body).toHaveLength(LARGE.size + 4 * 16);
    expect(transfers[0]?.body?.equals(transfers[1]?.body ?? Buffer.alloc(0))).toBe(true);
  });

  it("is done when the store has it from an attempt before", async () => {
    const { client, transfers } = await fileService({ store: [lostAnswer, s3Error(412, "PreconditionFailed")] });
    expect((await client.uploadFile(BLOB, { name: "a" })).fileId).toBe("file-1");
    expect(transfers).toHaveLength(2);
  });

  it.each(["AccessDenied", "ExpiredToken"])("asks for another place when the store says %s", async (code) => {
    const { client, asked, transfers } = await fileService({ store: [s3Error(403, code), stored] });
    expect((await client.uploadFile(BLOB, { name: "a" })).fileId).toBe("file-2");
    expect(asked).toHaveLength(2);
    expect(transfers.map(({ request }) => request.url)).toEqual(["/store/1", "/store/2"]);
  });

  it("asks for another place when the URL has run out, though the store only hangs up", async () => {
    const { client, asked } = await fileService({ store: [cutOff, stored], expiresAt: "2025-12-31T23:59:59Z" });
    expect((await client.uploadFile(BLOB, { name: "a" })).fileId).toBe("file-2");
    expect(asked).toHaveLength(2);
  });

  it("gives up when the store refuses three places", async () => {
    const { client, asked } = await fileService({ store: [s3Error(403, "AccessDenied")] });
    const uploading = client.uploadFile(BLOB, { name: "a" });
    await expect(uploading).rejects.toMatchObject({ name: "NetworkError", status: 403 });
    expect(asked).toHaveLength(3);
  });

  it("gives up when the store refuses for good", async () => {
    const { client, transfers } = await fileService({ store: [s3Error(400, "BadDigest")] });
    const uploading = client.uploadFile(BLOB, { name: "a" });
    await expect(uploading).rejects.toThrow("The file store answered with HTTP 400 (BadDigest).");
    expect(transfers).toHaveLength(1);
  });

  it("gives up after the time of all calls, in which a transfer does not count", async () => {
    const timing = testTiming();
    const { client, transfers } = await fileService({
      timing,
      store: [
        async (response) => {
          await timing.sleep(3_600_000);
          response.destroy();
        },
      ],
    });
    await expect(client.uploadFile(BLOB, { name: "a" })).rejects.toBeInstanceOf(NetworkError);
    const waits = timing.sleeps.filter((milliseconds) => milliseconds !== 3_600_000);
    expect(transfers).toHaveLength(waits.length + 1);
    expect(waits.slice(0, 3)).toEqual([100, 200, 400]);
    const waited = waits.reduce((sum, wait) => sum + wait, 0);
    expect(waited).toBeGreaterThan(20_000);
    expect(waited).toBeLessThanOrEqual(30_000);
  });

  it.each([
    [413, "file_too_large"],
    [401, "invalid_token"],
  ])("passes on a problem: %i %s", async (status, code) => {
    const { client, transfers } = await fileService({ api: [problem(status, code)] });
    await expect(client.uploadFile(BLOB, { name: "a" })).rejects.toMatchObject({ name: "ProblemError", status, code });
    expect(transfers).toEqual([]);
  });

  it("passes on that the user has uploaded enough for today", async () => {
    const tooMany = problem(429, "too_many_files", { "retry-after": "3600" });
    const { client, asked } = await fileService({ api: [tooMany] });
    const uploading = client.uploadFile(BLOB, { name: "a" });
    await expect(uploading).rejects.toMatchObject({ code: "too_many_files", retryAfter: 3_600 });
    expect(asked).toHaveLength(1);
  });

  it("refuses what is said about it if no message has room for that, before anything is uploaded", async () => {
    const { client, asked } = await fileService();
    const uploading = client.uploadFile(BLOB, { name: "a".repeat(16_384) });
    await expect(uploading).rejects.toMatchObject({ name: "ProblemError", status: 413, code: "too_large" });
    expect(asked).toEqual([]);
  });

  it("asks before it reads a file that is larger than most servers take", async () => {
    const { client, asked } = await fileService({ api: [problem(413, "file_too_large")] });
    await expect(client.uploadFile(new Unread(), { name: "a" })).rejects.toMatchObject({ code: "file_too_large" });
    expect(asked).toEqual([{ route: "POST /files", bytes: FILE_BYTES + 1 + 26 * 16, sha256: `${"A".repeat(43)}=` }]);
  });

  it("needs a login", async () => {
    const { client } = await fileService();
    client.session = undefined;
    await expect(client.uploadFile(BLOB, { name: "a" })).rejects.toMatchObject({ code: "not_logged_in" });
  });

  it("ends with the signal's reason, and hangs up", async () => {
    const controller = new AbortController();
    const { client, transfers } = await fileService({
      store: [
        (_, request) => {
          request.pause();
          controller.abort("enough");
        },
      ],
    });
    await expect(client.uploadFile(LARGE, { name: "a", signal: controller.signal })).rejects.toBe("enough");
    expect(transfers).toHaveLength(1);
    expect(transfers[0]?.body).toBeUndefined();
  });

  it("ends with the signal's reason between two attempts", async () => {
    const controller = new AbortController();
    const { client, transfers, timing } = await fileService({ store: [cutOff] });
    timing.onSleep = () => controller.abort("enough");
    await expect(client.uploadFile(BLOB, { name: "a", signal: controller.signal })).rejects.toBe("enough");
    expect(transfers).toHaveLength(1);
  });

  it("says that the file has changed, and does not repeat that", async () => {
    const { client, transfers } = await fileService();
    let reads = 0;
    const changing = new Blob([TEXT]);
    changing.slice = () => new Blob([reads++ === 0 ? TEXT : TEXT.map((byte) => byte ^ 1)]);
    await expect(client.uploadFile(changing, { name: "a" })).rejects.toEqual(new FileError("file_changed"));
    expect(transfers.map(({ body }) => body)).toEqual([undefined].slice(0, transfers.length));
  });
});

describe("sending a file", () => {
  it("uploads it, and sends the message about it", async () => {
    const sent = {
      messageId: "0199d3a0-0000-7000-8000-000000000000",
      sentAt: "2026-01-01T00:00:00.000Z",
      status: "accepted",
    };
    const said: string[] = [];
    const { client } = await fileService({
      store: [
        async (response, request) => {
          if (request.url !== "/send") return stored(response, request);
          let body = "";
          for await (const chunk of request) body += chunk;
          said.push(body);
          return json(202, sent)(response, request);
        },
      ],
    });
    const message = { to: "id-2", about: "a-1", messageId: sent.messageId };
    expect(await client.sendFile({ ...message, file: BLOB, name: "fox.txt", duration: 1.5 })).toEqual(sent);
    const { content, ...rest } = JSON.parse(said.join());
    expect(rest).toEqual({ id: "id-1", sendToId: "id-2", type: "file", about: "a-1", messageId: sent.messageId });
    const expected = {
      fileId: "file-1",
      name: "fox.txt",
      mediaType: "text/plain",
      bytes: TEXT.byteLength,
      duration: 1.5,
    };
    expect(JSON.parse(content)).toMatchObject(expected);
  });

  it("sends nothing when the upload fails", async () => {
    const { client, transfers } = await fileService({ api: [problem(413, "file_too_large")] });
    await expect(client.sendFile({ to: "id-2", file: BLOB, name: "a" })).rejects.toBeInstanceOf(ProblemError);
    expect(transfers).toEqual([]);
  });
});

describe("fetching a file", () => {
  it.each([0, 1, 1_048_576, 3_200_000])("gives %i bytes as they were sent", async (bytes) => {
    const { content, sealed } = await uploaded(LARGE.slice(0, bytes));
    const { client, asked, transfers } = await fileService({ store: [file(sealed)] });
    const fetched = await client.fetchFile(content);
    expect(
      Buffer.from(await fetched.arrayBuffer()).equals(Buffer.from(await LARGE.slice(0, bytes).arrayBuffer())),
    ).toBe(true);
    expect(asked).toEqual([{ route: "GET /files/file-1" }]);
    expect(transfers.map(({ request }) => [request.method, request.headers.authorization])).toEqual([
      ["GET", undefined],
    ]);
  });

  it("gives it no media type, which a browser might run", async () => {
    const { content, sealed } = await uploaded();
    const { client } = await fileService({ store: [file(sealed, { "content-type": "text/html" })] });
    expect((await client.fetchFile({ ...content, mediaType: "text/html" })).type).toBe("");
  });

  it("takes an answer without a length", async () => {
    const { content, sealed } = await uploaded();
    const { client } = await fileService({ store: [chunked(sealed)] });
    expect(await (await client.fetchFile(content)).text()).toBe("The quick brown fox");
  });

  it("tells of its progress, from nothing to all", async () => {
    const { content, sealed } = await uploaded(LARGE);
    const { client } = await fileService({ store: [file(sealed)] });
    const told: [number, number][] = [];
    await client.fetchFile(content, { onProgress: (...progress) => told.push(progress) });
    const total = sealed.byteLength;
    expect(told[0]).toEqual([0, total]);
    expect(told.at(-1)).toEqual([total, total]);
    expect(told.map(([done]) => done)).toEqual(told.map(([done]) => done).toSorted((one, other) => one - other));
    expect(told.length).toBeGreaterThan(10);
  });

  it.each([
    ["the connection is cut", cutOff],
    ["S3 is busy", s3Error(503, "SlowDown")],
    ["a proxy forbids it", portal(403)],
    ["a proxy finds nothing", portal(404)],
  ])("is repeated by a new URL when %s", async (_, fault) => {
    const { content, sealed } = await uploaded();
    const { client, transfers } = await fileService({ store: [fault, file(sealed)] });
    expect((await client.fetchFile(content)).size).toBe(TEXT.byteLength);
    expect(transfers.map(({ request }) => request.url)).toEqual(["/store/1", "/store/2"]);
  });

  it("is repeated when the connection is cut half-way", async () => {
    const { content, sealed } = await uploaded();
    const { client } = await fileService({ store: [halfOf(sealed), file(sealed)] });
    expect(await (await client.fetchFile(content)).text()).toBe("The quick brown fox");
  });

  it.each([
    ["no such key", s3Error(404, "NoSuchKey")],
    ["nothing to those who may not list the keys", s3Error(403, "AccessDenied")],
  ])("says that it has expired when the store says %s, and does not repeat that", async (_, gone) => {
    const { content } = await uploaded();
    const { client, transfers } = await fileService({ store: [gone] });
    await expect(client.fetchFile(content)).rejects.toMatchObject({ name: "FileError", code: "file_expired" });
    expect(transfers).toHaveLength(1);
  });

  it("says that it has expired when the server does not know it", async () => {
    const { content } = await uploaded();
    const { client } = await fileService({ api: [problem(404, "unknown_file")] });
    await expect(client.fetchFile(content)).rejects.toMatchObject({ name: "FileError", code: "file_expired" });
  });

  it("says the same of an id that would be another path", async () => {
    const { content } = await uploaded();
    const { client, asked } = await fileService();
    await expect(client.fetchFile({ ...content, fileId: ".." })).rejects.toMatchObject({ code: "file_expired" });
    expect(asked).toEqual([]);
  });

  it.each<[string, (sealed: Buffer) => Uint8Array, typeof file]>([
    ["another bit", (sealed) => sealed.map((byte, index) => (index === 5 ? byte ^ 1 : byte)), file],
    ["a byte too many", (sealed) => Buffer.concat([sealed, Buffer.of(0)]), file],
    ["a byte too few", (sealed) => sealed.subarray(1), file],
    ["a byte too many and no length", (sealed) => Buffer.concat([sealed, Buffer.of(0)]), chunked],
    ["a byte too few and no length", (sealed) => sealed.subarray(1), chunked],
  ])("refuses %s, and does not repeat that", async (_, change, act) => {
    const { content, sealed } = await uploaded();
    const { client, transfers } = await fileService({ store: [act(change(sealed))] });
    await expect(client.fetchFile(content)).rejects.toMatchObject({ name: "FileError", code: "file_corrupt" });
    expect(transfers).toHaveLength(1);
  });

  it("takes no memory for a length that the store does not confirm", async () => {
    const { content, sealed } = await uploaded();
    const { client } = await fileService({ store: [file(sealed)] });
    const lie: FileContent = { ...content, bytes: Number.MAX_SAFE_INTEGER };
    await expect(client.fetchFile(lie)).rejects.toMatchObject({ code: "file_corrupt" });
  });

  it("ends with the signal's reason", async () => {
    const { content } = await uploaded();
    const controller = new AbortController();
    const { client } = await fileService({ store: [() => controller.abort("enough")] });
    await expect(client.fetchFile(content, { signal: controller.signal })).rejects.toBe("enough");
  });
});
