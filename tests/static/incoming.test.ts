import { beforeEach, describe, expect, it, vi } from "vitest";
import { deletedHere, type Message, type TextMessage } from "../../lib/client/index.ts";
import { storeBatch, storePreview } from "../../static/src/storage/batches.ts";
import { storeBrought, storeImported } from "../../static/src/storage/imported.ts";
import { type Line, type Stored, type StoredMessage, storedFrom } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { deletion, edit, reaction, receipt } from "../support/messages.ts";
import { newDatabase, refusePuts } from "../support/page/database.ts";

const ALICE = "alice-id";
const NO_SETTINGS = { isAccepted: false, isMuted: false, isPinned: false, isArchived: false };
const STATE = { receipt: "receipt-1", recent: [] };

const sentAt = (second: number): string => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();

/** A message of bob's, as the server hands it out. */
const received = (second: number, more: Partial<TextMessage> = {}): Message => ({
  ...{ messageId: `m-${second}`, senderId: "bob-id", senderName: "bob" },
  ...{ content: `at ${second}`, sentAt: sentAt(second), redelivered: false },
  ...more,
});

/** A message that alice has sent to bob from another device. */
const ownCopy = (second: number): Message =>
  received(second, { senderId: ALICE, senderName: "alice", toId: "bob-id", toName: "bob" });

/** The same in the history. */
const kept = ({ messageId, senderId, senderName, toId = senderId, content, sentAt: time }: Message): StoredMessage => ({
  ...{ id: `${senderId}/${messageId}`, messageId, conversationId: toId, peerId: toId },
  ...{ senderId, senderName, content, sentAt: time },
});

const lastOf = (message: Message) => {
  const { id, senderId, content, sentAt: time } = kept(message);
  return { id, sentAt: time, content, isOwn: senderId === ALICE };
};

const positionOf = (message: Message) => ({ sentAt: message.sentAt, id: kept(message).id });

let database: Database;
beforeEach(async () => {
  database = await newDatabase();
});

const put = (...messages: Message[]): Promise<Stored> => storeBatch(database, ALICE, messages, STATE);
const conversation = (peerId = "bob-id"): Promise<Line | undefined> => database.get("conversations", peerId);
const history = (): Promise<StoredMessage[]> => database.getAll("messages");

