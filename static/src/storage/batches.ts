import type { InboxState, Message } from "../../../lib/client/index.ts";
import { type Conversation, compare, idOf, readConversation, type Stored, type StoredMessage } from "./records.ts";
import { isRecord } from "./safely.ts";
import { type Database, STRICT } from "./schema.ts";

const INBOX = "inbox";

/** Where the chain of receipts stands; undefined before the first batch. */
export async function inboxState(database: Database): Promise<InboxState | undefined> {
  const state = await database.get("state", INBOX);
  return isRecord(state, "receipt") && Array.isArray(state?.recent) ? state : undefined;
}

/**
 * Stores a batch with the state that acknowledges it, all or nothing. Known messages stay as they are.
 *
 * @returns the new messages, and the conversations that they have changed
 */
export async function storeBatch(
  database: Database,
  ownId: string,
  batch: readonly Message[],
  state: InboxState,
): Promise<Stored> {
  const transaction = database.transaction(["messages", "conversations", "state"], "readwrite", STRICT);
  const messages = transaction.objectStore("messages");
  const conversations = transaction.objectStore("conversations");
  const changed = new Map<string, Conversation>();
  const fresh: StoredMessage[] = [];

  // First all reads and then all writes: two turns, whatever the size of the batch.
  // A failed request aborts the transaction, which then rejects as well.
  const work = async () => {
    const senders = [...new Set(batch.map(({ senderId }) => senderId))];
    const [keys, known] = await Promise.all([
      Promise.all(batch.map((message) => messages.getKey(idOf(message)))),
      Promise.all(senders.map((senderId) => conversations.get(senderId))),
    ]);
    const lines = known.flatMap((conversation) => (conversation === undefined ? [] : readConversation(conversation)));
    const before = new Map(lines.map((conversation) => [conversation.peerId, conversation]));
    for (const message of batch.filter((_, index) => keys[index] === undefined)) {
      const stored = storedFrom(message);
      const { peerId } = stored;
      changed.set(peerId, withMessage(changed.get(peerId) ?? before.get(peerId), message.senderName, stored, ownId));
      fresh.push(stored);
    }
    await Promise.all([
      ...fresh.map((stored) => messages.put(stored)),
      ...[...changed.values()].map((conversation) => conversations.put(conversation)),
      transaction.objectStore("state").put(state, INBOX),
    ]);
  };
  await Promise.all([work(), transaction.done]);
  return { messages: fresh, conversations: [...changed.values()] };
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
