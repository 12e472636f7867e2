import type { User } from "../../../lib/client/index.ts";
import { type Conversation, readConversation } from "./records.ts";
import type { Database } from "./schema.ts";

/** All conversations, newest message first. */
export async function conversationsOf(database: Database): Promise<Conversation[]> {
  return newestFirst((await database.getAll("conversations")).flatMap(readConversation));
}

export function newestFirst(conversations: readonly Conversation[]): Conversation[] {
  const newest = ({ last }: Conversation): string => last?.sentAt ?? "";
  return conversations.toSorted((a, b) => (newest(a) < newest(b) ? 1 : -1));
}

export const conversationWith = (database: Database, peerId: string): Promise<Conversation | undefined> =>
  database.get("conversations", peerId);

/** Makes the conversation with a user, unless it exists. */
export async function ensureConversation(database: Database, { id, username }: User): Promise<void> {
  const transaction = database.transaction("conversations", "readwrite");
  const work = async () => {
    const known = await transaction.store.get(id);
    if (known === undefined) await transaction.store.put({ peerId: id, name: username, unread: 0 });
  };
  await Promise.all([work(), transaction.done]);
}

/** @returns whether something was unread */
export async function markRead(database: Database, peerId: string): Promise<boolean> {
  const transaction = database.transaction("conversations", "readwrite");
  const work = async () => {
    const known = await transaction.store.get(peerId);
    if (known === undefined || known.unread === 0) return false;
    const { unreadFrom: _, ...rest } = known;
    await transaction.store.put({ ...rest, unread: 0 });
    return true;
  };
  const [wasUnread] = await Promise.all([work(), transaction.done]);
  return wasUnread;
}
