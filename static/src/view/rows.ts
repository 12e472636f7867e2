import type { User } from "../../../lib/client/index.ts";
import { pendingMarks, withPending } from "../chat/pending.ts";
import { idOf, type OutgoingMessage, type QueuedMessage, type StoredMessage } from "../storage/records.ts";
import { dayKey, dayName } from "../text/times.ts";

/** Messages of one sender this close together, in milliseconds, are drawn as one group. */
const GROUP = 5 * 60_000;

/** A message as the log draws it. */
export interface Row {
  readonly message: StoredMessage;
  readonly isOwn: boolean;
  /** The name of the day that begins with it. */
  readonly day: string | undefined;
  /** Whether it is the first unread message. */
  readonly isFirstNew: boolean;
  /** Whether it follows another message of the same group. */
  readonly isContinued: boolean;
  /** It is in the outbox all the same: it has come back from the server before its send was answered. */
  readonly queued: QueuedMessage | undefined;
  /** What the person has done with it and could not be sent. */
  readonly stuck: QueuedMessage | undefined;
}

/**
 * Adds what depends on the message before it to each message.
 *
 * @param outbox All messages of the outbox.
 */
export function rowsOf(
  messages: readonly StoredMessage[],
  divider: string | undefined,
  user: User,
  outbox: readonly QueuedMessage[],
): Row[] {
  const ownId = user.id;
  const queued = new Map(outbox.map((message) => [idOf({ ...message, senderId: ownId }), message]));
  const marks = pendingMarks(outbox, messages[0]?.conversationId ?? "");
  return messages.map((known, index) => {
    const pending = marks.get(known.messageId);
    const message = pending === undefined ? known : withPending(known, pending, user);
    const previous = messages[index - 1];
    const isFirstOfDay = previous === undefined || !isSameDay(previous.sentAt, message.sentAt);
    const isFirstNew = message.id === divider;
    const isSame = previous?.senderId === message.senderId && previous.type !== "group";
    const isClose = isSame && isSoon(previous.sentAt, message.sentAt);
    return {
      message,
      isOwn: message.senderId === ownId,
      day: isFirstOfDay ? dayName(message.sentAt) : undefined,
      isFirstNew,
      isContinued: isClose && !isFirstOfDay && !isFirstNew,
      queued: queued.get(message.id),
      stuck: pending?.find(({ problem }) => problem !== undefined),
    };
  });
}

/** Whether both look the same. */
export const isSameRow = (one: Row, other: Row): boolean =>
  one.message === other.message &&
  one.isOwn === other.isOwn &&
  one.day === other.day &&
  one.isFirstNew === other.isFirstNew &&
  one.isContinued === other.isContinued &&
  one.queued === other.queued &&
  one.stuck === other.stuck;

/**
 * Tells which of the unsent messages follow another message of the same group, as they will once they are sent.
 *
 * @param last The last message of the history.
 */
export function areContinued(
  outgoing: readonly OutgoingMessage[],
  last: StoredMessage | undefined,
  ownId: string,
): boolean[] {
  return outgoing.map(({ writtenAt }, index) => {
    const previous = outgoing[index - 1]?.writtenAt ?? (last?.senderId === ownId ? last.sentAt : undefined);
    return previous !== undefined && isSoon(previous, writtenAt) && isSameDay(previous, writtenAt);
  });
}

const isSoon = (from: string, to: string): boolean => Date.parse(to) - Date.parse(from) < GROUP;

const isSameDay = (one: string, other: string): boolean => dayKey(one) === dayKey(other);
