import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Position } from "../runtime/ids.ts";

/** A message as it lies on the channel. */
export interface StoredMessage {
  readonly position: Position;
  readonly senderName: string;
  /**
   * Only on the sender's own other devices: the id of the user whom the sender wrote to. There the sender is the reader, so
   * that nothing else says whose conversation it is.
   */
  readonly toId?: string | undefined;
  /** That user's name; with `toId`. */
  readonly toName?: string | undefined;
  /** With `toId`: the key of the channel of the device that it was sent from. Absent if that is the shared one. */
  readonly sentFrom?: string | undefined;
  readonly content: string;
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
  content: item["content"]?.S ?? "",
  sentAt: Number(item["sentAt"]?.N),
  expiresAt: Number(item["expiresAt"]?.N),
  ...(item["wasOut"]?.BOOL && { wasOut: true as const }),
});
