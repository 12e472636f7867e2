import { describe, expect, it } from "vitest";
import { newMessageId } from "../../lib/client/index.ts";
import { CONTENT_BYTES } from "../../lib/contract/limits.ts";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { takeAll } from "../support/taking.ts";

const NARROW = { width: 320, height: 640 };

/** Shows the actions of a message, as a person with a mouse does. */
async function act(visitor: Visitor, text: string, name: string): Promise<void> {
  // Actions may lie over it: those of another one, and over its middle its own.
  await visitor.page.mouse.move(0, 0);
  await visitor.message(text).hover({ position: { x: 12, y: 30 } });
  await visitor.log.getByRole("button", { name, exact: true }).click();
}

const focused = ({ page }: Visitor): Promise<string> =>
  page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent ?? "");

const overflow = ({ page }: Visitor): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

const quote = ({ page }: Visitor) => page.locator(".reply-bar");

describe("all emoji", () => {
  const { visitor, client } = usePage();

  it("are loaded when they are opened, from the page's own server; found by a word, chosen by keyboard, and taken back", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const asked: string[] = [];
    alice.page.on("request", (request) => asked.push(request.url()));
    await bob.send({ to: id, type: "text", content: "We won" });
    await alice.conversations.getByText("We won").click();
    await alice.accept();
    await act(alice, "We won", "React");
    expect(asked.filter((url) => /emoji/i.test(url))).toEqual([]);
    await alice.button("More").click();
    const dialog = alice.page.getByRole("dialog", { name: "Choose a reaction" });
    await dialog.getByRole("button", { name: "grinning face", exact: true }).waitFor();
    expect(asked.filter((url) => /emoji/i.test(url)).length).toBeGreaterThan(0);
    expect(asked.filter((url) => !url.startsWith(alice.url))).toEqual([]);
    await alice.page.keyboard.type("party popper");
    await dialog.getByRole("status").filter({ hasText: "found" }).waitFor();
    await alice.page.keyboard.press("Tab");
    expect(await focused(alice)).toBe("party popper");
    await alice.page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    const mine = alice.log.getByRole("button", { name: "🎉 You" });
    await mine.waitFor();
    expect(await focused(alice)).not.toBe("");
    expect(await alice.page.evaluate(() => document.activeElement !== document.body)).toBe(true);
    const arrived: object[] = [];
    await eventually(async () => {
      // That Alice has read his message may come first.
      arrived.push(...(await takeAll(bob)));
      expect(arrived).toContainEqual(expect.objectContaining({ type: "reaction", content: "🎉" }));
    });
    // The same one once more takes it back.
    await act(alice, "We won", "React");
    await alice.button("More").click();
    await dialog.getByRole("searchbox").and(alice.page.locator(":focus")).waitFor();
    await alice.page.keyboard.type("party popper");
    await dialog.getByRole("button", { name: "party popper", pressed: true }).click();
    await mine.waitFor({ state: "detached" });
  });

  it("have one stop for the Tab key, and the arrows go through them; no question has no answer in words", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { viewport: NARROW }), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "Hello" });
    await alice.conversations.getByText("Hello").click();
    await alice.accept();
    await act(alice, "Hello", "React");
    await alice.button("More").click();
    const dialog = alice.page.getByRole("dialog", { name: "Choose a reaction" });
    const first = dialog.getByRole("button", { name: "grinning face", exact: true });
    await first.waitFor();
    expect(await violations(alice)).toEqual([]);
    expect(await overflow(alice)).toBe(0);
    await first.focus();
    await alice.page.keyboard.press("ArrowRight");
    expect(await focused(alice)).toBe("grinning face with big eyes");
    await alice.page.keyboard.press("ArrowDown");
    const below = await focused(alice);
    await alice.page.keyboard.press("ArrowUp");
    expect(await focused(alice)).toBe("grinning face with big eyes");
    expect(below).not.toBe("grinning face with big eyes");
    await alice.page.keyboard.press("End");
    expect(await focused(alice)).toMatch(/^flag/);
    expect(await dialog.locator('[data-emoji][tabindex="0"]').count()).toBe(1);
    await dialog.getByRole("button", { name: "Animals & Nature" }).click();
    await eventually(async () => {
      const [frame, monkey] = await Promise.all([
        dialog.locator(".emoji-frame").boundingBox(),
        dialog.getByRole("button", { name: "monkey face" }).boundingBox(),
      ]);
      expect((monkey?.y ?? 0) - (frame?.y ?? 0)).toBeLessThan(100);
    });
    await dialog.getByRole("searchbox").fill("no such thing");
    await dialog.getByText("No emoji found").waitFor();
    expect(await dialog.getByRole("heading", { name: "Found" }).count()).toBe(0);
    expect(await violations(alice)).toEqual([]);
  });

  it("that are found are chosen from the field: the first by Enter, others by the arrows", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "Hello" });
    await alice.conversations.getByText("Hello").click();
    await alice.accept();
    await act(alice, "Hello", "React");
    await alice.button("More").click();
    const dialog = alice.page.getByRole("dialog", { name: "Choose a reaction" });
    const search = dialog.getByRole("searchbox");
    await dialog.getByRole("button", { name: "grinning face", exact: true }).waitFor();
    // Nothing has been asked for, so there is no first answer.
    await search.press("Enter");
    expect(await dialog.isVisible()).toBe(true);
    await search.fill("party popper");
    await dialog.getByRole("status").filter({ hasText: "found" }).waitFor();
    await search.press("ArrowDown");
    expect(await focused(alice)).toBe("party popper");
    // The Enter that ends the composition of a word in an input method.
    await search.dispatchEvent("keydown", { key: "Enter", isComposing: true });
    expect(await dialog.isVisible()).toBe(true);
    await search.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await alice.log.getByRole("button", { name: "🎉 You" }).waitFor();
  });

  it("say so where they cannot be loaded, and come when they can", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "Hello" });
    await alice.conversations.getByText("Hello").click();
    await alice.accept();
    await alice.page.route("**/*.json", (route) => route.abort("connectionrefused"));
    await act(alice, "Hello", "React");
    await alice.button("More").click();
    const dialog = alice.page.getByRole("dialog", { name: "Choose a reaction" });
    await dialog.getByRole("alert").filter({ hasText: "could not be loaded" }).waitFor();
    await alice.page.unroute("**/*.json");
    await dialog.getByRole("button", { name: "Try again" }).click();
    await dialog.getByRole("button", { name: "grinning face", exact: true }).waitFor();
  });
});

