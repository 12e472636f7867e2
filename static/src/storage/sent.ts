import { type Message, readMessage, type Sent, type User } from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { incomingTransaction, putIncoming } from "./incoming.ts";
import { idOf, type OutgoingMessage, type QueuedMessage, type Stored, type StoredMessage } from "./records.ts";
import type { Database } from "./schema.ts";
import type { Transaction } from "./stores.ts";

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
      putIncoming(transaction, user.id, [sentMessage(message, user, sent)]),
      transaction.objectStore("outbox").delete(message.sequence),
    ]);
    const missed = await storeMissed(transaction, { ...message, senderId: user.id }, sent);
    const others = stored.messages.filter(({ id }) => id !== missed?.id);
    return { ...stored, messages: missed === undefined ? others : [...others, missed], sent: message.sequence };
  });
}

/** Stores who of a group misses a message. @returns the message, if somebody does */
async function storeMissed(
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
export function sentMessage(
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
