import type { Request } from "playwright-core";
import { describe, expect, it } from "vitest";
import { isBlank } from "../../lib/contract/visible.ts";
import type { Line } from "../../static/src/storage/records.ts";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { usePage } from "../support/page/fixture.ts";
import { setHidden } from "../support/page/visibility.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { chooseForLine, chooseInMenu } from "./support/menu.ts";
import { storedRecords } from "./support/records.ts";

const NARROW = { width: 320, height: 640 };

const names = ({ conversations }: Visitor): Promise<string[]> => conversations.locator(".name").allTextContents();
const line = ({ page }: Visitor, name: string) => page.locator(".lists").getByRole("button", { name });
const archive = ({ page }: Visitor) => page.getByRole("list", { name: "Archived conversations" });

/** What the page tells the user's other devices, from now on. */
function noteOwn({ page }: Visitor): Record<string, unknown>[] {
  const own: Record<string, unknown>[] = [];
  page.on("request", (request: Request) => {
    if (!request.url().endsWith("/send")) return;
    const body = request.postDataJSON();
    if (body.type === "own") own.push(body);
  });
  return own;
}

const twoFrames = ({ page }: Visitor): Promise<unknown> =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

describe("a conversation", () => {
  const { visitor, client, secondBrowser } = usePage();

  it("has a menu by a right click, which stays open when the button is let go, however late", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "From Bob" });
    await alice.conversations.getByText("From Bob").hover();
    const menu = alice.page.locator(".of-conversation:popover-open");
    await alice.page.mouse.down({ button: "right" });
    // What opens on the press would be there two frames later, and the release would close it.
    await twoFrames(alice);
    await alice.page.mouse.up({ button: "right" });
    await menu.waitFor();
    await twoFrames(alice);
    expect(await menu.count()).toBe(1);
  });

  it("is muted, pinned and archived on all devices at once, by the menu, and is told to nobody else", async () => {
    const [laptop, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    const phone = await secondBrowser(laptop, { viewport: NARROW });
    const { id } = await bob.find(laptop.username);
    const [bobs, carols] = [bob.session?.username ?? "", carol.session?.username ?? ""];
    await bob.send({ to: id, type: "text", content: "From Bob" });
    await laptop.conversations.getByText("From Bob").waitFor();
    await carol.send({ to: id, type: "text", content: "From Carol" });
    for (const device of [laptop, phone]) await device.conversations.getByText("From Carol").waitFor();
    expect(await names(laptop)).toEqual([carols, bobs]);
    const own = noteOwn(laptop);

    await chooseForLine(laptop, bobs, "Pin");
    for (const device of [laptop, phone]) {
      await line(device, bobs).getByText("Pinned").waitFor();
      expect(await names(device)).toEqual([bobs, carols]);
    }
    await chooseForLine(laptop, carols, "Mute");
    for (const device of [laptop, phone]) {
      await line(device, carols).getByText("Muted").waitFor();
      // What is muted does not count.
      await eventually(async () => expect(await device.page.title()).toBe("(1) goTalk"));
      await line(device, carols).getByText("1 unread").waitFor();
    }
    await line(laptop, bobs).click();
    await laptop.message("From Bob").waitFor();
    await chooseInMenu(laptop, "Archive");
    for (const device of [laptop, phone]) {
      await eventually(async () => expect(await names(device)).toEqual([carols]));
      await device.page.getByText("Archived", { exact: true }).click();
      expect(await archive(device).locator(".name").allTextContents()).toEqual([bobs]);
    }
    expect(await violations(laptop)).toEqual([]);
    expect(await violations(phone)).toEqual([]);
    expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    // It goes on, and so it comes back.
    await bob.send({ to: id, type: "text", content: "Still there?" });
    for (const device of [laptop, phone]) {
      await eventually(async () => expect(await names(device)).toEqual([bobs, carols]));
      expect(await archive(device).count()).toBe(0);
    }
    // To oneself alone, and nobody is woken.
    expect(own.length).toBeGreaterThanOrEqual(3);
    expect(new Set(own.map((body) => body["sendToId"]))).toEqual(new Set([id]));
    expect(own.every((body) => body["quiet"] === true)).toBe(true);
    expect(await laptop.conversations.getByRole("button", { name: laptop.username }).count()).toBe(0);
    await laptop.page.reload();
    await line(laptop, carols).getByText("Muted").waitFor();
    expect(await names(laptop)).toEqual([bobs, carols]);
  });

  it("that is archived and muted stays so, and the heading counts the unread messages of all such ones", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const bobs = bob.session?.username ?? "";
    await bob.send({ to: id, type: "text", content: "From Bob" });
    await alice.conversations.getByText("From Bob").waitFor();
    for (const setting of ["Mute", "Archive"]) await chooseForLine(alice, bobs, setting);
    const heading = alice.page.locator("summary").filter({ hasText: "Archived" });
    await heading.getByText("1 unread").waitFor();
    for (const content of ["One more", "And another one"]) await bob.send({ to: id, type: "text", content });
    await heading.getByText("3 unread").waitFor();
    expect(await names(alice)).toEqual([]);
    await heading.click();
    expect(await archive(alice).locator(".name").allTextContents()).toEqual([bobs]);
  });

  it("that was read on one device is read on the others; ten messages are told in one or two", async () => {
    const [laptop, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const phone = await secondBrowser(laptop);
    const { id } = await bob.find(laptop.username);
    await bob.send({ to: id, type: "text", content: "Number 0" });
    for (const device of [laptop, phone]) await device.conversations.getByText("1 unread").waitFor();
    const own = noteOwn(laptop);
    const begun = performance.now();
    await laptop.conversations.getByText("Number 0").click();
    for (let number = 1; number < 10; number++) {
      await bob.send({ to: id, type: "text", content: `Number ${number}` });
      await laptop.message(`Number ${number}`).waitFor();
    }
    await phone.conversations.getByText("Number 9").waitFor();
    await eventually(async () => {
      const [line] = await storedRecords<Line>(laptop, "conversations");
      expect(line).toMatchObject({ unread: 0, last: { content: "Number 9" } });
    });
    // What is left is told now: 20 seconds may lie between two messages that tell it.
    await setHidden(laptop, true);
    // The other one knows as soon as it syncs.
    await eventually(async () => {
      await phone.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      expect(await phone.page.title()).toBe("goTalk");
    });
    expect(await phone.conversations.getByText("unread").count()).toBe(0);
    const told = new Set(own.map(({ messageId }) => messageId)).size;
    expect(told).toBeGreaterThanOrEqual(1);
    expect(told).toBeLessThanOrEqual(2 + Math.floor((performance.now() - begun) / 20_000));
    await phone.conversations.getByText("Number 9").click();
    await phone.message("Number 9").waitFor();
    expect(await phone.log.getByText("New", { exact: true }).count()).toBe(0);
  });

  it("that was read is told by a request that outlives the page, if the page is left before", async () => {
    const noteLeaving = () => {
      let isLeaving = false;
      addEventListener("pagehide", () => {
        isLeaving = true;
      });
      const original = globalThis.fetch;
      globalThis.fetch = (input, init) => {
        const isOwn = isLeaving && String(init?.body).includes("readUpTo");
        if (isOwn) localStorage.setItem("leaving", `${input}, keepalive: ${init?.keepalive}`);
        return original(input, init);
      };
    };
    const [alice, bob] = await Promise.all([
      visitor("alice", { before: (context) => context.addInitScript(noteLeaving) }),
      client("bob"),
    ]);
    const { id } = await bob.find(alice.username);
    const own = noteOwn(alice);
    await bob.send({ to: id, type: "text", content: "One" });
    await alice.conversations.getByText("One").click();
    await eventually(() => expect(own).toHaveLength(1));
    // From now on nothing is told for some time.
    await bob.send({ to: id, type: "text", content: "Two" });
    await alice.message("Two").waitFor();
    await eventually(async () => expect(await alice.page.title()).toBe("goTalk"));
    await alice.page.reload();
    await alice.message("Two").waitFor();
    expect(await alice.page.evaluate(() => localStorage.getItem("leaving"))).toBe("/send, keepalive: true");
  });

  it("shows its draft in the list, in every tab, but not where it is open", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    const { id } = await bob.find(alice.username);
    const [bobs, carols] = [bob.session?.username ?? "", carol.session?.username ?? ""];
    await carol.send({ to: id, type: "text", content: "From Carol" });
    await bob.send({ to: id, type: "text", content: "From Bob" });
    await line(alice, bobs).click();
    const tab = await alice.openTab();
    await line(tab, carols).click();
    await alice.box.pressSequentially("Not yet sent");
    expect(await alice.conversations.getByText("Draft:").count()).toBe(0);
    await line(tab, bobs).filter({ hasText: "Draft: Not yet sent" }).waitFor();
    await line(alice, carols).click();
    await line(alice, bobs).filter({ hasText: "Draft: Not yet sent" }).waitFor();
    await alice.page.reload();
    await line(alice, bobs).filter({ hasText: "Draft: Not yet sent" }).waitFor();
    await line(alice, bobs).click();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("Not yet sent"));
    await alice.box.press("Enter");
    await line(alice, carols).click();
    for (const one of [alice, tab]) await line(one, bobs).filter({ hasText: "You: Not yet sent" }).waitFor();
  });

  it("is deleted here, with its draft, in every tab; a later message begins it anew, and other devices keep it", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { viewport: NARROW }), client("bob")]);
    const elsewhere = await secondBrowser(alice);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, type: "text", content: "A secret" });
    await alice.conversations.getByText("A secret").click();
    await alice.sendForSure("Another one");
    await alice.box.pressSequentially("And a third");
    const tab = await alice.openTab();
    await line(tab, bob.session?.username ?? "").click();
    await chooseInMenu(alice, "Delete conversation here");
    const dialog = alice.page.getByRole("dialog", { name: /^Delete the conversation with / });
    await dialog.waitFor();
    expect(await violations(alice)).toEqual([]);
    await dialog.getByRole("button", { name: "Delete here" }).click();
    for (const one of [alice, tab]) await one.page.getByText("No conversations yet.").waitFor();
    const kept = await storedRecords<{ content: string }>(alice, "messages");
    expect(kept).toHaveLength(2);
    expect(kept.every(({ content }) => isBlank(content))).toBe(true);
    expect((await storedRecords<{ text: string }>(alice, "drafts")).map(({ text }) => text)).toEqual([]);
    await alice.page.reload();
    await alice.page.getByText("No conversations yet.").waitFor();
    await bob.send({ to: id, type: "text", content: "Anew" });
    await alice.conversations.getByText("Anew").click();
    await alice.message("Anew").waitFor();
    expect(await alice.texts()).toEqual(["Anew"]);
    await elsewhere.conversations.getByText("Anew").click();
    for (const text of ["A secret", "Another one", "Anew"]) await elsewhere.message(text).waitFor();
    expect(await elsewhere.texts()).toEqual(["A secret", "Another one", "Anew"]);
  });

  it("has its menus by keyboard alone: in its header and in the list", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, type: "text", content: "Hello" });
    const own = line(alice, bob.session?.username ?? "");
    await own.focus();
    await alice.page.keyboard.press("ContextMenu");
    // The first entry has the focus.
    const focus = alice.page.locator(":focus");
    await alice.button("Mute").and(focus).waitFor();
    expect(await violations(alice)).toEqual([]);
    await alice.page.keyboard.press("Enter");
    await own.getByText("Muted").waitFor();
    await own.focus();
    await alice.page.keyboard.press("Enter");
    await alice.button("Conversation menu").focus();
    await alice.page.keyboard.press("Enter");
    await alice.button("Unmute").and(focus).waitFor();
    await alice.page.keyboard.press("Enter");
    await own.getByText("Muted").waitFor({ state: "detached" });
    expect(await alice.page.evaluate(() => document.activeElement?.ariaLabel)).toBe("Conversation menu");
    await alice.page.keyboard.press("Enter");
    await alice.button("Mute").waitFor();
    await alice.page.keyboard.press("Escape");
    await alice.button("Mute").waitFor({ state: "hidden" });
  });
});