describe("messages from the server", () => {
  it("come into the history, and begin a conversation that is unread", async () => {
    const [one, two] = [received(1), received(2)];
    const bob = { peerId: "bob-id", name: "bob", unread: 2, unreadFrom: positionOf(one), last: lastOf(two) };
    const messages = [kept(one), kept(two)];
    expect(await put(one, two)).toEqual({
      ...{ messages, news: messages.map(({ id }) => id) },
      conversations: [{ ...bob, settings: NO_SETTINGS, isGroup: false, hadMessage: true }],
    });
    expect(await history()).toEqual([kept(one), kept(two)]);
    expect(await conversation()).toEqual(bob);
    expect(await database.get("state", "inbox")).toEqual(STATE);
  });

  it("are unread from the first one on, and show the newest one, whatever their order", async () => {
    await put(received(5), received(2), received(9), received(7));
    expect(await conversation()).toMatchObject({
      ...{ unread: 4, unreadFrom: positionOf(received(2)), last: lastOf(received(9)) },
    });
    await put(received(1), received(8));
    expect(await conversation()).toMatchObject({
      ...{ unread: 6, unreadFrom: positionOf(received(1)), last: lastOf(received(9)) },
    });
  });

  it("are added to what is known of the conversation", async () => {
    const last = lastOf(received(1));
    await database.put("conversations", { peerId: "bob-id", name: "bob", unread: 0, last });
    await put(received(3, { senderName: "robert" }));
    expect(await conversation()).toEqual({
      ...{ peerId: "bob-id", name: "robert", unread: 1 },
      ...{ unreadFrom: positionOf(received(3)), last: lastOf(received(3)) },
    });
  });

  it("that are known stay as they are, and are not unread once more", async () => {
    await put(received(1));
    expect(await put(received(1, { content: "another text", redelivered: true }))).toEqual({
      ...{ messages: [], news: [], conversations: [] },
    });
    expect(await history()).toEqual([kept(received(1))]);
    expect(await conversation()).toMatchObject({ unread: 1 });
  });

  it("that come twice at once are one", async () => {
    expect(await put(received(1), received(1))).toMatchObject({ messages: [kept(received(1))] });
    expect(await conversation()).toMatchObject({ unread: 1 });
  });

  it("of several people go into their conversations, also under the same id", async () => {
    const carols = received(1, { senderId: "carol-id", senderName: "carol" });
    const { messages, conversations } = await put(received(1), carols, received(2));
    expect(messages).toHaveLength(3);
    expect(conversations.map(({ name, unread }) => [name, unread])).toEqual([
      ["bob", 2],
      ["carol", 1],
    ]);
  });

  it("that the reader sent from another device are read, and belong to their receiver", async () => {
    await put(ownCopy(2));
    expect(await conversation()).toEqual({
      ...{ peerId: "bob-id", name: "bob", unread: 0, unreadFrom: undefined, last: lastOf(ownCopy(2)) },
    });
    await put(received(3));
    await put(ownCopy(4));
    expect(await conversation()).toMatchObject({
      ...{ unread: 1, unreadFrom: positionOf(received(3)), last: lastOf(ownCopy(4)) },
    });
    expect(await conversation(ALICE)).toBeUndefined();
  });

  it("without the receiver's name leave the conversation its name, or its id", async () => {
    const { toName: _, ...unnamed } = ownCopy(2);
    await put(unnamed);
    expect(await conversation()).toMatchObject({ name: "bob-id" });
    await put(received(3), unnamed);
    expect(await conversation()).toMatchObject({ name: "bob" });
  });

  it("begin the conversation anew where its record is damaged", async () => {
    await database.put("conversations", { peerId: "bob-id", name: 5 as never, unread: 7 });
    await put(received(1));
    expect(await conversation()).toMatchObject({ name: "bob", unread: 1 });
  });

  it.each(["messages", "conversations", "state"])("are all stored or none: %s refuses", async (store) => {
    refusePuts(store);
    await expect(put(received(1), received(2))).rejects.toThrow("refused");
    expect([await history(), await conversation(), await database.get("state", "inbox")]).toEqual([
      ...[[], undefined, undefined],
    ]);
  });

  it("that come before their sync acknowledge nothing, and the sync finds them known", async () => {
    expect(await storePreview(database, ALICE, received(1))).toMatchObject({ messages: [kept(received(1))] });
    expect(await database.get("state", "inbox")).toBeUndefined();
    expect(await put(received(1))).toMatchObject({ messages: [] });
    expect(await conversation()).toMatchObject({ unread: 1 });
  });

  it("are on the disk before they are acknowledged, and may be shown before that", async () => {
    using begun = vi.spyOn(IDBDatabase.prototype, "transaction");
    const durabilityOf = async (storing: Promise<Stored>): Promise<unknown> => {
      await storing;
      return begun.mock.results.splice(0).map(({ value }) => value.durability);
    };
    expect(await durabilityOf(storePreview(database, ALICE, received(1)))).toEqual(["relaxed"]);
    expect(await durabilityOf(put(received(1)))).toEqual(["strict"]);
  });
});

