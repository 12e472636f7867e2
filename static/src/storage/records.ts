import type { Message } from "../../../lib/client/index.ts";
import { isRecord } from "./safely.ts";

/** A message of the history. */
export interface StoredMessage {
  /** `senderId/messageId`: two senders may use the same `messageId`. */
  readonly id: string;
  /** The other person of the conversation. */
  readonly peerId: string;
  readonly senderId: string;
  readonly content: string;
  /** RFC 3339, by the server's clock: this machine's may be wrong. */
  readonly sentAt: string;
}

/** A place in a conversation's timeline: by time, and by id if times are equal. */
export type Position = Pick<StoredMessage, "sentAt" | "id">;

/** A message that the server has not stored yet. */
export interface OutgoingMessage {
  /** The order of writing; given by the database. */
  readonly sequence?: number;
  readonly peerId: string;
  /** A UUIDv7, made before the first attempt. All attempts bear it, unless the server refuses its time. */
  readonly messageId: string;
  readonly content: string;
  /** RFC 3339, by this machine's clock. */
  readonly writtenAt: string;
  /**
   * Whether the message may have arrived: an attempt under this id may have been made whose answer is not known.
   * Undefined, as older versions of the page leave it: not known.
   */
  readonly mayHaveArrived?: boolean;
  /**
   * `failed`: not tried again unless the person asks for it. `unknown`: the same; it may have arrived, and the server
   * does not recognise it any more.
   */
  readonly status: "pending" | "failed" | "unknown";
  /** Why it is not sent yet, in words for people. */
  readonly problem?: string | undefined;
}

/** An {@link OutgoingMessage} that is stored. */
export type QueuedMessage = OutgoingMessage & { readonly sequence: number };

/** One line of the list of conversations. */
export interface Conversation {
  readonly peerId: string;
  /** The other person's username. */
  readonly name: string;
  /** What the list shows: the newest message. */
  readonly last?: Pick<StoredMessage, "id" | "sentAt" | "content"> & { readonly isOwn: boolean };
  readonly unread: number;
  /** The first unread message. */
  readonly unreadFrom?: Position | undefined;
}

/** An addition to the history, and what it has changed. */
export interface Stored {
  readonly messages: readonly StoredMessage[];
  readonly conversations: readonly Conversation[];
  /** The `sequence` of the message that moved from the outbox to the history. */
  readonly sent?: number;
}

/** What the person is to know of this device's history. It is stored until they have seen it. */
export interface HistoryNotice {
  /**
   * `begins`: the history begins here, and the user had other devices before. `gap`: it is not whole, since this browser
   * is another device now than it was. `missed`: the server took no more messages for this device.
   */
  readonly what: "begins" | "gap" | "missed";
  /** The names of the user's other devices. Undefined: not known yet, so there may be nothing to say. */
  readonly others?: readonly string[] | undefined;
}

/** A text that was typed and not sent. */
export interface Draft {
  readonly peerId: string;
  readonly text: string;
}

/** Reads a stored message. A damaged message says so, and the messages around it are shown as usual. */
export const readMessage = (message: StoredMessage): StoredMessage =>
  isRecord(message, "senderId", "content")
    ? message
    : { ...message, senderId: message.peerId, content: "This message is damaged and cannot be shown." };

/** Whether a message can be sent. */
export const isSendable = (message: OutgoingMessage): boolean => isRecord(message, "peerId", "messageId", "content");

/** Reads a stored line of the list. Returns nothing if it has no name. */
export function readConversation(line: Conversation): readonly Conversation[] {
  if (!isRecord(line, "peerId", "name")) return [];
  const { last, unreadFrom, ...rest } = line;
  return [
    {
      ...rest,
      unread: Number.isSafeInteger(line.unread) ? line.unread : 0,
      ...(last !== undefined && isRecord(last, "id", "sentAt", "content") && { last }),
      ...(unreadFrom !== undefined && isRecord(unreadFrom, "id", "sentAt") && { unreadFrom }),
    },
  ];
}

/** The id of a message in the history. */
export const idOf = ({ senderId, messageId }: Pick<Message, "senderId" | "messageId">): string =>
  `${senderId}/${messageId}`;

/** The order of the timeline; negative when `a` comes first. */
export function compare(a: Position, b: Position): number {
  if (a.sentAt !== b.sentAt) return a.sentAt < b.sentAt ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
