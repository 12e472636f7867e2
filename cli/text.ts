import type { Message } from "../lib/client/index.ts";
import { coloured, colourOf } from "./colours.ts";
import { wrap } from "./columns.ts";
import { localTime } from "./local-time.ts";
import { Quotes } from "./quotes.ts";
import { isText, wordsOf } from "./wording.ts";

/** Characters that move the cursor, change colours and titles, end lines invisibly, or change the reading direction. */
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The text with its control characters made visible, so that it cannot drive a terminal. Line ends and tabs stay. */
export const visible = (text: string): string => text.replaceAll("\r\n", "\n").replace(CONTROLS, escaped);

/**
 * A line of JSON. It escapes all control characters. JSON itself asks for that only for the first 32.
 */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value).replace(CONTROLS, escaped)}\n`;

/** Further lines are indented. So no line of a message can look like another message. */
const INDENT = "    ";

/** How a message is printed for people. */
export interface LineFormat {
  /** The width of the terminal. Without it lines are not wrapped. */
  readonly columns?: number | undefined;
  /** Whether control characters stay as they are. */
  readonly isRaw?: boolean | undefined;
  /** Whether texts and files bear their ids. */
  readonly hasIds?: boolean | undefined;
  readonly hasColours?: boolean | undefined;
  /** What has been shown before: they say what the message is about. */
  readonly quotes?: Quotes | undefined;
  /** See `View.here`. */
  readonly here?: string | undefined;
  /** See `View.fileNote`. */
  readonly fileNote?: string | undefined;
}

/** Formats a message for people. Control characters are made visible unless `isRaw`. */
export function messageLine(message: Message, format: LineFormat = {}): string {
  const {
    columns,
    isRaw = false,
    hasIds = false,
    hasColours = false,
    quotes = new Quotes(""),
    here,
    fileNote,
  } = format;
  const { messageId, senderId, senderName, sentAt, type } = message;
  const id = hasIds && (isText(message) || type === "file") ? ` ${messageId}` : "";
  const shown = isRaw ? (text: string) => text : visible;
  const [time, name] = [`${localTime(sentAt)}${id} `, senderName].map(shown);
  const text = `${time}${name}${shown(wordsOf(message, { quotes, here, fileNote }).replace(/\r\n?|\n/g, "\n"))}`;
  // All lines are wrapped to the same width, although the first has no indent.
  const most = columns === undefined ? Infinity : Math.max(1, columns - INDENT.length);
  const lines = text.split("\n").flatMap((line) => wrap(line, most));
  const joined = `${lines.join(`\n${INDENT}`)}\n`;
  const start = `${time}${name}`;
  // On a very narrow terminal the name is wrapped, and stays plain.
  return hasColours && joined.startsWith(start)
    ? `${coloured("dim", time)}${coloured(colourOf(senderId), name)}${joined.slice(start.length)}`
    : joined;
}