describe("an imported history", () => {
  const bring = (messages: Message[], people = [{ peerId: "bob-id", name: "bob" }]): Promise<Stored> =>
    storeImported(database, ALICE, { people, messages: messages.map(kept) });

  it("is added, and nothing of it is unread", async () => {
    const bob = { peerId: "bob-id", name: "bob", unread: 0, last: lastOf(ownCopy(2)) };
    const settings = { ...NO_SETTINGS, isAccepted: true };
    expect(await bring([ownCopy(2), received(1)])).toEqual({
      ...{ messages: [kept(ownCopy(2)), kept(received(1))], news: [] },
      conversations: [{ ...bob, settings, isGroup: false, hadMessage: true }],
    });
    expect(await conversation()).toEqual(bob);
    expect(await history()).toHaveLength(2);
  });

  it("leaves what is here as it is", async () => {
    await put(received(5));
    const before = await conversation();
    const { messages } = await bring(
      [received(5, { content: "another text" }), received(1)],
      [...[{ peerId: "bob-id", name: "robert" }]],
    );
    expect(messages).toEqual([kept(received(1))]);
    expect(await conversation()).toEqual(before);
    expect(await history()).toContainEqual(kept(received(5)));
  });

  it("brings messages with what was said about them, here and there, and answers what the user has answered", async () => {
    const [mine, theirs] = [ownCopy(1), received(2)];
    await put(
      ...[reaction("m-7", "bob-id", "m-1", "👍"), edit("m-8", "bob-id", "m-2", { content: "new here" })],
      ...[receipt("read", "m-9", "bob-id", ["m-1"])],
    );
    const before = { emoji: "🎉", name: "alice", messageId: "m-3", sentAt: sentAt(3) };
    const people = [{ peerId: "bob-id", name: "bob" }];
    const file = [kept(mine), { ...kept(theirs), reactions: { [ALICE]: before } }];
    await storeImported(database, ALICE, { people, messages: file });
    const [first, second] = await database.getAllFromIndex("messages", "timeline");
    expect(first).toMatchObject({ reactions: { "bob-id": { emoji: "👍" } }, receipts: { "bob-id": {} } });
    expect(second).toMatchObject({ content: "new here", reactions: { [ALICE]: before } });
    expect(await database.getAll("waiting")).toEqual([]);
    expect(await database.get("folded", "bob-id")).toMatchObject({ isAnswered: true });
    expect(await conversation()).toMatchObject({ unread: 0, last: { content: "new here" } });
  });

  it("begins the conversations of its people without messages, too", async () => {
    const carol = { peerId: "carol-id", name: "carol" };
    await bring([], [carol]);
    expect(await conversation("carol-id")).toEqual({ ...carol, unread: 0 });
  });

  it("names people whose names were not known, and keeps what is known of them", async () => {
    const { senderName: _, ...unnamed } = received(1);
    await put(unnamed as Message);
    expect(await conversation()).toMatchObject({ name: "bob-id", unread: 1 });
    await bring([]);
    expect(await conversation()).toMatchObject({ name: "bob", unread: 1, last: lastOf(received(1)) });
  });

  it("repairs the damaged record of a conversation", async () => {
    await database.put("conversations", { peerId: "bob-id", name: 5 as never, unread: 7 });
    await bring([]);
    expect(await conversation()).toEqual({ peerId: "bob-id", name: "bob", unread: 0 });
  });

  it("leaves a message in the outbox that is not known to have reached its receiver", async () => {
    const { messageId, content } = ownCopy(1);
    const writtenAt = sentAt(1);
    await database.add("outbox", { peerId: "bob-id", messageId, content, writtenAt, status: "pending" });
    const bobs = received(3, { messageId });
    expect(await bring([ownCopy(1), ownCopy(2), bobs])).toMatchObject({ messages: [ownCopy(2), bobs].map(kept) });
    expect(await database.getAll("outbox")).toMatchObject([{ messageId }]);
  });

  it.each(["messages", "conversations"])("is stored as a whole or not at all: %s refuses", async (store) => {
    refusePuts(store);
    await expect(bring([received(1)])).rejects.toThrow("refused");
    expect([await history(), await conversation()]).toEqual([[], undefined]);
  });
});

