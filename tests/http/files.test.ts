import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Api, bearer, httpApi, json } from "../support/api.ts";
import { newPerson, type Person } from "../support/logins.ts";
import { ask } from "../support/raw-request.ts";
import { seedingOf } from "../support/seeding.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { announced } from "../support/uploads.ts";

const BODY = randomBytes(2 * 1_048_576 + 5);

/** A file's whole way, on the stack's own port. */
describe("a file on the local stack", () => {
  let stack: SharedStack;
  let api: Api;
  let ann: Person;
  let bob: Person;
  let fileId: string;

  beforeAll(async () => {
    stack = await sharedStack();
    api = httpApi(stack.url, seedingOf(stack.data));
    [ann, bob] = [await newPerson(api), await newPerson(api)];
  });

  const allowed = async (body: Uint8Array) => {
    const { status, body: answer } = await api(bearer(ann.token, json("/files", announced(body))));
    expect(status).toBe(201);
    return answer as { fileId: string; url: string; headers: Record<string, string> };
  };
  const downloadUrl = async (): Promise<string> =>
    String((await api(bearer(bob.token, { method: "GET", path: `/files/${fileId}` }))).body["url"]);

  it("is uploaded by one and fetched by another, by the host that each has asked", async () => {
    const { url, headers, ...upload } = await allowed(BODY);
    fileId = upload.fileId;
    expect(new URL(url).origin).toBe(stack.url);
    expect((await fetch(url, { method: "PUT", headers, body: BODY })).status).toBe(200);
    expect(readdirSync(join(stack.data, "files"))).toContain(fileId);
    const fetched = await fetch(await downloadUrl());
    expect(Buffer.from(await fetched.arrayBuffer()).equals(BODY)).toBe(true);
  });

  it("is not to be had by another name of the stack than the one that was asked", async () => {
    const url = (await downloadUrl()).replace("localhost", "127.0.0.1");
    expect((await fetch(url)).status).toBe(403);
  });

  it("is not to be had by a page of another site", async () => {
    const { href } = new URL(await downloadUrl());
    for (const headers of [{ origin: "http://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      const answer = await ask(href, { headers });
      expect([answer.status, answer.text.includes("cross_site")]).toEqual([403, true]);
      expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    }
  });

  it("is refused in a way that the client can read, also when the body is long", async () => {
    const { url, headers } = await allowed(BODY);
    const answer = await fetch(url.replace(/Signature=..../, "Signature=0000"), { method: "PUT", headers, body: BODY });
    expect([answer.status, await answer.text()]).toEqual([
      403,
      expect.stringContaining("<Code>SignatureDoesNotMatch</Code>"),
    ]);
  });
});
