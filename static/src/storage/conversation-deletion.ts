import { deletedHere, isNews } from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { editDraft, replyDraft } from "./drafts.ts";
import { timelineOf } from "./history.ts";
import { withChange } from "./lines.ts";
import { discardAll } from "./outbox.ts";
import { type Line, type Position, readLine, storedFrom } from "./records.ts";
import { type Database, DELETED, type Transaction } from "./stores.ts";

/** Messages that are deleted at a time: between two of these the page does other work. */
const BATCH = 250;

/** The part of the index of timelines that has a conversation up to a position. */
const upTo = (peerId: string, { sentAt, id }: Position): IDBKeyRange =>
  IDBKeyRange.bound([peerId], [peerId, sentAt, id]);

/**
 * Deletes a conversation on this device: its messages, its drafts, and what was not sent of it. The records of messages stay,
 * without their texts: a repeat of a message must not bring it back. What arrives meanwhile stays, and begins the conversation
 * anew. What waits for the user's other devices alone is sent all the same: it belongs to no conversation. If it is interrupted,
 * the rest of the conversation is still there.
 *
 * @throws DOMException when it cannot be stored
 */
export async function deleteConversation(database: Database, peerId: string, ownId: string): Promise<void> {
  const index = database.transaction("messages").store.index("timeline");
  const newest = (await index.openCursor(timelineOf(peerId), "prev"))?.value;
  if (newest !== undefined) while (await deleteBatch(database, upTo(peerId, newest)));
  await deleteLine(database, peerId, ownId);
}

/** @returns whether there may be more */
async function deleteBatch(database: Database, range: IDBKeyRange): Promise<boolean> {
  const transaction = database.transaction("messages", "readwrite");
  return allOrNothing(transaction, async () => {
    const messages = await transaction.store.index("timeline").getAll(range, BATCH);
    await Promise.all(messages.map(async (message) => transaction.store.put(storedFrom(deletedHere(message)))));
    return messages.length === BATCH;
  });
}

/** Removes all else of the conversation. If something has come meanwhile, its line shows that. */
async function deleteLine(database: Database, peerId: string, ownId: string): Promise<void> {
  const stores = ["messages", "conversations", "drafts", "outbox", "untold", "state"] as const;
  const transaction: Transaction = database.transaction(stores, "readwrite");
  await allOrNothing(transaction, async () => {
    const lines = transaction.objectStore("conversations");
    const drafts = transaction.objectStore("drafts");
    const untold = transaction.objectStore("untold");
    const [messages, stored, secret] = await Promise.all([
      transaction.objectStore("messages").index("timeline").getAll(timelineOf(peerId)),
      lines.get(peerId),
      untold.index("conversationId").getAllKeys(peerId),
    ]);
    const [line] = stored === undefined ? [] : readLine(stored);
    const left = new Set(messages.map(({ id }) => id));
    await Promise.all([
      ...[peerId, replyDraft(peerId), editDraft(peerId)].map(async (key) => drafts.delete(key)),
      discardAll(transaction, peerId, ownId),
      transaction.objectStore("state").put({ peerId }, DELETED + peerId),
      // What is deleted unread was not read, and to a stranger nothing goes back.
      ...secret.filter((key) => !left.has(key)).map(async (key) => untold.delete(key)),
      line !== undefined && messages.length > 0
        ? lines.put(
            messages.reduce<Line>(
              (before, message) => withChange(before, undefined, message, ownId, isNews(message, ownId)) ?? before,
              { peerId, name: line.name, unread: 0 },
            ),
          )
        : lines.delete(peerId),
    ]);
  });
}
