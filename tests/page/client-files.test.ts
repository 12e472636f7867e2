import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import type { Client, Session } from "../../lib/client/index.ts";
import { sealedBytes } from "../../lib/contract/files.ts";
import { usePage } from "../support/page/fixture.ts";
import type { filesInPage } from "./support/files-in-page.ts";

type InPage = typeof filesInPage;

const ENTRY = fileURLToPath(new URL("support/files-in-page.ts", import.meta.url));
const SIZE = 3_200_000;

describe("the client library's files in a browser", () => {
  const { stranger, client: newClient } = usePage();
  let page: Page;
  let client: Client;
  let session: Session;
  beforeEach(async () => {
    const { context, url } = await stranger("alice");
    client = await newClient("bob");
    session = client.session as Session;
    const { outputFiles } = await build({ entryPoints: [ENTRY], bundle: true, write: false, format: "iife" });
    page = await context.newPage();
    await page.goto(`${url}/manifest.webmanifest`);
    await page.evaluate(outputFiles[0]?.text ?? "");
  });

  const call = <Name extends keyof InPage>(
    name: Name,
    ...values: Parameters<InPage[Name]>
  ): Promise<Awaited<ReturnType<InPage[Name]>>> =>
    page.evaluate(([key, all]) => Reflect.get(globalThis, "filesInPage")[key](...all), [name, values] as const);

  it("are those that Node sends and fetches, in both directions, and tell of their progress", async () => {
    const sent = await call("upload", session, SIZE);
    expect(sent.content).toMatchObject({ bytes: SIZE, mediaType: "application/octet-stream" });
    expect([sent.told[0], sent.told.at(-1)]).toEqual([0, sealedBytes(SIZE)]);
    const inNode = await client.fetchFile(sent.content);
    const digest = await crypto.subtle.digest("SHA-256", await inNode.arrayBuffer());
    expect(Buffer.from(digest).toString("base64")).toBe(sent.sha256);

    const fromNode = await client.uploadFile(inNode, { name: "b.html", mediaType: "text/html" });
    const fetched = await call("fetch", session, fromNode);
    expect(fetched).toMatchObject({ sha256: sent.sha256, type: "" });
    expect([fetched.told[0], fetched.told.at(-1)]).toEqual([0, sealedBytes(SIZE)]);
  });

  it("are uploaded by a request that tells of its progress, and sets no header that is the browser's", async () => {
    const warnings: string[] = [];
    page.on("console", (message) => warnings.push(message.text()));
    const requests: string[] = [];
    page.on("request", (request) => requests.push(`${request.resourceType()} ${request.method()}`));
    await call("upload", session, SIZE);
    expect(requests).toContain("xhr PUT");
    expect(warnings).toEqual([]);
  });

  it("are no longer uploaded when that is called off", async () => {
    expect(await call("abort", session, SIZE)).toBe("enough");
  });

  it("are uploaded again when the connection was cut", async () => {
    let cuts = 2;
    await page.route("**/-files/**", (route) =>
      route.request().method() === "PUT" && cuts-- > 0 ? route.abort("connectionreset") : route.continue(),
    );
    const { content } = await call("upload", session, 1_000);
    expect((await client.fetchFile(content)).size).toBe(1_000);
    expect(cuts).toBe(-1);
  });
});
