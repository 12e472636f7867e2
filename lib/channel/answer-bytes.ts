import { timestamp } from "../runtime/clock.ts";
import { idsOf } from "../runtime/ids.ts";
import type { DeliveredMessage, StoredMessage } from "./stored-message.ts";

/** A message as `sync` answers it. */
export const present = ({
  position,
  senderName,
  toId,
  toName,
  content,
  sentAt,
  redelivered,
}: Omit<DeliveredMessage, "expiresAt" | "wasOut">) => ({
  ...idsOf(position),
  senderName,
  ...(toId !== undefined && { toId, toName }),
  content,
  sentAt: timestamp(sentAt),
  redelivered,
});

const UUID_CHARACTERS = 36;

/** A message without a text, flagged or not, with the comma that follows it. */
const FRAME_BYTES =
  '{"messageId":"","senderId":"","senderName":,"content":,"sentAt":"2026-01-01T00:00:00.000Z","redelivered":false},'
    .length +
  2 * UUID_CHARACTERS;

/** What an own copy has beside that, without the name. */
const COPY_BYTES = '"toId":"","toName":,'.length + UUID_CHARACTERS;

type Texts = Pick<StoredMessage, "senderName" | "content" | "toId" | "toName">;

/** How many bytes a message takes in the answer, or one or two more. */
export const answerBytes = ({ senderName, content, toId, toName = "" }: Texts): number =>
  FRAME_BYTES + jsonBytes(senderName) + jsonBytes(content) + (toId === undefined ? 0 : COPY_BYTES + jsonBytes(toName));

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
