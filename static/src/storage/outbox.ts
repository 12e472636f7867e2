import type { Sent } from "../../../lib/client.ts";
import { compare, idOf, type OutgoingMessage, type QueuedMessage } from "./records.ts";
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

/** Puts a message into the outbox and takes its text out of the draft, all or nothing. */
export async function enqueue(
  database: Database,
  message: Pick<OutgoingMessage, "peerId" | "messageId" | "content">,
): Promise<void> {
  const transaction = database.transaction(["outbox", "drafts"], "readwrite", STRICT);
  const record: OutgoingMessage = { ...message, writtenAt: new Date().toISOString(), status: "pending" };
  const written = [
    transaction.objectStore("outbox").add(record),
    transaction.objectStore("drafts").delete(message.peerId),
  ];
  // Asked for at once, it goes through even if the page is left in this moment.
  transaction.commit();
  await Promise.all([...written, transaction.done]);
}

/** Moves a message that the server has taken from the outbox into the history, all or nothing. */
export async function settle(database: Database, ownId: string, message: QueuedMessage, sent: Sent): Promise<void> {
  const { peerId, messageId, content, sequence } = message;
  const { sentAt } = sent;
  const id = idOf({ senderId: ownId, messageId });
  // If the disk loses this, the message is sent once more, and the server knows its id.
  const transaction = database.transaction(["outbox", "messages", "conversations"], "readwrite");
  const work = async () => {
    const conversations = transaction.objectStore("conversations");
    await transaction.objectStore("outbox").delete(sequence);
    await transaction.objectStore("messages").put({ id, peerId, senderId: ownId, content, sentAt });
    const known = await conversations.get(peerId);
    if (known === undefined || (known.last !== undefined && compare(known.last, { id, sentAt }) > 0)) return;
    await conversations.put({ ...known, last: { id, sentAt, content, isOwn: true } });
  };
  await Promise.all([work(), transaction.done]);
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
  const transaction = database.transaction("outbox", "readwrite");
  const work = async () => {
    for (const sequence of sequences) {
      const message = await transaction.store.get(sequence);
      if (message !== undefined) await transaction.store.put(to(message));
    }
  };
  await Promise.all([work(), transaction.done]);
}
