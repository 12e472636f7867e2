import { timestamp } from "../runtime/clock.ts";
import { idsOf } from "../runtime/ids.ts";
import { type DeliveredMessage, type Envelope, envelopeOf, type StoredMessage } from "./stored-message.ts";

/** A message as `sync` answers it. */
export const present = (message: Omit<DeliveredMessage, "expiresAt" | "wasOut" | "sentFrom">) => ({
  ...idsOf(message.position),
  senderName: message.senderName,
  ...(message.toId !== undefined && { toId: message.toId, toName: message.toName }),
  ...envelopeOf(message),
  sentAt: timestamp(message.sentAt),
  redelivered: message.redelivered,
});

const UUID_CHARACTERS = 36;

/** A message without a text, flagged or not, with the comma that follows it. */
const FRAME_BYTES =
  '{"messageId":"","senderId":"","senderName":,"content":,"sentAt":"2026-01-01T00:00:00.000Z","redelivered":false},'
    .length +
  2 * UUID_CHARACTERS;

/** What some messages have beside that, without what differs. Types and ids have no characters that JSON escapes. */
const TO_BYTES = '"toId":"","toName":,'.length;
const TYPE_BYTES = '"type":"",'.length;
const ABOUT_BYTES = '"about":"",'.length + UUID_CHARACTERS;
const QUIET_BYTES = '"quiet":true,'.length;

type Texts = Pick<StoredMessage, "senderName" | "toId" | "toName" | keyof Envelope>;

/** How many bytes a message takes in the answer, or one or two more. */
export const answerBytes = ({ senderName, content, toId, toName = "", type, about, quiet }: Texts): number =>
  FRAME_BYTES +
  jsonBytes(senderName) +
  jsonBytes(content) +
  (toId === undefined ? 0 : TO_BYTES + toId.length + jsonBytes(toName)) +
  (type === undefined ? 0 : TYPE_BYTES + type.length) +
  (about === undefined ? 0 : ABOUT_BYTES) +
  (quiet ? QUIET_BYTES : 0);

/** What JSON escapes: quotation marks, backslashes and control characters. */
const NEEDS_ESCAPE = /["\\]|[^ -\uffff]/;
const SPACE = 0x20;

/**
 * How many bytes JSON takes for a text, exactly. Counted and not made, which takes as long for any text, and a third of the
 * time for control characters.
 *
 * @param text Well-formed, as all that is stored.
 * @see https://tc39.es/ecma262/#sec-quotejsonstring
 */
export function jsonBytes(text: string): number {
  let bytes = Buffer.byteLength(text) + 2;
  if (!NEEDS_ESCAPE.test(text)) return bytes;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < SPACE) bytes += isShort(unit) ? 1 : 5;
    else if (unit === 0x22 || unit === 0x5c) bytes += 1;
  }
  return bytes;
}

/** `\b`, `\t`, `\n`, `\f` and `\r`; every other control character is `\u00..`. */
const isShort = (unit: number): boolean => unit >= 0x08 && unit <= 0x0d && unit !== 0x0b;
