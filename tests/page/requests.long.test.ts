import { describe, expect, it } from "vitest";
import { Client, type FoldedConversation } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { violations } from "../support/page/axe.ts";
import { usePage } from "../support/page/fixture.ts";
import { setHidden } from "../support/page/visibility.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { seedUser } from "../support/shared/index.ts";
import { friendOf, write } from "./support/friends.ts";
import { idOf } from "./support/groups.ts";
import { openFromMenu } from "./support/menu.ts";
import { noteNotifications, notified } from "./support/notifications.ts";
import { storedRecords } from "./support/records.ts";
import { Mailbox } from "./support/told.ts";

const bar = ({ page }: Visitor) => page.getByRole("region", { name: "Request" });

const lineOf = ({ conversations }: Visitor, name: string) => conversations.getByRole("button", { name });

const fixture = usePage();
const { visitor, stranger: newcomer, client, secondBrowser } = fixture;

/** Somebody who has written to a user that does not know them. */
async function strangerTo(alice: Visitor, content = "You do not know me") {
  const stranger = await client("stranger");
  const to = (await stranger.find(alice.username)).id;
  const id = await write(stranger, to, content);
  return { stranger, to, id, name: stranger.session?.username ?? "", mailbox: new Mailbox(stranger) };
}

describe("a first message of a stranger", () => {
  it("is a request: nothing goes back until it is accepted, which the other devices know, and then what was read is told", async () => {
    const alice = await visitor("alice");
    const phone = await secondBrowser(alice);
    const { stranger, to, id, name, mailbox } = await strangerTo(alice);
    for (const one of [alice, phone]) await lineOf(one, name).getByText("Request").waitFor();
    await lineOf(alice, name).click();
    await bar(alice).getByText(`You do not know ${name} yet.`).waitFor();
    await bar(alice).getByText(`Until you accept, ${name} does not see what you have read.`).waitFor();
    await alice.message("You do not know me").waitFor();
    expect(await violations(alice)).toEqual([]);
    // Somebody else, whom the user knows, is told meanwhile.
    const friend = await friendOf(alice, fixture);
    const other = await write(friend.client, friend.to, "From a friend");
    await alice.message("From a friend").waitFor();
    await eventually(async () => expect(await friend.mailbox.told("read")).toEqual([other]));
    expect(await mailbox.take()).toEqual([]);
    await lineOf(alice, name).click();
    await bar(alice).getByRole("button", { name: "Accept" }).click();
    await bar(alice).waitFor({ state: "detached" });
    expect(await alice.box.evaluate((box) => document.activeElement === box)).toBe(true);
    for (const one of [alice, phone]) await lineOf(one, name).getByText("Request").waitFor({ state: "detached" });
    await eventually(async () => expect(await mailbox.told("read")).toEqual([id]));
    const next = await write(stranger, to, "Thanks");
    await alice.message("Thanks").waitFor();
    await eventually(async () => expect(await mailbox.told("read")).toEqual([id, next]));
    await alice.page.reload();
    await alice.message("Thanks").waitFor();
    expect(await bar(alice).count()).toBe(0);
  });

  it("is not reacted to, in any way, before it is accepted", async () => {
    const alice = await visitor("alice");
    const { stranger, to, id, name } = await strangerTo(alice);
    await stranger.send({ to, type: "reaction", about: id, content: "👍" });
    await lineOf(alice, name).click();
    const given = alice.log.getByRole("button", { name: `👍 ${name}` });
    await given.waitFor();
    await alice.message("You do not know me").focus();
    const actions = alice.page.getByRole("toolbar", { name: "Message actions" });
    await actions.getByRole("button", { name: "Reply" }).waitFor();
    expect(await actions.getByRole("button", { name: "React" }).count()).toBe(0);
    expect(await given.isDisabled()).toBe(true);
    await bar(alice).getByRole("button", { name: "Accept" }).click();
    await bar(alice).waitFor({ state: "detached" });
    await alice.message("You do not know me").focus();
    await actions.getByRole("button", { name: "React" }).waitFor();
    expect(await given.isEnabled()).toBe(true);
  });

  it("is accepted by an answer, at once", async () => {
    const alice = await visitor("alice");
    const { id, name, mailbox } = await strangerTo(alice);
    await lineOf(alice, name).click();
    await bar(alice).waitFor();
    await alice.send("Who are you?");
    await bar(alice).waitFor({ state: "detached" });
    await lineOf(alice, name).getByText("Request").waitFor({ state: "detached" });
    await eventually(async () => expect(await mailbox.told("read")).toEqual([id]));
  });

  it("is blocked as any person is, and is no request any more", async () => {
    const alice = await visitor("alice");
    const { stranger, to, name, mailbox } = await strangerTo(alice);
    await lineOf(alice, name).click();
    await bar(alice).getByRole("button", { name: "Block" }).click();
    const question = alice.page.getByRole("dialog", { name: `Block ${name}?` });
    await question.waitFor();
    expect(await violations(alice)).toEqual([]);
    await question.getByRole("button", { name: "Block" }).click();
    await question.waitFor({ state: "detached" });
    await bar(alice).waitFor({ state: "detached" });
    await alice.page.getByText(`You have blocked ${name}`).waitFor();
    await expect(write(stranger, to, "Again")).rejects.toMatchObject({ code: "blocked" });
    const dialog = await openFromMenu(alice, "Blocked people");
    await dialog.getByRole("button", { name: `Unblock ${name}` }).waitFor();
    expect(await mailbox.take()).toEqual([]);
  });

  it("is deleted here, with what was to be told of it, and a further one is a request again", async () => {
    const alice = await visitor("alice");
    const { stranger, to, name, mailbox } = await strangerTo(alice);
    await lineOf(alice, name).click();
    await alice.message("You do not know me").waitFor();
    await bar(alice).getByRole("button", { name: "Delete" }).click();
    const question = alice.page.getByRole("dialog", { name: `Delete the conversation with ${name}?` });
    await question.getByRole("button", { name: "Delete here" }).click();
    await lineOf(alice, name).waitFor({ state: "detached" });
    expect(await storedRecords(alice, "untold")).toEqual([]);
    const id = await write(stranger, to, "Please?");
    await lineOf(alice, name).click();
    await bar(alice).getByRole("button", { name: "Accept" }).click();
    await eventually(async () => expect(await mailbox.told("read")).toEqual([id]));
    expect(await mailbox.told("delivered")).toEqual([]);
  });

  it("is asked about by keyboard alone, 320 pixels wide", async () => {
    const alice = await visitor("alice", { viewport: { width: 320, height: 600 } });
    const { id, name, mailbox } = await strangerTo(
      alice,
      "A long first message of somebody whom nobody knows. ".repeat(5),
    );
    await lineOf(alice, name).focus();
    await alice.page.keyboard.press("Enter");
    await bar(alice).waitFor();
    expect(await violations(alice)).toEqual([]);
    expect(await alice.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    const accept = bar(alice).getByRole("button", { name: "Accept" });
    for (let presses = 0; presses < 12; presses++) {
      if (await accept.evaluate((button) => document.activeElement === button)) break;
      await alice.page.keyboard.press("Tab");
    }
    await alice.page.keyboard.press("Enter");
    await bar(alice).waitFor({ state: "detached" });
    await eventually(async () => expect(await mailbox.told("read")).toEqual([id]));
  });

  it("notifies without what it says, until it is accepted", async () => {
    const alice = await visitor("alice", {
      serviceWorkers: "allow",
      before: (context) => context.addInitScript(noteNotifications),
    });
    const { stranger, to, name } = await strangerTo(alice, "Something rude");
    await lineOf(alice, name).waitFor();
    await setHidden(alice, true);
    await write(stranger, to, "Something ruder");
    await eventually(async () => expect(await notified(alice)).toEqual(["Message request"]));
    await setHidden(alice, false);
    await lineOf(alice, name).click();
    await bar(alice).getByRole("button", { name: "Accept" }).click();
    await bar(alice).waitFor({ state: "detached" });
    await setHidden(alice, true);
    await write(stranger, to, "Something nice");
    await eventually(async () => expect(await notified(alice)).toEqual(["Message request", "Something nice"]));
  });
});

describe("a request whose messages were deleted here", () => {
  it("has nothing to accept, and is a request again with the next message", async () => {
    const alice = await visitor("alice");
    const { stranger, to, name } = await strangerTo(alice, "Something rude");
    await lineOf(alice, name).getByText("Request").click();
    await bar(alice).waitFor();
    await alice.message("Something rude").hover();
    await alice.page.getByRole("toolbar").getByRole("button", { name: "Delete" }).click();
    await alice.button("Delete here").click();
    await alice.message("Something rude").waitFor({ state: "detached" });
    await bar(alice).waitFor({ state: "detached" });
    await lineOf(alice, name).getByText("Request").waitFor({ state: "detached" });
    await write(stranger, to, "Sorry");
    await bar(alice).waitFor();
    await lineOf(alice, name).getByText("Request").waitFor();
  });
});

describe("a person whom one knows", () => {
  it("is no stranger on a device that comes later and begins without its history", async () => {
    const laptop = await visitor("alice");
    const friend = await friendOf(laptop, fixture);
    const phone = await secondBrowser(laptop);
    await phone.page.getByText("This device begins here").waitFor();
    await eventually(async () => {
      const known = (await storedRecords<FoldedConversation>(phone, "folded")).map(({ id }) => id);
      expect(known).toContain(friend.client.session?.id);
    });
    const id = await write(friend.client, friend.to, "Nice phone");
    const name = friend.client.session?.username ?? "";
    await lineOf(phone, name).getByText("Nice phone").waitFor();
    expect(await lineOf(phone, name).getByText("Request").count()).toBe(0);
    await eventually(async () => expect(await friend.mailbox.told("delivered")).toContain(id));
    // A stranger is one there, too.
    const { name: stranger } = await strangerTo(laptop);
    for (const one of [laptop, phone]) await lineOf(one, stranger).getByText("Request").waitFor();
  });
});

describe("a group, on a new device that no other one tells anything", () => {
  it("is no request if the user made it or joined it by a code, and is one if somebody has added the user", async () => {
    const [alice, bob] = await Promise.all([newcomer("alice"), client("bob")]);
    await seedUser(alice);
    const program = new Client({ url: fixture.stack.url, live: false });
    await program.login(alice);
    await program.createGroup({ name: "Made", members: [idOf(bob)] });
    const joined = await bob.createGroup({ name: "Joined", members: [idOf(await client("carol"))] });
    await program.joinGroup(await bob.inviteToGroup(joined.groupId));
    await bob.createGroup({ name: "Added", members: [idOf(program)] });
    await alice.page.goto(alice.url);
    await alice.logIn();
    await lineOf(alice, "Added").getByText("Request").waitFor();
    for (const name of ["Made", "Joined"]) {
      await lineOf(alice, name).click();
      await alice.page.getByRole("heading", { name, exact: true }).waitFor();
      expect([name, await lineOf(alice, name).getByText("Request").count(), await bar(alice).count()]).toEqual([
        name,
        0,
        0,
      ]);
    }
    await lineOf(alice, "Added").click();
    await bar(alice).getByText("This device does not know how you came into this group.").waitFor();
  });
});