describe("on a message", () => {
  const { visitor, client } = usePage();

  it("a finger that rests shows the actions, and selects nothing", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true }),
      client("bob"),
    ]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "Rest here" });
    await alice.conversations.getByText("Rest here").tap();
    await alice.message("Rest here").waitFor();
    expect(await alice.button("Reply").count()).toBe(0);
    const { x = 0, y = 0 } = (await alice.message("Rest here").boundingBox()) ?? {};
    const devtools = await alice.context.newCDPSession(alice.page);
    const touchPoints = [{ x: x + 20, y: y + 15 }];
    await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
    await alice.button("Reply").waitFor();
    await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    expect(await alice.page.evaluate(() => getSelection()?.toString())).toBe("");
    await alice.button("Reply").tap();
    await quote(alice).getByText("Rest here").waitFor();
    expect(await overflow(alice)).toBe(0);
  });

  it("a reply and an edit that were begun go on after a reload, each with its message", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const { messageId } = await bob.send({ to: id, type: "text", content: "Tea or coffee?" });
    await alice.conversations.getByText("Tea or coffee?").click();
    await alice.sendForSure("Helo");
    await act(alice, "Tea or coffee?", "Reply");
    await alice.page.keyboard.type("Tea");
    await alice.page.reload();
    await quote(alice).getByText("Tea or coffee?").waitFor();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("Tea"));
    await alice.box.press("Enter");
    await alice.message("Tea").last().getByText("Sent", { exact: true }).waitFor();
    await alice.page.reload();
    await alice.message("Helo").waitFor();
    expect(await quote(alice).count()).toBe(0);
    const field = alice.page.getByRole("textbox", { name: "New text" });
    await act(alice, "Helo", "Edit");
    await field.fill("Hello");
    await alice.page.reload();
    await field.waitFor();
    expect(await field.inputValue()).toBe("Hello");
    expect(await violations(alice)).toEqual([]);
    await field.press("Enter");
    await alice.message("Hello").getByText("edited").waitFor();
    await field.waitFor({ state: "detached" });
    await act(alice, "Hello", "Edit");
    await field.fill("Never mind");
    await alice.page.keyboard.press("Escape");
    await field.waitFor({ state: "detached" });
    await alice.page.reload();
    await alice.message("Hello").waitFor();
    expect(await field.count()).toBe(0);
    const said = (await takeAll(bob)).filter(
      ({ senderId, type }) => senderId === id && type !== "own" && type !== "read",
    );
    expect(said.map(({ type, content, about }) => [type, content, about === messageId])).toEqual([
      ["text", "Helo", false],
      ["text", "Tea", true],
      ["edit", "Hello", false],
    ]);
  });

  it.each([
    ["its button", "close"],
    ["the keyboard", "cancel"],
  ])("an edit that is cancelled by %s does not come back, however soon the page is left", async (_, way) => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Hello");
    await act(alice, "Hello", "Edit");
    await alice.page.getByRole("textbox", { name: "New text" }).fill("Never mind");
    // The page is left before the next frame, in which the browser says that the dialog is closed.
    const kept = await alice.page.evaluate((how) => {
      const dialog = document.querySelector("dialog");
      if (how === "cancel") dialog?.requestClose();
      else dialog?.querySelector("button")?.click();
      dispatchEvent(new PageTransitionEvent("pagehide"));
      return Object.values({ ...sessionStorage }).filter((value) => value.includes("drafts"));
    }, way);
    expect(kept.map((one) => JSON.parse(one).drafts)).toEqual([[[`edit ${bob.session?.id}`, ""]]]);
    await alice.page.reload();
    await alice.message("Hello").waitFor();
    expect(await alice.page.getByRole("dialog").count()).toBe(0);
  });

  it("a reply can be given up, and its bar has room for it 320 pixels wide", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { viewport: NARROW }), client("bob")]);
    const content = "A long question that does not fit on a line of a narrow screen";
    const to = (await bob.find(alice.username)).id;
    const { messageId } = await bob.send({ to, type: "text", content });
    await bob.send({ to, type: "text", about: newMessageId(), content: "About what is not here" });
    await bob.send({ to, type: "text", about: messageId, content: "Well?" });
    await alice.conversations.getByText("Well?").click();
    // What is quoted is cut within its bubble, and has the height of what cannot be quoted.
    const quoted = alice.message("Well?").locator(".quote");
    const isCut = quoted.locator(".said").evaluate((said) => said.scrollWidth > said.clientWidth);
    expect(await isCut).toBe(true);
    const missing = alice.message("About what is not here").locator(".quote");
    const heights = [quoted, missing].map((one) => one.evaluate((box) => box.getBoundingClientRect().height));
    expect(new Set(await Promise.all(heights)).size).toBe(1);
    await act(alice, content, "Reply");
    await quote(alice).waitFor();
    const { x = 0, width = 0 } = (await alice.button("Cancel reply").boundingBox()) ?? {};
    expect(width).toBeGreaterThan(0);
    expect(x + width).toBeLessThanOrEqual(320);
    expect(await violations(alice)).toEqual([]);
    await alice.button("Cancel reply").click();
    await quote(alice).waitFor({ state: "detached" });
    await alice.page.reload();
    await alice.message(content).waitFor();
    expect(await quote(alice).count()).toBe(0);
  });

  it("a reply has its quote before it is sent", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "Tea or coffee?" });
    await alice.conversations.getByText("Tea or coffee?").click();
    await act(alice, "Tea or coffee?", "Reply");
    await alice.page.route("**/send", (route) => route.abort("connectionrefused"));
    await alice.send("Tea");
    const waiting = alice.message("Tea").filter({ hasText: "Not sent yet" });
    await waiting.locator(".quote").getByText("Tea or coffee?").waitFor();
  });

  it("an edit of a long text shows whole lines, from the first one on", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { viewport: { width: 320, height: 640 } }),
      client("bob"),
    ]);
    await alice.talkTo(bob.session?.username ?? "");
    const text = "This is a longer text that needs some lines on a narrow screen. ".repeat(3).trim();
    await alice.sendForSure(text);
    await act(alice, text, "Edit");
    const box = alice.page.getByRole("dialog", { name: "Edit message" }).getByRole("textbox");
    await box.waitFor();
    expect(await box.evaluate((area) => [area.scrollTop, area.scrollHeight - area.clientHeight])).toEqual([0, 0]);
  });

  it("a quote follows its message: its new text, and its deletion; the bar of a reply does, too", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const { messageId } = await bob.send({ to: id, type: "text", content: "Helo" });
    await bob.send({ to: id, type: "text", about: messageId, content: "I mean hello" });
    await alice.conversations.getByText("I mean hello").click();
    const quoted = alice.message("I mean hello").locator(".quote");
    await quoted.filter({ hasText: "Helo" }).waitFor();
    await act(alice, "Helo", "Reply");
    await bob.send({ to: id, type: "edit", about: messageId, content: "Hello" });
    for (const one of [quoted, quote(alice)]) await one.filter({ hasText: "Hello" }).waitFor();
    expect(await violations(alice)).toEqual([]);
    await bob.send({ to: id, type: "deletion", about: messageId, content: "" });
    for (const one of [quoted, quote(alice)]) await one.filter({ hasText: "Message deleted" }).waitFor();
    await act(alice, "Message deleted", "Delete");
    await alice.button("Delete here").click();
    await quoted.filter({ hasText: "This message is not on this device." }).waitFor();
    await quote(alice).waitFor({ state: "detached" });
  });

  it("the new text is told its room as any text is, and is not saved beyond it", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { viewport: NARROW }), client("bob")]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Short");
    await act(alice, "Short", "Edit");
    const dialog = alice.page.getByRole("dialog", { name: "Edit message" });
    const field = dialog.getByRole("textbox", { name: "New text" });
    expect(await dialog.locator(".room").count()).toBe(0);
    await field.fill("x".repeat(CONTENT_BYTES - 100));
    await dialog.getByText("Room for 100 more bytes").waitFor();
    await field.fill("x".repeat(CONTENT_BYTES + 1));
    await dialog.getByText("Too long by 1 byte", { exact: true }).waitFor();
    const room = await field.getAttribute("aria-describedby");
    expect(await dialog.locator(".room").getAttribute("id")).toBe(room);
    await field.fill("é".repeat(CONTENT_BYTES / 2 + 1));
    await dialog.getByText("Too long by 2 bytes").waitFor();
    expect(await dialog.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
    await field.press("Enter");
    await dialog.getByText("Too long by 2 bytes").waitFor();
    expect(await violations(alice)).toEqual([]);
    expect(await overflow(alice)).toBe(0);
  });

  it("its text is copied, and its details say when it was sent, delivered and read", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { permissions: ["clipboard-read", "clipboard-write"], viewport: NARROW }),
      client("bob"),
    ]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("Copy me,\nall of me");
    await act(alice, "Copy me", "Copy text");
    expect(await alice.page.evaluate(() => navigator.clipboard.readText())).toBe("Copy me,\nall of me");
    const [{ messageId, senderId } = { messageId: "", senderId: "" }] = await takeAll(bob);
    await act(alice, "Copy me", "Details");
    const dialog = alice.page.getByRole("dialog", { name: "Message details" });
    await dialog.waitFor();
    expect(await dialog.locator("dt").allTextContents()).toEqual(["Sent"]);
    await alice.page.keyboard.press("Escape");
    const receipt = { to: senderId, content: JSON.stringify([messageId]) };
    const delivered = await bob.send({ ...receipt, type: "delivered" });
    await alice.log.getByText("Delivered", { exact: true }).waitFor({ state: "attached" });
    const read = await bob.send({ ...receipt, type: "read" });
    await alice.log.getByText("Read", { exact: true }).waitFor({ state: "attached" });
    await act(alice, "Copy me", "Details");
    await dialog.waitFor();
    expect(await dialog.locator("dt").allTextContents()).toEqual(["Sent", "Delivered", "Read"]);
    const times = await dialog.locator("time").evaluateAll((all) => all.map((time) => time.getAttribute("datetime")));
    const seconds = (time: string | null | undefined) => Date.parse(time ?? "") / 1_000;
    expect(Math.abs(seconds(times[1]) - seconds(delivered.sentAt))).toBeLessThan(60);
    expect(Math.abs(seconds(times[2]) - seconds(read.sentAt))).toBeLessThan(60);
    expect(await violations(alice)).toEqual([]);
    expect(await overflow(alice)).toBe(0);
    await alice.page.keyboard.press("Escape");
    await act(alice, "Copy me", "Delete");
    await alice.page.getByRole("dialog", { name: "Delete message" }).waitFor();
    expect(await violations(alice)).toEqual([]);
    await alice.page.keyboard.press("Escape");
    await alice.page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await alice.page.evaluate(() => document.activeElement !== document.body)).toBe(true);
  });

  it("whose dialogs do not load says so, for each of them, is tried again, and says it no more once they are there", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { viewport: NARROW }), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "Hello" });
    await alice.conversations.getByText("Hello").click();
    const restore = await cutOff(alice.page, /\/assets\/conversation-[^/]+\.js/);
    const saysSo = async (title: string | RegExp) => {
      const dialog = alice.page.getByRole("dialog", { name: title });
      await dialog.getByRole("alert").filter({ hasText: "could not be loaded" }).waitFor();
      expect(await violations(alice)).toEqual([]);
      expect(await overflow(alice)).toBe(0);
      await alice.page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    };
    await alice.button("Conversation menu").click();
    await alice.button("Delete conversation here").click();
    await saysSo("Delete the conversation");
    await alice.page.getByRole("region", { name: "Request" }).getByRole("button", { name: "Block" }).click();
    await saysSo(/^Block bob/);
    await act(alice, "Hello", "Delete");
    await saysSo("Delete message");
    await act(alice, "Hello", "Details");
    const details = alice.page.getByRole("dialog", { name: "Message details" });
    await details.getByRole("alert").filter({ hasText: "could not be loaded" }).waitFor();
    restore();
    await details.getByRole("button", { name: "Try again" }).click();
    await details.getByText("Sent", { exact: true }).waitFor();
    await alice.page.keyboard.press("Escape");
    await details.waitFor({ state: "detached" });
    await act(alice, "Hello", "Delete");
    await alice.button("Delete here").waitFor();
  });
});
