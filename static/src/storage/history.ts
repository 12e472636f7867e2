import { isShown, quotedIn } from "../../../lib/client/index.ts";
import { compare, type Position, readMessage, type StoredMessage, type TimelinePlace } from "./records.ts";
import type { Database } from "./stores.ts";

/** Sorts behind every key of a timeline: arrays come after strings. */
export const END: never[] = [];

/** All of a conversation, in the index of timelines. */
export const timelineOf = (peerId: string): IDBKeyRange => IDBKeyRange.bound([peerId], [peerId, END]);

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

/** Messages that are read at a time to find the events among them. */
const PART = 500;

/** What happened in a group after a message of it, oldest first. */
export async function eventsAfter(database: Database, message: StoredMessage): Promise<StoredMessage[]> {
  const events: StoredMessage[] = [];
  let last: StoredMessage | undefined = message;
  while (last !== undefined) {
    const part: StoredMessage[] = await after(database, message.conversationId, last, PART);
    events.push(...part.filter(({ type }) => type === "group"));
    last = part.length < PART ? undefined : part.at(-1);
  }
  return events;
}

/**
 * Messages of all conversations, one conversation after the other, each oldest first. They are as they are stored, also
 * damaged ones.
 *
 * @param last The last one of those before. Default: from the beginning.
 */
export function timelinesAfter(
  database: Database,
  last: TimelinePlace | undefined,
  count: number,
): Promise<StoredMessage[]> {
  const range = last && IDBKeyRange.lowerBound([last.peerId, last.sentAt, last.id], true);
  return database.getAllFromIndex("messages", "timeline", range, count);
}

/** The message that another one replies to, if it is here. */
export async function quotedBy(
  database: Database,
  { about = "", conversationId }: { readonly about?: string | undefined; readonly conversationId: string },
): Promise<StoredMessage | undefined> {
  const found = await database.getAllFromIndex("messages", "messageId", about);
  return quotedIn(found, { messageId: about, conversationId });
}

/** The message with this id, if it is here and shown. */
export async function shownMessage(database: Database, id: string): Promise<StoredMessage | undefined> {
  const message = await database.get("messages", id);
  return message !== undefined && isShown(message) ? readMessage(message) : undefined;
}

/** Both lists as one, in order, each message once. */
export function merged(a: readonly StoredMessage[], b: readonly StoredMessage[]): StoredMessage[] {
  const all = new Map([...a, ...b].map((message) => [message.id, message]));
  return [...all.values()].sort(compare);
}
