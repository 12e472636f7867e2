import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Position } from "../runtime/ids.ts";

/**
 * The parts of a message that its sender chooses. The server hands them out as they came, and adds none that was left out:
 * goTalk's first clients send no type, and a client tells their messages by that.
 */
export interface Envelope {
  readonly content: string;
  /** What the message is, see `MESSAGE_TYPE`. Absent: a text. */
  readonly type?: string | undefined;
  /** The `messageId` of the message that it is about. */
  readonly about?: string | undefined;
  /** Nobody has to be woken for it. */
  readonly quiet?: true | undefined;
}

/** A message as it lies on the channel. */
export interface StoredMessage extends Envelope {
  readonly position: Position;
  readonly senderName: string;
  /**
   * The id of the other side of the conversation, where the sender alone does not tell it. On a channel of the sender's own it marks
   * an own copy, see `isOwnCopy`.
   */
  readonly toId?: string | undefined;
  /** Its name, with `toId`. */
  readonly toName?: string | undefined;
  /** Of an own copy: the key of the channel of the device that it was sent from. Absent if that is the shared one. */
  readonly sentFrom?: string | undefined;
  /** When the server stored it, in milliseconds since the epoch. */
  readonly sentAt: number;
  /** The end of its retention, in epoch seconds. DynamoDB deletes late, so every reader has to look at it. */
  readonly expiresAt: number;
  /** It may have been handed out before, on another channel of the same user. */
  readonly wasOut?: true;
}

/** A message as it is handed out. */
export interface DeliveredMessage extends StoredMessage {
  /** A client may have had it before; its message id and sender tell. Unflagged, it comes for the first time. */
  readonly redelivered: boolean;
}

/** The envelope of a message, without what is absent. */
export const envelopeOf = ({ content, type, about, quiet }: Envelope): Envelope => ({
  content,
  ...(type !== undefined && { type }),
  ...(about !== undefined && { about }),
  ...(quiet && { quiet }),
});

/**
 * Whether two envelopes are those of one message. No type and `text` are the same: an older version of a client may have made the
 * first try, and a newer one the second.
 */
export const isSameEnvelope = (one: Envelope, other: Envelope): boolean =>
  one.content === other.content &&
  (one.type ?? "text") === (other.type ?? "text") &&
  one.about === other.about &&
  one.quiet === other.quiet;

/** What the item of a message has beside its content: names, keys and times. */
const FRAME_BYTES = 256;

/** About how much messages take in the table, in bytes. What reading them costs depends on it. */
export const storedBytes = (messages: readonly StoredMessage[]): number =>
  messages.reduce((sum, { content }) => sum + FRAME_BYTES + Buffer.byteLength(content), 0);

/** An item of the table `channels`. */
export type ChannelItem = Record<string, AttributeValue>;

export const keyOf = (receiverId: string, position: Position): ChannelItem => ({
  receiverId: { S: receiverId },
  position: { S: position },
});

export const messageToItem = (receiverId: string, message: StoredMessage): ChannelItem => ({
  ...keyOf(receiverId, message.position),
  senderName: { S: message.senderName },
  ...(message.toId !== undefined && { toId: { S: message.toId } }),
  ...(message.toName !== undefined && { toName: { S: message.toName } }),
  ...(message.sentFrom !== undefined && { sentFrom: { S: message.sentFrom } }),
  ...(message.type !== undefined && { type: { S: message.type } }),
  ...(message.about !== undefined && { about: { S: message.about } }),
  ...(message.quiet && { quiet: { BOOL: true } }),
  content: { S: message.content },
  sentAt: { N: String(message.sentAt) },
  expiresAt: { N: String(message.expiresAt) },
  ...(message.wasOut && { wasOut: { BOOL: true } }),
});

export const itemToMessage = (item: ChannelItem): StoredMessage => ({
  position: (item["position"]?.S ?? "") as Position,
  senderName: item["senderName"]?.S ?? "",
  ...(item["toId"]?.S !== undefined && { toId: item["toId"].S, toName: item["toName"]?.S ?? "" }),
  ...(item["sentFrom"]?.S !== undefined && { sentFrom: item["sentFrom"].S }),
  ...(item["type"]?.S !== undefined && { type: item["type"].S }),
  ...(item["about"]?.S !== undefined && { about: item["about"].S }),
  ...(item["quiet"]?.BOOL && { quiet: true as const }),
  content: item["content"]?.S ?? "",
  sentAt: Number(item["sentAt"]?.N),
  expiresAt: Number(item["expiresAt"]?.N),
  ...(item["wasOut"]?.BOOL && { wasOut: true as const }),
});
