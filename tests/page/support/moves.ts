import type { BrowserContext, Locator, Route } from "playwright-core";
import { expect } from "vitest";
import type { Client } from "../../../lib/client/index.ts";
import type { Offering } from "../../../static/src/storage/move-records.ts";
import type { Fixture } from "../../support/page/fixture.ts";
import type { Visitor } from "../../support/page/visitor.ts";
import { close, historyOf, importFile, numbered, says } from "./history-files.ts";
import { openFromMenu } from "./menu.ts";
import { storedRecords } from "./records.ts";

export const TO_ANOTHER = "Bring history to another device";
export const FROM_ANOTHER = "Bring history from another device";

/** For long histories on a busy machine, in milliseconds. */
const LONG = 300_000;

/** So many {@link longTexts} are a history in two parts: 200 with 6 MB, and the rest. */
export const IN_TWO_PARTS = 250;

/** Gives a device a history with somebody, by an import. */
export async function giveHistory(visitor: Visitor, peer: Client, contents: readonly string[]): Promise<void> {
  const dialog = await importFile(visitor, await historyOf(visitor, peer, contents));
  await says(dialog, `${contents.length.toLocaleString("en")} message${contents.length === 1 ? "" : "s"} added.`, LONG);
  await close(visitor);
}

/** So many texts of 16 KB, which are twice as long in JSON. */
export const longTexts = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `long ${index} ${'"'.repeat(16_000)}`);

/** Uploads the history of a device. @returns the dialog, with the code */
export async function upload(visitor: Visitor): Promise<Locator> {
  const dialog = await openFromMenu(visitor, TO_ANOTHER);
  await dialog.getByRole("button", { name: "Upload", exact: true }).click();
  await dialog.locator("code").waitFor();
  return dialog;
}

/** The code that a device shows. */
export const codeIn = async (dialog: Locator): Promise<string> => (await dialog.locator("code").textContent()) ?? "";

/** Uploads the history of a device. @returns its code */
export async function codeOf(visitor: Visitor): Promise<string> {
  const code = await codeIn(await upload(visitor));
  await close(visitor);
  return code;
}

/** Opens the dialog that brings a history, and waits until another device has offered one. */
export async function openOffered(visitor: Visitor): Promise<Locator> {
  const dialog = await openFromMenu(visitor, FROM_ANOTHER);
  await dialog.getByText("Another device has uploaded its history").waitFor();
  return dialog;
}

/** Types a code by the keyboard and presses Enter. */
export async function typeCode({ page }: Visitor, dialog: Locator, code: string): Promise<void> {
  const field = dialog.getByLabel("Code from the other device");
  await field.fill("");
  await field.focus();
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
}

/** What goes to the store of files and comes from it: the paths, by the method. */
interface Traffic {
  readonly PUT: string[];
  readonly GET: string[];
  /** Holds back the next request by this method, after so many others. */
  hold(method: "PUT" | "GET", others?: number): Promise<Route>;
}

/** Counts what goes through to the store of files. */
export async function countTraffic(context: BrowserContext): Promise<Traffic> {
  const traffic = { PUT: [] as string[], GET: [] as string[] };
  const held = new Map<string, { readonly others: number; readonly resolve: (route: Route) => void }>();
  const isKnown = (method: string): method is "PUT" | "GET" => method === "PUT" || method === "GET";
  context.on("requestfinished", (request) => {
    const [method, { pathname }] = [request.method(), new URL(request.url())];
    if (pathname.startsWith("/-files/") && isKnown(method)) traffic[method].push(pathname);
  });
  await context.route("**/-files/**", async (route) => {
    const method = route.request().method();
    const { others, resolve } = held.get(method) ?? {};
    held.delete(method);
    if (others === 0) return resolve?.(route);
    if (others !== undefined && resolve) held.set(method, { others: others - 1, resolve });
    await route.continue();
  });
  return {
    ...traffic,
    hold(method, others = 0) {
      const { promise, resolve } = Promise.withResolvers<Route>();
      held.set(method, { others, resolve });
      return promise;
    },
  };
}

/** What a page has kept of an upload. */
export async function offeringIn(visitor: Visitor): Promise<Offering> {
  const found = (await storedRecords<Offering>(visitor, "state")).find(({ code }) => code !== undefined);
  return found ?? expect.fail("nothing was uploaded");
}

/** What it takes to bring a long history to another device. In bytes, but for the parts. */
interface Measured {
  /** Of the parts, as they are uploaded. */
  readonly uploaded: number;
  /** How many parts. */
  readonly parts: number;
  /** The most memory of the page beyond what it had before, while it uploads and while it fetches. */
  readonly uploading: number;
  readonly bringing: number;
}

/** The most memory that a page takes during some work, beyond what it had before. */
async function peakOf({ page }: Visitor, work: () => Promise<unknown>): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  const used = async (): Promise<number> => {
    const usage = await devtools.send("Runtime.getHeapUsage");
    // Newer browsers also tell of what lies outside of the heap: the bytes of buffers.
    return usage.usedSize + Number(Reflect.get(usage, "backingStorageSize") ?? 0);
  };
  await devtools.send("HeapProfiler.collectGarbage");
  const before = await used();
  let [most, isDone] = [before, false];
  const watching = (async () => {
    while (!isDone) most = Math.max(most, await used());
  })();
  await work();
  isDone = true;
  await watching;
  await devtools.detach();
  return most - before;
}

/** Brings a history of so many messages to another device, which has the same messages then. */
export async function bringMany({ visitor, client, secondBrowser }: Fixture, count: number): Promise<Measured> {
  const [laptop, bob] = await Promise.all([visitor("alice"), client("bob")]);
  await giveHistory(laptop, bob, numbered(count, "A message of some words, as people write them, and its number:"));
  const phone = await secondBrowser(laptop);
  const words = `${count.toLocaleString("en")} messages`;
  const offering = await openFromMenu(laptop, TO_ANOTHER);
  const uploading = await peakOf(laptop, async () => {
    await offering.getByRole("button", { name: "Upload", exact: true }).click();
    await says(offering, `${words} are uploaded.`, LONG);
  });
  const code = await codeIn(offering);
  const dialog = await openOffered(phone);
  const bringing = await peakOf(phone, async () => {
    await typeCode(phone, dialog, code);
    await says(dialog, `The history is here: ${words} added.`, LONG);
  });
  const { parts } = await offeringIn(laptop);
  const uploaded = parts.reduce((sum, { file }) => sum + file.bytes, 0);
  return { uploaded, parts: parts.length, uploading, bringing };
}
