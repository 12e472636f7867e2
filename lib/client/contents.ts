import { asObject, asText, type JsonObject, parseJson } from "../contract/json.ts";
import type { GroupMessage, OwnMessage, ReceiptMessage } from "./message.ts";

/** A place in a conversation, in the order in which it is shown: by time, and by id where times are equal. */
export interface Position {
  /** RFC 3339, as in the message. */
  readonly sentAt: string;
  /** The message's {@link keyOf}. */
  readonly id: string;
}

/** A value that the user's devices agree on. */
export interface OwnValue {
  readonly value: unknown;
  /** Of the message that says so. The greatest one counts. */
  readonly messageId: string;
}

/** A history for the user's other devices. */
export interface OfferedHistory {
  /** Of what is sealed: 1. */
  readonly version: number;
  /** Where the history is, in base64url: sealed by a code that the person carries from one device to the other. */
  readonly sealed: string;
}

/** What a person has done with a conversation. Each is kept until it is changed. */
export interface OwnChange {
  /** All up to there is read. The furthest position counts: what was read stays read. */
  readonly readUpTo?: Position;
  /** A stranger's request is accepted. */
  readonly accepted?: boolean;
  readonly muted?: boolean;
  readonly pinned?: boolean;
  readonly archived?: boolean;
  /** With `archived`: the last message at that time. A later one brings the conversation back, unless it is muted. */
  readonly archivedUpTo?: Position;
  /** Under the user's own id, for all conversations: nobody is told what the user has read, nor the user what others have. */
  readonly hidesRead?: boolean;
  /** Under the user's own id: the `deviceId` of a new device. It asks the others for the settings that hold. */
  readonly asksAs?: string;
  /** Under the user's own id: a history that a device has uploaded for the user's others. The last one counts. */
  readonly history?: OfferedHistory;
  /** The answer to `asksAs`: values by their names, each with the message that first said so. A later value stays. */
  readonly known?: Readonly<Record<string, OwnValue>>;
}

/** A member whom an event is about. */
export interface GroupPerson {
  readonly id: string;
  readonly username: string;
}

/** An event of a group. Which of the optional fields there are depends on `event`. */
export interface GroupEvent {
  /** Counts the group's changes, from 1. Events may come out of order: the greatest version holds. */
  readonly version: number;
  /** `created`, `added`, `joined`, `removed`, `left`, `renamed`, `admin`, or one of a later version. */
  readonly event: string;
  /** `created`, `renamed`: the group's name from here on. */
  readonly name?: string;
  /** `renamed`: the name until then. */
  readonly before?: string;
  /** `added`, `joined`, `removed`, `left`, `admin`: the member whom it is about. */
  readonly member?: GroupPerson;
  /** `admin`, `added`: whether the member is an admin from here on. */
  readonly admin?: boolean;
  /** `left`: the last admin left, and this member is admin now. */
  readonly newAdmin?: GroupPerson;
}

/** A JSON object; undefined for any other text. */
export function objectIn(content: string): JsonObject | undefined {
  const value = parseJson(content);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** A JSON array of strings; undefined for any other text. */
export function textsIn(content: string): readonly string[] | undefined {
  const value = parseJson(content);
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

/** Whether the text is an event of a group. */
export function isGroupEvent(content: string): boolean {
  const { version, event } = asObject(parseJson(content));
  return Number.isSafeInteger(version) && asText(event) !== undefined;
}

/** Ids in one receipt: 39 bytes each, of 16,384. */
export const MOST_IDS = 400;

/**
 * The ids of the receiver's own messages that a receipt is about. At most 400: no client of goTalk's names more, and each id that
 * is not known becomes a record of its own.
 */
export const messageIdsIn = ({ content }: Pick<ReceiptMessage, "content">): readonly string[] =>
  (textsIn(content) ?? []).slice(0, MOST_IDS);

/**
 * What an `own` message changes, by the ids of conversations.
 *
 * @example
 * ```ts
 * for await (const message of client.receive({ quiet: true, ownCopies: true })) {
 *   if (message.type === "own") console.log(Object.keys(ownChangesIn(message)));
 * }
 * ```
 */
export const ownChangesIn = ({ content }: Pick<OwnMessage, "content">): Readonly<Record<string, OwnChange>> =>
  Object.fromEntries(Object.entries(objectIn(content) ?? {}).map(([id, change]) => [id, asObject(change)]));

/**
 * The settings that a change says, by their names. A value of `known` counts from the message that first said it.
 *
 * @param change Of a message of the user, see {@link ownChangesIn}.
 * @param messageId Of this message.
 * @example
 * ```ts
 * for await (const message of client.receive({ quiet: true, ownCopies: true })) {
 *   if (message.type !== "own") continue;
 *   const change = ownChangesIn(message)[client.session?.id ?? ""] ?? {};
 *   console.log(ownValuesIn(change, message.messageId).get("hidesRead")?.value);
 * }
 * ```
 */
export function ownValuesIn(change: OwnChange, messageId: string): ReadonlyMap<string, OwnValue> {
  const { readUpTo: _, known, ...said } = asObject(change);
  const values = new Map(Object.entries(said).map(([name, value]) => [name, { value, messageId }]));
  for (const [name, one] of Object.entries(asObject(known))) {
    const { value, messageId: first } = asObject(one);
    const isLater = typeof first === "string" && first > (values.get(name)?.messageId ?? "");
    if (isLater && value !== undefined) values.set(name, { value, messageId: first });
  }
  return values;
}

const personIn = (value: unknown): GroupPerson | undefined => {
  const { id, username } = asObject(value);
  return typeof id === "string" && typeof username === "string" ? { id, username } : undefined;
};

/** What has happened in a group. Fields that cannot be read are left out. */
export function groupEventIn({ content }: Pick<GroupMessage, "content">): GroupEvent {
  const event = asObject(parseJson(content));
  const name = asText(event["name"]);
  const before = asText(event["before"]);
  const member = personIn(event["member"]);
  const newAdmin = personIn(event["newAdmin"]);
  const { admin } = event;
  return {
    version: Number(event["version"]),
    event: String(event["event"]),
    ...(name !== undefined && { name }),
    ...(before !== undefined && { before }),
    ...(member !== undefined && { member }),
    ...(typeof admin === "boolean" && { admin }),
    ...(newAdmin !== undefined && { newAdmin }),
  };
}
