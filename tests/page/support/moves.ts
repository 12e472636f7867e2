import type { BrowserContext, Locator, Route } from "playwright-core";
import type { Client } from "../../../lib/client/index.ts";
import type { Visitor } from "../../support/page/visitor.ts";
import { close, historyOf, importFile, says } from "./history-files.ts";
import { openFromMenu } from "./menu.ts";

export const TO_ANOTHER = "Bring history to another device";
export const FROM_ANOTHER = "Bring history from another device";

/** So many {@link longTexts} are a history in two parts: 200 with 6 MB, and the rest. */
export const IN_TWO_PARTS = 250;

/** Gives a device a history with somebody, by an import. */
export async function giveHistory(visitor: Visitor, peer: Client, contents: readonly string[]): Promise<void> {
  const dialog = await importFile(visitor, await historyOf(visitor, peer, contents));
  await says(dialog, `${contents.length.toLocaleString("en")} message${contents.length === 1 ? "" : "s"} added.`);
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
