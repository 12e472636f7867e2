import type { User } from "../../../lib/client/index.ts";
import { asObject, asText, type JsonObject, parseJson } from "../../../lib/contract/json.ts";
import { CONTENT_BYTES, USERNAME } from "../../../lib/contract/limits.ts";
import { timeOf } from "../../../lib/contract/uuid-time.ts";
import { idOf, type StoredMessage } from "../storage/records.ts";
import { byteLength } from "../text/bytes.ts";

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

const USER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MESSAGE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const NAME = new RegExp(`^[a-z0-9._-]{${USERNAME.minCharacters},${USERNAME.maxCharacters}}$`);

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
  return isPerson({ peerId, name }) ? line({ type: "conversation", peerId, name }) : undefined;
}

/** @returns undefined if a reader would refuse it: the record is damaged */
export function messageLine(message: StoredMessage, ownId: string): string | undefined {
  const { peerId, senderId, content, sentAt } = message;
  const messageId = asText(message.id)?.slice(`${senderId}/`.length);
  const entry = { type: "message", peerId, senderId, messageId, content, sentAt };
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
      return isPerson(entry) ? { type: "conversation", peerId: entry.peerId, name: entry.name } : undefined;
    case "message": {
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

function readMessage(
  { peerId, senderId, messageId, content, sentAt }: JsonObject,
  ownId: string,
): StoredMessage | undefined {
  const isSound =
    isUserId(peerId) &&
    isUserId(senderId) &&
    (senderId === ownId || senderId === peerId) &&
    isText(messageId, MESSAGE_ID) &&
    isContent(content) &&
    isTime(sentAt) &&
    Math.abs(Date.parse(sentAt) - timeOf(messageId)) <= APART;
  return isSound ? { id: idOf({ senderId, messageId }), peerId, senderId, content, sentAt } : undefined;
}

const isPerson = (entry: JsonObject | Person): entry is Person => isUserId(entry.peerId) && isName(entry.name);

const isText = (value: unknown, form: RegExp): value is string => typeof value === "string" && form.test(value);

const isUserId = (value: unknown): value is string => isText(value, USER_ID);

const isName = (value: unknown): value is string => isText(value, NAME);

const isContent = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.isWellFormed() && byteLength(value) <= CONTENT_BYTES;

/** In the one form in which the server writes it, or the timeline would be out of order: it compares texts. */
const isTime = (value: unknown): value is string =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value;
