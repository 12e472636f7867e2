import { isGroupId } from "../contract/groups.ts";

/** What all messages have in common. The server reads none of it but `quiet`; `type` says what the rest means. */
interface Envelope {
  /** A UUIDv7. Two senders may use the same one: {@link keyOf} identifies a message. */
  readonly messageId: string;
  readonly senderId: string;
  readonly senderName: string;
  /**
   * Where the message went, if it did not go to this user alone: a group's id, or the receiver's id of an own copy, see
   * {@link isOwnCopy}. {@link conversationOf} tells the conversation of any message.
   */
  readonly toId?: string;
  /** The receiver's username, or the group's name, with `toId`. */
  readonly toName?: string;
  /** The `messageId` of another message of the same conversation. */
  readonly about?: string;
  /** Nobody need be disturbed: nothing is woken or pushed for it. */
  readonly quiet?: boolean;
  readonly content: string;
  /** RFC 3339. */
  readonly sentAt: string;
  /**
   * It may have been handed out before, to this client or to another client of this device. `receive` skips the messages
   * that its state remembers.
   */
  readonly redelivered: boolean;
}

/** A text. `about`: the message that it replies to. goTalk's first clients send it without a type. */
export interface TextMessage extends Envelope {
  readonly type?: "text";
}

/** A file. `about`: the message that it replies to. `content`: see `readFileContent`. */
export interface FileMessage extends Envelope {
  readonly type: "file";
}

/** The new text of an earlier message of the same sender. */
export interface EditMessage extends Envelope {
  readonly type: "edit";
  readonly about: string;
}

/** Takes back an earlier message of the same sender, for everyone and for good. */
export interface DeletionMessage extends Envelope {
  readonly type: "deletion";
  readonly about: string;
}

/** A reaction to any message. `content`: an emoji; `""` takes the sender's reaction back. */
export interface ReactionMessage extends Envelope {
  readonly type: "reaction";
  readonly about: string;
}

/** Messages of this user have reached a device of the sender, or were read by the sender. See `messageIdsIn`. */
export interface ReceiptMessage extends Envelope {
  readonly type: "delivered" | "read";
}

/** From this user to the other devices of this user: what has become of conversations. See `ownChangesIn`. */
export interface OwnMessage extends Envelope {
  readonly type: "own";
}

/** An event of a group, from the server alone. The sender did it. See `groupEventIn`. */
export interface GroupMessage extends Envelope {
  readonly type: "group";
}

declare const other: unique symbol;

/**
 * A type that this version of the library does not know: any string, as it was sent. With a `?` at its end: a type that it
 * knows, of a message that it cannot read. (A literal here, so that the compiler tells it apart from the others. To compare
 * it, assign it to a `string`.)
 */
export type OtherType = "?" & { readonly [other]: true };

/** A message that this version cannot read. Keep it: a later version may, see {@link readMessage}. */
export interface OtherMessage extends Envelope {
  readonly type: OtherType;
}

/**
 * A received message, told apart by its `type`.
 *
 * @example
 * ```ts
 * for await (const message of client.receive({ quiet: true })) {
 *   switch (message.type) {
 *     case undefined: // from one of goTalk's first clients
 *     case "text":
 *       console.log(`${message.senderName}: ${message.content}`);
 *       break;
 *     case "reaction":
 *       console.log(`${message.senderName} reacts with ${message.content} to ${message.about}`);
 *       break;
 *     default:
 *       console.log(`${message.senderName} sent something of the type ${message.type}`);
 *   }
 * }
 * ```
 */
export type Message =
  | TextMessage
  | FileMessage
  | EditMessage
  | DeletionMessage
  | ReactionMessage
  | ReceiptMessage
  | OwnMessage
  | GroupMessage
  | OtherMessage;

/** A type of message that this version of the library knows. */
export type KnownType = Exclude<NonNullable<Message["type"]>, OtherType>;

/**
 * Identifies a message: two senders may use the same `messageId`.
 *
 * @example
 * ```ts
 * const seen = new Set<string>();
 * for await (const message of client.receive()) seen.add(keyOf(message));
 * ```
 */
export const keyOf = ({ senderId, messageId }: Pick<Message, "senderId" | "messageId">): string =>
  `${senderId}/${messageId}`;

/** Whether a message is one that the user sent from another device. */
export const isOwnCopy = ({ senderId, toId }: Pick<Message, "senderId" | "toId">, ownId: string): boolean =>
  senderId === ownId && toId !== undefined;

/**
 * The conversation that a message belongs to: the id of a group, or of the other person.
 *
 * @param ownId The user's own id, see `Session.id`.
 * @example A bot that answers where it is spoken to, also in groups:
 * ```ts
 * const ownId = client.session?.id ?? "";
 * for await (const message of client.receive()) {
 *   if (message.type !== "text") continue;
 *   await client.send({ to: conversationOf(message, ownId), type: "text", about: message.messageId, content: "I see." });
 * }
 * ```
 */
export function conversationOf(message: Pick<Message, "senderId" | "toId">, ownId: string): string {
  const { senderId, toId } = message;
  if (toId === undefined) return senderId;
  return isGroupId(toId) || senderId === ownId ? toId : senderId;
}
