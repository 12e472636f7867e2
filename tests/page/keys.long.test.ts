import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { takeAll } from "../support/taking.ts";
import { idOf } from "./support/groups.ts";
import { isFineWhereNarrow } from "./support/narrow.ts";

const fixture = usePage();
const { visitor, client } = fixture;

/** What has the focus, in words. */
const focused = ({ page }: Visitor): Promise<string> =>
  page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "");

/** Presses keys one after the other. @returns what has the focus after each */
async function press(alice: Visitor, keys: readonly string[]): Promise<string[]> {
  const seen: string[] = [];
  for (const key of keys) {
    await alice.page.keyboard.press(key);
    seen.push(await focused(alice));
  }
  return seen;
}

describe("by keyboard alone", () => {
  it("the menu of a conversation takes the focus, goes by arrows, Home and End, and gives it back on Escape", async () => {
    const alice = await visitor("alice");
    const bob = await client("bob");
    await alice.talkTo(bob.session?.username ?? "");
    await alice.button("Conversation menu").focus();
    await alice.page.keyboard.press("Enter");
    await eventually(async () => expect(await focused(alice)).toBe("Mute"));
    const walk = await press(alice, ["ArrowDown", "ArrowUp", "ArrowUp", "ArrowDown", "End", "Home", "Escape"]);
    const last = "Delete conversation here";
    expect(walk).toEqual(["Pin", "Mute", last, "Mute", last, "Mute", "Conversation menu"]);
    expect(await alice.page.locator("#conversation-menu:popover-open").count()).toBe(0);
    // The menu of a line in the list, by the menu's key, does the same.
    await alice.conversations.getByRole("button").focus();
    await alice.conversations.getByRole("button").dispatchEvent("contextmenu");
    await eventually(async () => expect(await focused(alice)).toBe("Mute"));
    const line = await press(alice, ["End", "ArrowDown", "Escape"]);
    expect(line.slice(0, 2)).toEqual([last, "Mute"]);
    expect(line[2]).toContain(bob.session?.username);
  });

  it("a conversation that is archived or deleted gives the focus to the list, or to To", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    const [bobs, carols] = [bob.session?.username ?? "", carol.session?.username ?? ""];
    for (const name of [bobs, carols]) await alice.talkTo(name);
    const line = (name: string) => alice.conversations.getByRole("button", { name });
    await line(bobs).focus();
    await line(bobs).dispatchEvent("contextmenu");
    await eventually(async () => expect(await focused(alice)).toBe("Mute"));
    await press(alice, ["ArrowDown", "ArrowDown", "Enter"]);
    await line(bobs).waitFor({ state: "detached" });
    expect(await focused(alice)).toContain(carols);
    for (const width of [1_280, 320]) {
      await alice.page.setViewportSize({ width, height: 640 });
      await alice.talkTo(carols);
      await alice.button("Conversation menu").focus();
      await alice.page.keyboard.press("Enter");
      await eventually(async () => expect(await focused(alice)).toBe("Mute"));
      await press(alice, ["End", "Enter"]);
      const remove = alice.page.getByRole("dialog").getByRole("button", { name: "Delete here" });
      await remove.focus();
      await alice.page.keyboard.press("Enter");
      await line(carols).waitFor({ state: "detached" });
      await eventually(async () =>
        expect(await alice.to.evaluate((field) => document.activeElement === field)).toBe(true),
      );
    }
  });

  it("one begins at once: on the username, and after the login on To", async () => {
    const alice = await visitor("alice");
    const isFocused = (field: Locator) => field.evaluate((one) => document.activeElement === one);
    await eventually(async () => expect(await isFocused(alice.to)).toBe(true));
    await alice.button("Log out").click();
    const username = alice.page.getByRole("textbox", { name: "Username" });
    await username.waitFor();
    expect(await isFocused(username)).toBe(true);
    await alice.logIn();
    await eventually(async () => expect(await isFocused(alice.to)).toBe(true));
  });

  it("the emoji that were begun give way to the actions when the picker is closed", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "We won" });
    await alice.conversations.getByText("We won").click();
    await alice.accept();
    await alice.message("We won").focus();
    await alice.button("React").focus();
    await alice.page.keyboard.press("Enter");
    await alice.button("More").focus();
    await alice.page.keyboard.press("Enter");
    await alice.page.getByRole("dialog", { name: "Choose a reaction" }).waitFor();
    await alice.page.keyboard.press("Escape");
    await alice.page.getByRole("toolbar", { name: "Message actions" }).waitFor();
    expect(await alice.page.getByRole("toolbar", { name: "Reactions" }).count()).toBe(0);
    expect(await alice.message("We won").evaluate((article) => document.activeElement === article)).toBe(true);
  });

  it("a reply that was begun ends on Escape, and nothing that was typed is lost", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "Tea or coffee?" });
    await alice.conversations.getByText("Tea or coffee?").click();
    await alice.message("Tea or coffee?").hover();
    await alice.button("Reply").click();
    const bar = alice.page.locator(".reply-bar");
    await bar.getByText("Tea or coffee?").waitFor();
    // It shows in another tab, and ends there, too.
    const tab = await alice.openTab();
    await tab.conversations.getByRole("button").click();
    await tab.page.locator(".reply-bar").getByText("Tea or coffee?").waitFor();
    await alice.box.pressSequentially("Nei");
    await alice.box.press("Escape");
    await bar.waitFor({ state: "detached" });
    await tab.page.locator(".reply-bar").waitFor({ state: "detached" });
    expect(await alice.box.inputValue()).toBe("Nei");
    await alice.page.reload();
    await eventually(async () => expect(await alice.box.inputValue()).toBe("Nei"));
    await alice.box.press("End");
    await alice.box.pressSequentially("ther");
    await alice.box.press("Enter");
    await alice.message("Neither").getByText("Sent", { exact: true }).waitFor();
    const sent = (await takeAll(bob)).find(({ content }) => content === "Neither");
    expect(sent).toBeDefined();
    expect(sent?.about).toBeUndefined();
  });
});