describe("the history of another device of the user", () => {
  const people = [{ peerId: "bob-id", name: "bob" }];
  const gone = sentAt(9);
  const edited = { messageId: "m-8", sentAt: sentAt(8) };
  const bring = (messages: StoredMessage[], said: Parameters<typeof storeBrought>[2]["said"] = []) =>
    storeBrought(database, ALICE, { people, messages, said });
  const untold = () => database.getAll("untold");

  it("adds what is new, and tells what was here and has changed", async () => {
    await put(received(1), received(2), received(3));
    const there = [kept(received(1)), { ...kept(received(2)), content: "new", edited }, kept(received(4))];
    const { added, messages, news } = await bring(there);
    expect([added, messages, news]).toEqual([1, [{ ...kept(received(2)), content: "new", edited }], []]);
    expect((await history()).map(({ content }) => content)).toEqual(["at 1", "new", "at 3", "at 4"]);
    expect(await bring(there)).toEqual({ added: 0, messages: [], news: [], conversations: [] });
  });

  it("makes nothing unread and tells nobody of it; what was deleted by its sender is unread no more", async () => {
    await put(received(1, { type: "text" }), received(2, { type: "text" }));
    const before = await untold();
    const there = [{ ...kept(received(2)), content: "new", edited }, kept(received(3)), kept(ownCopy(4))];
    const { news, conversations } = await bring([{ ...kept(received(1)), content: "", deleted: gone }, ...there]);
    expect([news, await untold()]).toEqual([[], before]);
    expect(conversations).toMatchObject([{ peerId: "bob-id", unread: 1, last: lastOf(ownCopy(4)) }]);
    expect(await conversation()).toMatchObject({ unread: 1 });
  });

  it("shows the last message of a conversation as it is now", async () => {
    await put(received(1), received(2));
    await bring([{ ...kept(received(2)), content: "new", edited }]);
    expect(await conversation()).toMatchObject({ unread: 2, last: { content: "new" } });
    await bring([{ ...kept(received(2)), content: "", deleted: gone }]);
    expect(await conversation()).toMatchObject({ unread: 1, last: { content: "", deleted: gone } });
  });

  it("undoes nothing if it is older, and brings nothing back that was deleted here", async () => {
    await put(received(1), edit("m-8", "bob-id", "m-1", { content: "new" }), received(2), received(3));
    await put(deletion("m-9", "bob-id", "m-2"));
    await database.put("messages", storedFrom(deletedHere(kept(received(3)))));
    const [line, before] = [await conversation(), await history()];
    const older = [
      { ...kept(received(2)), content: "new", edited },
      { ...kept(received(3)), content: "new", edited },
    ];
    await bring([kept(received(1)), ...older]);
    const [one, two, three] = await history();
    expect([one, two]).toEqual(before.slice(0, 2));
    expect(three).toEqual({ ...before[2], edited });
    expect(await conversation()).toEqual(line);
  });

  it("brings what waits there: it counts for what is here, and waits for the rest", async () => {
    await put(received(1));
    const mark = { conversationId: "bob-id", senderId: "bob-id", senderName: "bob", sentAt: sentAt(8) };
    const said = (about: string) =>
      [about, { ...mark, kind: "edit", messageId: "m-8", content: `new ${about}` }] as const;
    const { added, messages } = await bring([], [said("m-1"), said("m-2")]);
    expect([added, messages.map(({ content }) => content)]).toEqual([0, ["new m-1"]]);
    await put(received(2));
    expect((await history()).map(({ content }) => content)).toEqual(["new m-1", "new m-2"]);
    expect(await database.count("waiting")).toBe(0);
  });

  it("leaves a message in the outbox that is not known to have reached its receiver", async () => {
    const { messageId, content } = ownCopy(1);
    await database.add("outbox", { peerId: "bob-id", messageId, content, writtenAt: sentAt(1), status: "pending" });
    const receipts = { "bob-id": { delivered: sentAt(5) } };
    expect(await bring([{ ...kept(ownCopy(1)), receipts }])).toMatchObject({ added: 0, messages: [] });
    expect([await database.count("outbox"), await history()]).toEqual([1, []]);
  });

  it.each(["messages", "conversations"])("is stored as a whole or not at all: %s refuses", async (store) => {
    await put(received(1));
    const [line, before] = [await conversation(), await history()];
    refusePuts(store);
    await expect(bring([{ ...kept(received(1)), content: "", deleted: gone }, kept(received(2))])).rejects.toThrow(
      "refused",
    );
    expect([await conversation(), await history()]).toEqual([line, before]);
  });
});

describe("an imported history of a known message", () => {
  it("changes nothing of it, whatever it says: whoever has written the file may be anybody", async () => {
    await put(received(1));
    const [line, before] = [await conversation(), await history()];
    const edited = { messageId: "m-8", sentAt: sentAt(8) };
    const forged = [
      { content: "forged", edited },
      { content: "", deleted: sentAt(9) },
      { reactions: { "bob-id": { emoji: "👍", name: "bob", messageId: "m-9", sentAt: sentAt(9) } } },
    ];
    const people = [{ peerId: "bob-id", name: "bob" }];
    for (const changes of forged) {
      const messages = [{ ...kept(received(1)), ...changes }];
      expect((await storeImported(database, ALICE, { people, messages })).messages).toEqual([]);
    }
    expect([await conversation(), await history(), await database.count("waiting")]).toEqual([line, before, 0]);
  });
});
