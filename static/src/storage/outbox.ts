import type { IDBPTransaction } from "idb";
import {
  deletedHere,
  type Message,
  type OwnValue,
  ownChangesIn,
  readMessage,
  type Sent,
  type User,
} from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { cutDraft, type DraftStart, type DraftStore } from "./drafts.ts";
import { incomingTransaction, putIncoming } from "./incoming.ts";
import {
  idOf,
  isSendable,
  isStanding,
  isToOthers,
  type OutgoingMessage,
  type QueuedMessage,
  type Stored,
  type StoredMessage,
  storedFrom,
} from "./records.ts";
import { type Database, type Schema, STRICT } from "./schema.ts";
import type { Transaction } from "./stores.ts";
import type { Leaving } from "./unstored.ts";

/** A record from the database has its key. */
const queued = (message: OutgoingMessage): QueuedMessage => message as QueuedMessage;

/** What a person has written, and what it is. */
export type Written = Pick<OutgoingMessage, "peerId" | "content" | "type" | "about" | "quiet" | "copies">;

/** All messages that are not sent, in the order of writing. */
export async function outboxOf(database: Database): Promise<QueuedMessage[]> {
  return (await database.getAll("outbox")).filter(isSendable).map(queued);
}

/** The oldest message for this receiver that may be sent. Files that are not uploaded hold nothing up. */
export async function nextFor(database: Database, peerId: string): Promise<QueuedMessage | undefined> {
  const messages = await database.getAllFromIndex("outbox", "peerId", peerId);
  const next = messages.find((message) => message.status === "pending" && !message.upload && isSendable(message));
  return next && queued(next);
}

/**
 * Puts a message into the outbox and removes its text from the drafts `draftsOf`, all or nothing. The message then
 * outlives the tab and the browser. Without a network it is also flushed to the disk. With a network it is sent before
 * a flush could end; {@link setStatus} flushes it if it cannot be sent.
 *
 * @param draftsOf Empty: it is no text that was typed into a draft.
 * @param start The message is this part of the draft. Default: all of it.
 */
export async function enqueue(
  database: Database,
  message: Written & Pick<OutgoingMessage, "messageId">,
  draftsOf: readonly string[],
  start?: DraftStart,
): Promise<QueuedMessage> {
  const transaction = database.transaction(["outbox", "drafts"], "readwrite", asUrgent());
  const record = outgoingFrom(message);
  const added = transaction.objectStore("outbox").add(record);
  const drafts = transaction.objectStore("drafts");
  const taken = Promise.all(draftsOf.map((draftOf) => takeDraft(drafts, draftOf, start)));
  // A commit at once takes effect even if the page is left now. If the draft has to be read first, this is not possible:
  // then neither write is done, and the text is still a draft.
  if (start === undefined) transaction.commit();
  const [sequence] = await Promise.all([added, taken, transaction.done]);
  return { ...record, sequence };
}

/**
 * Puts a message into the outbox that a reload has kept from it. Does nothing if it has come there all the same, or
 * further. A draft that was changed meanwhile stays.
 *
 * @returns the message, if it is in the outbox by this
 */
export async function enqueueAgain(
  database: Database,
  ownId: string,
  { message, draftsOf, start }: Leaving,
): Promise<QueuedMessage | undefined> {
  const transaction = database.transaction(["outbox", "drafts", "messages"], "readwrite", STRICT);
  const [outbox, drafts] = [transaction.objectStore("outbox"), transaction.objectStore("drafts")];
  return allOrNothing(transaction, async () => {
    const waiting = await outbox.index("peerId").getAll(message.peerId);
    const isWaiting = waiting.some(({ messageId }) => messageId === message.messageId);
    const sent = await transaction.objectStore("messages").get(idOf({ ...message, senderId: ownId }));
    if (isWaiting || sent !== undefined) return undefined;
    const sequence = await outbox.add(message);
    for (const draftOf of draftsOf) {
      const text = (await drafts.get(draftOf))?.text ?? "";
      // The last keys may not be stored.
      const isIts = draftOf !== message.peerId || message.content.startsWith(text);
      if (start !== undefined) await cutDraft(drafts, draftOf, start);
      else if (isIts) await drafts.delete(draftOf);
    }
    return { ...message, sequence };
  });
}

