import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { v7 } from "uuid";
import { expect } from "vitest";
import { type Client, keyOf, type User } from "../../../lib/client/index.ts";
import { conversationLine, END_LINE, headerLine, messageLine } from "../../../static/src/history/format.ts";
import { temporaryFolder } from "../../support/folders.ts";
import type { Fixture } from "../../support/page/fixture.ts";
import { cpuTimeOfTasks } from "../../support/page/tasks.ts";
import type { Visitor } from "../../support/page/visitor.ts";

const MINUTE = 60_000;

/** A file with this text, as a person chooses it. */
export const fileOf = (text: string) => ({ name: "history.jsonl", mimeType: "", buffer: Buffer.from(text) });

/** A message that was received or, each third one, sent. */
function lineOf(owner: User, peerId: string, content: string, index: number, time: number): string {
  const senderId = index % 3 === 0 ? owner.id : peerId;
  const messageId = v7({ msecs: time });
  const message = { messageId, senderId, senderName: "", content, sentAt: new Date(time).toISOString() };
  return messageLine({ ...message, id: keyOf(message), conversationId: peerId }, owner.id) ?? "";
}

/** The history of a conversation, one message each `pause` until `end`. */
export async function historyOf(
  owner: Visitor,
  peer: Client,
  contents: readonly string[],
  { end = Date.now(), pause = MINUTE } = {},
): Promise<string> {
  const { id: peerId = "", username: name = "" } = peer.session ?? {};
  const user = await peer.find(owner.username);
  const start = end - pause * contents.length;
  const lines = contents.map((content, index) => lineOf(user, peerId, content, index, start + pause * index));
  return [headerLine(user, new Date()), conversationLine({ peerId, name }), ...lines, END_LINE].join("");
}

export async function openDialog(visitor: Visitor, name: "Export history" | "Import history"): Promise<Locator> {
  await visitor.button(/Account/).click();
  await visitor.button(name).click();
  const dialog = visitor.page.getByRole("dialog", { name });
  await dialog.waitFor();
  return dialog;
}

async function chooseFile(visitor: Visitor, text: string): Promise<Locator> {
  const dialog = await openDialog(visitor, "Import history");
  await dialog.getByLabel("File of an exported history").setInputFiles(fileOf(text));
  return dialog;
}

export async function importFile(visitor: Visitor, text: string): Promise<Locator> {
  const dialog = await chooseFile(visitor, text);
  await dialog.getByRole("button", { name: "Import" }).click();
  return dialog;
}

/** Says of a dialog what has come of its work. @param timeout In milliseconds. */
export const says = (dialog: Locator, text: string, timeout?: number): Promise<void> =>
  dialog
    .getByRole("status")
    .filter({ hasText: text })
    .waitFor(timeout === undefined ? {} : { timeout });

export const close = async (visitor: Visitor): Promise<void> => {
  await visitor.page.keyboard.press("Escape");
  await visitor.page.getByRole("dialog").waitFor({ state: "detached" });
};

/** The text of the file that a page saves when something is done. */
export async function saved({ page }: Visitor, work: () => Promise<unknown>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), work()]);
  const path = join(temporaryFolder(), "saved");
  await download.saveAs(path);
  return { name: download.suggestedFilename(), text: readFileSync(path, "utf8") };
}

export const numbered = (count: number, what: string): string[] =>
  Array.from({ length: count }, (_, index) => `${what} ${index}`);

/** A long history is imported and exported in small tasks, and what is exported is what was imported. */
export async function movesSmoothly({ visitor, client }: Fixture, count: number): Promise<void> {
  // A batch of either is 200 messages.
  const least = count / 500;
  const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
  const text = await historyOf(alice, bob, numbered(count, "message"));
  await alice.page.evaluate(() => {
    const values: number[] = [];
    Reflect.set(globalThis, "progress", values);
    new MutationObserver(() => {
      const value = document.querySelector("progress")?.value;
      if (value !== undefined && value !== values.at(-1)) values.push(value);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  let file = { name: "", text: "" };
  const importing = await chooseFile(alice, text);
  const tasks = await cpuTimeOfTasks(alice, async () => {
    await importing.getByRole("button", { name: "Import" }).click();
    await says(importing, `${count.toLocaleString("en")} messages added.`);
    await close(alice);
    const exporting = await openDialog(alice, "Export history");
    file = await saved(alice, () => exporting.getByRole("button", { name: "Export" }).click());
  });
  expect(tasks.filter((milliseconds) => milliseconds > 100)).toEqual([]);
  const values: number[] = await alice.page.evaluate(() => Reflect.get(globalThis, "progress"));
  const end = values.lastIndexOf(0);
  expect(end).toBeGreaterThan(least);
  for (const part of [values.slice(0, end), values.slice(end)]) {
    expect(part).toEqual(part.toSorted((a, b) => a - b));
    expect(part.length).toBeGreaterThan(least);
  }
  const [, ...lines] = text.split("\n");
  const [, ...exported] = file.text.split("\n");
  expect(exported).toEqual(lines);
}
