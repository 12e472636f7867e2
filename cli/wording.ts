import { type GroupEvent, type GroupMessage, groupEventIn, isGroupId, type Message } from "../lib/client/index.ts";
import { datedBy, fileWordsOf, type Quotes, quoted } from "./quotes.ts";

const SILENT = new Set<string | undefined>(["delivered", "read", "own"] satisfies Message["type"][]);
const KNOWN = new Set<string | undefined>([
  undefined,
  "text",
  "file",
  "edit",
  "deletion",
  "reaction",
  "group",
] satisfies Message["type"][]);

/** Whether a message is a text, as all messages of goTalk's first clients are. */
export const isText = ({ type }: Message): boolean => type === undefined || type === "text";

/**
 * Whether a message says something to people. Receipts, and what the user's own devices tell each other, do not; nor does a
 * quiet message of a type that this version does not know.
 */
export const isForPeople = ({ type, quiet }: Message): boolean => !SILENT.has(type) && (!quiet || KNOWN.has(type));

/** What a message's words depend on. */
export interface View {
  /** What has been shown before. */
  readonly quotes: Quotes;
  /** The id of the group whose messages need not say that they are of this group. */
  readonly here?: string | undefined;
  /** What stands behind the words about a file: where it is, or how to get it. */
  readonly fileNote?: string | undefined;
}

/** The words of a message's line behind its time and its sender. */
export function wordsOf(message: Message, view: View): string {
  const mark = message.redelivered ? " (may be a repeat)" : "";
  // The event names its group itself.
  if (message.type === "group") return `${mark} ${eventWords(message, view)}`;
  return `${placeOf(message, view)}${mark}${deedOf(message, view)}`;
}

/** Where a message went, if it is not clear. */
function placeOf({ toId = "", toName }: Message, { here = "" }: View): string {
  if (toName === undefined) return isGroupId(here) ? " to you" : "";
  if (!isGroupId(toId)) return ` to ${toName}`;
  return toId === here ? "" : ` in ${quoted(toName)}`;
}

function deedOf(message: Exclude<Message, GroupMessage>, { quotes, fileNote = "" }: View): string {
  const { content } = message;
  switch (message.type) {
    case undefined:
    case "text":
      return `${answering(message, quotes)}: ${content}`;
    case "file":
      return `${answering(message, quotes)} sent ${fileWordsOf(content)}${fileNote}`;
    case "edit":
      return ` edited ${quotes.about(message)}: ${content}`;
    case "deletion":
      return ` deleted ${datedBy(message.about)}`;
    case "reaction":
      return content === ""
        ? ` took back the reaction to ${quotes.about(message)}`
        : ` reacted with ${content} to ${quotes.about(message)}`;
    default:
      return ` sent a message of the type ${quoted(message.type)}, which this version of gotalk cannot show`;
  }
}

function answering(message: Message, quotes: Quotes): string {
  const { about } = message;
  return about === undefined ? "" : `, answering ${quotes.about({ ...message, about })}`;
}

const SOMEBODY = { username: "somebody" };

/** What happened in a group, behind the name of the member who did it. */
function eventWords(message: GroupMessage, { here }: View): string {
  const event = groupEventIn(message);
  const words: EventWords = EVENTS.get(event.event) ?? ((_, group) => `changed ${group}`);
  return words(event, message.toId === here ? "the group" : quoted(event.name ?? message.toName ?? ""));
}

type EventWords = (event: GroupEvent, group: string) => string;

const EVENTS = new Map<string, EventWords>([
  ["created", ({ name = "" }) => `made the group ${quoted(name)}`],
  [
    "added",
    ({ member = SOMEBODY, admin }, group) => `added ${member.username} to ${group}${admin ? " as an admin" : ""}`,
  ],
  ["joined", (_, group) => `joined ${group}`],
  ["removed", ({ member = SOMEBODY }, group) => `removed ${member.username} from ${group}`],
  ["left", ({ newAdmin }, group) => `left ${group}${newAdmin ? `. ${newAdmin.username} is an admin now` : ""}`],
  ["renamed", ({ before = "", name = "" }) => `renamed the group ${quoted(before)} to ${quoted(name)}`],
  [
    "admin",
    ({ member: { username } = SOMEBODY, admin }, group) =>
      admin ? `made ${username} an admin of ${group}` : `removed ${username}'s admin rights in ${group}`,
  ],
]);
