import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { close, says } from "./support/history-files.ts";
import { openFromMenu } from "./support/menu.ts";
import {
  codeIn,
  codeOf,
  countTraffic,
  FROM_ANOTHER,
  giveHistory,
  openOffered,
  TO_ANOTHER,
  typeCode,
  upload,
} from "./support/moves.ts";
import { isFineWhereNarrow } from "./support/narrow.ts";

const ELSEWHERE = "Another tab of this browser is already doing this. This tab waits until it is done, or is closed.";
const RENEWED = "Another tab has uploaded the history anew. This is the new code";
const REPLACED = "Another device of yours has uploaded its history since. The code from here no longer works.";

const UNTOLD = "This waits for the network. The code works once your other devices are told of it";

const alertOf = (dialog: Locator, words: string) => dialog.getByRole("alert").filter({ hasText: words }).waitFor();

describe("the offer of a history", () => {
  const { visitor, client, secondBrowser } = usePage();

  /** Two devices of one person, of which the first has this history with somebody. */
  async function devices(contents: readonly string[]) {
    const [laptop, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await giveHistory(laptop, bob, contents);
    return { laptop, phone: await secondBrowser(laptop), bob };
  }

  /** A tab that uploads, whose first part is held back, and another one that was asked to upload, too. */
  async function twoTabs() {
    const { laptop, phone } = await devices(["One", "Two"]);
    const tab = await laptop.openTab();
    const traffic = await countTraffic(laptop.context);
    const held = traffic.hold("PUT");
    const [first, second] = [await openFromMenu(laptop, TO_ANOTHER), await openFromMenu(tab, TO_ANOTHER)];
    await first.getByRole("button", { name: "Upload", exact: true }).click();
    const route = await held;
    await second.getByRole("button", { name: "Upload", exact: true }).click();
    await alertOf(second, ELSEWHERE);
    return { laptop, phone, traffic, route, first, second };
  }

  it("is made by one tab at a time: another one waits, and shows the same code", async () => {
    const { traffic, route, first, second } = await twoTabs();
    await route.continue();
    await Promise.all([first, second].map((dialog) => says(dialog, "2 messages are uploaded.")));
    expect(await codeIn(second)).toBe(await codeIn(first));
    expect(await second.getByRole("alert").count()).toBe(0);
    // One part and the list.
    expect(traffic.PUT).toHaveLength(2);
  });

  it("is made by the tab that waits, if the other one is closed", async () => {
    const { laptop, phone, second } = await twoTabs();
    await laptop.page.close();
    const code = await codeIn(second);
    const dialog = await openOffered(phone);
    await typeCode(phone, dialog, code);
    await says(dialog, "The history is here: 2 messages added.");
  });

  it("says so when its code is replaced: by another tab, whose code it shows, and by another device", async () => {
    const { laptop, phone } = await devices(["One"]);
    const tab = await laptop.openTab();
    const [first, second] = [await upload(laptop), await openFromMenu(tab, TO_ANOTHER)];
    const old = await codeIn(first);
    expect(await codeIn(second)).toBe(old);
    await second.getByRole("button", { name: "Upload anew, with a new code" }).click();
    await says(first, RENEWED);
    await second.locator("code").filter({ hasNotText: old }).waitFor();
    expect(await codeIn(first)).toBe(await codeIn(second));
    expect(await second.getByText(RENEWED).count()).toBe(0);
    await isFineWhereNarrow(laptop);

    await upload(phone);
    await Promise.all([first, second].map((dialog) => says(dialog, REPLACED)));
    expect(await first.locator("code").count()).toBe(0);
    expect(await laptop.page.evaluate(() => document.activeElement?.textContent)).toBe("Upload");
    await isFineWhereNarrow(laptop);
    await close(laptop);
    await openFromMenu(laptop, TO_ANOTHER);
    await says(first, REPLACED);
    await first.getByRole("button", { name: "Upload", exact: true }).click();
    await says(first, "1 message is uploaded.");
    expect(await first.getByText(REPLACED).count()).toBe(0);
  });

  it("shows all of its code in a narrow window, also one of digits alone, which no browser breaks by itself", async () => {
    const digits = (context: Visitor["context"]) =>
      context.addInitScript(() => {
        const original = crypto.getRandomValues.bind(crypto);
        // As many as a code has letters, and no key.
        crypto.getRandomValues = (array) => (array?.byteLength === 25 ? array : original(array));
      });
    const alice = await visitor("alice", { before: digits });
    const dialog = await upload(alice);
    expect(await codeIn(dialog)).toBe("00000-00000-00000-00000-00000");
    await isFineWhereNarrow(alice);
    const lines = await dialog.locator("code").evaluate((code) => {
      const groups = [...code.getClientRects()].filter(({ width }) => width > 0);
      return new Set(groups.map(({ top }) => Math.round(top))).size;
    });
    expect(lines).toBe(2);
  });

  it("is opened by a link in place of the dialog that is open, and the link of another user says whose it is", async () => {
    const { laptop, phone } = await devices(["One"]);
    const code = await codeOf(laptop);
    const follow = (fields: Readonly<Record<string, string>>) =>
      phone.page.evaluate(
        (hash) => {
          location.hash = hash;
        },
        String(new URLSearchParams(fields)),
      );
    const dialogs = phone.page.getByRole("dialog");
    await openFromMenu(phone, "Devices");
    await follow({ history: "00000", user: phone.username });
    const dialog = phone.page.getByRole("dialog", { name: FROM_ANOTHER });
    const field = dialog.getByLabel("Code from the other device");
    await eventually(async () => expect([await dialogs.count(), await field.inputValue()]).toEqual([1, "00000"]));
    await follow({ history: code, user: "somebody.else" });
    await alertOf(dialog, "This link brings the history of somebody.else");
    await isFineWhereNarrow(phone);
    expect(await field.inputValue()).toBe("");
    await typeCode(phone, dialog, `${phone.url}/#history=${code}&user=somebody`);
    await alertOf(dialog, "Log in as somebody to bring it.");
    await follow({ history: code, user: phone.username });
    await eventually(async () => expect([await dialogs.count(), await field.inputValue()]).toEqual([1, code]));
    expect(await dialog.getByRole("alert").count()).toBe(0);
    // An invitation is answered first, and the code waits.
    await follow({ join: "g-1.code", name: "Tea" });
    const invitation = phone.page.getByRole("dialog", { name: "Join a group?" });
    await invitation.waitFor();
    await eventually(async () => expect(await dialogs.count()).toBe(1));
    await invitation.getByRole("button", { name: "Not now" }).click();
    await eventually(async () => expect([await dialogs.count(), await field.inputValue()]).toEqual([1, code]));
    await dialog.getByRole("button", { name: "Bring it here" }).click();
    await says(dialog, "The history is here: 1 message added.");
  });

  it("says that its code does not work yet until it was sent, also after a reload", async () => {
    const { laptop, phone } = await devices(["One"]);
    const restore = await cutOff(laptop.page, "**/send");
    const dialog = await upload(laptop);
    const waits = dialog.getByRole("status").filter({ hasText: UNTOLD });
    await waits.waitFor();
    await isFineWhereNarrow(laptop);
    await laptop.page.reload();
    await laptop.connected();
    await openFromMenu(laptop, TO_ANOTHER);
    await waits.waitFor();
    expect(await dialog.getByText("and enter this code").count()).toBe(0);
    restore();
    await laptop.page.evaluate(() => dispatchEvent(new Event("online")));
    await dialog.getByText("and enter this code").waitFor();
    expect(await waits.count()).toBe(0);
    await openOffered(phone);
  });

  it("is opened once: if the network goes before its list is here, it comes without the code after a reload", async () => {
    const { laptop, phone } = await devices(["One", "Two"]);
    const code = await codeOf(laptop);
    const restore = await cutOff(phone.page, "**/files/*");
    const dialog = await openOffered(phone);
    await typeCode(phone, dialog, code);
    await alertOf(dialog, "The server cannot be reached. It goes on by itself.");
    await phone.page.reload();
    await phone.connected();
    await openFromMenu(phone, FROM_ANOTHER);
    await says(dialog, "The code was correct. You do not need it again for this history.");
    expect(await dialog.getByLabel("Code from the other device").count()).toBe(0);
    await isFineWhereNarrow(phone);
    restore();
    await dialog.getByRole("button", { name: "Go on" }).click();
    await says(dialog, "The history is here: 2 messages added.");
  });

  it("is fetched by one tab at a time: another one waits, and what came is there once", async () => {
    const { laptop, phone } = await devices(["One", "Two"]);
    const code = await codeOf(laptop);
    const tab = await phone.openTab();
    const traffic = await countTraffic(phone.context);
    const held = traffic.hold("GET");
    const [first, second] = [await openOffered(phone), await openOffered(tab)];
    await typeCode(phone, first, code);
    const route = await held;
    await typeCode(tab, second, code);
    await alertOf(second, ELSEWHERE);
    await route.continue();
    await says(first, "The history is here: 2 messages added.");
    await says(second, "The whole history is here already.");
  });
});
