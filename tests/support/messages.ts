import type {
  DeletionMessage,
  EditMessage,
  FileMessage,
  GroupMessage,
  Message,
  OtherMessage,
  OwnMessage,
  ReactionMessage,
  ReceiptMessage,
  TextMessage,
} from "../../lib/client/index.ts";

/** The user whose device folds and receives. */
export const ME = "me";

type Fields = Partial<Omit<TextMessage, "type" | "about">>;

const envelope = (messageId: string, senderId: string, fields: Fields) => ({
  messageId,
  senderId,
  senderName: `${senderId}'s name`,
  content: `content of ${messageId}`,
  sentAt: `2026-01-01T00:00:${messageId.padStart(2, "0")}.000Z`,
  redelivered: false,
  ...fields,
});

/** What {@link ME} has sent, as own devices get it. */
export const toPerson = (id: string): Fields => ({ toId: id, toName: `${id}'s name` });

/** What somebody has sent to a group. */
export const toGroup = (id: string, name = `name of ${id}`): Fields => ({ toId: id, toName: name });

export const text = (messageId: string, senderId: string, fields: Fields & { about?: string } = {}): TextMessage => ({
  ...envelope(messageId, senderId, fields),
  type: "text",
  ...(fields.about !== undefined && { about: fields.about }),
});

export const file = (messageId: string, senderId: string, fields: Fields = {}): FileMessage => ({
  ...envelope(messageId, senderId, { content: "{}", ...fields }),
  type: "file",
});

export const edit = (messageId: string, senderId: string, about: string, fields: Fields = {}): EditMessage => ({
  ...envelope(messageId, senderId, { content: `edit ${messageId}`, quiet: true, ...fields }),
  type: "edit",
  about,
});

export const deletion = (messageId: string, senderId: string, about: string, fields: Fields = {}): DeletionMessage => ({
  ...envelope(messageId, senderId, { content: "", quiet: true, ...fields }),
  type: "deletion",
  about,
});

export const reaction = (
  messageId: string,
  senderId: string,
  about: string,
  emoji: string,
  fields: Fields = {},
): ReactionMessage => ({
  ...envelope(messageId, senderId, { content: emoji, quiet: true, ...fields }),
  type: "reaction",
  about,
});

export const receipt = (
  type: "delivered" | "read",
  messageId: string,
  senderId: string,
  about: readonly string[],
  fields: Fields = {},
): ReceiptMessage => ({
  ...envelope(messageId, senderId, { content: JSON.stringify(about), quiet: true, ...fields }),
  type,
});

export const own = (messageId: string, changes: object, senderId = ME, fields: Fields = {}): OwnMessage => ({
  ...envelope(messageId, senderId, { content: JSON.stringify(changes), quiet: true, ...fields }),
  type: "own",
});

export const groupEvent = (messageId: string, senderId: string, group: string, event: object): GroupMessage => ({
  ...envelope(messageId, senderId, { content: JSON.stringify(event), ...toGroup(group) }),
  type: "group",
});

/** A message of a type that this version does not know. */
export const unknown = (messageId: string, senderId: string, fields: Fields = {}): OtherMessage => ({
  ...envelope(messageId, senderId, fields),
  type: "poll" as string as OtherMessage["type"],
});

/** The messages, all marked as handed out before. */
export const redelivered = (messages: readonly Message[]): Message[] =>
  messages.map((message) => ({ ...message, redelivered: true }));
