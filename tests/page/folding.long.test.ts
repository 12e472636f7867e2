import { describe, expect, it } from "vitest";
import { type Client, newMessageId } from "../../lib/client/index.ts";
import type { Line, StoredMessage } from "../../static/src/storage/records.ts";
import { eventually } from "../support/eventually.ts";
import { makeFirstDatabase } from "../support/page/first-database.ts";
import { usePage } from "../support/page/fixture.ts";
import { changeOutbox } from "../support/page/outbox.ts";
import { setHidden } from "../support/page/visibility.ts";
import type { Visitor } from "../support/page/visitor.ts";
import { seedUser } from "../support/shared/index.ts";
import { takeAll } from "../support/taking.ts";
import { noteNotifications, notified } from "./support/notifications.ts";
import { storedRecords } from "./support/records.ts";

/** Says something to the page that nobody is told of, and waits until it is stored. */
async function tellQuietly(
  visitor: Visitor,
  from: Client,
  type: string,
  about: string,
  content: string,
): Promise<void> {
  const { id } = await from.find(visitor.username);
  await from.send({ to: id, type, about, content });
}

describe("what is said about a message", () => {
  const { visitor, client } = usePage();

  it("shows on it: its new text, or that it is deleted, in the log and in the list; nothing becomes unread", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const { messageId } = await bob.send({ to: id, type: "text", content: "Helo" });
    await alice.conversations.getByText("Helo").click();
    await tellQuietly(alice, bob, "edit", messageId, "Hello");
    await alice.message("Hello").getByText("edited").waitFor();
    await alice.conversations.getByText("Hello").waitFor();
    await tellQuietly(alice, bob, "deletion", messageId, "");
    await alice.message("Message deleted").waitFor();
    await alice.conversations.getByText("Message deleted").waitFor();
    expect(await alice.texts()).toEqual(["Message deleted"]);
    expect(await alice.page.title()).toBe("goTalk");
    await alice.page.reload();
    await alice.message("Message deleted").waitFor();
    // Nothing of its text is kept.
    expect(JSON.stringify(await storedRecords(alice, "messages"))).not.toContain("Hello");
  });

  it("may come before its message", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const messageId = newMessageId();
    await tellQuietly(alice, bob, "edit", messageId, "Second text");
    await bob.send({ to: id, type: "text", messageId, content: "First text" });
    await alice.conversations.getByText("Second text").click();
    await alice.message("Second text").getByText("edited").waitFor();
    expect(await alice.texts()).toEqual(["Second text"]);
  });

  it("tells nobody: no notification, nothing unread, no place in the list", async () => {
    const before = noteNotifications;
    const [alice, bob, carol] = await Promise.all([
      visitor("alice", { serviceWorkers: "allow", before: (context) => context.addInitScript(before) }),
      client("bob"),
      client("carol"),
    ]);
    const { id } = await bob.find(alice.username);
    const { messageId } = await bob.send({ to: id, type: "text", content: "From Bob" });
    await alice.conversations.getByText("From Bob").click();
    await alice.button("Accept").click();
    await carol.send({ to: id, type: "text", content: "From Carol" });
    await alice.conversations.getByText("From Carol").waitFor();
    await setHidden(alice, true);
    await tellQuietly(alice, bob, "reaction", messageId, "👍");
    await tellQuietly(alice, bob, "edit", messageId, "From Bob, again");
    await alice.conversations.getByText("From Bob, again").waitFor();
    await eventually(async () => {
      const [first] = await storedRecords<StoredMessage>(alice, "messages").then((all) =>
        all.filter((message) => message.messageId === messageId),
      );
      expect(first?.reactions).toMatchObject({ [bob.session?.id ?? ""]: { emoji: "👍" } });
    });
    expect(await alice.conversations.locator(".name").allTextContents()).toEqual([
      ...[carol.session?.username, bob.session?.username],
    ]);
    expect(await alice.page.title()).toBe("(1) goTalk");
    expect(await notified(alice)).toEqual([]);
    await bob.send({ to: id, type: "text", content: "News" });
    await eventually(async () => expect(await notified(alice)).toEqual(["News"]));
  });

  it("takes back what was unread when it deletes it", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    const { messageId } = await bob.send({ to: id, type: "text", content: "Wrong window" });
    await alice.conversations.getByText("1 unread").waitFor();
    await tellQuietly(alice, bob, "deletion", messageId, "");
    await alice.conversations.getByText("Message deleted").waitFor();
    expect(await alice.conversations.getByText("unread").count()).toBe(0);
    expect(await alice.page.title()).toBe("goTalk");
  });

  it("shows in every tab, and on a message that the reader has sent", async () => {
    const [first, bob] = await Promise.all([visitor("alice"), client("bob")]);
    await first.talkTo(bob.session?.username ?? "");
    await first.sendForSure("Tel me");
    const second = await first.openTab();
    await second.conversations.getByText("Tel me").click();
    const [{ messageId } = { messageId: "" }] = await takeAll(bob);
    const elsewhere = await first.device("phone");
    await elsewhere.send({ to: bob.session?.id ?? "", type: "edit", about: messageId, content: "Tell me" });
    for (const tab of [first, second]) await tab.message("Tell me").getByText("edited").waitFor();
  });
});

