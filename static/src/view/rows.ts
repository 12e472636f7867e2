import type { StoredMessage } from "../storage/records.ts";
import { dayKey } from "../text/times.ts";

/** Messages of one sender this close together, in milliseconds, are drawn as one group. */
const GROUP = 5 * 60_000;

/** A message as the log draws it. */
export interface Row {
  readonly message: StoredMessage;
  readonly isOwn: boolean;
  /** A day begins with it. */
  readonly isFirstOfDay: boolean;
  /** The unread ones begin with it. */
  readonly isFirstNew: boolean;
  /** It follows another one of the same group. */
  readonly isContinued: boolean;
}

/** Adds to each message what depends on the one before it. */
export function rowsOf(messages: readonly StoredMessage[], divider: string | undefined, ownId: string): Row[] {
  return messages.map((message, index) => {
    const previous = messages[index - 1];
    const isFirstOfDay = previous === undefined || dayKey(previous.sentAt) !== dayKey(message.sentAt);
    const isFirstNew = message.id === divider;
    const isClose = previous?.senderId === message.senderId && elapsed(previous, message) < GROUP;
    return {
      message,
      isOwn: message.senderId === ownId,
      isFirstOfDay,
      isFirstNew,
      isContinued: isClose && !isFirstOfDay && !isFirstNew,
    };
  });
}

const elapsed = (from: StoredMessage, to: StoredMessage): number => Date.parse(to.sentAt) - Date.parse(from.sentAt);