/** How to store what goes out. Without a network it is also flushed to the disk. */
export const asUrgent = (): IDBTransactionOptions => (navigator.onLine ? {} : STRICT);

/** A message as it comes into the outbox. */
export const outgoingFrom = (message: Written & Pick<OutgoingMessage, "messageId">): OutgoingMessage => ({
  ...message,
  writtenAt: new Date().toISOString(),
  // With a network the first attempt begins now, without another write before it.
  mayHaveArrived: navigator.onLine,
  status: "pending",
});

const takeDraft = (
  drafts: DraftStore<["outbox", "drafts"]>,
  draftOf: string,
  start: DraftStart | undefined,
): Promise<void> => (start === undefined ? drafts.delete(draftOf) : cutDraft(drafts, draftOf, start));

/** Stores that an attempt is about to begin. @returns false if the message is gone or has another id now */
export function markTried(database: Database, message: QueuedMessage): Promise<boolean> {
  return replace(database, message, (stored) => ({ ...stored, mayHaveArrived: true }));
}

/** New ids for messages. */
export interface NewIds {
  /** For the message that is about to be tried again. */
  readonly messageId: string;
  /** Whether a later message gets a new id, too, so that it still sorts after this one. */
  isToFollow(message: QueuedMessage): boolean;
  next(): string;
}

/** Gives a message another id, since the server refuses the time in its id. @returns as {@link markTried} does */
export function renew(database: Database, message: QueuedMessage, ids: NewIds): Promise<boolean> {
  const { messageId } = ids;
  return replace(
    database,
    message,
    (stored) => ({ ...stored, messageId, mayHaveArrived: true }),
    async (transaction) => {
      const store = transaction.objectStore("outbox");
      await restamp(transaction, message, messageId);
      const waiting = (await store.index("peerId").getAll(message.peerId)).map(queued);
      const isBehind = ({ sequence, status }: QueuedMessage) => sequence > message.sequence && status === "pending";
      for (const behind of waiting.filter(isBehind)) {
        if (!ids.isToFollow(behind)) continue;
        const next = ids.next();
        await store.put({ ...behind, messageId: next });
        await restamp(transaction, behind, next);
      }
    },
  );
}

type Replacing = IDBPTransaction<Schema, ["outbox", "folded"], "readwrite">;

/** What an `own` message says counts here by its new id: under one from the future it would outlast all that comes later. */
async function restamp(transaction: Replacing, message: QueuedMessage, messageId: string): Promise<void> {
  if (message.type !== "own") return;
  const store = transaction.objectStore("folded");
  for (const id of Object.keys(ownChangesIn(message))) {
    const folded = await store.get(id);
    if (folded?.own === undefined) continue;
    const values = Object.entries(folded.own).map(([name, value]): [string, OwnValue] => [
      name,
      value.messageId === message.messageId ? { ...value, messageId } : value,
    ]);
    await store.put({ ...folded, own: Object.fromEntries(values) });
  }
}

/** Changes a message, and then others with it, unless another tab has changed its id. */
async function replace(
  database: Database,
  { sequence, messageId }: QueuedMessage,
  to: (message: OutgoingMessage) => OutgoingMessage,
  andThen: (transaction: Replacing) => Promise<void> = async () => {},
): Promise<boolean> {
  const transaction = database.transaction(["outbox", "folded"], "readwrite", STRICT);
  const store = transaction.objectStore("outbox");
  const work = async () => {
    const stored = await store.get(sequence);
    if (stored?.messageId !== messageId) return false;
    await store.put(to(stored));
    await andThen(transaction);
    return true;
  };
  const [isDone] = await Promise.all([work(), transaction.done]);
  return isDone;
}

/**
 * Moves a message that the server has stored from the outbox to the history, all or nothing. If the history has it
 * already, it keeps its time.
 */
