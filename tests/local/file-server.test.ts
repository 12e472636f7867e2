import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { StoredFiles } from "../../local/stored-files.ts";
import { eventually } from "../support/eventually.ts";
import { announced, checksumOf } from "../support/uploads.ts";
import { BUCKET, newFileId, type StoreWorld, startStore } from "./store-world.ts";

const BODY = randomBytes(3 * 1_048_576 + 17);

const codeOf = (xml: string): string | undefined => /<Code>(\w+)<\/Code>/.exec(xml)?.[1];

async function upload(world: StoreWorld, body: Uint8Array<ArrayBuffer> = BODY): Promise<string> {
  const id = newFileId();
  const { url, headers } = await world.presigner.presignUpload(id, announced(body), world.host);
  const { status } = await fetch(url, { method: "PUT", headers, body });
  expect(status).toBe(200);
  return id;
}

const download = async (world: StoreWorld, id: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch((await world.presigner.presignDownload(id, world.host)).url, { headers });

describe("the local store, with the URLs that the function signs", () => {
  it("gives back what was uploaded, byte by byte, for its owner's eyes only on the disk", async () => {
    const world = await startStore();
    const id = await upload(world);
    const answer = await download(world, id);
    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer()).equals(BODY)).toBe(true);
    expect(readFileSync(join(world.folder, id)).equals(BODY)).toBe(true);
    expect(statSync(join(world.folder, id)).mode & 0o077).toBe(0);
    expect(world.faults).toEqual([]);
  });

  it("takes the same upload again, and an empty file", async () => {
    const world = await startStore();
    const id = newFileId();
    const { url, headers } = await world.presigner.presignUpload(id, announced(BODY), world.host);
    for (let turn = 0; turn < 2; turn++) {
      expect((await fetch(url, { method: "PUT", headers, body: BODY })).status).toBe(200);
    }
    const empty = await download(world, await upload(world, new Uint8Array()));
    expect([empty.status, (await empty.arrayBuffer()).byteLength]).toEqual([200, 0]);
  });

  it("leaves every other path to the API", async () => {
    const { origin } = await startStore();
    for (const path of ["/", "/files", "/-files", "/-filesystem/x"]) {
      expect(await (await fetch(origin + path)).text()).toBe("the API");
    }
  });

  it("says of a file that is not there what S3 says to whom may not list the bucket", async () => {
    const world = await startStore();
    const answer = await download(world, newFileId());
    expect([answer.status, codeOf(await answer.text())]).toEqual([403, "AccessDenied"]);
  });

  it("serves what no browser would run or show, whatever was uploaded", async () => {
    const world = await startStore();
    const id = await upload(world, new TextEncoder().encode("<script>alert(1)</script>"));
    const { headers } = await download(world, id);
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-disposition")).toBe("attachment");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
  });

  it.each([
    ["bytes=0-9", 206, [0, 10]],
    ["bytes=100-", 206, [100, BODY.length]],
    ["bytes=-5", 206, [BODY.length - 5, BODY.length]],
    [`bytes=10-${BODY.length + 99}`, 206, [10, BODY.length]],
    ["bytes=5-2", 200, [0, BODY.length]],
    ["bytes=0-1,4-5", 200, [0, BODY.length]],
    ["lines=0-9", 200, [0, BODY.length]],
  ])("answers the range %s as S3 does", async (range, status, [from, to]) => {
    const world = await startStore();
    const answer = await download(world, await upload(world), { range });
    expect(answer.status).toBe(status);
    expect(Buffer.from(await answer.arrayBuffer()).equals(BODY.subarray(from, to))).toBe(true);
    const told = status === 206 ? `bytes ${from}-${(to ?? 0) - 1}/${BODY.length}` : null;
    expect(answer.headers.get("content-range")).toBe(told);
  });

  it("answers 416 to a range behind the end", async () => {
    const world = await startStore();
    const answer = await download(world, await upload(world), { range: `bytes=${BODY.length}-` });
    expect([answer.status, codeOf(await answer.text())]).toEqual([416, "InvalidRange"]);
  });

  it.each([
    ["an upload that it takes", (url: string) => url, true, 200],
    ["one that it refuses", (url: string) => url.replace(/Signature=../, "Signature=zz"), false, 403],
  ])("asks a client that waits for it, as curl does, for the body of %s", async (_, change, isAsked, status) => {
    const world = await startStore();
    const { url, headers } = await world.presigner.presignUpload(newFileId(), announced(BODY), world.host);
    const sent = request(change(url), {
      method: "PUT",
      headers: { ...headers, "content-length": BODY.length, expect: "100-continue" },
    });
    let asked = false;
    sent.on("continue", () => {
      asked = true;
      sent.end(BODY);
    });
    sent.flushHeaders();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    expect([asked, response.statusCode]).toEqual([isAsked, status]);
    sent.destroy();
  });

  it("allows a page of its own origin what the bucket's rule allows", async () => {
    const world = await startStore();
    const headers = { origin: world.origin, "access-control-request-method": "PUT" };
    const preflight = await fetch(`${world.origin}/-files/${newFileId()}`, { method: "OPTIONS", headers });
    expect(preflight.status).toBe(200);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      "access-control-allow-origin": world.origin,
      "access-control-allow-methods": "GET, PUT",
      "access-control-allow-headers": "content-type, x-amz-checksum-sha256",
      vary: "Origin",
    });
    const answer = await download(world, await upload(world), { origin: world.origin });
    expect(answer.headers.get("access-control-allow-origin")).toBe(world.origin);
  });
});

