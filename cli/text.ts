import type { Message } from "../lib/client/index.ts";
import { wrap } from "./columns.ts";

/** What moves the cursor, changes colours and titles, ends lines unseen, or turns the reading direction around. */
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The text with its control characters made visible, so that it cannot drive a terminal. Line ends and tabs stay. */
export const visible = (text: string): string => text.replaceAll("\r\n", "\n").replace(CONTROLS, escaped);

/**
 * JSON of one line. The same value, though C1 controls and the like are written as escapes, which JSON itself only wants
 * of the first 32.
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

/** Further lines are indented: nobody can write a line that looks like somebody else's message. */
const INDENT = "    ";

/** How a message is shown to people. */
export interface LineFormat {
  /** The width of the terminal; without it, lines are as long as they are. */
  readonly columns?: number | undefined;
  /** Whether control characters stay as they came. */
  readonly isRaw?: boolean | undefined;
}

/** A message for people. Its control characters are made visible unless they are wanted. */
export function messageLine(message: Message, { columns, isRaw = false }: LineFormat = {}): string {
  const { content, redelivered, senderName, sentAt } = message;
  const mark = redelivered ? " (may have come before)" : "";
  const text = `${timeOf(sentAt)} ${senderName}${mark}: ${content.replace(/\r\n?|\n/g, "\n")}`;
  const lines = (isRaw ? text : visible(text)).split("\n");
  // The first one is a little shorter than it might be, so that all are wrapped alike.
  const most = columns === undefined ? Infinity : Math.max(1, columns - INDENT.length);
  return `${lines.flatMap((line) => wrap(line, most)).join(`\n${INDENT}`)}\n`;
}
