import type { BrowserContext } from "playwright-core";
import { describe, expect, it } from "vitest";
import { END_LINE } from "../../static/src/history/format.ts";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { seedHistory } from "../support/page/history.ts";
import { Visitor } from "../support/page/visitor.ts";
import {
  close,
  fileOf,
  historyOf,
  importFile,
  movesSmoothly,
  numbered,
  openDialog,
  saved,
  says,
} from "./support/history-files.ts";

const MINUTE = 60_000;

/** Lets files be read up to their middle, until {@link goOn}. A slow disk does so. */
const withSlowFiles = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    const whole = Blob.prototype.stream;
    const { promise, resolve } = Promise.withResolvers<void>();
    Reflect.set(globalThis, "goOn", resolve);
    File.prototype.stream = function () {
      const halves = [this.slice(0, this.size / 2), this.slice(this.size / 2)];
      const through = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
      void (async () => {
        await whole.call(halves[0] ?? this).pipeTo(through.writable, { preventClose: true });
        await promise;
        await whole.call(halves[1] ?? this).pipeTo(through.writable);
      })().catch(() => undefined);
      return through.readable;
    };
  });

/** A storage that has room for so many messages, as the browser says before a disk is full. A real one is hard to fill. */
const withRoomFor = (messages: number) => (context: BrowserContext) =>
  context.addInitScript((room) => {
    Reflect.set(globalThis, "room", room);
    const original = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...values: Parameters<typeof original>) {
      const left: number = Reflect.get(globalThis, "room");
      if (this.name === "messages" && left === 0) throw new DOMException("full", "QuotaExceededError");
      if (this.name === "messages") Reflect.set(globalThis, "room", left - 1);
      return original.apply(this, values);
    };
  }, messages);

const goOn = ({ page }: Visitor): Promise<void> => page.evaluate(() => Reflect.get(globalThis, "goOn")());

