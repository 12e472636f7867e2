import { isGroupId } from "../contract/groups.ts";
import { messageIdsIn } from "./contents.ts";
import type { FoldedMessage, Mark, Receipt } from "./folded.ts";
import { conversationOf, type Message } from "./message.ts";

/** What a message says about others, by their `messageId`. Nothing for a message that stands for itself. */
export function marksOf(message: Message, ownId: string): readonly (readonly [messageId: string, mark: Mark])[] {
  const { senderId, senderName, messageId, sentAt } = message;
  const said = { conversationId: conversationOf(message, ownId), senderId, senderName, messageId, sentAt };
  switch (message.type) {
    case "edit":
    case "deletion":
    case "reaction":
      return [[message.about, { ...said, kind: message.type, content: message.content }]];
    case "delivered":
    case "read": {
      // One's own would be about messages of others, which have none.
      if (senderId === ownId) return [];
      const mark = { ...said, kind: message.type, content: "" };
      return messageIdsIn(message).map((about) => [about, mark] as const);
    }
    default:
      return [];
  }
}

/** Whose mark it is. Of all that have the same name only one counts. */
export const nameOf = ({ kind, conversationId, senderId }: Mark): string => `${kind}/${conversationId}/${senderId}`;

/** Of a person's edits and reactions the last one counts, of deletions and receipts the first. The same one stays the known one. */
export function counting(known: Mark, other: Mark): Mark {
  if (known.kind === "edit" || known.kind === "reaction") return known.messageId < other.messageId ? other : known;
  const orderOf = ({ sentAt, messageId }: Mark): string => `${sentAt}/${messageId}`;
  return orderOf(other) < orderOf(known) ? other : known;
}

const isText = ({ type }: FoldedMessage): boolean => type === undefined || type === "text";

/**
 * Whether a mark may count for a message with the `messageId` that it is about. For a reaction there may be several of those.
 *
 * An edit and a deletion count for a message of their sender. A receipt counts for a message of the user, if it comes from the
 * other person, or from anybody in a group: it is sent to the user alone.
 */
export function mayCount(mark: Mark, message: FoldedMessage, ownId: string): boolean {
  const isSameConversation = mark.conversationId === message.conversationId;
  switch (mark.kind) {
    case "edit":
      return isSameConversation && mark.senderId === message.senderId && isText(message);
    case "deletion":
      return isSameConversation && mark.senderId === message.senderId && message.type !== "group";
    case "reaction":
      return isSameConversation;
    default:
      return (
        message.senderId === ownId && (mark.senderId === message.conversationId || isGroupId(message.conversationId))
      );
  }
}

const earlier = (one: string, other: string | undefined): string => (other === undefined || one < other ? one : other);

function withReceipt(receipt: Receipt | undefined, { kind, sentAt }: Mark): Receipt {
  const delivered = earlier(sentAt, receipt?.delivered);
  if (kind === "delivered") return { ...receipt, delivered };
  return { delivered, read: earlier(sentAt, receipt?.read) };
}

/** The message as it is after a mark that counts for it. The same object if that changes nothing. */
export function withMark(message: FoldedMessage, mark: Mark): FoldedMessage {
  const { senderId, messageId, sentAt, content } = mark;
  switch (mark.kind) {
    case "edit":
      if (message.deleted !== undefined || messageId <= (message.edited?.messageId ?? "")) return message;
      return { ...message, content: message.deletedHere ? "" : content, edited: { messageId, sentAt } };
    case "deletion": {
      const { edited: _, ...rest } = message;
      const deleted = earlier(sentAt, message.deleted);
      return deleted === message.deleted ? message : { ...rest, content: "", deleted };
    }
    case "reaction": {
      const { reactions = {} } = message;
      if (messageId <= (reactions[senderId]?.messageId ?? "")) return message;
      const reaction = { emoji: content, name: mark.senderName, messageId, sentAt };
      return { ...message, reactions: { ...reactions, [senderId]: reaction } };
    }
    default: {
      const before = message.receipts?.[senderId];
      const after = withReceipt(before, mark);
      if (after.delivered === before?.delivered && after.read === before.read) return message;
      return { ...message, receipts: { ...message.receipts, [senderId]: after } };
    }
  }
}
