import type { IDBPObjectStore } from "idb";
import type { Sent } from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { cutDraft, type DraftStart } from "./drafts.ts";
import {
  compare,
  idOf,
  isSendable,
  type OutgoingMessage,
  type QueuedMessage,
  type Stored,
  type StoredMessage,
} from "./records.ts";
import { type Database, type Schema, STRICT } from "./schema.ts";

/** A record from the database has its key. */
const queued = (message: OutgoingMessage): QueuedMessage => message as QueuedMessage;

/** All messages that are not sent, in the order of writing. */
export async function outboxOf(database: Database): Promise<QueuedMessage[]> {
  return (await database.getAll("outbox")).filter(isSendable).map(queued);
}

/** The oldest message for this receiver that may be sent. */
export async function nextFor(database: Database, peerId: string): Promise<QueuedMessage | undefined> {
  const messages = await database.getAllFromIndex("outbox", "peerId", peerId);
  const next = messages.find((message) => message.status === "pending" && isSendable(message));
  return next && queued(next);
}

/**
 * Puts a message into the outbox and removes its text from the draft `draftOf`, all or nothing. The message then
 * outlives the tab and the browser. Without a network it is also flushed to the disk. With a network it is sent before
 * a flush could end; {@link setStatus} flushes it if it cannot be sent.
 *
 * @param start The message is this part of the draft. Default: all of it.
 */
export async function enqueue(
  database: Database,
  message: Pick<OutgoingMessage, "peerId" | "messageId" | "content">,
  draftOf: string,
  start?: DraftStart,
): Promise<QueuedMessage> {
  const transaction = database.transaction(["outbox", "drafts"], "readwrite", navigator.onLine ? {} : STRICT);
  const record: OutgoingMessage = {
    ...message,
    writtenAt: new Date().toISOString(),
    // With a network the first attempt begins now, without another write before it.
    mayHaveArrived: navigator.onLine,
    status: "pending",
  };
  const added = transaction.objectStore("outbox").add(record);
  const drafts = transaction.objectStore("drafts");
  const taken = start === undefined ? drafts.delete(draftOf) : cutDraft(drafts, draftOf, start);
  // A commit at once takes effect even if the page is left now. If the draft has to be read first, this is not possible:
  // then neither write is done, and the text is still a draft.
  if (start === undefined) transaction.commit();
  const [sequence] = await Promise.all([added, taken, transaction.done]);
  return { ...record, sequence };
}

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
    async (store) => {
      const waiting = (await store.index("peerId").getAll(message.peerId)).map(queued);
      const isBehind = ({ sequence, status }: QueuedMessage) => sequence > message.sequence && status === "pending";
      for (const behind of waiting.filter(isBehind)) {
        if (ids.isToFollow(behind)) await store.put({ ...behind, messageId: ids.next() });
      }
    },
  );
}

type OutboxStore = IDBPObjectStore<Schema, ["outbox"], "outbox", "readwrite">;

/** Changes a message, and then others with it, unless another tab has changed its id. */
async function replace(
  database: Database,
  { sequence, messageId }: QueuedMessage,
  to: (message: OutgoingMessage) => OutgoingMessage,
  andThen: (store: OutboxStore) => Promise<void> = async () => {},
): Promise<boolean> {
  const transaction = database.transaction("outbox", "readwrite", STRICT);
  const work = async () => {
    const stored = await transaction.store.get(sequence);
    if (stored?.messageId !== messageId) return false;
    await transaction.store.put(to(stored));
    await andThen(transaction.store);
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
  ownId: string,
  message: QueuedMessage,
  sent: Sent,
): Promise<Stored> {
  const { peerId, messageId, content, sequence } = message;
  const id = idOf({ senderId: ownId, messageId });
  // If the disk loses this, the message is sent again, and the server recognises its id.
  const transaction = database.transaction(["outbox", "messages", "conversations"], "readwrite");
  const messages = transaction.objectStore("messages");
  const work = async (): Promise<Stored> => {
    const conversations = transaction.objectStore("conversations");
    const [known, before] = await Promise.all([
      conversations.get(peerId),
      messages.get(id),
      transaction.objectStore("outbox").delete(sequence),
    ]);
    const { sentAt } = before ?? sent;
    const stored: StoredMessage = { id, peerId, senderId: ownId, content, sentAt };
    const isLast = known !== undefined && (known.last === undefined || compare(known.last, stored) <= 0);
    const changed = isLast ? [{ ...known, last: { id, sentAt, content, isOwn: true } }] : [];
    await Promise.all([messages.put(stored), ...changed.map((conversation) => conversations.put(conversation))]);
    return { messages: [stored], conversations: changed, sent: sequence };
  };
  return allOrNothing(transaction, work);
}

/** Stores why a message is not sent yet. Does nothing if the message is gone. */
export function setStatus(
  database: Database,
  { sequence }: QueuedMessage,
  what: Pick<OutgoingMessage, "status" | "problem" | "mayHaveArrived">,
): Promise<void> {
  return change(database, [sequence], (message) => ({ ...message, ...what }));
}

/** Makes messages pending again. An `unknown` message becomes a new message, with an id of `newMessageId`. */
export function requeue(
  database: Database,
  messages: readonly QueuedMessage[],
  newMessageId: () => string,
): Promise<void> {
  const sequences = messages.map(({ sequence }) => sequence);
  return change(database, sequences, (message) => ({
    ...message,
    ...(message.status === "unknown" && { messageId: newMessageId(), mayHaveArrived: false }),
    status: "pending",
    problem: undefined,
  }));
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
