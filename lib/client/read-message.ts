import { asObject, asText, withTexts } from "../contract/json.ts";
import { isBlank } from "../contract/visible.ts";
import { isGroupEvent, objectIn, textsIn } from "./contents.ts";
import type { KnownType, Message } from "./message.ts";

/** A message whose type and content have not been read yet. */
interface Unread extends Pick<Message, "messageId" | "senderId" | "senderName" | "sentAt" | "redelivered" | "content"> {
  readonly toId?: string;
  readonly toName?: string;
  readonly type?: unknown;
  readonly about?: unknown;
  readonly quiet?: unknown;
}

/** Of a reaction. The longest emoji has 15 (a kiss of two people with different skins). */
const REACTION_CHARACTERS = 32;

/** Made when it is needed: that takes 20 ms, a tenth of a start of the terminal client. */
let segmenter: Intl.Segmenter | undefined;

/** True where a browser cannot tell. */
function isOneCharacter(text: string): boolean {
  if (!("Segmenter" in Intl)) return true;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return [...segmenter.segment(text)].length === 1;
}

/**
 * Whether it takes a reaction back, or is what a reader sees as one character: emoji of later versions count as well. A control of
 * the direction, which would turn the text around it, counts as a character of its own.
 */
const isReaction = (content: string): boolean =>
  isBlank(content) || (content.length <= REACTION_CHARACTERS && isOneCharacter(content));

const isObject = (content: string): boolean => objectIn(content) !== undefined;
const isTexts = (content: string): boolean => textsIn(content) !== undefined;

/** Whether a message of a type can be read. */
const READABLE: Readonly<Record<KnownType, (content: string, about: string | undefined) => boolean>> = {
  text: () => true,
  file: isObject,
  edit: (content, about) => about !== undefined && !isBlank(content),
  deletion: (_, about) => about !== undefined,
  reaction: (content, about) => about !== undefined && isReaction(content),
  delivered: isTexts,
  read: isTexts,
  own: isObject,
  group: isGroupEvent,
};

const isKnown = (type: string): type is KnownType => Object.hasOwn(READABLE, type);

/** Says of a type that its message could not be read. No type that is sent has this character. */
const UNREADABLE = "?";

function typeOf(type: unknown, content: string, about: string | undefined): string | undefined {
  if (type === undefined) return undefined;
  if (typeof type !== "string") return UNREADABLE;
  // An earlier version may have read it and stored it.
  const sent = type.endsWith(UNREADABLE) ? type.slice(0, -UNREADABLE.length) : type;
  if (!isKnown(sent)) return type;
  return READABLE[sent](content, about) ? sent : `${sent}${UNREADABLE}`;
}

const isOptionalText = (value: unknown): boolean => value === undefined || asText(value) !== undefined;

const hasTexts = withTexts<Unread>("messageId", "senderId", "senderName", "sentAt");

/** Without the flag, a repeat would be taken for a new message. Without the receiver, an own copy would. */
const isUnread = (value: unknown): value is Unread => {
  const { content, redelivered, toId, toName } = asObject(value);
  return (
    hasTexts(value) !== undefined &&
    typeof content === "string" &&
    typeof redelivered === "boolean" &&
    isOptionalText(toId) &&
    isOptionalText(toName)
  );
};

/** Types whose content may be empty. The server hands a space out then: older clients refuse an empty content. */
const MAY_BE_EMPTY = new Set<string | undefined>(["deletion", "reaction"] satisfies KnownType[]);

/**
 * Reads a message, as the server hands it out or as an earlier version of this library has read and stored it.
 *
 * A message that this version cannot read counts as an {@link OtherMessage}, and is not refused: a batch that is refused
 * comes again and again, and nothing after it.
 *
 * @returns undefined for what is no message of goTalk's
 * @example
 * ```ts
 * const stored: unknown = JSON.parse(localStorage.getItem("message") ?? "{}");
 * if (readMessage(stored)?.type === "text") console.log("A text");
 * ```
 */
export function readMessage(value: unknown): Message | undefined {
  if (!isUnread(value)) return undefined;
  const { type: sentType, about: sentAbout, quiet, content, sentAt, redelivered, ...names } = value;
  const about = asText(sentAbout);
  const type = typeOf(sentType, content, about);
  return {
    ...names,
    ...(type !== undefined && { type }),
    ...(about !== undefined && { about }),
    ...(quiet === true && { quiet }),
    content: MAY_BE_EMPTY.has(type) && isBlank(content) ? "" : content,
    sentAt,
    redelivered,
  } as Message;
}
