import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { Client } from "../../lib/client/index.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { seedUser } from "../support/shared/index.ts";
import { dialogOf, membersIn, nameOf } from "./support/groups.ts";
import { Keyboard } from "./support/keyboard.ts";

const { stranger, client } = usePage();

/** A person at the loaded login page, who has typed name and password, and has pressed one of its buttons. */
async function enter(name: string, button: "Register" | "Log in"): Promise<[Visitor, Keyboard]> {
  const visitor = await stranger(name);
  const { page, username, password } = visitor;
  if (button === "Log in") await seedUser({ username, password });
  await page.goto(visitor.url);
  const keys = new Keyboard(visitor);
  const field = page.getByRole("textbox", { name: "Username" });
  await keys.isAt(field);
  await keys.type(username);
  await keys.tabTo(page.getByRole("textbox", { name: "Password" }));
  await keys.type(password);
  await keys.go(visitor.button(button), "Space");
  await visitor.connected();
  return [visitor, keys];
}

/** Begins a conversation by the name, and writes. */
async function begin([visitor, keys]: readonly [Visitor, Keyboard], username: string, text: string): Promise<void> {
  await keys.tabTo(visitor.to);
  await keys.type(username);
  await keys.press("Enter");
  await keys.send(text);
}

const lineOf = ({ page }: Visitor, name: string): Locator => page.locator(".lists").getByRole("button", { name });

/** Somebody without a page writes to a person, who opens it. */
async function writeTo([visitor, keys]: readonly [Visitor, Keyboard], from: Client, texts: string[]): Promise<void> {
  const to = (await from.find(visitor.username)).id;
  for (const content of texts) await from.send({ to, type: "text", content });
  await lineOf(visitor, nameOf(from))
    .filter({ hasText: texts.at(-1) ?? "" })
    .waitFor();
  await keys.go(lineOf(visitor, nameOf(from)));
  await keys.isAt(visitor.box);
}

