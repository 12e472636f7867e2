import { type FileContent, readFileContent } from "../../../lib/client/index.ts";
import { FILE_BYTES } from "../../../lib/contract/files.ts";
import { asObject, parseJson } from "../../../lib/contract/json.ts";
import { isTime, isUserId } from "./values.ts";

/*
 * A history on its way to another device: parts, and the list of them. Each part is a history as a file, see docs/history.md,
 * compressed and uploaded as a file of its own. The list is uploaded, too. What opens the list is sealed by the code.
 */

/** About how many bytes of a history one part has, before it is compressed. */
export const PART_BYTES = 4 * 1_048_576;

/** No part has more: the batch of messages that fills it may take 20 MB, if all they say are control characters. */
export const MOST_PART_BYTES = 32 * 1_048_576;

/** Parts of one history. With the list they are fewer than the files that a user may upload on a day. */
export const MOST_PARTS = 90;

const FORMAT = "gotalk-history-parts";
const VERSION = 1;

/** A part of a history. */
export interface HistoryPart {
  /** Where it is, and the key that opens it. */
  readonly file: FileContent;
  /** How many bytes it has once it is decompressed. */
  readonly plainBytes: number;
}

/** What another device has to know to fetch a history. */
export interface HistoryList {
  readonly userId: string;
  /** When the device began to gather it, by the server's clock. RFC 3339. */
  readonly begunAt: string;
  readonly parts: readonly HistoryPart[];
}

/** Why a list is not taken. */
export type ListRefusal = "newer" | "damaged" | "other user";

export const writeList = (list: HistoryList): string => JSON.stringify({ format: FORMAT, version: VERSION, ...list });

/** Reads a list. @param ownId The user who is logged in. */
export function readList(text: string, ownId: string): HistoryList | ListRefusal {
  const { format, version, userId, begunAt, parts } = asObject(parseJson(text));
  if (format !== FORMAT || typeof version !== "number") return "damaged";
  if (version > VERSION) return "newer";
  if (!isUserId(userId) || !isTime(begunAt) || !Array.isArray(parts)) return "damaged";
  if (userId !== ownId) return "other user";
  const read = parts.slice(0, MOST_PARTS + 1).flatMap((part) => readPart(part) ?? []);
  const isWhole = read.length === parts.length && read.length >= 1 && read.length <= MOST_PARTS;
  return isWhole ? { userId, begunAt, parts: read } : "damaged";
}

/** No size is believed that a device would not write: each part is in memory as a whole for a moment. */
function readPart(value: unknown): HistoryPart | undefined {
  const { file: said, plainBytes } = asObject(value);
  const file = readFileContent(JSON.stringify(said ?? null));
  if (file === undefined || file.bytes > FILE_BYTES) return undefined;
  const isSize = typeof plainBytes === "number" && Number.isSafeInteger(plainBytes);
  return isSize && plainBytes > 0 && plainBytes <= MOST_PART_BYTES ? { file, plainBytes } : undefined;
}
