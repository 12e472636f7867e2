import type { InboxState, Message } from "../../../lib/client.ts";
import { type Conversation, compare, idOf, type StoredMessage } from "./records.ts";
import { type Database, STRICT } from "./schema.ts";

const INBOX = "inbox";

/** Where the chain of receipts stands; undefined before the first batch. */
export const inboxState = (database: Database): Promise<InboxState | undefined> => database.get("state", INBOX);

/**
 * Stores a batch with the state that acknowledges it, all or nothing. Messages that are there already are left alone.
 *
 * @returns those that are new
 */
export async function storeBatch(
  database: Database,
  ownId: string,
  batch: readonly Message[],
  state: InboxState,
): Promise<StoredMessage[]> {
  const transaction = database.transaction(["messages", "conversations", "state"], "readwrite", STRICT);
  const messages = transaction.objectStore("messages");
  const conversations = transaction.objectStore("conversations");
  const changed = new Map<string, Conversation>();
  const fresh: StoredMessage[] = [];

  // A failed request aborts the transaction, which then rejects as well.
  const work = async () => {
    for (const message of batch) {
      const stored = storedFrom(message);
      if ((await messages.getKey(stored.id)) !== undefined) continue;
      const known = changed.get(stored.peerId) ?? (await conversations.get(stored.peerId));
      changed.set(stored.peerId, withMessage(known, message.senderName, stored, ownId));
      fresh.push(stored);
      await messages.put(stored);
    }
    for (const conversation of changed.values()) await conversations.put(conversation);
    await transaction.objectStore("state").put(state, INBOX);
  };
  await Promise.all([work(), transaction.done]);
  return fresh;
}

const storedFrom = (message: Message): StoredMessage => ({
  id: idOf(message),
  peerId: message.senderId,
  senderId: message.senderId,
  content: message.content,
  sentAt: message.sentAt,
});

function withMessage(
  known: Conversation | undefined,
  senderName: string,
  message: StoredMessage,
  ownId: string,
): Conversation {
  const { peerId, id, sentAt, content } = message;
  const before = known ?? { peerId, name: senderName, unread: 0 };
  const isOwn = message.senderId === ownId;
  const isNewest = before.last === undefined || compare(before.last, message) < 0;
  const first = before.unreadFrom;
  return {
    ...before,
    name: senderName,
    ...(isNewest && { last: { id, sentAt, content, isOwn } }),
    unread: before.unread + (isOwn ? 0 : 1),
    unreadFrom: isOwn || (first !== undefined && compare(first, message) < 0) ? first : { sentAt, id },
  };
}
