import { describe, expect, it } from "vitest";
import type { FoldedConversation } from "../../lib/client/index.ts";
import type { Offering } from "../../static/src/storage/move-records.ts";
import { offerIn } from "../../static/src/storage/moves.ts";
import type { StoredMessage } from "../../static/src/storage/records.ts";
import { eventually } from "../support/eventually.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { problemText } from "../support/problem-text.ts";
import { close, says } from "./support/history-files.ts";
import { chooseInMenu, openFromMenu } from "./support/menu.ts";
import {
  codeIn,
  codeOf,
  countTraffic,
  FROM_ANOTHER,
  giveHistory,
  IN_TWO_PARTS,
  longTexts,
  offeringIn,
  openOffered,
  TO_ANOTHER,
  typeCode,
  upload,
} from "./support/moves.ts";
import { isFineWhereNarrow } from "./support/narrow.ts";
import { scanned } from "./support/qr.ts";
import { framesFrom, startRecorder } from "./support/recorder.ts";
import { storedRecords } from "./support/records.ts";

const NO_CODE = "This is not a valid code. It has 25 letters and digits, in groups of five.";
const NOTHING_YET = "There is nothing yet that this code could open.";
const WRONG = "This code does not open the history that was offered last.";
const GONE = "This history is no longer on the server, which keeps it for 60 days.";
const DAMAGED = "This history is damaged. What has come so far stays.";
const BY_ITSELF = "The server cannot be reached. It goes on by itself.";

/** What is shown of a history. */
const shownIn = async (visitor: Visitor): Promise<string[]> =>
  (await storedRecords<StoredMessage>(visitor, "messages")).flatMap(({ peerId, content }) => (peerId ? content : []));

/** Brings a history by its code. @returns what is said then */
async function openedBy(phone: Visitor, code: string, words = "The history is here"): Promise<string[]> {
  const dialog = await openOffered(phone);
  await typeCode(phone, dialog, code);
  await says(dialog, words);
  return dialog.getByRole("status").allTextContents();
}

/** Waits until a device has heard of what another one has uploaded. */
const hasHeardOf = (phone: Visitor, { sealed }: Offering): Promise<unknown> =>
  eventually(async () => {
    const heard = await storedRecords<FoldedConversation>(phone, "folded");
    expect(heard.map(offerIn).map((offer) => offer?.sealed)).toContain(sealed);
  });

