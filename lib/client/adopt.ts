import { type Concerned, changedIn, slotsOf } from "./fold.ts";
import { isAnswer } from "./fold-conversation.ts";
import type { FoldedConversation, FoldedMessage, Mark, Records, Waiting } from "./folded.ts";
import { mayCount } from "./marks.ts";

/** What is said about the message with this `messageId`. */
export type Said = readonly [about: string, mark: Mark];

/** What waits in a record, one by one. */
export const saidIn = ({ messageId, marks }: Waiting): readonly Said[] =>
  Object.values(marks).map((mark) => [messageId, mark]);

/** Names the records that may be changed by messages which were folded elsewhere, and by what is said about others. */
export const concernedByFolded = (messages: readonly FoldedMessage[], said: readonly Said[] = []): Concerned => ({
  messageIds: [...new Set([...messages.map(({ messageId }) => messageId), ...said.map(([about]) => about)])],
  conversationIds: [...new Set(messages.map(({ conversationId }) => conversationId))],
});

/**
 * Adds messages that were folded elsewhere, by whomever: those of a file. One that is known stays as it is. To one that is not,
 * what has waited for it here is added.
 *
 * @param known The records that {@link concernedByFolded} names.
 * @returns as `fold` does
 * @example
 * ```ts
 * const nothing = { messages: [], waiting: [], conversations: [] };
 * const { messages } = fold(nothing, (await client.sync()).messages, "own-id");
 * console.log(adopt(nothing, messages, "own-id").messages.length);
 * ```
 */
export function adopt(known: Records, messages: readonly FoldedMessage[], ownId: string): Records {
  const slots = slotsOf(known, concernedByFolded(messages).messageIds, ownId);
  for (const message of messages) slots.get(message.messageId)?.add(message);
  return changedIn(known, slots, withAnswers(known, messages, ownId));
}

/**
 * Merges what another device of the user has folded into what this one knows. The messages are then as if all had been folded here:
 * of what both know of a message, that counts which `fold` would let count. It does not matter which device is merged into which, nor
 * how often, nor what is folded here in between.
 *
 * Only for what comes from a device of the user: it can bring an edit and a deletion of anybody's message.
 *
 * @param known The records that {@link concernedByFolded} names.
 * @param messages Of the other device. One that was deleted on that device alone is left out: it says nothing here.
 * @param said What waits on the other device, see {@link saidIn}.
 * @returns as `fold` does
 * @example
 * ```ts
 * const nothing = { messages: [], waiting: [], conversations: [] };
 * const other = fold(nothing, (await client.sync()).messages, "own-id");
 * console.log(merge(nothing, other.messages, other.waiting.flatMap(saidIn), "own-id").messages.length);
 * ```
 */
export function merge(
  known: Records,
  messages: readonly FoldedMessage[],
  said: readonly Said[],
  ownId: string,
): Records {
  const kept = messages.filter((message) => !message.deletedHere);
  const slots = slotsOf(known, concernedByFolded(kept, said).messageIds, ownId);
  for (const message of kept) {
    // A reaction counts for the message that `about` means here. That may be another one.
    const { reactions: _, ...alone } = message;
    slots.get(message.messageId)?.add(alone);
  }
  for (const [about, mark] of [...kept.flatMap((message) => marksIn(message, ownId)), ...said])
    slots.get(about)?.mark(mark);
  return changedIn(known, slots, withAnswers(known, kept, ownId));
}

/** What was said about a message, as far as it has counted: that says all the rest. */
function marksIn(message: FoldedMessage, ownId: string): readonly Said[] {
  const {
    messageId: about,
    conversationId,
    senderId,
    content,
    edited,
    deleted,
    reactions = {},
    receipts = {},
  } = message;
  const by = (kind: Mark["kind"], person: string, said: Partial<Mark> & Pick<Mark, "sentAt">): Mark => ({
    ...{ kind, conversationId, senderId: person, senderName: "", messageId: "", content: "", ...said },
  });
  const marks = [
    ...(edited === undefined ? [] : [by("edit", senderId, { ...edited, content })]),
    ...(deleted === undefined ? [] : [by("deletion", senderId, { sentAt: deleted })]),
    ...Object.entries(reactions).map(([person, { emoji, name, messageId, sentAt }]) =>
      by("reaction", person, { messageId, sentAt, senderName: name, content: emoji }),
    ),
    ...Object.entries(receipts).flatMap(([person, { delivered, read }]) => [
      by("delivered", person, { sentAt: delivered }),
      ...(read === undefined ? [] : [by("read", person, { sentAt: read })]),
    ]),
  ];
  // What can never count would wait for good.
  return marks.flatMap((mark) => (mayCount(mark, message, ownId) ? [[about, mark] as const] : []));
}

/** The conversations, with those accepted that the user has written in. */
function withAnswers(
  known: Records,
  messages: readonly FoldedMessage[],
  ownId: string,
): ReadonlyMap<string, FoldedConversation> {
  const conversations = new Map(known.conversations.map((conversation) => [conversation.id, conversation]));
  for (const message of messages) {
    const { conversationId: id } = message;
    const conversation = conversations.get(id) ?? { id };
    if (isAnswer(message, ownId) && !conversation.isAnswered)
      conversations.set(id, { ...conversation, isAnswered: true });
  }
  return conversations;
}
