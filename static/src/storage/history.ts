import { compare, type Position, readMessage, type StoredMessage } from "./records.ts";
import type { Database } from "./schema.ts";

/** Sorts behind every key of a timeline: arrays come after strings. */
const END: never[] = [];

/** The messages of a conversation just before a position, or its last messages. Oldest first. */
export async function before(
  database: Database,
  peerId: string,
  position: Position | undefined,
  count: number,
): Promise<StoredMessage[]> {
  const end = position ? [peerId, position.sentAt, position.id] : [peerId, END];
  const range = IDBKeyRange.bound([peerId], end, true, true);
  const index = database.transaction("messages").store.index("timeline");
  const messages: StoredMessage[] = [];
  let cursor = await index.openCursor(range, "prev");
  while (cursor && messages.length < count) {
    messages.push(readMessage(cursor.value));
    cursor = await cursor.continue();
  }
  return messages.reverse();
}

/** The messages of a conversation after a position, with the message at it if `inclusive`. Oldest first. */
export async function after(
  database: Database,
  peerId: string,
  { sentAt, id }: Position,
  count: number,
  inclusive = false,
): Promise<StoredMessage[]> {
  const range = IDBKeyRange.bound([peerId, sentAt, id], [peerId, END], !inclusive, true);
  return (await database.getAllFromIndex("messages", "timeline", range, count)).map(readMessage);
}

/**
 * Messages of all conversations, one conversation after the other, each oldest first. They are as they are stored, also
 * damaged ones.
 *
 * @param last The last one of those before. Default: from the beginning.
 */
export function timelinesAfter(
  database: Database,
  last: StoredMessage | undefined,
  count: number,
): Promise<StoredMessage[]> {
  const range = last && IDBKeyRange.lowerBound([last.peerId, last.sentAt, last.id], true);
  return database.getAllFromIndex("messages", "timeline", range, count);
}

/** Both lists as one, in order, each message once. */
export function merged(a: readonly StoredMessage[], b: readonly StoredMessage[]): StoredMessage[] {
  const all = new Map([...a, ...b].map((message) => [message.id, message]));
  return [...all.values()].sort(compare);
}