describe("the field To", () => {
  it("finds one's groups by a part of their names, and says who has added the user", async () => {
    const [alice, bob, family] = await Promise.all([visitor("alice"), client("bob"), client("family")]);
    const me = await bob.find(alice.username);
    await bob.createGroup({ name: "Book club", members: [me.id, idOf(family)] });
    await bob.createGroup({ name: family.session?.username ?? "", members: [me.id, idOf(family)] });
    await alice.conversations.getByText("Book club", { exact: true }).waitFor();
    await alice.to.fill("book");
    const found = alice.page.getByRole("list", { name: "Your groups" }).getByRole("button");
    await found.waitFor();
    expect(await violations(alice)).toEqual([]);
    await isFineWhereNarrow(alice);
    await alice.page.setViewportSize({ width: 1280, height: 720 });
    // Below each other, as in the list of conversations.
    const indent = (button: Element) =>
      (button.firstElementChild?.getBoundingClientRect().left ?? 0) - button.getBoundingClientRect().left;
    expect(await found.evaluate(indent)).toBe(0);
    await found.press("Enter");
    await alice.page.getByRole("heading", { name: "Book club", exact: true }).waitFor();
    await alice.page
      .getByText(`${bob.session?.username}, whom you do not know yet, has added you to this group.`)
      .waitFor();
    expect(await alice.to.inputValue()).toBe("");
    // The whole name is enough, also where no username can be so.
    await alice.to.fill("BOOK CLUB");
    await alice.to.press("Enter");
    await alice.page.getByRole("heading", { name: "Book club", exact: true }).waitFor();
    // A person of the same name goes before the group.
    await alice.to.fill(family.session?.username ?? "");
    await alice.to.press("Enter");
    await alice.log.getByText("Say hello.").waitFor();
    expect(await alice.log.getByText("made the group").count()).toBe(0);
  });
});
