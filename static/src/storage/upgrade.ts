import type { IDBPTransaction, StoreNames } from "idb";
import type { StoredMessage } from "./records.ts";
import { attempt, isRecord } from "./safely.ts";
import type { Database, Schema } from "./stores.ts";

type Upgrade = IDBPTransaction<Schema, StoreNames<Schema>[], "versionchange">;

/** Messages that are rewritten at a time. */
const BATCH = 500;

/** A message as version 1 of the schema has it. */
type FirstMessage = Pick<StoredMessage, "id" | "senderId" | "content" | "sentAt"> & { readonly peerId: string };

/** Brings a database to the schema of this page, all or nothing. `from`: the version that it has; 0 if it is new. */
export function upgrade(database: Database, from: number, transaction: Upgrade, ownId: string): void {
  if (from < 1) createFirst(database);
  if (from < 2) {
    database.createObjectStore("waiting", { keyPath: "messageId" });
    database.createObjectStore("folded", { keyPath: "id" });
  }
  if (from < 3) {
    const untold = database.createObjectStore("untold", { keyPath: "id" });
    untold.createIndex("toTell", "toTell");
    untold.createIndex("conversationId", "conversationId");
  }
  if (from < 4) {
    database.createObjectStore("bytes");
    database.createObjectStore("files", { keyPath: "fileId" });
  }
  // A request that fails undoes the upgrade by itself.
  Promise.all([rewrite(transaction, from, ownId), transaction.done]).catch(() => attempt(() => transaction.abort()));
}

async function rewrite(transaction: Upgrade, from: number, ownId: string): Promise<void> {
  if (from < 2) await foldHistory(transaction, ownId);
  if (from < 3) await knowPeople(transaction);
}

function createFirst(database: Database): void {
  const messages = database.createObjectStore("messages", { keyPath: "id" });
  messages.createIndex("timeline", ["peerId", "sentAt", "id"]);
  database.createObjectStore("conversations", { keyPath: "peerId" });
  database.createObjectStore("drafts", { keyPath: "peerId" });
  const outbox = database.createObjectStore("outbox", { keyPath: "sequence", autoIncrement: true });
  outbox.createIndex("peerId", "peerId");
  database.createObjectStore("state");
}

/** Gives the messages of version 1 the form of folded ones. Whom the user has written to is no stranger. */
async function foldHistory(transaction: Upgrade, ownId: string): Promise<void> {
  const messages = transaction.objectStore("messages");
  messages.createIndex("messageId", "messageId");
  const lines = await transaction.objectStore("conversations").getAll();
  const names = new Map(lines.map((line) => [line.peerId, isRecord(line, "name") ? line.name : ""]));
  const answered = new Set<string>();
  let batch = await messages.getAll(undefined, BATCH);
  while (batch.length > 0) {
    for (const { senderId, peerId } of batch)
      if (senderId === ownId && isRecord({ peerId }, "peerId")) answered.add(peerId ?? "");
    const folded = batch.flatMap((message) => foldedFrom(message as FirstMessage, names));
    await Promise.all(folded.map((message) => messages.put(message)));
    batch = await messages.getAll(IDBKeyRange.lowerBound(batch.at(-1)?.id, true), BATCH);
  }
  const conversations = transaction.objectStore("folded");
  await Promise.all([...answered].map((id) => conversations.put({ id, isAnswered: true })));
}

/** Nobody becomes a stranger by an update: all who have written before are accepted, until the user says otherwise. */
async function knowPeople(transaction: Upgrade): Promise<void> {
  const folded = transaction.objectStore("folded");
  for (const id of await transaction.objectStore("conversations").getAllKeys()) {
    const known = (await folded.get(id)) ?? { id };
    const own = { accepted: { value: true, messageId: "" }, ...known.own };
    await folded.put({ ...known, own });
  }
}

/** @returns nothing for a damaged message: it stays as it is */
function foldedFrom(message: FirstMessage, names: ReadonlyMap<string, string>): readonly StoredMessage[] {
  if (!isRecord(message, "id", "peerId", "senderId", "content", "sentAt")) return [];
  const { id, peerId, senderId } = message;
  const messageId = id.slice(`${senderId}/`.length);
  // Of the user's own name the database knows nothing. They are called "You".
  return [{ ...message, messageId, conversationId: peerId, senderName: names.get(senderId) ?? "" }];
}