describe("the history of a device that is brought to another one", () => {
  const fixture = usePage();
  const { visitor, stranger, client, secondBrowser } = fixture;

  /** Two devices of one person, of which the first has this history with somebody, and that somebody. */
  async function devices(contents: readonly string[]) {
    const [laptop, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await giveHistory(laptop, bob, contents);
    const phone = await secondBrowser(laptop);
    return { laptop, phone, bob };
  }

  it("comes by a code that is typed, in any case and with spaces; nothing is unread, and nothing comes twice", async () => {
    const { laptop, phone, bob } = await devices(["One", "<b>Two</b>", "Three 🎉"]);
    const code = await codeOf(laptop);
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/);
    // It arrives on both while the history is on its way.
    const { id } = await bob.find(laptop.username);
    await bob.send({ to: id, content: "Meanwhile" });
    await phone.conversations.getByText("Meanwhile").waitFor();
    const begins = phone.page.locator(".message-bar").filter({ hasText: "This device begins here" });
    await begins.filter({ hasText: "choose “Bring history to another device” in the account’s menu there" }).waitFor();
    await begins.getByRole("button", { name: "Bring history" }).click();
    const dialog = phone.page.getByRole("dialog", { name: FROM_ANOTHER });
    await dialog.getByText("Another device has uploaded its history").waitFor();
    expect(await phone.page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("code");
    await typeCode(
      phone,
      dialog,
      ` ${code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")} `,
    );
    await says(dialog, "The history is here: 3 messages added.");
    expect(await dialog.getByText("may be missing").count()).toBe(0);
    await begins.waitFor({ state: "detached" });
    expect(await dialog.getByLabel("Code from the other device").count()).toBe(0);
    await dialog.getByRole("button", { name: "Done" }).and(phone.page.locator(":focus")).click();
    await dialog.waitFor({ state: "detached" });
    await openedBy(phone, code, "The whole history is here already.");
    await close(phone);
    expect(await phone.conversations.getByText("1 unread").count()).toBe(1);
    await phone.conversations.getByRole("button").click();
    await phone.message("Meanwhile").waitFor();
    expect(await phone.texts()).toEqual(["One", "<b>Two</b>", "Three 🎉", "Meanwhile"]);
    await phone.message("One").getByText("Sent", { exact: true }).waitFor();
  });

  it("comes by the link of the QR code, over a login, and leaves no code in the address; a gap is said", async () => {
    const [laptop, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await giveHistory(laptop, bob, ["One", "Two"]);
    const dialog = await upload(laptop);
    const code = await codeIn(dialog);
    const link = await scanned(dialog.getByRole("img", { name: "QR code of the link with the code" }));
    expect(link).toBe(`${laptop.url}/#history=${code.replaceAll("-", "")}&user=${laptop.username}`);
    await isFineWhereNarrow(laptop);

    const { username, password } = laptop;
    const phone = await stranger("phone", { as: { username, password } });
    const asked: string[] = [];
    phone.page.on("request", (request) => asked.push(`${request.url()} ${request.postData()}`));
    await phone.page.goto(link ?? "");
    await phone.page.getByRole("textbox", { name: "Username" }).waitFor();
    expect(new URL(phone.page.url()).hash).toBe("");
    await phone.logIn();
    const bringing = phone.page.getByRole("dialog", { name: FROM_ANOTHER });
    const field = bringing.getByLabel("Code from the other device");
    await field.waitFor();
    expect(await field.inputValue()).toBe(code);
    await bringing.getByText("Another device has uploaded its history").waitFor();
    await isFineWhereNarrow(phone);
    await bringing.getByRole("button", { name: "Bring it here" }).click();
    await says(bringing, "The history is here: 2 messages added.");
    await says(bringing, "This device was logged in after the other one began to upload.");
    await isFineWhereNarrow(phone);
    await close(phone);
    await phone.page.reload();
    await phone.connected();
    expect(await phone.page.getByRole("dialog").count()).toBe(0);
    expect(asked.filter((text) => text.includes(code.replaceAll("-", "")))).toEqual([]);
    expect((await shownIn(phone)).toSorted()).toEqual(["One", "Two"]);
  });

  it("is brought up to date by another upload: what was edited, deleted and said between the upload and the login", async () => {
    const [laptop, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await giveHistory(laptop, bob, ["Hello"]);
    const { id: to } = await bob.find(laptop.username);
    const contents = ["Edit me", "Delete me", "React to me"];
    const sent = await Promise.all(contents.map((content) => bob.send({ to, content, type: "text" })));
    const [edited = "", deleted = "", liked = ""] = sent.map(({ messageId }) => messageId);
    await laptop.conversations.getByRole("button").click();
    await Promise.all(contents.map((content) => laptop.message(content).waitFor()));
    const first = await codeOf(laptop);
    await Promise.all([
      bob.send({ to, type: "edit", about: edited, content: "Edited" }),
      bob.send({ to, type: "deletion", about: deleted, content: "" }),
      bob.send({ to, type: "reaction", about: liked, content: "👍" }),
    ]);
    await laptop.message("Edited").waitFor();
    await laptop.message("Delete me").waitFor({ state: "detached" });
    const like = { name: `👍 ${bob.session?.username}` };
    await laptop.log.getByRole("button", like).waitFor();

    const phone = await secondBrowser(laptop);
    await openedBy(phone, first, "The history is here: 4 messages added.");
    await says(phone.page.getByRole("dialog"), "and so may edits, deletions, reactions and ticks of that time");
    await close(phone);
    await phone.conversations.getByRole("button").click();
    await Promise.all(contents.map((content) => phone.message(content).waitFor()));

    const offering = await openFromMenu(laptop, TO_ANOTHER);
    await offering.getByRole("button", { name: "Upload anew, with a new code" }).click();
    await offering.locator("code").filter({ hasNotText: first }).waitFor();
    const second = await codeIn(offering);
    await hasHeardOf(phone, await offeringIn(laptop));
    await openedBy(phone, second, "The history is here: 3 messages brought up to date.");
    await isFineWhereNarrow(phone);
    await close(phone);
    await phone.message("Edited").waitFor();
    await phone.log.getByRole("button", like).waitFor();
    await phone.message("Delete me").waitFor({ state: "detached" });
    expect((await shownIn(phone)).toSorted()).toEqual(["", "Edited", "Hello", "React to me"]);
    expect(await phone.conversations.getByText("unread").count()).toBe(0);
    await openedBy(phone, second, "The whole history is here already.");
  });

  it("is opened by the right code alone, and says so if there is nothing to open; the last one that is offered counts", async () => {
    const { laptop, phone } = await devices(["One", "Two"]);
    const dialog = await openFromMenu(phone, FROM_ANOTHER);
    await dialog.getByText("No history has come from another device yet.").waitFor();
    const refused = async (code: string, words: string) => {
      await typeCode(phone, dialog, code);
      await dialog.getByRole("alert").filter({ hasText: words }).waitFor();
    };
    await refused("7K3QM", NO_CODE);
    const wrong = "00000-11111-22222-33333-44444";
    await refused(wrong, NOTHING_YET);
    await isFineWhereNarrow(phone);
    const first = await codeOf(laptop);
    // It is told while the dialog is open, and what was said before is over.
    await dialog.getByText("Another device has uploaded its history").waitFor();
    await dialog.getByRole("alert").waitFor({ state: "detached" });
    await refused(wrong, WRONG);
    await isFineWhereNarrow(phone);
    expect(await shownIn(phone)).toEqual([]);
    const offering = await openFromMenu(laptop, TO_ANOTHER);
    expect(await codeIn(offering)).toBe(first);
    await offering.getByRole("button", { name: "Upload anew, with a new code" }).click();
    await offering.locator("code").filter({ hasNotText: first }).waitFor();
    const second = await codeIn(offering);
    await hasHeardOf(phone, await offeringIn(laptop));
    await refused(first, WRONG);
    await typeCode(phone, dialog, second);
    await says(dialog, "The history is here: 2 messages added.");
  });

  it("goes on where its upload was when it is stopped, when the page is reloaded, and when the network comes back", async () => {
    const { laptop, phone } = await devices(longTexts(IN_TWO_PARTS));
    const traffic = await countTraffic(laptop.context);
    const second = traffic.hold("PUT", 1);
    const dialog = await openFromMenu(laptop, TO_ANOTHER);
    await dialog.getByRole("button", { name: "Upload", exact: true }).click();
    await second;
    await isFineWhereNarrow(laptop);
    await dialog.getByRole("button", { name: "Stop" }).click();
    await says(dialog, "200 messages are uploaded, and not all yet.You have stopped the upload.");
    expect(await laptop.page.evaluate(() => document.activeElement?.textContent)).toBe("Go on");
    const again = traffic.hold("PUT");
    await dialog.getByRole("button", { name: "Go on" }).click();
    await again;
    await laptop.page.reload();
    await laptop.connected();
    await openFromMenu(laptop, TO_ANOTHER);
    await says(dialog, "200 messages are uploaded, and not all yet.");
    const third = traffic.hold("PUT");
    await dialog.getByRole("button", { name: "Go on" }).click();
    const route = await third;
    const restore = await cutOff(laptop.page, "**/files", "**/-files/**");
    await route.abort("connectionreset");
    await dialog.getByRole("alert").filter({ hasText: BY_ITSELF }).waitFor();
    restore();
    await dialog.locator("code").waitFor();
    await says(dialog, `${IN_TWO_PARTS} messages are uploaded.`);
    expect(await dialog.getByRole("alert").count()).toBe(0);
    // Two parts and their list: none went out twice.
    expect(traffic.PUT).toHaveLength(3);
    const code = await codeIn(dialog);
    expect((await openedBy(phone, code)).slice(-1)).toEqual([`The history is here: ${IN_TWO_PARTS} messages added.`]);
  });

  it("goes on where its download was, without the code, when it is stopped, the page reloaded, and the network gone", async () => {
    const { laptop, phone } = await devices(longTexts(IN_TWO_PARTS));
    const code = await codeOf(laptop);
    const traffic = await countTraffic(phone.context);
    // The list is the first.
    const held = traffic.hold("GET", 2);
    const dialog = await openOffered(phone);
    await typeCode(phone, dialog, code);
    await held;
    await isFineWhereNarrow(phone);
    await dialog.getByRole("button", { name: "Stop" }).click();
    await says(dialog, "You have stopped it. What has come so far stays.");
    expect(await phone.page.evaluate(() => document.activeElement?.textContent)).toBe("Go on");
    await phone.page.reload();
    await phone.connected();
    await openFromMenu(phone, FROM_ANOTHER);
    await dialog.getByText("1 of 2 parts is here. You do not need the code for the rest.").waitFor();
    const again = traffic.hold("GET");
    await dialog.getByRole("button", { name: "Go on" }).click();
    const route = await again;
    const restore = await cutOff(phone.page, "**/files/*", "**/-files/**");
    await route.abort("connectionreset");
    await dialog.getByRole("alert").filter({ hasText: BY_ITSELF }).waitFor();
    restore();
    await says(dialog, `The history is here: ${IN_TWO_PARTS} messages added.`);
    expect(traffic.GET).toHaveLength(3);
    expect(new Set(traffic.GET).size).toBe(3);
    expect(await shownIn(phone)).toHaveLength(IN_TWO_PARTS);
  });

  it("leaves deleted what was deleted on the new device", async () => {
    const { laptop, phone, bob } = await devices(["Before"]);
    const { id } = await bob.find(laptop.username);
    await bob.send({ to: id, content: "Not for the phone" });
    await Promise.all([laptop, phone].map((one) => one.conversations.getByText("Not for the phone").waitFor()));
    await phone.conversations.getByRole("button").click();
    await phone.message("Not for the phone").hover();
    await phone.log.getByRole("button", { name: "Delete", exact: true }).click();
    await phone.button("Delete here").click();
    await phone.message("Not for the phone").waitFor({ state: "detached" });
    await openedBy(phone, await codeOf(laptop));
    expect(await shownIn(phone)).toEqual(["Before"]);
  });

  it("leaves no line of a conversation that was deleted on the new device, with nothing in it", async () => {
    const { laptop, phone, bob } = await devices(["Before"]);
    const [carol, { id }] = [await client("carol"), await bob.find(laptop.username)];
    await carol.send({ to: id, content: "Not for the phone" });
    await Promise.all([laptop, phone].map((one) => one.conversations.getByText("Not for the phone").waitFor()));
    await phone.conversations.getByRole("button").click();
    await chooseInMenu(phone, "Delete conversation here");
    await phone.button("Delete here").click();
    await phone.conversations.getByRole("button").waitFor({ state: "detached" });
    await openedBy(phone, await codeOf(laptop));
    await phone.conversations.getByText("Before").waitFor();
    expect(await phone.conversations.getByRole("button").count()).toBe(1);
  });

  it("shows the server neither a text nor the code nor a key: not one byte that is sent to it says them", async () => {
    const recorder = await startRecorder(fixture.stack.port);
    try {
      const [laptop, bob] = await Promise.all([visitor("alice", { url: recorder.url }), client("bob")]);
      const texts = ["A secret of the history", "Another one", "And a third one"];
      await giveHistory(laptop, bob, texts);
      const phone = await secondBrowser(laptop, { url: recorder.url });
      const frames = [laptop, phone].map(({ page }) => framesFrom(page));
      await Promise.all([laptop.page.reload(), phone.page.reload()]);
      await Promise.all([laptop.connected(), phone.connected()]);
      const code = await codeOf(laptop);
      const offering = await offeringIn(laptop);
      await openedBy(phone, code);
      expect(await shownIn(phone)).toHaveLength(texts.length);
      const sent = recorder.sent();
      const has = (text: string): boolean =>
        [text, text.toLowerCase(), encodeURIComponent(text)].some((one) => sent.includes(one)) ||
        frames.flat().some((frame) => frame.includes(text));
      // What is sent is seen: where the list is, sealed, and the upload itself.
      expect(has(offering.sealed ?? "nothing")).toBe(true);
      expect(sent.byteLength).toBeGreaterThan(offering.parts[0]?.file.bytes ?? Number.POSITIVE_INFINITY);
      expect(frames.flat().length).toBeGreaterThan(0);
      const keys = offering.parts.map(({ file }) => file.key);
      expect(keys.length).toBeGreaterThan(0);
      const secrets = [...texts.map((text) => text.slice(0, 40)), code, code.replaceAll("-", ""), ...keys];
      expect(secrets.filter(has)).toEqual([]);
      // Nor what the page would send if it forgot to encrypt, or to compress.
      expect(sent.includes("gotalk-history")).toBe(false);
      expect(sent.includes(Buffer.from([0x1f, 0x8b, 0x08, 0x00]))).toBe(false);
    } finally {
      await recorder.close();
    }
  });

  it("says so when the server has deleted it, and when what it has is not what was uploaded", async () => {
    const { laptop, phone } = await devices(["One"]);
    const code = await codeOf(laptop);
    const dialog = await openOffered(phone);
    let isGone = true;
    await phone.page.route("**/files/*", (route) =>
      isGone
        ? route.fulfill({
            status: 404,
            contentType: "application/problem+json",
            body: problemText(404, "unknown_file"),
          })
        : route.continue(),
    );
    await typeCode(phone, dialog, code);
    await dialog.getByRole("alert").filter({ hasText: GONE }).waitFor();
    isGone = false;
    await phone.page.route("**/-files/**", async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[0] = (body[0] ?? 0) ^ 1;
      await route.fulfill({ response, body });
    });
    await typeCode(phone, dialog, code);
    await dialog.getByRole("alert").filter({ hasText: DAMAGED }).waitFor();
    expect(await shownIn(phone)).toEqual([]);
  });
});
