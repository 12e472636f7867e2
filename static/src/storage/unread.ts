import { isNews } from "../../../lib/client/index.ts";
import { END } from "./history.ts";
import { compare, type Line, type Position } from "./records.ts";
import type { Transaction } from "./stores.ts";

/** Whether a message is among those that were read up to a position. */
export const isReadAt = (message: Position, readUpTo: Position | undefined): boolean =>
  readUpTo !== undefined && compare(message, readUpTo) <= 0;

/** The line after all up to a position was read, on whichever device. The same object if that changes nothing. */
export function withReadUpTo(transaction: Transaction, line: Line, readUpTo: Position, ownId: string): Promise<Line> {
  const { readHere, ...told } = line;
  // Another device has read as far, or this one has told its own.
  return recounted(transaction, readHere !== undefined && isReadAt(readHere, readUpTo) ? told : line, readUpTo, ownId);
}

async function recounted(transaction: Transaction, line: Line, readUpTo: Position, ownId: string): Promise<Line> {
  const { unread, unreadFrom, ...rest } = line;
  if (unread === 0 || unreadFrom === undefined || !isReadAt(unreadFrom, readUpTo)) return line;
  const { sentAt, id } = readUpTo;
  const range = IDBKeyRange.bound([line.peerId, sentAt, id], [line.peerId, END], true);
  const after = await transaction.objectStore("messages").index("timeline").getAll(range);
  const left = after.filter((message) => isNews(message, ownId));
  const [first] = left;
  if (first === undefined) return { ...rest, unread: 0 };
  return { ...rest, unread: Math.min(unread, left.length), unreadFrom: { sentAt: first.sentAt, id: first.id } };
}
