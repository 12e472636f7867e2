import { FILE_TYPE } from "./files.ts";
import { isBlank } from "./visible.ts";

/** The form of a message's type. The server carries types that it does not know. */
export const MESSAGE_TYPE = /^[a-z0-9./+-]{1,32}$/;

/** The type of messages that the server alone makes: each tells of a change of a group. */
export const GROUP_EVENT = "group";

/** Types whose content people read. A message without a type is a text: goTalk's first clients send no type. */
const READ_BY_PEOPLE: ReadonlySet<string> = new Set(["text", "edit"]);

/** Types that need a content. */
const WITH_CONTENT: ReadonlySet<string> = new Set([...READ_BY_PEOPLE, FILE_TYPE]);

/** What is wrong with the content of a message, given its type; `undefined` if nothing is. */
export function contentFault(content: string, type = "text"): "empty" | "blank" | undefined {
  if (content === "") return WITH_CONTENT.has(type) ? "empty" : undefined;
  return READ_BY_PEOPLE.has(type) && isBlank(content) ? "blank" : undefined;
}

/**
 * Stored in the place of an empty content. goTalk's first clients refuse a message with an empty content, and the whole batch with
 * it, at each sync.
 */
export const NO_CONTENT = " ";
