import { describe, expect, it } from "vitest";
import { newMessageId } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { cutOff } from "../support/page/cut-off.ts";
import { usePage } from "../support/page/fixture.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { takeAll } from "../support/taking.ts";
import {
  addMember,
  changeKnown,
  dialogOf,
  idOf,
  makeGroup,
  membersIn,
  nameOf,
  onlyGroup,
  openInfo,
} from "./support/groups.ts";
import { isFineWhereNarrow } from "./support/narrow.ts";

/** Shows the actions of a message, as a person with a mouse does. */
async function act(visitor: Visitor, text: string, name: string): Promise<void> {
  await visitor.message(text).hover();
  await visitor.button(name).click();
}

const onEach = (people: readonly Visitor[], see: (one: Visitor) => Promise<unknown>): Promise<unknown> =>
  Promise.all(people.map(see));

const eventsOf = ({ log }: Visitor): Promise<string[]> => log.locator(".event").allTextContents();

const { visitor, client, secondBrowser } = usePage();

describe("a group", () => {
  it("of three people goes from its making to its end, on all devices", async () => {
    const [alice, bob, carol, dave] = await Promise.all([
      visitor("alice"),
      visitor("bob"),
      visitor("carol"),
      client("dave"),
    ]);
    const phone = await secondBrowser(alice);
    const all = [alice, phone, bob, carol];
    await makeGroup(alice, "Tea", [bob.username, carol.username]);
    await onEach([phone, bob, carol], (one) => one.conversations.getByText("Tea", { exact: true }).click());
    await onEach([bob, carol], (one) => one.log.getByText(`${alice.username} made the group “Tea”`).waitFor());

    // Write, reply, react.
    await alice.sendForSure("Who comses?");
    await bob.message("Who comses?").getByText(alice.username).first().waitFor();
    await act(bob, "Who comses?", "Reply");
    await bob.sendForSure("I do");
    await onEach(all, (one) => one.message("I do").getByRole("button", { name: "Who comses?" }).waitFor());
    await carol.accept();
    await act(carol, "I do", "React");
    await carol.button("👍").click();
    await onEach([alice, phone, bob], (one) => one.log.getByRole("button", { name: `👍 ${carol.username}` }).waitFor());
    expect(await alice.message("I do").locator(".sender").textContent()).toContain(bob.username);
    expect(await bob.message("I do").locator(".sender").count()).toBe(0);

    // Edit, delete.
    await act(alice, "Who comses?", "Edit");
    await alice.page.getByRole("textbox", { name: /text/ }).fill("Who comes?");
    await alice.button("Save").click();
    await onEach(all, (one) => one.message("Who comes?").getByText("edited").waitFor());
    await act(bob, "I do", "Delete");
    await bob.button("Delete for everyone").click();
    await onEach(all, (one) => one.message("Message deleted").waitFor());

    // Rename, add, admin, remove.
    let info = await openInfo(alice);
    await info.getByRole("button", { name: "Rename" }).click();
    await info.getByLabel("New name").fill("Coffee");
    await info.getByRole("button", { name: "Save" }).click();
    await info.getByText("Coffee", { exact: true }).waitFor();
    await addMember(info, nameOf(dave));
    await info.getByRole("button", { name: `Change ${bob.username}` }).click();
    await info.getByRole("button", { name: "Make admin" }).click();
    await membersIn(info).filter({ hasText: bob.username }).getByText("Admin", { exact: true }).waitFor();
    await alice.page.keyboard.press("Escape");
    await onEach(all, (one) => one.page.getByRole("heading", { name: "Coffee", exact: true }).waitFor());
    await bob.log.getByText(`${alice.username} made you an admin`).waitFor();
    info = await openInfo(bob);
    await info.getByRole("button", { name: `Change ${carol.username}` }).click();
    await info.getByRole("button", { name: "Remove from the group" }).click();
    await membersIn(info).filter({ hasText: carol.username }).waitFor({ state: "detached" });
    await bob.page.keyboard.press("Escape");
    await carol.page.getByText(`${bob.username} has removed you from this group.`).waitFor();
    expect(await carol.box.count()).toBe(0);
    await alice.sendForSure("Without Carol");
    await onEach([phone, bob], (one) => one.message("Without Carol").waitFor());

    // Leave.
    await dave.leaveGroup(await onlyGroup(dave));
    info = await openInfo(alice);
    await info.getByRole("button", { name: "Leave group" }).click();
    await info.getByRole("button", { name: "Leave it" }).click();
    await onEach([alice, phone], (one) => one.page.getByText("You have left this group. The messages stay").waitFor());
    await bob.log.getByText(`${alice.username} left`).waitFor();
    const events = [
      `${alice.username} renamed the group to “Coffee”`,
      `${alice.username} added ${nameOf(dave)}`,
      `${alice.username} made you an admin`,
      `You removed ${carol.username}`,
      `${nameOf(dave)} left`,
      `${alice.username} left`,
    ];
    await eventually(async () => expect((await eventsOf(bob)).slice(1)).toEqual(events));
    expect(await carol.texts()).toEqual(["Who comes?", "Message deleted"]);
    await onEach([alice, phone, bob], async (one) =>
      expect(await one.texts()).toEqual(["Who comes?", "Message deleted", "Without Carol"]),
    );
    await onEach(all, async (one) => expect(await one.conversations.locator("li").count()).toBe(1));
  });

  it("tells in the details who has read a message, and who has not", async () => {
    const [alice, bob, carol, dave] = await Promise.all([
      visitor("alice"),
      visitor("bob"),
      client("carol"),
      client("dave"),
    ]);
    await makeGroup(alice, "Tea", [bob.username, nameOf(carol)]);
    await alice.sendForSure("Read me");
    // A later member cannot have it.
    await addMember(await openInfo(alice), nameOf(dave));
    await alice.page.keyboard.press("Escape");
    await bob.conversations.getByText("Tea", { exact: true }).click();
    await bob.message("Read me").waitFor();
    await bob.button("Leave").waitFor();
    await isFineWhereNarrow(bob);
    await bob.button("Leave").click();
    await dialogOf(bob, "Leave group?").getByRole("button", { name: "Leave it" }).waitFor();
    await isFineWhereNarrow(bob);
    await bob.page.keyboard.press("Escape");
    await bob.button("Accept").click();
    await eventually(async () => {
      await act(alice, "Read me", "Details");
      const dialog = dialogOf(alice, "Message details");
      await dialog.getByText("Sent", { exact: true }).waitFor();
      const read = await dialog.getByText(/^Read by/).count();
      if (read > 0) return;
      await alice.page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      throw new Error("not read yet");
    });
    const lists = dialogOf(alice, "Message details").locator("section");
    expect(await lists.allInnerTexts()).toEqual([
      expect.stringMatching(new RegExp(`^Read by\\s+${bob.username}`)),
      expect.stringMatching(new RegExp(`^Not read yet by\\s+${nameOf(carol)}\\s*$`)),
    ]);
    expect(await alice.message("Read me").getByText("Read", { exact: true }).count()).toBe(0);
    await isFineWhereNarrow(alice);
    await alice.page.keyboard.press("Escape");
    await alice.page.setViewportSize({ width: 1_280, height: 720 });
    await act(alice, "Read me", "Delete");
    await dialogOf(alice, "Delete message").getByText("the other members keep it").waitFor();
  });

  it("of more than 20 people says of no message who has not read it: nobody is told", async () => {
    const alice = await visitor("alice");
    const [maker, ...others] = await Promise.all(Array.from({ length: 20 }, (_, at) => client(`member${at}`)));
    if (maker === undefined) throw new Error("Nobody makes the group.");
    const members = await Promise.all([alice.username, ...others.map(nameOf)].map((name) => maker.find(name)));
    await maker.createGroup({ name: "Many", members: members.map(({ id }) => id) });
    await alice.conversations.getByText("Many", { exact: true }).click();
    await alice.accept();
    await alice.sendForSure("Read me");
    await act(alice, "Read me", "Details");
    const dialog = dialogOf(alice, "Message details");
    await dialog.getByText("In a group of more than 20 people, nobody is told who has read a message.").waitFor();
    expect(await dialog.locator("section").count()).toBe(0);
  });

  it("is made once, whatever answers are lost, and what was typed stays until it is", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    await carol.block((await carol.find(alice.username)).id);
    await alice.button("New group").click();
    const dialog = dialogOf(alice, "New group");
    await dialog.getByLabel("Name of the group").fill("Tea");
    const member = dialog.getByLabel("Add a member");
    for (const [typed, problem] of [
      ["nobody-at-all", "There is no user called “nobody-at-all”."],
      [alice.username, "You are a member yourself."],
    ] as const) {
      await member.fill(typed);
      await dialog.getByRole("button", { name: "Add", exact: true }).click();
      await dialog.getByRole("alert").filter({ hasText: problem }).waitFor();
    }
    await member.fill("");
    await addMember(dialog, nameOf(bob));
    await addMember(dialog, nameOf(carol));
    await dialog.getByRole("button", { name: "Make the group" }).click();
    await dialog
      .getByRole("alert")
      .filter({ hasText: `You cannot add ${nameOf(carol)}. They have blocked you.` })
      .waitFor();
    await dialog.getByRole("button", { name: `Remove ${nameOf(carol)}` }).click();
    await alice.page.keyboard.press("Escape");
    await alice.button("New group").click();
    await membersIn(dialog).getByText(nameOf(bob)).waitFor();
    expect(await dialog.getByLabel("Name of the group").inputValue()).toBe("Tea");

    const keys: unknown[] = [];
    await alice.page.route("**/groups", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      keys.push(route.request().postDataJSON().groupKey);
      // The server makes it, and its answer is lost; until the person tries again.
      if (await alice.page.evaluate(() => Reflect.get(globalThis, "isBack"))) return route.continue();
      await route.fetch();
      return route.abort("connectionreset");
    });
    await dialog.getByRole("button", { name: "Make the group" }).click();
    await dialog.getByRole("alert").filter({ hasText: "not known whether this was done" }).waitFor();
    expect(await dialog.getByLabel("Name of the group").isDisabled()).toBe(true);
    await alice.page.evaluate(() => Reflect.set(globalThis, "isBack", true));
    await dialog.getByRole("button", { name: "Make the group" }).click();
    await alice.page.getByRole("heading", { name: "Tea", exact: true }).waitFor();
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
    expect(await bob.groups()).toHaveLength(1);
    expect(await alice.conversations.locator("li").count()).toBe(1);
  });

  it("has what came before its message, is brought up to date where events were missed, and shows offline what is known", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    await makeGroup(alice, "Tea", [nameOf(bob)]);
    const groupId = await onlyGroup(bob);
    const phone = await alice.device("phone");
    await phone.addMember(groupId, idOf(carol));
    await alice.log.getByText(`You added ${nameOf(carol)}`).waitFor();
    let asked = 0;
    alice.page.on("request", (request) => {
      if (request.method() === "GET" && request.url().endsWith(`/groups/${groupId}`)) asked++;
    });
    // An edit and a deletion come before their message, and two senders have one id.
    const [edited, deleted] = [newMessageId(), newMessageId()];
    await bob.send({ to: groupId, type: "edit", about: edited, content: "Second" });
    await bob.send({ to: groupId, type: "deletion", about: deleted, content: "" });
    await carol.send({ to: groupId, type: "edit", about: edited, content: "Not hers" });
    await bob.send({ to: groupId, type: "text", messageId: edited, content: "First" });
    await bob.send({ to: groupId, type: "text", messageId: deleted, content: "Gone" });
    await carol.send({ to: groupId, type: "text", messageId: deleted, content: "Hers stays" });
    await alice.message("Second").getByText("edited").waitFor();
    await alice.message("Message deleted").waitFor();
    await alice.message("Hers stays").waitFor();
    expect(await alice.texts()).toEqual(["Second", "Message deleted", "Hers stays"]);
    // An event right after the last one needs no request.
    await phone.renameGroup(groupId, "Coffee");
    await alice.page.getByRole("heading", { name: "Coffee", exact: true }).waitFor();
    expect(asked).toBe(0);
    // One behind a gap does, and so does a page that was closed meanwhile.
    await changeKnown(alice, { version: 1, members: [], name: "Stale" });
    await phone.renameGroup(groupId, "Cocoa");
    await alice.page.getByRole("heading", { name: "Cocoa", exact: true }).waitFor();
    await eventually(() => expect(asked).toBe(1));
    await changeKnown(alice, { version: 1, members: [], name: "Stale" });
    await alice.page.reload();
    await alice.page.getByRole("heading", { name: "Cocoa", exact: true }).waitFor();
    let info = await openInfo(alice);
    await eventually(async () => expect(await membersIn(info).count()).toBe(3));
    await alice.page.keyboard.press("Escape");
    await alice.context.setOffline(true);
    await alice.status.filter({ hasText: "Offline" }).waitFor();
    info = await openInfo(alice);
    await info.getByText("It may have changed since.").waitFor();
    expect(await membersIn(info).count()).toBe(3);
  });

  it("that a new device is in is in its list, and one that it has left meanwhile says so", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await makeGroup(alice, "Tea", [nameOf(bob)]);
    const groupId = await onlyGroup(bob);
    const phone = await secondBrowser(alice);
    await phone.conversations.getByText("Tea", { exact: true }).click();
    await phone.sendForSure("From the new one");
    await alice.message("From the new one").waitFor();
    // As if the device had missed the event.
    await phone.page.route("**/sync", (route) => route.abort());
    await phone.page.goto("about:blank");
    await bob.send({ to: groupId, type: "text", content: "Until then" });
    await (await alice.device("third")).leaveGroup(groupId);
    await phone.page.goto(phone.url);
    await phone.conversations.getByText("Tea", { exact: true }).click();
    await phone.page.getByText("You are not in this group any more.").waitFor();
  });

  it("that somebody was removed from keeps what was typed, lets what it refuses be copied, and offers nothing that goes to it", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { permissions: ["clipboard-read", "clipboard-write"] }),
      client("bob"),
    ]);
    const members = [(await bob.find(alice.username)).id];
    const [milk, late, half] = await Promise.all(
      ["Milk", "Late", "Half"].map(async (name) => (await bob.createGroup({ name, members })).groupId),
    );
    const remove = (groupId = "") => bob.removeMember(groupId, members[0] ?? "");

    await alice.conversations.getByText("Milk", { exact: true }).click();
    await alice.sendForSure("Milk?");
    const about = (await takeAll(bob)).find(({ type }) => type === "text")?.messageId ?? "";
    await bob.send({ to: milk ?? "", type: "reaction", content: "👍", about });
    const chip = alice.log.getByRole("button", { name: `👍 ${nameOf(bob)}` });
    await chip.waitFor();
    await remove(milk);
    await alice.page.getByText(`${nameOf(bob)} has removed you from this group.`).waitFor();
    await alice.message("Milk?").hover();
    await alice.log.getByRole("button", { name: "Details" }).waitFor();
    const actions = alice.log.getByRole("toolbar", { name: "Message actions" }).getByRole("button");
    expect(await actions.evaluateAll((all) => all.map((one) => one.ariaLabel))).toEqual([
      "Copy text",
      "Delete",
      "Details",
    ]);
    expect(await chip.isDisabled()).toBe(true);
    await alice.log.getByRole("button", { name: "Delete" }).click();
    await alice.button("Delete here").waitFor();
    expect(await alice.button("Delete for everyone").count()).toBe(0);
    expect(await violations(alice)).toEqual([]);
    await alice.page.keyboard.press("Escape");

    await alice.conversations.getByText("Late", { exact: true }).click();
    await alice.log.getByText(`${nameOf(bob)} made the group`).waitFor();
    await alice.page.context().setOffline(true);
    await alice.send("Too late");
    await remove(late);
    await alice.page.context().setOffline(false);
    await alice.page.getByRole("alert").filter({ hasText: "You are not in this group any more." }).waitFor();
    await alice.log.getByRole("button", { name: "Copy", exact: true }).click();
    expect(await alice.page.evaluate(() => navigator.clipboard.readText())).toBe("Too late");

    await alice.conversations.getByText("Half", { exact: true }).click();
    await alice.log.getByText(`${nameOf(bob)} made the group`).waitFor();
    await alice.box.pressSequentially("Half a sentence");
    const restore = await cutOff(alice.page, "**/sync", "**/send");
    await remove(half);
    restore();
    await alice.page.getByText(`${nameOf(bob)} has removed you from this group.`).waitFor();
    expect(await alice.box.inputValue()).toBe("Half a sentence");
    await alice.box.press("Enter");
    expect(await alice.box.inputValue()).toBe("Half a sentence");
    expect(await alice.button("Send").count()).toBe(0);
    await alice.page.getByText("You can no longer write here.").waitFor();
    await isFineWhereNarrow(alice);
  });

  it("named like a person is not taken for the person, and says under a message who misses it", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await makeGroup(alice, nameOf(bob), [nameOf(bob)]);
    const restore = await cutOff(alice.page, "**/users/*", "**/send");
    await alice.to.fill(nameOf(bob));
    await alice.send("For Bob alone");
    await alice.page.getByRole("alert").filter({ hasText: "The server cannot be reached." }).waitFor();
    restore();
    await alice.box.press("Enter");
    await alice.message("For Bob alone").getByText("Sent", { exact: true }).waitFor();
    const texts = (await takeAll(bob)).filter(({ type }) => type === "text");
    expect(texts).toEqual([expect.not.objectContaining({ toId: expect.anything() })]);

    await makeGroup(alice, "Tea", [nameOf(bob)]);
    await alice.page.route("**/send", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), missedBy: [idOf(bob)] } });
    });
    await alice.sendForSure("Hello");
    const note = alice.log.getByText(`${nameOf(bob)} misses this message: too many messages wait for them.`);
    await note.waitFor();
    await alice.page.reload();
    await note.waitFor();
    await isFineWhereNarrow(alice);
  });

  it("is made and changed by keyboard alone, 320 pixels wide, axe finds nothing wrong, and a dialog that does not load is tried again", async () => {
    const viewport = { width: 320, height: 640 };
    const [alice, bob, carol] = await Promise.all([visitor("alice", { viewport }), client("bob"), client("carol")]);
    const { keyboard } = alice.page;
    const fits = async () => expect(await alice.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    const isFocused = (name: string | RegExp) =>
      alice.page.getByRole("button", { name }).and(alice.page.locator(":focus"));
    await alice.button("New group").focus();
    await keyboard.press("Enter");
    const dialog = dialogOf(alice, "New group");
    await dialog.getByLabel("Name of the group").and(alice.page.locator(":focus")).waitFor();
    await keyboard.type("Tea");
    await keyboard.press("Tab");
    await keyboard.type("nobody-at-all");
    await keyboard.press("Enter");
    await dialog.getByRole("alert").waitFor();
    expect(await violations(alice)).toEqual([]);
    await fits();
    for (const one of [bob, carol]) {
      await dialog.getByLabel("Add a member").and(alice.page.locator(":focus")).waitFor();
      await keyboard.press("ControlOrMeta+a");
      await keyboard.type(nameOf(one));
      await keyboard.press("Enter");
      await membersIn(dialog).getByText(nameOf(one)).waitFor();
    }
    expect(await violations(alice)).toEqual([]);
    // Behind the field: its button, and one for each member.
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await isFocused(`Remove ${nameOf(bob)}`).waitFor();
    await keyboard.press("Enter");
    await dialog.getByLabel("Add a member").and(alice.page.locator(":focus")).waitFor();
    for (let step = 0; step < 3; step++) await keyboard.press("Tab");
    await isFocused("Make the group").waitFor();
    await keyboard.press("Enter");
    await alice.log.getByText("You made the group “Tea”").waitFor();
    await carol.send({ to: await onlyGroup(carol), type: "text", content: `Hello @${alice.username}` });
    await alice.message("Hello").waitFor();
    expect(await violations(alice)).toEqual([]);
    await fits();
    const info = await openInfo(alice);
    expect(await violations(alice)).toEqual([]);
    await info.getByRole("button", { name: `Change ${nameOf(carol)}` }).focus();
    await keyboard.press("Enter");
    await keyboard.press("Tab");
    await isFocused("Make admin").waitFor();
    expect(await violations(alice)).toEqual([]);
    await fits();
    await keyboard.press("Enter");
    await isFocused(`Change ${nameOf(carol)}`).waitFor();
    await info.getByRole("button", { name: "Rename" }).focus();
    await keyboard.press("Enter");
    await info.getByLabel("New name").and(alice.page.locator(":focus")).waitFor();
    await keyboard.type("x".repeat(65));
    await keyboard.press("Enter");
    await info.getByRole("alert").filter({ hasText: "at most 64 characters" }).waitFor();
    await info.getByRole("button", { name: "Make an invite link" }).focus();
    await keyboard.press("Enter");
    await info.getByRole("button", { name: "QR code" }).click();
    await info.getByRole("img", { name: "QR code of the invite link to Tea" }).waitFor();
    await info.getByRole("button", { name: "Leave group" }).focus();
    await keyboard.press("Enter");
    expect(await violations(alice)).toEqual([]);
    expect(await info.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
    await keyboard.press("Enter");
    await alice.page.getByText("You have left this group. The messages stay").waitFor();
    expect(await violations(alice)).toEqual([]);

    // A dialog that does not load says so, and is tried again.
    await alice.page.setViewportSize({ width: 1_280, height: 720 });
    const restore = await cutOff(alice.page, /\/assets\/groups-[^/]+\.js/);
    await alice.page.reload();
    await alice.connected();
    await alice.button("New group").click();
    await dialog.getByRole("alert").filter({ hasText: "could not be loaded" }).waitFor();
    expect(await violations(alice)).toEqual([]);
    restore();
    await dialog.getByRole("button", { name: "Try again" }).click();
    await dialog.getByLabel("Name of the group").and(alice.page.locator(":focus")).waitFor();
  });
});
