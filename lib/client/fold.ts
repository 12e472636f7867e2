import { ownChangesOf, withMessage, withOwnChange } from "./fold-conversation.ts";
import type { FoldedConversation, FoldedMessage, Records } from "./folded.ts";
import { grouped } from "./grouped.ts";
import { marksOf } from "./marks.ts";
import {
  conversationOf,
  type FileMessage,
  type GroupMessage,
  keyOf,
  type Message,
  type OtherMessage,
  type TextMessage,
} from "./message.ts";
import { Slot } from "./slot.ts";

/** A message that has a record of its own: it says nothing about others. */
type Standing = TextMessage | FileMessage | GroupMessage | OtherMessage;

/** Types of messages that have no record of their own. */
const SAYING = new Set<string | undefined>(["edit", "deletion", "reaction", "delivered", "read", "own"]);

const isStanding = (message: Message): message is Standing => !SAYING.has(message.type);

const foldedFrom = (message: Standing, ownId: string): FoldedMessage => ({
  id: keyOf(message),
  messageId: message.messageId,
  conversationId: conversationOf(message, ownId),
  senderId: message.senderId,
  senderName: message.senderName,
  ...(message.type !== undefined && { type: message.type }),
  ...(message.about !== undefined && { about: message.about }),
  ...(message.quiet && { quiet: true }),
  content: message.content,
  sentAt: message.sentAt,
});

/** What {@link fold} has to know before it can fold a batch. */
export interface Concerned {
  /** All `messages` with these `messageId`s, and all `waiting` with these keys. */
  readonly messageIds: readonly string[];
  /** All `conversations` with these keys. */
  readonly conversationIds: readonly string[];
}

/** Names the records that a batch of messages may change. */
export function concernedBy(batch: readonly Message[], ownId: string): Concerned {
  const messageIds = new Set<string>();
  const conversationIds = new Set<string>();
  for (const message of batch) {
    for (const [about] of marksOf(message, ownId)) messageIds.add(about);
    if (message.type === "own") for (const [id] of ownChangesOf(message, ownId)) conversationIds.add(id);
    if (!isStanding(message)) continue;
    messageIds.add(message.messageId);
    conversationIds.add(conversationOf(message, ownId));
  }
  return { messageIds: [...messageIds], conversationIds: [...conversationIds] };
}

/**
 * Folds messages into what a device knows: conversations with replies, edits, deletions, reactions and receipts. Pure: the
 * result depends on which messages were folded, and neither on their order nor on how often each came.
 *
 * - An edit and a deletion count only for a message of their sender. The last edit counts; a deletion is final.
 * - A person has one reaction to a message, the last one. An empty one takes it back.
 * - A receipt counts for a message of the user. `read` implies `delivered`.
 * - What is about a message that is not there waits for it, in a record of its own.
 * - `own` counts from the user alone. For each setting the last one counts, and of `readUpTo` the furthest.
 *
 * "The last" is the one with the greatest `messageId`.
 *
 * @param known The records that {@link concernedBy} names. More do no harm.
 * @returns the records that are new or have changed, to be put in one transaction with the receipt of the batch. A `waiting`
 * without marks is to be removed
 * @example
 * ```ts
 * const ownId = client.session?.id ?? "";
 * const { messages } = await client.sync();
 * const folded = fold({ messages: [], waiting: [], conversations: [] }, messages, ownId);
 * for (const { senderName, content, edited } of folded.messages) {
 *   console.log(`${senderName}: ${content}${edited ? " (edited)" : ""}`);
 * }
 * ```
 */
export function fold(known: Records, batch: readonly Message[], ownId: string): Records {
  const slots = slotsOf(known, concernedBy(batch, ownId).messageIds, ownId);
  const conversations = new Map(known.conversations.map((conversation) => [conversation.id, conversation]));
  const change = (id: string, changed: (before: FoldedConversation) => FoldedConversation) => {
    const before = conversations.get(id);
    conversations.set(id, changed(before ?? { id }));
  };
  for (const message of batch) {
    for (const [about, mark] of marksOf(message, ownId)) slots.get(about)?.mark(mark);
    if (message.type === "own") {
      for (const [id, changes] of ownChangesOf(message, ownId)) {
        change(id, (before) => withOwnChange(before, changes, message.messageId));
      }
    }
    if (!isStanding(message)) continue;
    const folded = foldedFrom(message, ownId);
    slots.get(message.messageId)?.add(folded);
    change(folded.conversationId, (before) => withMessage(before, message, folded, ownId));
  }
  return changedIn(known, slots, conversations);
}

/** The records that are new or have changed. */
export function changedIn(
  known: Records,
  slots: ReadonlyMap<string, Slot>,
  conversations: ReadonlyMap<string, FoldedConversation>,
): Records {
  const before = new Set(known.conversations);
  const changed = [...slots.values()].map((slot) => slot.changed);
  return {
    messages: changed.flatMap(({ messages }) => messages),
    waiting: changed.flatMap(({ waiting }) => waiting),
    conversations: [...conversations.values()].filter((conversation) => !before.has(conversation)),
  };
}

/** All that is known under these `messageId`s. */
export function slotsOf(known: Records, messageIds: readonly string[], ownId: string): Map<string, Slot> {
  const messages = grouped(known.messages, ({ messageId }) => messageId);
  const waiting = new Map(known.waiting.map((record) => [record.messageId, record]));
  return new Map(messageIds.map((id) => [id, new Slot(id, ownId, messages.get(id) ?? [], waiting.get(id))]));
}
