import type { User } from "../../../lib/client/index.ts";
import { asObject, asText, type JsonObject, parseJson } from "../../../lib/contract/json.ts";
import { timeOf } from "../../../lib/contract/uuid-time.ts";
import { idOf, type StoredMessage, storedFrom } from "../storage/records.ts";
import { type FoldedFields, readFoldedFields } from "./folded-fields.ts";
import { isContent, isConversationId, isGroup, isMessageId, isName, isTime, isUserId } from "./values.ts";

/* The file's format is in docs/history.md. A change that an older reader cannot skip is a new version. */

const FORMAT = "gotalk-history";
const VERSION = 1;

/** The first line: whose history it is. */
interface Header {
  readonly type: "header";
  /** It is of a version that this reader does not know. Then nothing else of it is known. */
  readonly isNewer: boolean;
  readonly userId: string;
  readonly username: string;
}

/** A person with whom the user has a conversation. */
export interface Person {
  readonly peerId: string;
  readonly name: string;
}

/** What a line says. A reader skips an `unknown` line: a later writer may add kinds of lines. */
export type Line =
  | Header
  | ({ readonly type: "conversation" } & Person)
  | { readonly type: "message"; readonly message: StoredMessage }
  | { readonly type: "end" }
  | { readonly type: "unknown" };

/** How many people a file may bring: each of them is a line of the list of conversations, for good. */
export const MOST_PEOPLE = 10_000;

/** How far ahead of this machine's clock a message's time may be, in milliseconds. It would stay behind all later ones. */
const AHEAD = 86_400_000;

/**
 * How far a message's time may be from the time in its id, in milliseconds. The server takes an id for 31 days, and clocks
 * may differ: a day more.
 */
const APART = 32 * 86_400_000;

const line = (value: object): string => `${JSON.stringify(value)}\n`;

export const headerLine = ({ id, username }: User, exportedAt: Date): string =>
  line({
    type: "header",
    format: FORMAT,
    version: VERSION,
    userId: id,
    username,
    exportedAt: exportedAt.toISOString(),
  });

/** @returns undefined if a reader would refuse it */
export function conversationLine({ peerId, name }: Person): string | undefined {
  if (!isPerson({ peerId, name })) return undefined;
  return line({ type: isGroup(peerId) ? "group" : "conversation", peerId, name });
}

/** Whether a reader that knows texts alone can take it. It skips an `entry`. */
const isPlain = ({ type, deleted, conversationId }: StoredMessage): boolean =>
  (type === undefined || type === "text") && deleted === undefined && !isGroup(conversationId);

/** @returns undefined if a reader would refuse it: the record is damaged */
export function messageLine(message: StoredMessage, ownId: string): string | undefined {
  const { conversationId, senderId, senderName, content, sentAt } = message;
  const messageId = asText(message.id)?.slice(`${senderId}/`.length);
  const { type, about, quiet, edited, deleted, reactions, receipts } = message;
  const entry = {
    ...{ type: isPlain(message) ? "message" : "entry", peerId: conversationId, senderId, messageId, content, sentAt },
    ...{ senderName: senderName || undefined, messageType: type, about, quiet, edited, deleted, reactions, receipts },
  };
  const read = readMessage(entry, ownId);
  return read !== undefined && read.id === message.id ? line(entry) : undefined;
}

export const END_LINE = line({ type: "end" });

/**
 * Reads a line. Fields that this version does not know are skipped.
 *
 * @param ownId The user whose history it is.
 * @returns undefined if it is damaged
 */
export function readLine(text: string, ownId: string): Line | undefined {
  const entry = asObject(parseJson(text));
  switch (entry["type"]) {
    case "header":
      return readHeader(entry);
    case "conversation":
    case "group":
      return isPerson(entry) ? { type: "conversation", peerId: entry.peerId, name: entry.name } : undefined;
    case "message":
    case "entry": {
      const message = readMessage(entry, ownId);
      return message && Date.parse(message.sentAt) <= Date.now() + AHEAD ? { type: "message", message } : undefined;
    }
    case "end":
      return { type: "end" };
    default:
      return asText(entry["type"]) === undefined ? undefined : { type: "unknown" };
  }
}

function readHeader({ format, version, userId, username }: JsonObject): Header | undefined {
  const isVersion = typeof version === "number" && Number.isInteger(version) && version >= 1;
  if (format !== FORMAT || !isVersion) return undefined;
  if (version > VERSION) return { type: "header", isNewer: true, userId: "", username: "" };
  return isUserId(userId) && isName(username) ? { type: "header", isNewer: false, userId, username } : undefined;
}

function readMessage(entry: JsonObject, ownId: string): StoredMessage | undefined {
  const { peerId, senderId, messageId, content, sentAt } = entry;
  const fields = readFoldedFields(entry);
  const isSound =
    fields !== undefined &&
    isConversationId(peerId) &&
    isUserId(senderId) &&
    (senderId === ownId || senderId === peerId || isGroup(peerId)) &&
    isMessageId(messageId) &&
    isContentOf(content, fields) &&
    isTime(sentAt) &&
    Math.abs(Date.parse(sentAt) - timeOf(messageId)) <= APART;
  if (!isSound) return undefined;
  const id = idOf({ senderId, messageId });
  return storedFrom({ id, messageId, conversationId: peerId, senderId, content, sentAt, ...fields });
}

/** What was deleted has no content. */
const isContentOf = (content: unknown, { deleted }: FoldedFields): content is string =>
  deleted === undefined ? isContent(content) : content === "";

const isPerson = (entry: JsonObject | Person): entry is Person =>
  (isUserId(entry.peerId) && isName(entry.name)) || (isGroup(entry.peerId) && isContent(entry.name));
