import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { usePage } from "../support/page/fixture.ts";
import { sendMany } from "../support/page/history.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { problemText } from "../support/problem-text.ts";
import { takeAll } from "../support/taking.ts";

/** Shows the actions of a message, as a person with a mouse does. */
async function act(visitor: Visitor, text: string, name: string): Promise<void> {
  await visitor.message(text).hover();
  await visitor.log.getByRole("button", { name, exact: true }).click();
}

describe("a message", () => {
  const { visitor, client } = usePage();

  it("has its actions at its own edge, also below the lines of a day and of what is new", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "First" });
    await alice.conversations.getByText("First").click();
    await alice.message("First").hover();
    const bar = await alice.page.locator(".actions-bar").boundingBox();
    const article = await alice.log.locator("article").boundingBox();
    if (bar === null || article === null) throw new Error("the message or its actions are not there");
    expect(bar.y).toBeLessThan(article.y);
    expect(bar.y + bar.height).toBeGreaterThan(article.y);
  });

  it("is replied to, and the quote leads to it, also when it has to be loaded", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, type: "text", content: "Tea or coffee?" });
    await alice.conversations.getByText("Tea or coffee?").click();
    await act(alice, "Tea or coffee?", "Reply");
    await alice.page.locator(".reply-bar").getByText("Tea or coffee?").waitFor();
    await alice.page.keyboard.type("Tea");
    await alice.page.keyboard.press("Enter");
    await alice.page.locator(".reply-bar").waitFor({ state: "detached" });
    const quote = alice.log.getByRole("button", { name: "Tea or coffee?" });
    await quote.waitFor();
    await alice.message(/^Tea$/).getByText("Sent", { exact: true }).waitFor();
    const messages = (await takeAll(bob)).filter(({ type }) => type === "text");
    expect(messages).toMatchObject([{ type: "text", content: "Tea", about: expect.stringMatching(/^0/) }]);
    await sendMany(
      bob,
      id,
      Array.from({ length: 100 }, (_, index) => `filler ${index}`),
    );
    const about = messages[0]?.about ?? "";
    await bob.send({ to: id, type: "text", content: "Come over", about });
    await alice.message("Come over").waitFor();
    await alice.page.reload();
    await alice.message("Come over").getByRole("button", { name: "Tea or coffee?" }).waitFor();
    expect(await alice.texts()).not.toContain("Tea or coffee?");
    await alice.message("Come over").getByRole("button", { name: "Tea or coffee?" }).click();
    await alice.message("Tea or coffee?").waitFor();
    const focused = () => alice.page.evaluate(() => document.activeElement?.textContent ?? "");
    await eventually(async () => expect(await focused()).toContain("Tea or coffee?"));
  });

  it("is reacted to, by both, and a press takes the reaction back", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), visitor("bob")]);
    await alice.talkTo(bob.username);
    await alice.sendForSure("We won");
    await bob.conversations.getByText("We won").click();
    await bob.accept();
    await act(bob, "We won", "React");
    await bob.button("🙏").click();
    const shown = alice.log.getByRole("button", { name: `🙏 ${bob.username}` });
    await shown.waitFor();
    await shown.click();
    await bob.log
      .getByRole("button", { name: "🙏 You and" })
      .or(bob.log.getByRole("button", { name: /🙏 .* You/ }))
      .click();
    await alice.log.getByRole("button", { name: "🙏 You", exact: true }).waitFor();
  });

  it("is edited by its sender, and then deleted for everyone", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), visitor("bob")]);
    await alice.talkTo(bob.username);
    await alice.sendForSure("Helo");
    await bob.conversations.getByText("Helo").click();
    await bob.message("Helo").hover();
    expect(await bob.button("Edit").count()).toBe(0);
    await act(alice, "Helo", "Edit");
    await alice.page.getByRole("textbox", { name: "New text" }).fill("Hello");
    await alice.button("Save").click();
    for (const one of [alice, bob]) await one.message("Hello").getByText("edited").waitFor();
    await act(alice, "Hello", "Delete");
    await alice.button("Delete for everyone").click();
    for (const one of [alice, bob]) await one.message("Message deleted").waitFor();
    expect(await bob.texts()).toEqual(["Message deleted"]);
  });

  it("is deleted here alone, and does not come back; the list shows the one before", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, type: "text", content: "Stays" });
    await bob.send({ to: id, type: "text", content: "Goes" });
    await alice.conversations.getByText("Goes").click();
    await act(alice, "Goes", "Delete");
    expect(await alice.button("Delete for everyone").count()).toBe(0);
    await alice.button("Delete here").click();
    await alice.message("Goes").waitFor({ state: "detached" });
    await alice.conversations.getByText("Stays").waitFor();
    await alice.page.reload();
    await alice.message("Stays").waitFor();
    expect(await alice.texts()).toEqual(["Stays"]);
  });

  it("is acted on by keyboard alone, and axe finds nothing wrong, 320 pixels wide", async () => {
    const viewport = { width: 320, height: 700 };
    const [alice, bob] = await Promise.all([visitor("alice", { viewport }), client("bob")]);
    const { id } = await bob.find(alice.username);
    for (const content of ["First", "Second"]) await bob.send({ to: id, type: "text", content });
    await alice.conversations.getByText("Second").click();
    await alice.message("Second").waitFor();
    await alice.accept();
    await alice.log.focus();
    await alice.page.keyboard.press("Enter");
    await alice.page.keyboard.press("ArrowUp");
    await alice.button("React").waitFor();
    expect(await violations(alice)).toEqual([]);
    await alice.page.keyboard.press("Tab");
    await alice.page.keyboard.press("Tab");
    await alice.page.keyboard.press("Enter");
    await alice.button("👍").focus();
    await alice.page.keyboard.press("Enter");
    await alice.log.getByRole("button", { name: "👍 You" }).waitFor();
    expect(await alice.log.evaluate((log) => log.contains(document.activeElement))).toBe(true);
    expect(await violations(alice)).toEqual([]);
    await alice.page.keyboard.press("Escape");
    expect(await alice.log.evaluate((log) => document.activeElement === log)).toBe(true);
    expect(await alice.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  it("keeps its actions, and the focus on them, while messages move under a resting mouse; only a moved one takes them", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const texts = Array.from({ length: 30 }, (_, index) => `Line ${index}`);
    // Of many that are sent side by side, any may be the last one.
    await sendMany(bob, id, texts.slice(0, -1));
    await sendMany(bob, id, texts.slice(-1));
    await alice.conversations.getByText("Line 29").click();
    await alice.message("Line 29").waitFor();
    await alice.accept();
    await alice.message("Line 25").hover();
    await alice.log.focus();
    for (const key of ["Enter", "Tab", "Tab", "Tab", "Tab"]) await alice.page.keyboard.press(key);
    const focused = () =>
      alice.page.evaluate(() => {
        const here = document.activeElement;
        return [here?.getAttribute("aria-label"), here?.closest(".row")?.querySelector(".text")?.textContent];
      });
    expect(await focused()).toEqual(["Delete", "Line 29"]);
    for (const content of ["More", "And more"]) {
      await bob.send({ to: id, type: "text", content });
      await alice.message(content).waitFor();
    }
    // The browser tells of a pointer over another message some frames after the layout has moved.
    await alice.page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const step = (left: number) => (left === 0 ? resolve() : requestAnimationFrame(() => step(left - 1)));
          step(30);
        }),
    );
    expect(await focused()).toEqual(["Delete", "Line 29"]);
    await alice.page.keyboard.press("Enter");
    const dialog = alice.page.getByRole("dialog", { name: "Delete message" });
    await dialog.getByText("Line 29", { exact: true }).waitFor();
    expect(await violations(alice)).toEqual([]);
    await alice.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await eventually(async () => expect((await focused())[1]).toBe("Line 29"));
    await alice.log.getByRole("button", { name: "Delete" }).focus();
    await alice.message("Line 26").hover();
    await alice.log.locator(".row", { hasText: "Line 26" }).getByRole("button", { name: "Delete" }).waitFor();
    expect(await focused()).toEqual([null, "Line 29"]);
  });

  it("or its neighbour has the focus after everything that is done by keyboard", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    for (const content of ["First", "Second", "Third"]) await bob.send({ to: id, type: "text", content });
    await alice.conversations.getByText("Third").click();
    for (const text of ["First", "Second", "Third"]) await alice.message(text).waitFor();
    await alice.accept();
    const press = async (...keys: string[]) => {
      for (const key of keys) await alice.page.keyboard.press(key);
    };
    const focused = () => alice.page.evaluate(() => document.activeElement?.textContent ?? "");
    const isFocused = (text: string) =>
      eventually(async () =>
        expect(await alice.message(text).evaluate((article) => article === document.activeElement)).toBe(true),
      );
    await alice.log.focus();
    await press("Enter", "ArrowUp", "Tab", "Tab", "Enter");
    await eventually(async () => expect(await focused()).toBe("👍"));
    await press("Enter");
    const chip = alice.log.getByRole("button", { name: "👍 You" });
    await chip.waitFor();
    await isFocused("Second");
    await chip.focus();
    await press("Enter");
    await chip.waitFor({ state: "detached" });
    await isFocused("Second");
    for (const [deleted, next] of [
      ["Second", "Third"],
      ["Third", "First"],
    ] as const) {
      await alice.log.getByRole("button", { name: "Delete" }).focus();
      await press("Enter");
      await alice.page.getByRole("dialog").getByText(deleted).waitFor();
      await alice.button("Delete here").focus();
      await press("Enter");
      await alice.message(deleted).waitFor({ state: "detached" });
      await isFocused(next);
    }
  });

  it("has a reaction no wider than the log, also one that was stored by a version that took any text for one", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { viewport: { width: 320, height: 700 } }),
      client("bob"),
    ]);
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("We won");
    const { id } = await bob.find(alice.username);
    await alice.page.evaluate(async (userId) => {
      const done = <T>(request: IDBRequest<T>): Promise<T> =>
        new Promise((resolve) => {
          request.onsuccess = () => resolve(request.result);
        });
      const database = await done(indexedDB.open(`gotalk-${userId}`));
      const store = database.transaction("messages", "readwrite").objectStore("messages");
      const [message] = await done(store.getAll());
      const reaction = { emoji: "W".repeat(32), name: "x", messageId: message.messageId, sentAt: message.sentAt };
      await done(store.put({ ...message, reactions: { x: reaction } }));
      database.close();
    }, id);
    await alice.page.reload();
    await alice.log.locator(".reactions button").waitFor();
    const { clientWidth, scrollWidth } = await alice.log.evaluate((log) => ({
      clientWidth: log.clientWidth,
      scrollWidth: log.scrollWidth,
    }));
    expect(scrollWidth).toBe(clientWidth);
  });

  it("whose reaction is refused says so, with what to do", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, type: "text", content: "Hello" });
    await alice.conversations.getByText("Hello").click();
    await alice.accept();
    await alice.page.route("**/send", (route) =>
      route.fulfill({ status: 403, contentType: "application/problem+json", body: problemText(403, "blocked") }),
    );
    await act(alice, "Hello", "React");
    await alice.button("👍").click();
    await alice.page.getByRole("alert").filter({ hasText: "blocked you" }).waitFor();
    await alice.log.locator(".trouble").getByRole("button", { name: "Delete" }).click();
    await eventually(async () => expect(await alice.log.getByRole("button", { name: "👍 You" }).count()).toBe(0));
  });
});
