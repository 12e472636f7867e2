import type { IDBPTransaction } from "idb";
import type { Message } from "../../../lib/client/index.ts";
import {
  type Conversation,
  compare,
  idOf,
  type QueuedMessage,
  readConversation,
  type Stored,
  type StoredMessage,
} from "./records.ts";
import { type Database, type Schema, STRICT } from "./schema.ts";

/** In `state` is the receipt that acknowledges what is stored. */
const STORES = ["messages", "conversations", "outbox", "state"] as const;

export type Transaction = IDBPTransaction<Schema, typeof STORES, "readwrite">;

/** Opens the transaction for {@link putIncoming}. The caller waits for its `done`. */
export const incomingTransaction = (database: Database): Transaction =>
  database.transaction(STORES, "readwrite", STRICT);

/**
 * Puts messages that the server has handed out into the history, within a transaction. A message that is known stays as
 * it is. A message that was sent here and comes back leaves the outbox: it has arrived.
 *
 * @returns the new messages, and what they have changed
 */
export async function putIncoming(
  transaction: Transaction,
  ownId: string,
  received: readonly Message[],
): Promise<Stored> {
  const names = new Map(received.map((message) => [idOf(message), nameOf(message)]));
  const [stored, sent] = await Promise.all([
    putUnknown(transaction, received.map(storedFrom), (known, message) =>
      withMessage(known, names.get(message.id), message, ownId),
    ),
    sentHere(transaction, ownId, received),
  ]);
  await Promise.all(sent.map((sequence) => transaction.objectStore("outbox").delete(sequence)));
  return { ...stored, ...(sent.length > 0 && { sent }) };
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

/** The `sequence` of each message of the outbox that is among these. */
async function sentHere(transaction: Transaction, ownId: string, received: readonly Message[]): Promise<number[]> {
  const own = received.filter(({ senderId }) => senderId === ownId);
  const peers = [...new Set(own.map(peerOf))];
  const index = transaction.objectStore("outbox").index("peerId");
  const ids = new Set(own.map(({ messageId }) => messageId));
  const waiting = (await Promise.all(peers.map((peerId) => index.getAll(peerId)))).flat() as QueuedMessage[];
  return waiting.filter(({ messageId }) => ids.has(messageId)).map(({ sequence }) => sequence);
}

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
