import { groupEventIn, isGroupId, isNews, isShown } from "../../../lib/client/index.ts";
import { compare, type Line, type Position, type StoredMessage } from "./records.ts";

/**
 * The line of a conversation after a change of one of its messages. The same object if that changes nothing.
 *
 * @param line Undefined if the conversation begins with this message. It then has the person's id as its name.
 * @param before The message before the change; undefined if it is new.
 * @param isTold Whether a new message becomes unread.
 */
export function withChange(
  line: Line | undefined,
  before: StoredMessage | undefined,
  message: StoredMessage,
  ownId: string,
  isTold: boolean,
): Line | undefined {
  const shown = isShown(message) ? withAdder(withLast(line ?? newLine(message), message, ownId), message, ownId) : line;
  if (shown === undefined) return undefined;
  const isNow = isNews(message, ownId);
  if (before === undefined) return isNow && isTold ? withUnread(shown, message) : shown;
  const isTakenBack = isNews(before, ownId) && !isNow && isUnread(shown, message);
  return isTakenBack ? withoutUnread(shown) : shown;
}

const newLine = ({ conversationId }: StoredMessage): Line => ({
  peerId: conversationId,
  name: conversationId,
  unread: 0,
});

/** The line with the message as its last one, if it is that. */
function withLast(line: Line, message: StoredMessage, ownId: string): Line {
  const { last } = line;
  if (last !== undefined && compare(last, message) > 0) return line;
  const { id, sentAt, content, deleted, type, senderId, senderName, conversationId } = message;
  const isSame = last?.id === id && last.content === content && last.deleted === deleted;
  if (isSame) return line;
  return {
    ...line,
    last: {
      ...{ id, sentAt, content, isOwn: senderId === ownId },
      ...(type !== undefined && type !== "text" && { type }),
      ...(deleted !== undefined && { deleted }),
      ...(isGroupId(conversationId) && { senderName }),
    },
  };
}

/** The line with the person who has brought the user into the group, if the message says so. */
function withAdder(line: Line, { type, senderId, content }: StoredMessage, ownId: string): Line {
  if (type !== "group" || senderId === ownId) return line;
  const { event, member, version } = groupEventIn({ content });
  const isAboutUser = event === "created" || (event === "added" && member?.id === ownId);
  // Events may come out of order.
  return isAboutUser && version > (line.addedIn ?? 0) ? { ...line, addedBy: senderId, addedIn: version } : line;
}

function withUnread(line: Line, { sentAt, id }: Position): Line {
  const first = line.unreadFrom;
  const unreadFrom = first !== undefined && compare(first, { sentAt, id }) < 0 ? first : { sentAt, id };
  return { ...line, unread: line.unread + 1, unreadFrom };
}

const isUnread = ({ unread, unreadFrom }: Line, message: Position): boolean =>
  unread > 0 && unreadFrom !== undefined && compare(unreadFrom, message) <= 0;

function withoutUnread({ unreadFrom, ...line }: Line): Line {
  return line.unread > 1 ? { ...line, unread: line.unread - 1, unreadFrom } : { ...line, unread: 0 };
}
