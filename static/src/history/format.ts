import type { Said, User } from "../../../lib/client/index.ts";
import { asObject, asText, type JsonObject, parseJson } from "../../../lib/contract/json.ts";
import { idOf, type StoredMessage, storedFrom } from "../storage/records.ts";
import { isEnvelope, isPast } from "./envelope.ts";
import { type FoldedFields, readFoldedFields } from "./folded-fields.ts";
import { readSaid, saidEntry } from "./said.ts";
import { isContent, isGroup, isName, isUserId } from "./values.ts";

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
  | { readonly type: "said"; readonly said: Said }
  | { readonly type: "end" }
  | { readonly type: "unknown" };

/** How many people a file may bring: each of them is a line of the list of conversations, for good. */
export const MOST_PEOPLE = 10_000;

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

/**
 * Only for the user's own devices: an import of a file takes none.
 *
 * @returns undefined if a reader would refuse it: the record is damaged
 */
export function saidLine(said: Said, ownId: string): string | undefined {
  const entry = saidEntry(said, ownId);
  return entry && line(entry);
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
      return message && isPast(message) ? { type: "message", message } : undefined;
    }
    case "said": {
      const said = readSaid(entry, ownId);
      return said && isPast(said[1]) ? { type: "said", said } : undefined;
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
  const { content } = entry;
  const fields = readFoldedFields(entry);
  if (fields === undefined || !isContentOf(content, fields) || !isEnvelope(entry, ownId)) return undefined;
  const { peerId, senderId, messageId, sentAt } = entry;
  const id = idOf({ senderId, messageId });
  return storedFrom({ id, messageId, conversationId: peerId, senderId, content, sentAt, ...fields });
}

/** What was deleted has no content. */
const isContentOf = (content: unknown, { deleted }: FoldedFields): content is string =>
  deleted === undefined ? isContent(content) : content === "";

const isPerson = (entry: JsonObject | Person): entry is Person =>
  (isUserId(entry.peerId) && isName(entry.name)) || (isGroup(entry.peerId) && isContent(entry.name));
