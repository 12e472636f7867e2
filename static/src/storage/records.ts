import {
  comparePositions,
  type FoldedConversation,
  type FoldedMessage,
  type Group,
  isGroupId,
  isShown,
  keyOf,
  type Settings,
  settingsOf,
} from "../../../lib/client/index.ts";
import { isRecord } from "./safely.ts";

/** A message of the history, with all that was said about it since. */
export interface StoredMessage extends FoldedMessage {
  /**
   * The conversation in whose timeline it is: its `conversationId`. Undefined if no timeline shows it. So the index of the
   * timelines leaves it out.
   */
  readonly peerId?: string;
  /** Of a message to a group, on the device that sent it: the ids of the members whose devices are all full, so that they miss it. */
  readonly missedBy?: readonly string[];
}

/** A message's place among all timelines. */
export type TimelinePlace = Pick<StoredMessage, "peerId" | "sentAt" | "id">;

/** A folded message as it is stored. */
export function storedFrom(message: FoldedMessage): StoredMessage {
  const { peerId: _, ...rest } = message as StoredMessage;
  return isShown(message) ? { ...rest, peerId: message.conversationId } : rest;
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
  /** What it is: see `Message` of the client. Undefined, as older versions of the page leave it: a text. */
  readonly type?: string;
  /** The `messageId` that it is about. */
  readonly about?: string;
  /** Undefined: as its type is sent. */
  readonly quiet?: boolean;
  /** Whether the user's other devices get it. Undefined: as its type is sent. */
  readonly copies?: boolean;
  /** Of a file whose content is not uploaded yet: where that is stored. It is not sent before. */
  readonly upload?: string;
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

/** Whether it has a place of its own in its conversation: it says nothing about another message. */
export const isStanding = ({ type }: { readonly type?: string | undefined }): boolean =>
  !["edit", "deletion", "reaction"].includes(type ?? "");

/** Whether it goes to somebody else, or to oneself as a text. What goes to one's own devices alone is never shown. */
export const isToOthers = ({ type }: { readonly type?: string | undefined }): boolean => type !== "own";

/** An {@link OutgoingMessage} that is stored. */
export type QueuedMessage = OutgoingMessage & { readonly sequence: number };

/** A record from the database has its key. */
export const queued = (message: OutgoingMessage): QueuedMessage => message as QueuedMessage;

/**
 * What a file contains. WebKit stores no Blob in a private window, and at times none elsewhere
 * (https://bugs.webkit.org/show_bug.cgi?id=156347). There it is the bytes, which have to be in memory for that.
 */
export type StoredContent = Blob | ArrayBuffer;

/** A file whose content this device keeps. */
export interface KeptFile {
  readonly fileId: string;
  /** Where its content is: what was sent from here stays under the `upload` of its message. Undefined: under its `fileId`. */
  readonly place?: string;
  /** The message that has brought it. */
  readonly id: string;
  readonly conversationId: string;
  /** The length of the content. */
  readonly bytes: number;
  /** Milliseconds since 1970. The oldest ones make room for others. */
  readonly keptAt: number;
}

/** One line of the list of conversations, as it is stored. */
export interface Line {
  /** The id of the other person or of the group. */
  readonly peerId: string;
  /** The other person's username, or the group's name. */
  readonly name: string;
  /** What the list shows: the newest message. */
  readonly last?: Pick<StoredMessage, "id" | "sentAt" | "content" | "deleted"> & {
    readonly isOwn: boolean;
    /** Undefined: a text. */
    readonly type?: StoredMessage["type"];
    /** In a group, where others have their names in the list. */
    readonly senderName?: string;
  };
  readonly unread: number;
  /** The first unread message. */
  readonly unreadFrom?: Position | undefined;
  /** The id of the person who has brought the user into the group. */
  readonly addedBy?: string;
  /** The version of the group by which that was. The greatest one counts. */
  readonly addedIn?: number;
  /** Of a group: the user has made or joined it. The event that says so may come later, or not to this device. */
  readonly isBegun?: true;
  /** All up to there was read here, and the user's other devices have not been told yet. */
  readonly readHere?: Position | undefined;
}

/** A conversation as the list shows it. */
export interface Conversation extends Line {
  /** `isArchived`: it is, and has not gone on since. */
  readonly settings: Settings;
  readonly isGroup: boolean;
  /** Whether a message of it has ever been here, also if that is deleted now. */
  readonly hadMessage: boolean;
  /** Of a group: the user has accepted the person who has brought them into it. */
  readonly isAdderAccepted?: true;
}

/**
 * A line with what is known of its conversation beside its messages.
 *
 * @param adder What is known of the conversation with the person who has brought the user into the group.
 */
export function conversationFrom(
  line: Line,
  folded: FoldedConversation = { id: line.peerId },
  adder?: FoldedConversation,
): Conversation {
  const settings = settingsOf(folded);
  const isBack = !settings.isMuted && isAfter(line.last, folded.own?.["archivedUpTo"]?.value);
  return {
    ...line,
    settings: { ...settings, isArchived: settings.isArchived && !isBack },
    isGroup: isGroupId(line.peerId),
    hadMessage: line.last !== undefined || folded.name !== undefined,
    ...(adder !== undefined && settingsOf(adder).isAccepted && { isAdderAccepted: true }),
  };
}

/** Whether a conversation has gone on since it was archived. */
const isAfter = (last: Position | undefined, archivedUpTo: unknown): boolean =>
  last !== undefined && isRecord(archivedUpTo, "sentAt", "id") && compare(last, archivedUpTo as Position) > 0;

/**
 * A message of somebody else, while its sender is to be told something of it: that it was delivered, and that it was read. It
 * is stored with the message, so that a page that is closed in between tells it when it is opened again.
 */
export interface Untold extends Pick<StoredMessage, "id" | "messageId" | "conversationId" | "senderId" | "sentAt"> {
  readonly type: NonNullable<StoredMessage["type"]>;
  /** What the sender is to be told now. Undefined: nothing until it is read. */
  readonly toTell?: "delivered" | "read";
  /** Its reading is not to be told any more. */
  readonly isSeen?: true;
}

/** Why the user is in a group no more. */
export interface Gone {
  /** `unknown`: the server says that the user is not in it, and no event has told why. */
  readonly how: "left" | "removed" | "unknown";
  /** The name of the admin who has removed the user. */
  readonly by?: string;
}

/** What this device knows of a group. */
export interface KnownGroup extends Group {
  /** Undefined: the user is a member. */
  readonly gone?: Gone;
  /** The usernames of people who were members before. */
  readonly former?: readonly string[];
  /** The code of the invite link that was made here last, unless it is known to be void. */
  readonly invite?: string;
}

/** A change of the history. */
export interface Stored {
  /** Messages that are new or have changed. */
  readonly messages: readonly StoredMessage[];
  /** The ids of those that the person is to be told of: new ones of others. */
  readonly news: readonly string[];
  readonly conversations: readonly Conversation[];
  /** What the user has set for all conversations, if that has changed. */
  readonly own?: FoldedConversation;
  /** The `sequence` of the message that moved from the outbox to the history. */
  readonly sent?: number;
}

/** Whether anything has changed that a page shows. */
export const isChange = ({ messages, conversations, own }: Stored): boolean =>
  messages.length > 0 || conversations.length > 0 || own !== undefined;

/** When this browser began as a device. */
export interface Beginning {
  readonly deviceId: string;
  /** A message id of that time. */
  readonly messageId: string;
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
  isRecord(message, "senderId", "conversationId", "content")
    ? message
    : {
        ...message,
        senderId: message.peerId ?? "",
        conversationId: message.peerId ?? "",
        content: "This message is damaged and cannot be shown.",
      };

/** Whether a message can be sent. */
export const isSendable = (message: OutgoingMessage): boolean => isRecord(message, "peerId", "messageId", "content");

/** Reads a stored line of the list. Returns nothing if it has no name. */
export function readLine(line: Line): readonly Line[] {
  if (!isRecord(line, "peerId", "name")) return [];
  const { last, unreadFrom, readHere, ...rest } = line;
  return [
    {
      ...rest,
      unread: Number.isSafeInteger(line.unread) ? line.unread : 0,
      ...(last !== undefined && isRecord(last, "id", "sentAt", "content") && { last }),
      ...(unreadFrom !== undefined && isRecord(unreadFrom, "id", "sentAt") && { unreadFrom }),
      ...(readHere !== undefined && isRecord(readHere, "id", "sentAt") && { readHere }),
    },
  ];
}

/** The id of a message in the history. */
export const idOf = keyOf;

/** The order of the timeline; negative when `a` comes first. */
export const compare = comparePositions;
