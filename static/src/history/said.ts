import type { Mark, Said } from "../../../lib/client/index.ts";
import type { JsonObject } from "../../../lib/contract/json.ts";
import { isEnvelope } from "./envelope.ts";
import { isEmoji, isShort } from "./folded-fields.ts";
import { isContent, isMessageId } from "./values.ts";

/* What was said about a message that is not in the history. It has the form of a message. */

/** What may be said, with a check of its content. */
const CONTENTS: Readonly<Record<Mark["kind"], (content: unknown) => content is string>> = {
  edit: isContent,
  deletion: isEmpty,
  reaction: isEmoji,
  delivered: isEmpty,
  read: isEmpty,
};

function isEmpty(content: unknown): content is "" {
  return content === "";
}

const isKind = (value: unknown): value is Mark["kind"] => typeof value === "string" && Object.hasOwn(CONTENTS, value);

/** What a line says. @returns undefined if it is damaged */
export function readSaid(entry: JsonObject, ownId: string): Said | undefined {
  const { messageType: kind, about, content, senderName = "" } = entry;
  const isSound = isKind(kind) && CONTENTS[kind](content) && isMessageId(about) && isShort(senderName);
  if (!isSound || !isEnvelope(entry, ownId)) return undefined;
  const { peerId: conversationId, senderId, messageId, sentAt } = entry;
  return [about, { kind, conversationId, senderId, senderName, messageId, sentAt, content }];
}

/** The line's object. @returns undefined if a reader would refuse it: the record is damaged */
export function saidEntry([about, mark]: Said, ownId: string): object | undefined {
  const { kind: messageType, conversationId: peerId, senderId, senderName, messageId, sentAt, content } = mark;
  const entry = { peerId, senderId, messageId, messageType, about, content, sentAt };
  const named = { type: "said", ...entry, ...(senderName && { senderName }) };
  return readSaid(named, ownId) && named;
}
