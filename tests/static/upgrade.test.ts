import { randomUUID } from "node:crypto";
import { openDB } from "idb";
import { expect, it, onTestFinished } from "vitest";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { conversationsOf } from "../../static/src/storage/conversations.ts";
import { keep, kept } from "../../static/src/storage/files.ts";
import { after } from "../../static/src/storage/history.ts";
import { nextFor } from "../../static/src/storage/outbox.ts";
import { type Database, openDatabase } from "../../static/src/storage/schema.ts";
import { deletion, edit, text } from "../support/messages.ts";
import { refusePuts } from "../support/page/database.ts";
import { makeFirstDatabase } from "../support/page/first-database.ts";

const OWN = randomUUID();
const BOB = "bob-id";

/** A message of version 1. */
const first = (number: number, senderId: string, peerId = BOB) => {
  const sentAt = new Date(Date.UTC(2026, 0, 1, 12, 0, number)).toISOString();
  return { id: `${senderId}/m-${String(number).padStart(4, "0")}`, peerId, senderId, content: `old ${number}`, sentAt };
};

const WAITING = { peerId: BOB, messageId: "waits", content: "Waiting", writtenAt: "2026-01-02T00:00:00.000Z" };
const INBOX = { receipt: "receipt", recent: ["m-1"] };

async function upgraded(messages: readonly object[]): Promise<Database> {
  const userId = randomUUID();
  const line = (peerId: string, name: string) => ({ peerId, name, unread: 0 });
  await makeFirstDatabase(userId, {
    messages: messages.map((message) => JSON.parse(JSON.stringify(message).replaceAll(OWN, userId))),
    conversations: [
      { ...line(BOB, "bob"), unread: 1, unreadFrom: { sentAt: first(2, BOB).sentAt, id: first(2, BOB).id } },
      line("carol-id", "carol"),
    ],
    drafts: [{ peerId: BOB, text: "Typed" }],
    outbox: [{ ...WAITING, status: "failed" }],
    inbox: INBOX,
  });
  const database = await openDatabase(userId, {});
  onTestFinished(() => database.close());
  return Object.assign(database, { userId });
}

/** Makes the database of a user as version 2 of the page's schema made it. */
async function makeSecondDatabase(userId: string, folded: readonly object[]): Promise<void> {
  const database = await openDB(`gotalk-${userId}`, 2, {
    upgrade(made) {
      const messages = made.createObjectStore("messages", { keyPath: "id" });
      messages.createIndex("timeline", ["peerId", "sentAt", "id"]);
      messages.createIndex("messageId", "messageId");
      const outbox = made.createObjectStore("outbox", { keyPath: "sequence", autoIncrement: true });
      outbox.createIndex("peerId", "peerId");
      made.createObjectStore("state");
      for (const name of ["conversations", "drafts"]) made.createObjectStore(name, { keyPath: "peerId" });
      for (const name of ["waiting", "folded"]) {
        made.createObjectStore(name, { keyPath: name === "folded" ? "id" : "messageId" });
      }
    },
  });
  const people = { [BOB]: "bob", "carol-id": "carol", "dave-id": "dave" };
  for (const [peerId, name] of Object.entries(people)) {
    await database.put("conversations", { peerId, name, unread: 0, last: { ...first(1, peerId), isOwn: false } });
  }
  for (const record of folded) await database.put("folded", record);
  database.close();
}

const ownIdOf = (database: Database): string => database.name.slice("gotalk-".length);

it("keeps all of the version before, in the form of folded messages", async () => {
  const database = await upgraded([first(1, OWN), first(2, BOB), first(3, "carol-id", "carol-id")]);
  const ownId = ownIdOf(database);
  const folded = (number: number, senderId: string, peerId: string, senderName: string) => ({
    ...{ ...first(number, senderId, peerId), messageId: `m-000${number}`, conversationId: peerId, senderName },
  });
  expect(await database.getAllFromIndex("messages", "timeline")).toEqual([
    folded(1, ownId, BOB, ""),
    folded(2, BOB, BOB, "bob"),
    folded(3, "carol-id", "carol-id", "carol"),
  ]);
  expect(await database.getAll("conversations")).toMatchObject([{ name: "bob", unread: 1 }, { name: "carol" }]);
  expect(await database.getAll("drafts")).toEqual([{ peerId: BOB, text: "Typed" }]);
  expect(await database.getAll("outbox")).toEqual([{ ...WAITING, status: "failed", sequence: 1 }]);
  expect(await database.get("state", "inbox")).toEqual(INBOX);
  // Carol is somebody to whom the user never wrote. She is no stranger all the same.
  const own = { accepted: { value: true, messageId: "" } };
  expect(await database.getAll("folded")).toEqual([
    { id: BOB, isAnswered: true, own },
    { id: "carol-id", own },
  ]);
  expect((await conversationsOf(database)).map(({ settings }) => settings.isAccepted)).toEqual([true, true]);
  // Of what came before, nobody is told anything.
  expect(await database.getAll("untold")).toEqual([]);
});

it("lets what comes now be about messages of the version before", async () => {
  const database = await upgraded([first(1, BOB), first(2, BOB)]);
  const ownId = ownIdOf(database);
  const changes = [edit("m-9", BOB, "m-0001", { content: "new" }), deletion("m-8", BOB, "m-0002")];
  const { news } = await storeBatch(database, ownId, [...changes, edit("m-7", BOB, "m-later")], {
    receipt: "r",
    recent: [],
  });
  expect(news).toEqual([]);
  expect(await database.get("waiting", "m-later")).toMatchObject({ messageId: "m-later" });
  const { id, sentAt } = first(1, BOB);
  expect(await after(database, BOB, { id, sentAt }, 9, true)).toMatchObject([
    { content: "new", edited: { messageId: "m-9" } },
    { content: "", deleted: deletion("m-8", BOB, "m-0002").sentAt },
  ]);
  expect((await database.get("conversations", BOB))?.unread).toBe(0);
});

