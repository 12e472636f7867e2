import type { Message } from "../lib/client/index.ts";
import { wrap } from "./columns.ts";

/** Characters that move the cursor, change colours and titles, end lines invisibly, or change the reading direction. */
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The text with its control characters made visible, so that it cannot drive a terminal. Line ends and tabs stay. */
export const visible = (text: string): string => text.replaceAll("\r\n", "\n").replace(CONTROLS, escaped);

/**
 * A line of JSON. It escapes all control characters. JSON itself asks for that only for the first 32.
 */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value).replace(CONTROLS, escaped)}\n`;

const two = (number: number): string => String(number).padStart(2, "0");

/** Local time, as `2026-03-12 19:03`. */
function timeOf(timestamp: string): string {
  const time = new Date(timestamp);
  if (Number.isNaN(time.getTime())) return timestamp;
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(two).join("-");
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** Further lines are indented. So no line of a message can look like another message. */
const INDENT = "    ";

/** How a message is printed for people. */
export interface LineFormat {
  /** The width of the terminal. Without it lines are not wrapped. */
  readonly columns?: number | undefined;
  /** Whether control characters stay as they are. */
  readonly isRaw?: boolean | undefined;
}

/** Formats a message for people. Control characters are made visible unless `isRaw`. */
export function messageLine(message: Message, { columns, isRaw = false }: LineFormat = {}): string {
  const { content, redelivered, senderName, sentAt, toName } = message;
  const receiver = toName === undefined ? "" : ` to ${toName}`;
  const mark = redelivered ? " (may be a repeat)" : "";
  const text = `${timeOf(sentAt)} ${senderName}${receiver}${mark}: ${content.replace(/\r\n?|\n/g, "\n")}`;
  const lines = (isRaw ? text : visible(text)).split("\n");
  // All lines are wrapped to the same width, although the first has no indent.
  const most = columns === undefined ? Infinity : Math.max(1, columns - INDENT.length);
  return `${lines.flatMap((line) => wrap(line, most)).join(`\n${INDENT}`)}\n`;
}
