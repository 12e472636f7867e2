import { describe, expect, it } from "vitest";
import type { Client } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { usePage } from "../support/page/fixture.ts";
import { setHidden } from "../support/page/visibility.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { nameOf, onlyGroup } from "./support/groups.ts";
import { noteNotifications, notified } from "./support/notifications.ts";

describe("mentions", () => {
  const { visitor, client } = usePage();

  /** A group of the visitor and others, open on the page. */
  async function inGroup(alice: Visitor, maker: Client, ...others: Client[]): Promise<string> {
    const members = await Promise.all([alice.username, ...others.map(nameOf)].map((name) => maker.find(name)));
    await maker.createGroup({ name: "Tea", members: members.map(({ id }) => id) });
    await alice.conversations.getByText("Tea", { exact: true }).click();
    await alice.log.getByText("made the group").waitFor();
    await alice.button("Accept").click();
    return onlyGroup(maker);
  }

  it("are completed by keyboard: arrows, Enter, Tab and Escape, and Enter sends only without a list", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    await inGroup(alice, bob, carol);
    const list = alice.page.getByRole("listbox", { name: "Members" });
    const chosen = list.getByRole("option", { selected: true });
    await alice.box.pressSequentially("Hi @");
    await list.waitFor();
    // All but oneself, by their names.
    expect(await list.getByRole("option").allInnerTexts()).toEqual([
      expect.stringContaining(nameOf(bob)),
      expect.stringContaining(nameOf(carol)),
    ]);
    expect(await violations(alice)).toEqual([]);
    await alice.box.press("ArrowDown");
    expect(await chosen.innerText()).toContain(nameOf(carol));
    const active = await alice.box.getAttribute("aria-activedescendant");
    expect(await chosen.getAttribute("id")).toBe(active);
    await alice.box.press("ArrowDown");
    await alice.box.press("ArrowUp");
    await alice.box.press("Enter");
    expect(await alice.box.inputValue()).toBe(`Hi @${nameOf(carol)} `);
    await alice.box.pressSequentially("and @bo");
    await list.waitFor();
    await alice.box.press("Tab");
    expect(await alice.box.inputValue()).toBe(`Hi @${nameOf(carol)} and @${nameOf(bob)} `);
    expect(await alice.box.evaluate((box) => box === document.activeElement)).toBe(true);
    await alice.box.pressSequentially("@");
    await list.waitFor();
    await alice.box.press("Escape");
    await list.waitFor({ state: "detached" });
    await alice.box.press("Backspace");
    await alice.box.press("Enter");
    await alice
      .message(`Hi @${nameOf(carol)} and @${nameOf(bob)}`)
      .getByText("Sent", { exact: true })
      .waitFor();
    expect(await alice.log.locator(".mention").allTextContents()).toEqual([`@${nameOf(carol)}`, `@${nameOf(bob)}`]);
    // Each list begins at its first name, wherever the arrows were in the last one.
    await alice.box.fill("");
    await alice.box.pressSequentially("@");
    await list.waitFor();
    await alice.box.press("ArrowDown");
    await alice.box.press("Enter");
    await alice.box.pressSequentially("@");
    await list.waitFor();
    await alice.box.press("Enter");
    expect(await alice.box.inputValue()).toBe(`@${nameOf(carol)} @${nameOf(bob)} `);
    // In the middle of a text.
    await alice.box.fill("Dear @, hello");
    await alice.box.evaluate((box: HTMLTextAreaElement) => box.setSelectionRange(6, 6));
    await list.waitFor();
    await alice.box.press("Enter");
    expect(await alice.box.inputValue()).toBe(`Dear @${nameOf(bob)} , hello`);
  });

  it("are completed by a tap, on a phone, and the box keeps the focus", async () => {
    const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
    const [alice, bob] = await Promise.all([visitor("alice", phone), client("bob")]);
    await inGroup(alice, bob);
    await alice.box.tap();
    await alice.box.pressSequentially("@b");
    const option = alice.page.getByRole("option", { name: nameOf(bob) });
    await option.waitFor();
    expect(await violations(alice)).toEqual([]);
    await option.tap();
    expect(await alice.box.inputValue()).toBe(`@${nameOf(bob)} `);
    expect(await alice.box.evaluate((box) => box === document.activeElement)).toBe(true);
    expect(await alice.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  it("are marked in the text, those of oneself more, and not where nobody is meant", async () => {
    const [alice, bob, carol] = await Promise.all([visitor("alice"), client("bob"), client("carol")]);
    const to = await inGroup(alice, bob, carol);
    const content = `@${alice.username} @${nameOf(bob)}, not a@${alice.username}, @nobody, https://example.com/@${alice.username}`;
    await bob.send({ to, type: "text", content });
    await alice.message("not a@").waitFor();
    const marks = await alice.log
      .locator(".mention")
      .evaluateAll((all) => all.map((each) => [each.textContent, each.getAttribute("data-own")]));
    expect(marks).toEqual([
      [`@${alice.username}`, "true"],
      [`@${nameOf(bob)}`, "false"],
    ]);
    // A person who was removed is still meant.
    await bob.removeMember(to, (await bob.find(nameOf(carol))).id);
    await alice.log.getByText(`removed ${nameOf(carol)}`).waitFor();
    await bob.send({ to, type: "text", content: `Thanks to @${nameOf(carol)} for all` });
    await alice.message("for all").waitFor();
    expect(await alice.message("for all").locator(".mention").allTextContents()).toEqual([`@${nameOf(carol)}`]);
    // With one person there are none.
    await bob.send({ to: (await bob.find(alice.username)).id, type: "text", content: `@${alice.username}` });
    await alice.conversations.getByText(nameOf(bob), { exact: true }).click();
    await alice.message(`@${alice.username}`).waitFor();
    expect(await alice.log.locator(".mention").count()).toBe(0);
  });

  it("notify in a muted group, where nothing else does", async () => {
    const [alice, bob] = await Promise.all([
      visitor("alice", { serviceWorkers: "allow", before: (context) => context.addInitScript(noteNotifications) }),
      client("bob"),
    ]);
    const to = await inGroup(alice, bob);
    const { id: ownId } = await bob.find(alice.username);
    await setHidden(alice, true);
    await bob.send({ to, type: "text", content: "Before" });
    await eventually(async () => expect(await notified(alice)).toEqual([`${nameOf(bob)}: Before`]));
    const phone = await alice.device("phone");
    await phone.send({ to: ownId, type: "own", content: JSON.stringify({ [to]: { muted: true } }) });
    await phone.send({ to, type: "text", content: "From the phone" });
    await alice.conversations
      .getByRole("button", { name: /From the phone/ })
      .getByTitle("Muted")
      .waitFor();
    await bob.send({ to, type: "text", content: "Muted" });
    await bob.send({ to, type: "text", content: `Ask @${alice.username}x` });
    await bob.send({ to, type: "text", content: `Ask @${alice.username}.` });
    await bob.send({ to, type: "text", content: "Muted, too" });
    await alice.conversations.getByText("Muted, too").waitFor();
    const mention = `${nameOf(bob)}: Ask @${alice.username}.`;
    await eventually(async () => expect(await notified(alice)).toEqual([`${nameOf(bob)}: Before`, mention]));
    // A muted person does not notify by it.
    await phone.send({ to: ownId, type: "own", content: JSON.stringify({ [bob.session?.id ?? ""]: { muted: true } }) });
    await phone.send({ to, type: "text", content: "Both are muted" });
    await alice.conversations.getByText("Both are muted").waitFor();
    await bob.send({ to: ownId, type: "text", content: `@${alice.username}` });
    await alice.conversations.getByText(`@${alice.username}`).waitFor();
    expect(await notified(alice)).toHaveLength(2);
  });
});
