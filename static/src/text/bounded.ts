import { CONTENT_BYTES } from "../../../lib/contract/limits.ts";

/**
 * UTF-16 units that the box for a message holds: twice as many as a message may have, so that people can shorten a long
 * text in it. With a million of them each key takes seconds.
 */
export const BOX_UNITS = 2 * CONTENT_BYTES;

/** The beginning of a text that fits into the box, without half a surrogate pair at its end. */
export const fitting = (text: string): string =>
  text.length > BOX_UNITS ? text.slice(0, BOX_UNITS).replace(/[\ud800-\udbff]$/, "") : text;
