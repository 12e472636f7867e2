import type { Sent } from "../../../lib/client.ts";
import { compare, idOf, type OutgoingMessage, type QueuedMessage, type Stored, type StoredMessage } from "./records.ts";
import { type Database, STRICT } from "./schema.ts";

/** A record that came out of the database has its key. */
const queued = (message: OutgoingMessage): QueuedMessage => message as QueuedMessage;

/** All that is not sent, in the order in which it was written. */
export async function outboxOf(database: Database): Promise<QueuedMessage[]> {
  return (await database.getAll("outbox")).map(queued);
}

/** The oldest message for this receiver that may be tried. */
export async function nextFor(database: Database, peerId: string): Promise<QueuedMessage | undefined> {
  const messages = await database.getAllFromIndex("outbox", "peerId", peerId);
  const next = messages.find(({ status }) => status === "pending");
  return next && queued(next);
}

/**
 * Puts a message into the outbox and takes its text out of `draftOf`, all or nothing. It then outlives the tab and the
 * browser. Without a network it is on the disk as well; with one it is on its way before the disk could be, and what
 * cannot be sent is put onto the disk by {@link mark}.
 */
export async function enqueue(
  database: Database,
  message: Pick<OutgoingMessage, "peerId" | "messageId" | "content">,
  draftOf: string | undefined,
): Promise<QueuedMessage> {
  const transaction = database.transaction(["outbox", "drafts"], "readwrite", navigator.onLine ? {} : STRICT);
  const record: OutgoingMessage = { ...message, writtenAt: new Date().toISOString(), status: "pending" };
  const added = transaction.objectStore("outbox").add(record);
  const taken = draftOf === undefined ? undefined : transaction.objectStore("drafts").delete(draftOf);
  // Asked for at once, it goes through even if the page is left in this moment.
  transaction.commit();
  const [sequence] = await Promise.all([added, taken, transaction.done]);
  return { ...record, sequence };
}

/** Moves a message that the server has taken from the outbox into the history, all or nothing. */
export async function settle(database: Database, ownId: string, message: QueuedMessage, sent: Sent): Promise<Stored> {
  const { peerId, messageId, content, sequence } = message;
  const { sentAt } = sent;
  const id = idOf({ senderId: ownId, messageId });
  const stored: StoredMessage = { id, peerId, senderId: ownId, content, sentAt };
  // If the disk loses this, the message is sent once more, and the server knows its id.
  const transaction = database.transaction(["outbox", "messages", "conversations"], "readwrite");
  const work = async () => {
    const conversations = transaction.objectStore("conversations");
    const [known] = await Promise.all([
      conversations.get(peerId),
      transaction.objectStore("outbox").delete(sequence),
      transaction.objectStore("messages").put(stored),
    ]);
    if (known === undefined || (known.last !== undefined && compare(known.last, stored) > 0)) return [];
    const changed = { ...known, last: { id, sentAt, content, isOwn: true } };
    await conversations.put(changed);
    return [changed];
  };
  const [conversations] = await Promise.all([work(), transaction.done]);
  return { messages: [stored], conversations, sent: sequence };
}

/** Notes why a message is still here. Nothing happens to one that is gone. */
export function mark(
  database: Database,
  { sequence }: QueuedMessage,
  status: OutgoingMessage["status"],
  problem: string | undefined,
): Promise<void> {
  return change(database, [sequence], (message) => ({ ...message, status, problem }));
}

/** Lets messages be tried again. */
export function requeue(database: Database, messages: readonly QueuedMessage[]): Promise<void> {
  const sequences = messages.map(({ sequence }) => sequence);
  return change(database, sequences, (message) => ({ ...message, status: "pending", problem: undefined }));
}

/** Gives a message up. */
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