it("takes any number of messages, and leaves damaged ones as they are", async () => {
  const damaged = { id: "damaged", peerId: BOB, sentAt: "2020-01-01T00:00:00.000Z" };
  const many = Array.from({ length: 1_234 }, (_, index) => first(index, BOB));
  const database = await upgraded([damaged, ...many]);
  const stored = await database.getAllFromIndex("messages", "timeline");
  expect(stored.map(({ id }) => id)).toEqual([damaged.id, ...many.map(({ id }) => id)]);
  expect(stored[0]).toEqual(damaged);
  expect(await database.countFromIndex("messages", "messageId")).toBe(1_234);
});

it("makes nobody a stranger who has written to version 2, and keeps what the user has said of them", async () => {
  const userId = randomUUID();
  await makeSecondDatabase(userId, [
    { id: BOB, own: { muted: { value: true, messageId: "m-1" } } },
    { id: "carol-id", own: { accepted: { value: false, messageId: "m-2" } } },
  ]);
  const database = await openDatabase(userId, {});
  onTestFinished(() => database.close());
  const settings = (await conversationsOf(database)).map((one) => [
    one.name,
    one.settings.isAccepted,
    one.settings.isMuted,
  ]);
  expect(settings.sort()).toEqual([
    ["bob", true, true],
    ["carol", false, false],
    ["dave", true, false],
  ]);
  // Who comes from now on is one.
  await storeBatch(database, userId, [text("1", "eve")], { receipt: "r", recent: [] });
  expect((await conversationsOf(database)).find(({ peerId }) => peerId === "eve")?.settings.isAccepted).toBe(false);
  expect((await database.getAll("untold")).map(({ id }) => id)).toEqual(["eve/1"]);
});

it("makes a new database with all that it needs", async () => {
  const database = await openDatabase(randomUUID(), {});
  onTestFinished(() => database.close());
  const names = [...database.objectStoreNames];
  const transaction = database.transaction(names);
  const stores = names.map((name) => {
    const store = transaction.objectStore(name);
    const indexes = [...store.indexNames].map((index) => [index, store.index(index).keyPath]);
    return [name, store.keyPath, store.autoIncrement, Object.fromEntries(indexes)];
  });
  expect(stores).toEqual([
    ["bytes", null, false, {}],
    ["conversations", "peerId", false, {}],
    ["drafts", "peerId", false, {}],
    ["files", "fileId", false, {}],
    ["folded", "id", false, {}],
    ["messages", "id", false, { messageId: "messageId", timeline: ["peerId", "sentAt", "id"] }],
    ["outbox", "sequence", true, { peerId: "peerId" }],
    ["state", null, false, {}],
    ["untold", "id", false, { conversationId: "conversationId", toTell: "toTell" }],
    ["waiting", "messageId", false, {}],
  ]);
});

it("names nobody by a damaged line of the list", async () => {
  const userId = randomUUID();
  await makeFirstDatabase(userId, {
    messages: [first(1, BOB)],
    conversations: [{ peerId: BOB } as never],
    ...{ drafts: [], outbox: [], inbox: INBOX },
  });
  const database = await openDatabase(userId, {});
  onTestFinished(() => database.close());
  expect(await database.getAll("messages")).toMatchObject([{ senderName: "" }]);
});

it("leaves the database as it was where it cannot be rewritten", async () => {
  const userId = randomUUID();
  const messages = [first(1, BOB)];
  await makeFirstDatabase(userId, { messages, conversations: [], drafts: [], outbox: [], inbox: INBOX });
  refusePuts("messages");
  await expect(openDatabase(userId, {})).rejects.toThrow();
  const before = await openDB(`gotalk-${userId}`);
  onTestFinished(() => before.close());
  expect([before.version, await before.getAll("messages")]).toEqual([1, messages]);
});

it("opens the database of the version before files, and keeps what waits there", async () => {
  const userId = randomUUID();
  const before = await openDB(`gotalk-${userId}`, 3, {
    upgrade(made) {
      const messages = made.createObjectStore("messages", { keyPath: "id" });
      messages.createIndex("timeline", ["peerId", "sentAt", "id"]);
      messages.createIndex("messageId", "messageId");
      const outbox = made.createObjectStore("outbox", { keyPath: "sequence", autoIncrement: true });
      outbox.createIndex("peerId", "peerId");
      made.createObjectStore("state");
      for (const name of ["conversations", "drafts"]) made.createObjectStore(name, { keyPath: "peerId" });
      made.createObjectStore("waiting", { keyPath: "messageId" });
      for (const name of ["folded", "untold"]) made.createObjectStore(name, { keyPath: "id" });
    },
  });
  await before.add("outbox", { ...WAITING, type: "text", status: "pending" });
  await before.put("messages", { ...first(1, BOB), conversationId: BOB, messageId: "m-1", senderName: "bob" });
  before.close();
  const database = await openDatabase(userId, {});
  onTestFinished(() => database.close());
  expect(await nextFor(database, BOB)).toMatchObject({ messageId: "waits", content: "Waiting" });
  expect(await after(database, BOB, { sentAt: "", id: "" }, 9)).toMatchObject([{ content: "old 1" }]);
  await keep(database, "f-1", new Blob(["abc"]), { id: "bob/m-1", conversationId: BOB });
  expect(await kept(database)).toEqual({ count: 1, bytes: 3 });
});