describe("the history of a device", () => {
  const fixture = usePage();
  const { visitor, client } = fixture;

  /** Another browser of the same person. */
  const secondBrowser = async ({ url, username, password }: Visitor): Promise<Visitor> => {
    const { context, page } = await fixture.stranger("elsewhere");
    const second = new Visitor(context, page, url, username, password);
    await page.goto(url);
    await second.logIn();
    return second;
  };

  it("is exported, and another device has it when it is imported there: nothing is unread, and nothing comes twice", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const markup = "<img src=x onerror=alert(1)>";
    await bob.send({ to: id, content: "Hello, Alice!" });
    await alice.conversations.getByText("Hello, Alice!").click();
    await alice.sendForSure(markup);
    await bob.send({ to: id, content: "What is that?" });
    await alice.message("What is that?").waitFor();
    const dialog = await openDialog(alice, "Export history");
    const file = await saved(alice, () => dialog.getByRole("button", { name: "Export" }).click());
    await says(dialog, `3 messages exported as ${file.name}.`);
    expect(file.name).toMatch(/^gotalk-alice-[0-9a-f]{8}-\d{4}-\d\d-\d\d\.jsonl$/);
    const again = await saved(alice, () => dialog.getByRole("link", { name: "Save the file again" }).click());
    expect(again).toEqual(file);

    const second = await secondBrowser(alice);
    // The word that this device begins here ends with it.
    const begins = second.page.locator(".message-bar").filter({ hasText: "This device begins here" });
    await begins.waitFor();
    const importing = await openDialog(second, "Import history");
    await importing.getByLabel("File of an exported history").setInputFiles(fileOf(file.text.replace(END_LINE, "")));
    await importing.getByRole("button", { name: "Import" }).click();
    await importing.getByRole("alert").filter({ hasText: "The end of the file is missing" }).waitFor();
    expect(await begins.count()).toBe(1);
    await close(second);
    expect(await second.page.evaluate(() => document.activeElement?.className)).toBe("account");
    await importFile(second, file.text);
    await begins.waitFor({ state: "detached" });
    await says(importing, "0 messages added.3 messages already here.");
    expect(await second.page.evaluate(() => document.activeElement?.textContent)).toBe("Import");
    await importing.getByRole("button", { name: "Import" }).click();
    await says(importing, "0 messages added.3 messages already here.");
    await close(second);
    expect(await second.page.title()).toBe("goTalk");
    expect(await second.conversations.getByText("unread").count()).toBe(0);
    await second.conversations.getByText("What is that?").click();
    await second.message("What is that?").waitFor();
    expect(await second.texts()).toEqual(["Hello, Alice!", markup, "What is that?"]);
    await second.message(markup).getByText("Sent", { exact: true }).waitFor();
    await bob.send({ to: id, content: "And now?" });
    await second.message("And now?").waitFor();
    expect(await second.texts()).toEqual(["Hello, Alice!", markup, "What is that?", "And now?"]);
  });

  it("that is imported shows in every tab, and keeps the place of a reader", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const end = Date.now() - 10 * MINUTE;
    await seedHistory(alice, bob, 400, end);
    const tab = await alice.openTab();
    await tab.conversations.getByRole("button").click();
    await tab.message("old 399").waitFor();
    await tab.log.evaluate((log) => log.scrollTo(0, log.scrollHeight / 2));
    const first = tab.log.getByRole("article").first();
    await eventually(async () => expect(await tab.button("Newest messages").count()).toBe(1));
    const placeOf = (text: string) => tab.message(text).evaluate((row) => Math.round(row.getBoundingClientRect().top));
    const text = await tab.log.evaluate((log) => {
      const edge = log.getBoundingClientRect().top;
      const row = [...log.querySelectorAll("article")].find((each) => each.getBoundingClientRect().bottom > edge);
      return row?.querySelector(".text")?.textContent ?? "";
    });
    const place = await placeOf(text);
    // Ten between each two that are here, so that the reader's place is not near the beginning of what is shown.
    const file = await historyOf(alice, bob, numbered(600, "new"), { end: end + 3_000, pause: 6_000 });
    const dialog = await importFile(alice, file);
    await says(dialog, "600 messages added.");
    await close(alice);
    await eventually(async () => expect((await tab.texts()).some((line) => line.startsWith("new"))).toBe(true));
    expect(await placeOf(text)).toBe(place);
    expect(await tab.button(/new message/).count()).toBe(0);
    await first.waitFor();
    const texts = await alice.texts();
    expect([texts.at(-12), texts.at(-11), texts.at(-10), texts.at(-1)]).toEqual([
      "new 589",
      "old 399",
      "new 590",
      "new 599",
    ]);
    await alice.conversations.getByText("new 599").waitFor();
    await tab.conversations.getByText("new 599").waitFor();
  });

  // Of 10,000 messages in history-many.long.test.ts.
  it("of 1,500 messages is imported and exported with progress: no task takes more than 100 ms", () =>
    movesSmoothly(fixture, 1_500));

  it("is imported in part when the person stops it, and in whole the next time", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withSlowFiles }), client("bob")]);
    const text = await historyOf(alice, bob, numbered(1_000, "message"));
    const dialog = await importFile(alice, text);
    const progress = dialog.getByRole("progressbar", { name: "Importing" });
    await eventually(async () => expect(Number(await progress.getAttribute("value"))).toBeGreaterThan(0.2));
    await dialog.getByRole("button", { name: "Stop" }).click();
    await goOn(alice);
    await says(dialog, "You have stopped the import. To add the rest, import the file again.");
    expect(await alice.page.evaluate(() => document.activeElement?.textContent)).toBe("Import");
    await dialog.getByRole("button", { name: "Import" }).click();
    await says(dialog, "601 messages added.399 messages already here.");
  });

  it("that finds no room in the middle of a batch leaves whole batches, and comes in whole when there is room", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withRoomFor(500) }), client("bob")]);
    const text = await historyOf(alice, bob, numbered(1_000, "message"));
    const dialog = await importFile(alice, text);
    const full =
      "The storage of this browser is full. Free some space, then try again. To add the rest, import the file again.";
    await dialog.getByRole("alert").filter({ hasText: full }).waitFor();
    await says(dialog, "399 messages added.");
    await alice.page.evaluate(() => Reflect.set(globalThis, "room", Number.POSITIVE_INFINITY));
    await dialog.getByRole("button", { name: "Import" }).click();
    await says(dialog, "601 messages added.399 messages already here.");
    await close(alice);
    await alice.conversations.getByText("message 999").waitFor();
  });

  it("of another user, of a newer version or of no history at all is refused in plain words", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), visitor("carol")]);
    const own = await historyOf(alice, bob, ["Mine"]);
    const files = [
      [
        await historyOf(carol, bob, ["Not yours"]),
        `This is the history of ${carol.username}. You are logged in as ${alice.username}.`,
      ],
      [own.replace('"version":1', '"version":2'), "This file is of a newer version of goTalk."],
      ["\u0089PNG\r\n\u001a\n", "This is not a history that goTalk has exported."],
      ["", "This file is empty."],
      [own.replace(END_LINE, ""), "The end of the file is missing"],
    ] as const;
    for (const [text, words] of files) {
      const dialog = await importFile(alice, text);
      await dialog.getByRole("alert").filter({ hasText: words }).waitFor();
      await close(alice);
    }
    const dialog = await importFile(alice, own.replace(END_LINE, `{\n{"type":"message"}\n${END_LINE}`));
    await says(dialog, "2 lines of the file are damaged and left out. The first one is line 4.");
    await close(alice);
    expect(await alice.conversations.getByRole("button").count()).toBe(1);
    await alice.conversations.getByText("Mine").waitFor();
  });
});
