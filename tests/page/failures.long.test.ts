import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { setFull, withLimitedStorage } from "../support/page/full-storage.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { twoFriends } from "./support/friends.ts";
import { addMember, dialogOf, nameOf } from "./support/groups.ts";
import { chooseForLine, chooseInMenu } from "./support/menu.ts";
import { storedRecords } from "./support/records.ts";

const fixture = usePage();
const { visitor, client } = fixture;

/** What the page says of a full storage, and the button that takes it away. */
const bar = ({ page }: Visitor) =>
  page.getByRole("alert").filter({ hasText: "The storage of this browser is full. Free some space, then try again." });

describe("what a person does with one press, where nothing can be stored", () => {
  it("is not lost without a word: a reaction, a setting from either menu", async () => {
    const [alice, bob] = await Promise.all([visitor("alice", { before: withLimitedStorage }), client("bob")]);
    const name = bob.session?.username ?? "";
    await alice.talkTo(name);
    await alice.sendForSure("Hello");
    const { messageId } = await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: "Hi" });
    await alice.message("Hi").waitFor();
    // It came in a frame. The sync that settles it is not to meet the full storage, of which the page would say something else.
    await eventually(async () => {
      const states = await storedRecords<{ recent?: readonly string[] }>(alice, "state");
      expect(states.flatMap(({ recent = [] }) => recent).some((id) => id.endsWith(messageId))).toBe(true);
    });
    await setFull(alice, true);
    const quick = async () => {
      await alice.message("Hi").focus();
      await alice.button("React").click();
      await alice.button("👍").click();
    };
    for (const press of [quick, () => chooseInMenu(alice, "Mute"), () => chooseForLine(alice, name, "Pin")]) {
      await press();
      await bar(alice).getByRole("button", { name: "OK" }).click();
      await bar(alice).waitFor({ state: "detached" });
    }
    await setFull(alice, false);
    // What succeeds says nothing, and takes away what was said.
    await setFull(alice, true);
    await quick();
    await bar(alice).waitFor();
    await setFull(alice, false);
    await quick();
    await bar(alice).waitFor({ state: "detached" });
    await eventually(async () => expect(await alice.log.getByRole("button", { name: "👍 You" }).count()).toBe(1));
    expect(alice.faults).toEqual([]);
  });
});

describe("the edit of a message", () => {
  /** Opens it on the last message of one's own. */
  async function edit(alice: Visitor, content: string, to: string) {
    await alice.message(content).focus();
    await alice.button("Edit").click();
    const field = dialogOf(alice, "Edit message").getByLabel("New text");
    await field.fill(to);
    return field;
  }
  const isOn = (alice: Visitor, content: string) =>
    alice.message(content).evaluate((article) => document.activeElement === article);

  it("gives the focus back to the message, saved or not", async () => {
    const [alice] = await twoFriends(fixture);
    await edit(alice, "Hello, Bob!", "Hello, Rob!");
    await alice.page.keyboard.press("Escape");
    await eventually(async () => expect(await isOn(alice, "Hello, Bob!")).toBe(true));
    await edit(alice, "Hello, Bob!", "Hello, Rob!");
    await alice.page.keyboard.press("Enter");
    await eventually(async () => expect(await isOn(alice, "Hello, Rob!")).toBe(true));
  });

  it("is not sent where the message was deleted meanwhile, and its text stays to be copied", async () => {
    const [alice, bob] = await twoFriends(fixture);
    const field = await edit(alice, "Hello, Bob!", "Hello, Robert!");
    const tab = await alice.openTab();
    await tab.conversations.getByRole("button").first().click();
    // The edit goes on there, too, and is ended.
    await dialogOf(tab, "Edit message").waitFor();
    await tab.page.keyboard.press("Escape");
    await dialogOf(tab, "Edit message").waitFor({ state: "detached" });
    await tab.message("Hello, Bob!").focus();
    await tab.button("Delete").click();
    await tab.button("Delete for everyone").click();
    await alice.page.getByRole("alert").filter({ hasText: "The message was deleted meanwhile" }).waitFor();
    expect([await field.inputValue(), await field.isEditable()]).toEqual(["Hello, Robert!", false]);
    expect(await alice.button("Save").isDisabled()).toBe(true);
    await field.press("Enter");
    await alice.page.keyboard.press("Escape");
    await alice.sendForSure("Done");
    await bob.message("Done").waitFor();
    expect(await bob.texts()).not.toContain("Hello, Robert!");
  });
});

describe("a new group that may have been made", () => {
  it("cannot be changed before that is known, also after its dialog was closed", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await alice.page.route("**/groups", (route) => route.abort("connectionreset"));
    await alice.button("New group").click();
    const dialog = dialogOf(alice, "New group");
    await dialog.getByLabel("Name of the group").fill("Tea");
    await addMember(dialog, nameOf(bob));
    await dialog.getByRole("button", { name: "Make the group" }).click();
    await dialog.getByRole("alert").filter({ hasText: "not known whether this was done" }).waitFor();
    await alice.page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await alice.button("New group").click();
    await dialog.getByText("This group may have been made already.").waitFor();
    expect(await dialog.getByLabel("Name of the group").isDisabled()).toBe(true);
    await alice.page.unroute("**/groups");
    await dialog.getByRole("button", { name: "Make the group" }).click();
    await alice.page.getByRole("heading", { name: "Tea", exact: true }).waitFor();
    expect(await bob.groups()).toHaveLength(1);
  });
});

describe("the button Send", () => {
  it("looks disabled after a click, with the mouse still on it", async () => {
    const alice = await visitor("alice");
    await alice.talkTo((await client("bob")).session?.username ?? "");
    const ground = () => alice.button("Send").evaluate((button) => getComputedStyle(button).backgroundColor);
    const disabled = await ground();
    await alice.box.fill("Hello");
    await alice.button("Send").hover();
    expect(await ground()).not.toBe(disabled);
    await alice.button("Send").click();
    await alice.message("Hello").waitFor();
    expect(await alice.button("Send").isDisabled()).toBe(true);
    // Its colour changes in a moment, not at once.
    await eventually(async () => expect(await ground()).toBe(disabled));
  });
});
