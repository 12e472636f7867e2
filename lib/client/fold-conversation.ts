import { asObject } from "../contract/json.ts";
import { groupEventIn, ownChangesIn, ownValuesIn, type Position } from "./contents.ts";
import { comparePositions, type FoldedConversation, type FoldedMessage, isShown } from "./folded.ts";
import { keyOf, type Message, type OwnMessage } from "./message.ts";

/** What a conversation is called by a message of it: by the receiver's name, or by the other person's. */
const nameIn = ({ senderName, toId, toName }: Message, conversationId: string): string | undefined =>
  toId === conversationId ? toName : senderName;

/** Whether a message shows that its conversation is no stranger's request: the user has sent it. Leaving a group does not accept it. */
export const isAnswer = (message: FoldedMessage, ownId: string): boolean =>
  message.senderId === ownId &&
  isShown(message) &&
  !(message.type === "group" && groupEventIn(message).event === "left");

/** The conversation after a message of it. The same object if that changes nothing. */
export function withMessage(
  conversation: FoldedConversation,
  message: Message,
  folded: FoldedMessage,
  ownId: string,
): FoldedConversation {
  const { id } = conversation;
  const { sentAt } = message;
  const text = nameIn(message, id);
  const position = { sentAt, id: keyOf(message) };
  const isNewest = conversation.name === undefined || comparePositions(conversation.name, position) < 0;
  const version = message.type === "group" ? groupEventIn(message).version : 0;
  const changes = {
    ...(text !== undefined && isNewest && { name: { ...position, text } }),
    ...(version > (conversation.version ?? 0) && { version }),
    ...(isAnswer(folded, ownId) && !conversation.isAnswered && { isAnswered: true as const }),
  };
  return Object.keys(changes).length > 0 ? { ...conversation, ...changes } : conversation;
}

/** What a message of the user to the own devices says about conversations. One of somebody else says nothing. */
export const ownChangesOf = (message: OwnMessage, ownId: string) =>
  message.senderId === ownId ? Object.entries(ownChangesIn(message)) : [];

const positionIn = (value: unknown): Position | undefined => {
  const { sentAt, id } = asObject(value);
  return typeof sentAt === "string" && typeof id === "string" ? { sentAt, id } : undefined;
};

/** The conversation after a change by the user, which is said by the message with this id. */
export function withOwnChange(conversation: FoldedConversation, change: object, messageId: string): FoldedConversation {
  const { readUpTo: said, ...values } = asObject(change);
  const readUpTo = positionIn(said);
  const { readUpTo: before, own = {} } = conversation;
  const isFurther = readUpTo !== undefined && (before === undefined || comparePositions(before, readUpTo) < 0);
  const set = [...ownValuesIn(values, messageId)].filter(
    ([name, value]) => value.messageId > (own[name]?.messageId ?? ""),
  );
  if (!isFurther && set.length === 0) return conversation;
  return {
    ...conversation,
    ...(isFurther && { readUpTo }),
    ...(set.length > 0 && { own: { ...own, ...Object.fromEntries(set) } }),
  };
}
