import { type FoldedMessage, type Reaction, type Receipt, readMessage } from "../../../lib/client/index.ts";
import { asObject, type JsonObject } from "../../../lib/contract/json.ts";
import { isMessageId, isText, isTime, isUserId } from "./values.ts";

/** What a line says of a message beside its text. */
export type FoldedFields = Pick<
  FoldedMessage,
  "senderName" | "type" | "about" | "quiet" | "edited" | "deleted" | "reactions" | "receipts"
>;

const TYPE = /^[a-z0-9/.+-]{1,32}\??$/;

/** Messages of these types have no place of their own in a conversation. */
const SAYING = new Set<unknown>(["edit", "deletion", "reaction", "delivered", "read", "own"]);

/** Characters of a name. */
const LONGEST = 100;

export const isShort = (value: unknown): value is string => typeof value === "string" && value.length <= LONGEST;

const isType = (value: unknown): value is NonNullable<FoldedMessage["type"]> =>
  isText(value, TYPE) && !SAYING.has(value);

const isEdit = (value: unknown): value is NonNullable<FoldedMessage["edited"]> => {
  const { messageId, sentAt } = asObject(value);
  return isMessageId(messageId) && isTime(sentAt);
};

/** Whether the page would take it as a reaction from its sender. */
export const isEmoji = (content: unknown): content is string => {
  const names = { messageId: "1", senderId: "1", senderName: "1", about: "1", sentAt: "1" };
  const message = { ...names, type: "reaction", redelivered: false };
  return typeof content === "string" && readMessage({ ...message, content })?.type === "reaction";
};

const isReaction = (value: unknown): value is Reaction => {
  const { emoji, name, messageId, sentAt } = asObject(value);
  return isEmoji(emoji) && isShort(name) && isMessageId(messageId) && isTime(sentAt);
};

const isReceipt = (value: unknown): value is Receipt => {
  const { delivered, read } = asObject(value);
  return isTime(delivered) && (read === undefined || isTime(read));
};

/** By the ids of persons. */
const isByPerson =
  <T>(isOne: (value: unknown) => value is T) =>
  (value: unknown): value is Readonly<Record<string, T>> => {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject && Object.entries(value).every(([id, one]) => isUserId(id) && isOne(one));
  };

const isTrue = (value: unknown): value is true => value === true;

/** The field with this value; no field if there is none. @returns undefined if it is damaged */
function field<Name extends keyof FoldedFields, T>(
  name: Name,
  value: unknown,
  isSound: (value: unknown) => value is T,
): { readonly [key in Name]?: T } | undefined {
  if (value === undefined) return {};
  return isSound(value) ? ({ [name]: value } as { readonly [key in Name]?: T }) : undefined;
}

/** Reads them. @returns undefined if one of them is damaged */
export function readFoldedFields(entry: JsonObject): FoldedFields | undefined {
  const { senderName = "", messageType, about, quiet, edited, deleted, reactions, receipts } = entry;
  const fields = [
    field("type", messageType, isType),
    field("about", about, isMessageId),
    field("quiet", quiet, isTrue),
    field("edited", edited, isEdit),
    field("deleted", deleted, isTime),
    field("reactions", reactions, isByPerson(isReaction)),
    field("receipts", receipts, isByPerson(isReceipt)),
  ];
  if (!isShort(senderName) || fields.includes(undefined)) return undefined;
  return Object.assign({ senderName }, ...fields);
}