describe("a message", () => {
  const { visitor, client } = usePage();

  it("of a type that the page does not know has its place, and says what to do", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const { id } = await bob.find(alice.username);
    await bob.send({ to: id, type: "poll", content: '{"question":"Tea?"}' });
    await alice.conversations.getByText("This message cannot be shown here. Update goTalk").click();
    await alice.message("This message cannot be shown here. Update goTalk to see it.").waitFor();
    expect(await alice.log.getByText("Tea?").count()).toBe(0);
    const stored = await storedRecords<StoredMessage>(alice, "messages");
    expect(stored).toMatchObject([{ type: "poll", content: '{"question":"Tea?"}' }]);
  });

  it("that is written now is sent as a text, and one in the outbox of an older page as that page sent it", async () => {
    const [alice, bob] = await Promise.all([visitor("alice"), client("bob")]);
    const peerId = bob.session?.id ?? "";
    await alice.talkTo(bob.session?.username ?? "");
    await alice.sendForSure("New");
    const older = { peerId, messageId: newMessageId(), content: "Older", mayHaveArrived: false } as const;
    await changeOutbox(alice, { add: { ...older, writtenAt: new Date().toISOString(), status: "pending" } });
    await alice.page.reload();
    await alice.conversations.getByText("Older").click();
    await alice.message("Older").getByText("Sent", { exact: true }).waitFor();
    const messages = await takeAll(bob);
    expect(messages.map(({ type, content }) => [type, content])).toEqual([
      ["text", "New"],
      [undefined, "Older"],
    ]);
  });
});

describe("a database of the version before", () => {
  const { stranger, client } = usePage();

  it("opens with all that it has, and goes on", async () => {
    const [alice, bob] = await Promise.all([stranger("alice"), client("bob")]);
    await seedUser(alice);
    const { id: userId } = await bob.find(alice.username);
    const { id: peerId = "", username: name = "" } = bob.session ?? {};
    const sentAt = (second: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
    const [theirs, mine] = [newMessageId(), newMessageId()];
    await alice.page.goto(`${alice.url}/manifest.webmanifest`);
    const last = { id: `${userId}/${mine}`, sentAt: sentAt(2), content: "Old, too", isOwn: true };
    const waiting = { peerId, messageId: newMessageId(), content: "Waits", mayHaveArrived: false, status: "pending" };
    const records = {
      messages: [
        { id: `${peerId}/${theirs}`, peerId, senderId: peerId, content: "Old", sentAt: sentAt(1) },
        { id: `${userId}/${mine}`, peerId, senderId: userId, content: "Old, too", sentAt: sentAt(2) },
      ],
      conversations: [{ peerId, name, unread: 0, last } satisfies Line],
      drafts: [{ peerId, text: "Typed" }],
      outbox: [{ ...waiting, writtenAt: sentAt(3) }],
      inbox: { receipt: (await alice.elsewhere()).session?.receipt ?? "", recent: [] },
    };
    await alice.page.evaluate(`(${makeFirstDatabase})(${JSON.stringify(userId)}, ${JSON.stringify(records)})`);
    await alice.page.goto(alice.url);
    await alice.logIn();
    // The line shows the draft once the message is sent.
    await alice.conversations.getByRole("button", { name }).click();
    await alice.message("Waits").getByText("Sent", { exact: true }).waitFor();
    expect(await alice.texts()).toEqual(["Old", "Old, too", "Waits"]);
    expect(await alice.box.inputValue()).toBe("Typed");
    await bob.send({ to: userId, type: "edit", about: theirs, content: "New" });
    await alice.message("New").getByText("edited").waitFor();
    expect(await alice.texts()).toEqual(["New", "Old, too", "Waits"]);
  });
});
