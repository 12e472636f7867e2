import { conversationOf, isVoiceMessage, type Message, readFileContent } from "../lib/client/index.ts";
import { asObject, asText, parseJson } from "../lib/contract/json.ts";
import { timeOf } from "../lib/contract/uuid-time.ts";
import { wrap } from "./columns.ts";
import { localTime } from "./local-time.ts";
import { lengthWords, sizeWords } from "./size-words.ts";

/** So many messages are remembered. */
const MOST = 1_000;

/** Of a quote. */
const COLUMNS = 40;

/**
 * Puts a text between quotation marks. None is left within, and no line end: what others have written cannot look like the
 * words around it.
 */
export const quoted = (text: string): string => `"${text.replaceAll('"', "'").replaceAll(/\s+/g, " ").trim()}"`;

/** A text as a quote of one line. */
function quoteOf(text: string): string {
  const [start = "", ...rest] = wrap(quoted(text).slice(1, -1), COLUMNS);
  return `"${start.trimEnd()}${rest.length === 0 ? "" : " ..."}"`;
}

/** The name of the file that a message brings. */
export const fileNameOf = (content: string): string => {
  const fields = asObject(parseJson(content));
  const name = asText(fields["name"]);
  const kind = isVoiceMessage(fields) ? "voice message" : "file";
  return name === undefined ? `a ${kind}` : `the ${kind} ${quoteOf(name)}`;
};

/** The same with its size, and how long a voice message is, as far as the message tells it. */
export function fileWordsOf(content: string): string {
  const file = readFileContent(content);
  if (file === undefined) return fileNameOf(content);
  const length = isVoiceMessage(file) && file.duration !== undefined ? `${lengthWords(file.duration)}, ` : "";
  return `${fileNameOf(content)} (${length}${sizeWords(file.bytes)})`;
}

/** When a message was sent, by its id. Nothing of a message that was deleted is shown again. */
export function datedBy(messageId: string): string {
  const time = new Date(timeOf(messageId));
  return Number.isNaN(time.getTime()) ? "a message" : `the message of ${localTime(time.toISOString())}`;
}

/** The last messages that this process has shown or sent, to say what another message is about. */
export class Quotes {
  readonly #ownId: string;
  /** By conversation and `messageId`, then by sender: two senders may use one id. The oldest come first. */
  readonly #known = new Map<string, Map<string, string>>();

  /** @param ownId The user's own id. */
  constructor(ownId: string) {
    this.#ownId = ownId;
  }

  /** The message that `about` means: its first words, or else its time. */
  about(message: Message & { readonly about: string }): string {
    const bySender = this.#known.get(this.#keyOf(message, message.about));
    // Only its sender edits a message. Otherwise an id means the message of the smaller sender, as for all clients.
    const sender = message.type === "edit" ? message.senderId : [...(bySender?.keys() ?? [])].sort()[0];
    return bySender?.get(sender ?? "") ?? datedBy(message.about);
  }

  /** Remembers a message, or what it changes. */
  add(message: Message): void {
    switch (message.type) {
      case undefined:
      case "text":
        this.#remember(message, quoteOf(message.content));
        break;
      case "file":
        this.#remember(message, fileNameOf(message.content));
        break;
      case "edit":
        this.#change(message, quoteOf(message.content));
        break;
      case "deletion":
        this.#change(message, datedBy(message.about));
        break;
    }
  }

  #remember(message: Message, quote: string): void {
    const key = this.#keyOf(message, message.messageId);
    const bySender = this.#known.get(key) ?? new Map<string, string>();
    this.#known.set(key, bySender.set(message.senderId, quote));
    for (const oldest of this.#known.keys()) if (this.#known.size > MOST) this.#known.delete(oldest);
  }

  #change(message: Message & { readonly about: string }, quote: string): void {
    const bySender = this.#known.get(this.#keyOf(message, message.about));
    if (bySender?.has(message.senderId)) bySender.set(message.senderId, quote);
  }

  #keyOf(message: Message, messageId: string): string {
    return `${conversationOf(message, this.#ownId)}/${messageId}`;
  }
}
