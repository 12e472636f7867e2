import { fileWords } from "./fileWords.ts";

/** What a message says. */
export interface Saying {
  readonly text: string;
  /** The text is not of the sender: the page says something about the message. */
  readonly isNote: boolean;
}

/** The parts of a message that say something. */
interface Said {
  readonly content: string;
  readonly type?: string | undefined;
  readonly deleted?: string | undefined;
}

const UNREADABLE = "This message cannot be shown here. Update goTalk to see it.";

/** What a message says, in words also where it has none. */
export function saying({ type, deleted, content }: Said): Saying {
  if (deleted !== undefined) return { text: "Message deleted", isNote: true };
  if (type === undefined || type === "text") return { text: content, isNote: false };
  return { text: type === "file" ? fileWords(content) : UNREADABLE, isNote: true };
}
