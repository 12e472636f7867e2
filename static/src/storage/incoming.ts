import type { IDBPTransaction, StoreNames } from "idb";
import type { Message } from "../../../lib/client/index.ts";
import { type Conversation, compare, idOf, readConversation, type Stored, type StoredMessage } from "./records.ts";
import { type Database, type Schema, STRICT } from "./schema.ts";

/** A transaction in which messages can be put. */
export type Transaction = IDBPTransaction<Schema, StoreNames<Schema>[], "readwrite">;

/**
 * Opens the transaction for {@link putIncoming}, which the caller waits for by its `done`. In `state` is the receipt that
 * acknowledges what is stored.
 *
 * @param others More stores that it covers.
 */
export const incomingTransaction = (database: Database, ...others: StoreNames<Schema>[]): Transaction =>
  database.transaction(["messages", "conversations", "state", ...others], "readwrite", STRICT);

/**
 * Puts messages that the server has handed out into the history, within a transaction. A message that is known stays as
 * it is. A message that was sent here and comes back stays in the outbox: other devices may not have it yet, and only the
 * answer to the send says that they all do.
 *
 * @returns the new messages, and what they have changed
 */
export function putIncoming(transaction: Transaction, ownId: string, received: readonly Message[]): Promise<Stored> {
  const names = new Map(received.map((message) => [idOf(message), nameOf(message)]));
  return putUnknown(transaction, received.map(storedFrom), (known, message) =>
    withMessage(known, names.get(message.id), message, ownId),
  );
}

/**
 * Puts messages into the history, within a transaction, but for those that it has.
 *
 * @param change Adds a message to its conversation, which is undefined if it begins with this message.
 * @returns the messages that were put, and the conversations that they have changed
 */
export async function putUnknown(
  transaction: Transaction,
  added: readonly StoredMessage[],
  change: (known: Conversation | undefined, message: StoredMessage) => Conversation,
): Promise<Stored> {
  const messages = transaction.objectStore("messages");
  const conversations = transaction.objectStore("conversations");
  const unique = [...new Map(added.map((message) => [message.id, message])).values()];
  // First all reads and then all writes: two turns, whatever the number of messages.
  // A failed request aborts the transaction, which then rejects as well.
  const [keys, known] = await Promise.all([
    Promise.all(unique.map(({ id }) => messages.getKey(id))),
    Promise.all([...new Set(unique.map(({ peerId }) => peerId))].map((peerId) => conversations.get(peerId))),
  ]);
  const lines = known.flatMap((conversation) => (conversation === undefined ? [] : readConversation(conversation)));
  const before = new Map(lines.map((conversation) => [conversation.peerId, conversation]));
  const changed = new Map<string, Conversation>();
  const fresh = unique.filter((_, index) => keys[index] === undefined);
  for (const message of fresh) {
    const { peerId } = message;
    changed.set(peerId, change(changed.get(peerId) ?? before.get(peerId), message));
  }
  // A write that is refused at once must not keep the others from being waited for: hence async.
  await Promise.all([
    ...fresh.map(async (message) => messages.put(message)),
    ...[...changed.values()].map(async (conversation) => conversations.put(conversation)),
  ]);
  return { messages: fresh, conversations: [...changed.values()] };
}

/** The other person of the conversation, also of a message that the reader has sent from another device. */
const peerOf = ({ toId, senderId }: Message): string => toId ?? senderId;

const nameOf = ({ toId, toName, senderName }: Message): string | undefined =>
  toId === undefined ? senderName : toName;

const storedFrom = (message: Message): StoredMessage => ({
  id: idOf(message),
  peerId: peerOf(message),
  senderId: message.senderId,
  content: message.content,
  sentAt: message.sentAt,
});

function withMessage(
  known: Conversation | undefined,
  name: string | undefined,
  message: StoredMessage,
  ownId: string,
): Conversation {
  const before = withLast(known, message, ownId);
  const { id, sentAt, senderId } = message;
  const isOwn = senderId === ownId;
  const first = before.unreadFrom;
  return {
    ...before,
    name: name ?? before.name,
    unread: before.unread + (isOwn ? 0 : 1),
    unreadFrom: isOwn || (first !== undefined && compare(first, message) < 0) ? first : { sentAt, id },
  };
}

/** A conversation with a message of which nobody needs to be told. One without a name yet has the person's id as its name. */
export function withLast(known: Conversation | undefined, message: StoredMessage, ownId: string): Conversation {
  const { peerId, id, sentAt, content, senderId } = message;
  const before = known ?? { peerId, name: peerId, unread: 0 };
  const isNewest = before.last === undefined || compare(before.last, message) < 0;
  return isNewest ? { ...before, last: { id, sentAt, content, isOwn: senderId === ownId } } : before;
}
