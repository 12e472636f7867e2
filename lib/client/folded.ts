import { isGroupId } from "../contract/groups.ts";
import type { OwnChange, OwnValue, Position } from "./contents.ts";
import { grouped } from "./grouped.ts";
import type { OtherType } from "./message.ts";

/** What one person reacts with. */
export interface Reaction {
  /** An emoji; empty if the person has taken it back. */
  readonly emoji: string;
  /** The person's username. */
  readonly name: string;
  /** Of the message that says so. A person's greatest one counts. */
  readonly messageId: string;
  /** RFC 3339. */
  readonly sentAt: string;
}

/** Since when a message has been delivered to one person, and read. RFC 3339. */
export interface Receipt {
  readonly delivered: string;
  readonly read?: string;
}

/** A message with all that was said about it since: a plain JSON value, one record of a store. */
export interface FoldedMessage {
  /** Its `keyOf`. The key of the record. */
  readonly id: string;
  /** Find the records of a `messageId` by it: nearly always one, see {@link Records}. */
  readonly messageId: string;
  /** See `conversationOf`. */
  readonly conversationId: string;
  readonly senderId: string;
  readonly senderName: string;
  /** Undefined as in `TextMessage`. Never one of the types that are about another message. */
  readonly type?: "text" | "file" | "group" | OtherType;
  /** The `messageId` that it replies to, see {@link quotedIn}. */
  readonly about?: string;
  readonly quiet?: true;
  /** The newest text of an edited message. Empty once the message is deleted, for everyone or here. */
  readonly content: string;
  /** RFC 3339. */
  readonly sentAt: string;
  /** The last edit. */
  readonly edited?: { readonly messageId: string; readonly sentAt: string };
  /** When the sender deleted it for everyone, RFC 3339. */
  readonly deleted?: string;
  /** It is deleted on this device, see {@link deletedHere}. */
  readonly deletedHere?: true;
  /** By the ids of persons. See {@link reactionsOf}. */
  readonly reactions?: Readonly<Record<string, Reaction>>;
  /** By the ids of persons. Only messages of the user have some. */
  readonly receipts?: Readonly<Record<string, Receipt>>;
}

/** What is said about a message. */
export interface Mark {
  readonly kind: "edit" | "deletion" | "reaction" | "delivered" | "read";
  /** Where it was said. */
  readonly conversationId: string;
  readonly senderId: string;
  readonly senderName: string;
  readonly messageId: string;
  readonly sentAt: string;
  readonly content: string;
}

/** What is about messages that are not there (yet): a record of a store, with `messageId` as its key. */
export interface Waiting {
  readonly messageId: string;
  /** By kind, conversation and sender, of which the last one counts. Empty: remove the record. */
  readonly marks: Readonly<Record<string, Mark>>;
}

/** What is known of a conversation beside its messages: a record of a store. */
export interface FoldedConversation {
  /** The id of the other person or of the group. The key of the record. */
  readonly id: string;
  /** The name of the other person or of the group, as the message at that position has it. */
  readonly name?: Position & { readonly text: string };
  /** The user has written in it, or has made or joined the group. */
  readonly isAnswered?: true;
  /** The greatest version of the group that an event has told of. */
  readonly version?: number;
  /** All up to there is read. */
  readonly readUpTo?: Position;
  /** By the names of {@link OwnChange}, and by those of later versions. See {@link settingsOf}. */
  readonly own?: Readonly<Record<string, OwnValue>>;
}

/**
 * The folded state of a device, or a part of it. Every record stands by itself, so that a batch changes only those that it
 * concerns.
 */
export interface Records {
  readonly messages: readonly FoldedMessage[];
  readonly waiting: readonly Waiting[];
  readonly conversations: readonly FoldedConversation[];
}

/** The settings of a conversation. */
export interface Settings {
  /** It is no stranger's request: the user has accepted it or written in it. */
  readonly isAccepted: boolean;
  readonly isMuted: boolean;
  readonly isPinned: boolean;
  readonly isArchived: boolean;
}

/** The order of a conversation; negative when `one` comes first. */
export function comparePositions(one: Position, other: Position): number {
  const [a, b] = one.sentAt === other.sentAt ? [one.id, other.id] : [one.sentAt, other.sentAt];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What the user has set for a conversation, on any device. */
export function settingsOf({ own = {}, isAnswered }: FoldedConversation): Settings {
  const isSet = (name: keyof OwnChange): boolean => own[name]?.value === true;
  return {
    isAccepted: isAnswered === true || isSet("accepted"),
    isMuted: isSet("muted"),
    isPinned: isSet("pinned"),
    isArchived: isSet("archived"),
  };
}

const SHOWN_TYPES = new Set<string | undefined>([undefined, "text", "file", "group"]);

/** Whether a message has a place in its conversation. Quiet ones that cannot be read have none: they say something of others. */
export const isShown = ({ type, quiet, deletedHere }: FoldedMessage): boolean =>
  !deletedHere && (!quiet || SHOWN_TYPES.has(type));

/** Whether a message counts as unread until it is read. */
export const isNews = (message: FoldedMessage, ownId: string): boolean =>
  isShown(message) && message.senderId !== ownId && message.type !== "group" && message.deleted === undefined;

/** The message, deleted on this device alone. Keep the record: without it a repeat would bring the message back. */
export const deletedHere = (message: FoldedMessage): FoldedMessage => ({ ...message, content: "", deletedHere: true });

/**
 * The message that `about` means: of the conversation, and where two senders have used one id, of the smaller `senderId`.
 *
 * @param messages Those that have this `messageId`.
 */
export function quotedIn(
  messages: readonly FoldedMessage[],
  about: Pick<FoldedMessage, "messageId" | "conversationId">,
): FoldedMessage | undefined {
  return messages
    .filter(({ messageId, conversationId }) => messageId === about.messageId && conversationId === about.conversationId)
    .reduce<FoldedMessage | undefined>(
      (first, one) => (first && first.senderId < one.senderId ? first : one),
      undefined,
    );
}

/** A reaction, and the persons who have it. */
export interface Reactions {
  readonly emoji: string;
  /** In the order in which they reacted. */
  readonly people: readonly { readonly id: string; readonly name: string }[];
}

/** The reactions to a message, in the order in which they came first. */
export function reactionsOf({ reactions = {} }: FoldedMessage): readonly Reactions[] {
  const given = Object.entries(reactions)
    .filter(([, { emoji }]) => emoji !== "")
    .sort(([a, one], [b, other]) => comparePositions({ ...one, id: a }, { ...other, id: b }));
  return [...grouped(given, ([, { emoji }]) => emoji)].map(([emoji, all]) => ({
    emoji,
    people: all.map(([id, { name }]) => ({ id, name })),
  }));
}

/** How far a message of the user has come in a conversation with one person. */
export type Tick = "sent" | "delivered" | "read";

/**
 * How far a message of the user has come. In a group nobody sends `delivered`: `receipts` say who has read it.
 *
 * @param showsRead `false`: the user sends no `read`, and so is shown none.
 */
export function tickOf({ receipts = {}, conversationId }: FoldedMessage, showsRead = true): Tick {
  const receipt = receipts[conversationId];
  if (receipt === undefined || isGroupId(conversationId)) return "sent";
  return showsRead && receipt.read !== undefined ? "read" : "delivered";
}