export async function moveToHistory(
  database: Database,
  user: User,
  message: QueuedMessage,
  sent: Sent,
): Promise<Stored> {
  // If the disk loses this, the message is sent again, and the server recognises its id.
  const transaction = incomingTransaction(database, ["outbox"], {});
  return allOrNothing(transaction, async () => {
    const [stored] = await Promise.all([
      putIncoming(transaction, user.id, [takenMessage(message, user, sent)]),
      transaction.objectStore("outbox").delete(message.sequence),
    ]);
    const missed = await noteMissed(transaction, { ...message, senderId: user.id }, sent);
    const others = stored.messages.filter(({ id }) => id !== missed?.id);
    return { ...stored, messages: missed === undefined ? others : [...others, missed], sent: message.sequence };
  });
}

/** Stores who of a group misses a message. @returns the message, if somebody does */
async function noteMissed(
  transaction: Transaction,
  message: Parameters<typeof idOf>[0],
  { missedBy = [] }: Sent,
): Promise<StoredMessage | undefined> {
  const store = transaction.objectStore("messages");
  const stored = missedBy.length === 0 ? undefined : await store.get(idOf(message));
  if (stored === undefined) return undefined;
  await store.put({ ...stored, missedBy });
  return { ...stored, missedBy };
}

/** A message of the outbox as the server takes it. */
export function takenMessage(
  message: OutgoingMessage,
  { id, username }: User,
  { sentAt }: Pick<Sent, "sentAt">,
): Message {
  const { peerId, messageId, type, about, quiet, content } = message;
  const value = { messageId, senderId: id, senderName: username, toId: peerId, content, sentAt, redelivered: false };
  const taken = readMessage({ ...value, type, about, quiet });
  if (taken === undefined) throw new Error("The server has taken a message that cannot be read.");
  return taken;
}

/** Stores why a message is not sent yet. Does nothing if the message is gone. */
export function setStatus(
  database: Database,
  { sequence }: QueuedMessage,
  what: Pick<OutgoingMessage, "status" | "problem" | "mayHaveArrived">,
): Promise<void> {
  return change(database, [sequence], (message) => ({ ...message, ...what }));
}

/** Makes messages pending again. An `unknown` message becomes a new message, with an id that `newMessageId` makes for it. */
export function requeue(
  database: Database,
  messages: readonly QueuedMessage[],
  newMessageId: (message: QueuedMessage) => string,
): Promise<void> {
  const sequences = messages.map(({ sequence }) => sequence);
  return change(database, sequences, (message) => ({
    ...message,
    ...(message.status === "unknown" && { messageId: newMessageId(queued(message)), mayHaveArrived: false }),
    status: "pending",
    problem: undefined,
  }));
}

/**
 * Deletes what was not sent of a conversation, as a part of its deletion. An attempt may be under way: then its record stays, as
 * the records of other messages do, so that its answer does not bring the conversation back.
 */
export async function discardAll(transaction: Transaction, peerId: string, ownId: string): Promise<void> {
  const store = transaction.objectStore("outbox");
  const unsent = (await store.index("peerId").getAll(peerId)).filter(isToOthers).map(queued);
  const begun = unsent.filter((message) => message.mayHaveArrived !== false && isStanding(message));
  await Promise.all([
    ...unsent.map(async ({ sequence }) => store.delete(sequence)),
    ...begun.map(async (message) => transaction.objectStore("messages").put(deletedFrom(message, ownId))),
  ]);
}

/** The record of a message that was deleted before it was known whether it has arrived. It is never shown. */
function deletedFrom(message: OutgoingMessage, senderId: string): StoredMessage {
  const { messageId, peerId: conversationId, content, writtenAt: sentAt } = message;
  const id = idOf({ senderId, messageId });
  return storedFrom(deletedHere({ id, messageId, conversationId, senderId, senderName: "", content, sentAt }));
}

/** Deletes a message that is not sent. */
export const discard = (database: Database, { sequence }: QueuedMessage): Promise<void> =>
  database.delete("outbox", sequence);

async function change(
  database: Database,
  sequences: readonly number[],
  to: (message: OutgoingMessage) => OutgoingMessage,
): Promise<void> {
  const transaction = database.transaction("outbox", "readwrite", STRICT);
  const work = async () => {
    for (const sequence of sequences) {
      const message = await transaction.store.get(sequence);
      if (message !== undefined) await transaction.store.put(to(message));
    }
  };
  await Promise.all([work(), transaction.done]);
}