describe("the local store, with AWS's own client", () => {
  it("takes a PutObject and answers a GetObject", async () => {
    const world = await startStore();
    const [client, Key] = [world.sdk(), newFileId()];
    const put = { Bucket: BUCKET, Key, Body: BODY, ChecksumSHA256: checksumOf(BODY) };
    const stored = await client.send(new PutObjectCommand(put));
    expect(stored).toMatchObject({ ETag: `"${Key}"`, ChecksumSHA256: checksumOf(BODY) });
    const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    expect(ContentLength).toBe(BODY.length);
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(BODY)).toBe(true);
    const part = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key, Range: "bytes=1-3" }));
    expect(part).toMatchObject({ ContentLength: 3, ContentRange: `bytes 1-3/${BODY.length}` });
    part.Body?.transformToByteArray();
  });

  it("takes the URLs that AWS's own presigner makes", async () => {
    const world = await startStore();
    const [client, Key] = [world.sdk(), newFileId()];
    const put = { Bucket: BUCKET, Key, ContentLength: BODY.length, ChecksumSHA256: checksumOf(BODY) };
    const url = await getSignedUrl(client, new PutObjectCommand(put), {
      expiresIn: 60,
      signableHeaders: new Set(["host", "content-length", "x-amz-checksum-sha256"]),
      unhoistableHeaders: new Set(["x-amz-checksum-sha256"]),
    });
    const headers = { "x-amz-checksum-sha256": checksumOf(BODY) };
    expect((await fetch(url, { method: "PUT", headers, body: BODY })).status).toBe(200);
    const fetched = await fetch(await getSignedUrl(client, new GetObjectCommand({ Bucket: BUCKET, Key })));
    expect(Buffer.from(await fetched.arrayBuffer()).equals(BODY)).toBe(true);
  });

  it.each([
    ["with another secret", { secretAccessKey: "another" }, "SignatureDoesNotMatch"],
    ["with another access key", { accessKeyId: "another" }, "InvalidAccessKeyId"],
    ["for another region", { region: "eu-west-1" }, "AuthorizationQueryParametersError"],
  ])("refuses it %s", async (_, signer, code) => {
    const world = await startStore();
    const put = new PutObjectCommand({ Bucket: BUCKET, Key: newFileId(), Body: BODY });
    await expect(world.sdk(signer).send(put)).rejects.toMatchObject({ name: code });
    expect(readdirSync(world.folder)).toEqual(["unfinished"]);
  });

  it("refuses it when the clocks are too far apart", async () => {
    const world = await startStore();
    world.clock.now += 16 * 60_000;
    const get = new GetObjectCommand({ Bucket: BUCKET, Key: newFileId() });
    await expect(world.sdk().send(get)).rejects.toMatchObject({ name: "RequestTimeTooSkewed" });
  });
});

describe("what the local store keeps", () => {
  it("has nothing of an upload whose body is another one than its checksum says", async () => {
    const world = await startStore();
    const id = newFileId();
    const { url, headers } = await world.presigner.presignUpload(id, announced(BODY), world.host);
    const other = Buffer.from(BODY);
    other[12_345] = (other[12_345] ?? 0) ^ 1;
    const answer = await fetch(url, { method: "PUT", headers, body: other });
    expect([answer.status, codeOf(await answer.text())]).toEqual([400, "BadDigest"]);
    expect(readdirSync(world.folder, { recursive: true })).toEqual(["unfinished"]);
  });

  it("has nothing of an upload that was broken off", async () => {
    const world = await startStore();
    const { url, headers } = await world.presigner.presignUpload(newFileId(), announced(BODY), world.host);
    const { port, pathname, search, host } = new URL(url);
    const socket = connect(Number(port), "127.0.0.1");
    const lines = Object.entries({ host, ...headers, "content-length": BODY.length }).map((line) => line.join(": "));
    socket.write(`PUT ${pathname}${search} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    socket.write(BODY.subarray(0, 100_000));
    await eventually(() => expect(readdirSync(join(world.folder, "unfinished"))).toHaveLength(1));
    socket.destroy();
    await eventually(() => expect(readdirSync(join(world.folder, "unfinished"))).toEqual([]));
    expect(readdirSync(world.folder)).toEqual(["unfinished"]);
    expect(world.faults).toEqual([]);
  });

  it("is rid of what an earlier run has not finished", async () => {
    const { folder } = await startStore();
    writeFileSync(join(folder, "unfinished", "left"), "half");
    new StoredFiles(folder);
    expect(readdirSync(join(folder, "unfinished"))).toEqual([]);
  });

  it("goes 60 days after it came, as the lifecycle rule has it", async () => {
    const world = await startStore();
    const [old, young] = [await upload(world), await upload(world)];
    const store = new StoredFiles(world.folder);
    const now = Date.now();
    world.clock.now = now;
    utimesSync(join(world.folder, old), new Date(), new Date(now - LIMITS.files.kept));
    utimesSync(join(world.folder, young), new Date(), new Date(now - LIMITS.files.kept + 60_000));
    writeFileSync(join(world.folder, "notes.txt"), "somebody's own");
    utimesSync(join(world.folder, "notes.txt"), new Date(0), new Date(0));
    expect((await download(world, old)).status).toBe(403);
    expect((await download(world, young)).status).toBe(200);
    await store.removeExpired(now);
    expect(readdirSync(world.folder).toSorted()).toEqual([young, "notes.txt", "unfinished"].toSorted());
    expect(LIMITS.files.kept).toBe(60 * 86_400_000);
  });
});
