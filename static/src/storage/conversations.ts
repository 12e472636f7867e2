import { isNews, type User } from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { timelineOf } from "./history.ts";
import { type Conversation, conversationFrom, type Line, type Position, readLine } from "./records.ts";
import type { Database } from "./schema.ts";
import { DELETED } from "./stores.ts";

/** All conversations, newest message first. */
export async function conversationsOf(database: Database): Promise<Conversation[]> {
  const transaction = database.transaction(["conversations", "folded"]);
  const [lines, folded] = await Promise.all([
    transaction.objectStore("conversations").getAll(),
    transaction.objectStore("folded").getAll(),
  ]);
  const known = new Map(folded.map((one) => [one.id, one]));
  const all = lines.flatMap(readLine);
  return newestFirst(all.map((line) => conversationFrom(line, known.get(line.peerId), known.get(line.addedBy ?? ""))));
}

export function newestFirst(conversations: readonly Conversation[]): Conversation[] {
  const newest = ({ last }: Conversation): string => last?.sentAt ?? "";
  return conversations.toSorted((a, b) => (newest(a) < newest(b) ? 1 : -1));
}

export const conversationWith = (database: Database, peerId: string): Promise<Line | undefined> =>
  database.get("conversations", peerId);

/** Makes the conversation with a user, unless it exists. One that was deleted here begins anew. */
export async function ensureConversation(database: Database, { id, username }: User): Promise<void> {
  const transaction = database.transaction(["conversations", "state"], "readwrite");
  await allOrNothing(transaction, async () => {
    const lines = transaction.objectStore("conversations");
    const [known] = await Promise.all([lines.get(id), transaction.objectStore("state").delete(DELETED + id)]);
    if (known === undefined) await lines.put({ peerId: id, name: username, unread: 0 });
  });
}

/**
 * Marks all that has come as read on this device. The line keeps up to where, until the user's other devices are told.
 *
 * @returns the line after that; undefined if nothing was unread
 */
export async function markRead(database: Database, peerId: string, ownId: string): Promise<Line | undefined> {
  const transaction = database.transaction(["conversations", "messages"], "readwrite");
  return allOrNothing(transaction, async () => {
    const store = transaction.objectStore("conversations");
    const known = await store.get(peerId);
    if (known === undefined || known.unread === 0) return undefined;
    const { unreadFrom: _, ...rest } = known;
    const timeline = transaction.objectStore("messages").index("timeline");
    let newest = await timeline.openCursor(timelineOf(peerId), "prev");
    while (newest !== null && !isNews(newest.value, ownId)) newest = await newest.continue();
    const readHere: Position | undefined = newest?.value && { sentAt: newest.value.sentAt, id: newest.value.id };
    const line = { ...rest, unread: 0, ...(readHere && { readHere }) };
    await store.put(line);
    return line;
  });
}
