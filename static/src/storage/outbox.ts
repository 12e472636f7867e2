import { deletedHere } from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { cutDraft, type DraftStart, type DraftStore } from "./drafts.ts";
import {
  idOf,
  isSendable,
  isStanding,
  isToOthers,
  type OutgoingMessage,
  type QueuedMessage,
  queued,
  type StoredMessage,
  storedFrom,
} from "./records.ts";
import { type Database, STRICT } from "./schema.ts";
import type { Transaction } from "./stores.ts";
import type { Leaving } from "./unstored.ts";

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
  const taken = Promise.all(draftsOf.map((draftOf) => removeFromDraft(drafts, draftOf, start)));
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

const removeFromDraft = (
  drafts: DraftStore<["outbox", "drafts"]>,
  draftOf: string,
  start: DraftStart | undefined,
): Promise<void> => (start === undefined ? drafts.delete(draftOf) : cutDraft(drafts, draftOf, start));

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