describe("by keyboard alone, from the login page", () => {
  it("two people register, write, accept, reply, jump by a quote, and react", async () => {
    const [[alice, a], [bob, b]] = await Promise.all([enter("alice", "Register"), enter("bob", "Register")]);
    await begin([alice, a], bob.username, "Tea or coffee?");
    await lineOf(bob, alice.username).waitFor();
    await b.go(lineOf(bob, alice.username));
    await b.isAt(bob.box);
    await b.goBack(bob.button("Accept"));
    await bob.button("Accept").waitFor({ state: "detached" });
    await b.isAt(bob.box);

    await b.act("Tea or coffee?", "Reply");
    await bob.page.locator(".reply-bar").getByText("Tea or coffee?").waitFor();
    await b.send("Tea");
    const quote = alice.message("Tea").getByRole("button", { name: "Tea or coffee?" });
    await quote.waitFor();
    await a.tabBackTo(quote);
    await a.press("Enter");
    await a.isAt(alice.message("Tea or coffee?"));

    await a.press("ArrowDown");
    await a.isAt(alice.message(/^Tea$/));
    await a.go(alice.log.getByRole("button", { name: "React" }));
    await a.isAt(alice.button("👍"));
    await a.press("Enter");
    await bob.log.getByRole("button", { name: `👍 ${alice.username}` }).waitFor();
    await a.isAt(alice.message(/^Tea$/));

    await a.go(alice.log.getByRole("button", { name: "React" }));
    await a.go(alice.button("More"));
    const picker = dialogOf(alice, "Choose a reaction");
    await a.isAt(picker.getByRole("searchbox", { name: "Search emoji" }));
    await a.type("teapot");
    await picker.getByText("1 found").waitFor();
    await a.press("ArrowDown");
    await a.isAt(picker.getByRole("button", { name: "teapot" }));
    await a.press("Enter");
    await bob.log.getByRole("button", { name: `🫖 ${alice.username}` }).waitFor();
    await a.isSomewhere();
  });

  it("messages are edited, shown in detail, and deleted, here and for everyone", async () => {
    const [[alice, a], [bob, b]] = await Promise.all([enter("alice", "Log in"), enter("bob", "Log in")]);
    await begin([alice, a], bob.username, "Helo");
    await lineOf(bob, alice.username).waitFor();
    await b.go(lineOf(bob, alice.username));
    await b.isAt(bob.box);
    await b.send("Hello to you");
    await alice.message("Hello to you").waitFor();

    await a.act("Helo", "Edit", 1);
    await a.isAt(alice.page.getByRole("textbox", { name: "New text" }));
    await a.press("ArrowLeft");
    await a.type("l");
    await a.go(alice.button("Save"));
    for (const one of [alice, bob]) await one.message("Hello").getByText("edited").waitFor();
    await a.isSomewhere();

    await a.go(alice.log.getByRole("button", { name: "Details" }));
    const details = dialogOf(alice, "Message details");
    await details.getByText("Edited").waitFor();
    await a.press("Escape");
    await details.waitFor({ state: "detached" });

    await a.goBack(alice.log.getByRole("button", { name: "Delete" }));
    await a.go(alice.button("Delete for everyone"));
    for (const one of [alice, bob]) await one.message("Message deleted").waitFor();
    await a.isAt(alice.log.getByRole("button", { name: "Delete" }));

    await a.press("Escape");
    await a.isAt(alice.log);
    await a.press("Enter");
    await a.isAt(alice.message("Hello to you"));
    await a.go(alice.log.getByRole("button", { name: "Delete" }));
    await a.go(alice.button("Delete here"));
    await alice.message("Hello to you").waitFor({ state: "detached" });
    await a.isSomewhere();
    expect(await bob.texts()).toEqual(["Message deleted", "Hello to you"]);
  });

  it("a group is made, renamed, muted, shared by its link, written in with mentions, and left", async () => {
    const [[alice, a], bob, carol] = await Promise.all([enter("alice", "Log in"), client("bob"), client("carol")]);
    await a.go(alice.button("New group"));
    const making = dialogOf(alice, "New group");
    await a.isAt(making.getByLabel("Name of the group"));
    await a.type("Tea");
    await a.press("Tab");
    for (const one of [bob, carol]) {
      await a.isAt(making.getByLabel("Add a member"));
      await a.type(nameOf(one));
      await a.press("Enter");
      await membersIn(making).getByText(nameOf(one)).waitFor();
    }
    await a.go(making.getByRole("button", { name: "Make the group" }));
    await alice.log.getByText("You made the group “Tea”").waitFor();
    await a.isAt(alice.box);

    await a.type(`Hello @${nameOf(bob).slice(0, 5)}`);
    await alice.page.getByRole("option", { name: nameOf(bob) }).waitFor();
    await a.press("Enter");
    await a.type("and all");
    await a.press("Enter");
    await alice
      .message(`Hello @${nameOf(bob)} and all`)
      .getByText("Sent", { exact: true })
      .waitFor();

    await a.tabBackTo(alice.button("Conversation menu"));
    await a.choose("Mute");
    await lineOf(alice, "Tea").getByText("Muted").waitFor();
    await a.choose("Group info");
    const info = dialogOf(alice, "Group info");
    await membersIn(info).first().waitFor();
    await a.isAt(info.getByLabel("Add a member"));
    await a.goBack(info.getByRole("button", { name: "Rename" }));
    await a.isAt(info.getByLabel("New name"));
    await a.type(" and cake");
    await a.press("Enter");
    await alice.log.getByText("You renamed").waitFor();
    await a.isSomewhere();

    await a.go(info.getByRole("button", { name: `Change ${nameOf(bob)}` }));
    await a.go(info.getByRole("button", { name: "Make admin" }));
    await membersIn(info)
      .filter({ hasText: nameOf(bob) })
      .getByText("Admin", { exact: true })
      .waitFor();
    await a.isAt(info.getByRole("button", { name: `Change ${nameOf(bob)}` }));

    await a.go(info.getByRole("button", { name: "Make an invite link" }));
    await info.getByRole("textbox", { name: "Invite link" }).waitFor();
    await a.goBack(info.getByRole("button", { name: "QR code" }));
    await info.getByRole("img", { name: "QR code of the invite link to" }).waitFor();

    await a.go(info.getByRole("button", { name: "Leave group" }));
    await a.press("Enter");
    await alice.page.getByText("You have left this group. The messages stay").waitFor();
    await a.isSomewhere();
    expect((await bob.groups()).map(({ name }) => name)).toEqual(["Tea and cake"]);
  });

  it("conversations are pinned, archived and deleted, a stranger is blocked, and settings are changed", async () => {
    const [[alice, a], bob, carol] = await Promise.all([enter("alice", "Log in"), client("bob"), client("carol")]);
    await writeTo([alice, a], bob, ["Hello"]);
    await a.send("Hello, Bob");
    await a.tabBackTo(alice.button("Conversation menu"));
    await a.choose("Pin");
    await lineOf(alice, nameOf(bob)).getByText("Pinned").waitFor();
    await a.choose("Archive");
    await a.tabBackTo(alice.page.locator("summary", { hasText: "Archived" }));
    await a.press("Enter");
    await a.go(lineOf(alice, nameOf(bob)));
    await a.tabTo(alice.button("Conversation menu"));
    await a.choose("Delete conversation here");
    const deleting = dialogOf(alice, `Delete the conversation with ${nameOf(bob)}?`);
    await a.go(deleting.getByRole("button", { name: "Delete here" }));
    await alice.page.getByText("No conversations yet.").waitFor();
    await a.isSomewhere();

    await a.goBack(alice.button(/^Account/));
    await a.go(alice.page.getByRole("radio", { name: "System" }), "Space");
    await a.press("ArrowDown", "ArrowDown");
    await a.isAt(alice.page.getByRole("radio", { name: "Dark" }));
    expect(await alice.page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
    const receipts = alice.page.getByRole("checkbox", { name: "Read receipts" });
    await a.go(receipts, "Space");
    expect(await receipts.isChecked()).toBe(false);
    await a.go(alice.button("Devices"));
    await dialogOf(alice, "Devices").getByText("This device").waitFor();
    await a.press("Escape");
    await a.isAt(alice.button(/^Account/));

    await writeTo([alice, a], carol, ["You do not know me"]);
    await a.goBack(alice.button("Block"));
    const blocking = dialogOf(alice, `Block ${nameOf(carol)}?`);
    await a.go(blocking.getByRole("button", { name: "Block", exact: true }));
    await alice.page.getByText(`You have blocked ${nameOf(carol)}`).waitFor();
    await a.isSomewhere();
    const { id } = await carol.find(alice.username);
    await expect(carol.send({ to: id, type: "text", content: "Again" })).rejects.toMatchObject({ code: "blocked" });
  });
});
