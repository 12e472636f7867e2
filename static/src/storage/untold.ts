import type { IDBPObjectStore } from "idb";
import { hasReceipts } from "../../../lib/client/index.ts";
import type { Position, StoredMessage, Untold } from "./records.ts";
import type { Database, Schema, Transaction } from "./stores.ts";
import { isReadAt } from "./unread.ts";

type Store = Pick<IDBPObjectStore<Schema, ["untold"], "untold", "readwrite">, "put" | "delete">;

const isPrivate = ({ conversationId, senderId }: Pick<Untold, "conversationId" | "senderId">): boolean =>
  conversationId === senderId;

/**
 * Notes a message that has just been stored, within its transaction. Nobody is told that a message to a group was delivered.
 *
 * @param isSeen The user has read it on another device, which tells of that.
 */
export async function putUntold(transaction: Transaction, message: StoredMessage, ownId: string, isSeen: boolean) {
  if (!hasReceipts(message, ownId) || message.type === undefined) return;
  const { id, messageId, conversationId, senderId, sentAt, type } = message;
  if (isSeen && !isPrivate(message)) return;
  const untold: Untold = {
    ...{ id, messageId, conversationId, senderId, sentAt, type },
    ...(isPrivate(message) && { toTell: "delivered" }),
    ...(isSeen && { isSeen }),
  };
  await transaction.objectStore("untold").put(untold);
}

/** Notes up to where another device of the user has read, which tells of that, within the transaction in which it is stored. */
export async function markReadElsewhere(transaction: Transaction, conversationId: string, readUpTo: Position) {
  const store = transaction.objectStore("untold");
  const all = await store.index("conversationId").getAll(conversationId);
  const read = all.filter((one) => one.toTell !== "read" && isReadAt(one, readUpTo));
  await Promise.all(read.map(async (one) => write(store, one, seenInSecret(one))));
}

/** The record once its message is read and nobody is to be told so. */
const seenInSecret = (untold: Untold): Untold | undefined =>
  untold.toTell === undefined ? undefined : { ...untold, isSeen: true };

/** The ids of a conversation's messages whose reading is still to be noted. */
export async function unseenIn(database: Database, conversationId: string): Promise<readonly string[]> {
  const all = await database.getAllFromIndex("untold", "conversationId", conversationId);
  return all.filter(({ toTell, isSeen }) => toTell !== "read" && !isSeen).map(({ id }) => id);
}

/** What senders are to be told now. */
export const untoldIn = (database: Database): Promise<readonly Untold[]> =>
  database.getAllFromIndex("untold", "toTell");

/**
 * Notes that messages were on the screen.
 *
 * @param tellsRead Whether senders are told so.
 * @returns whether somebody is to be told something now
 */
export async function markSeen(database: Database, ids: readonly string[], tellsRead: boolean): Promise<boolean> {
  const changed = await change(database, ids, (untold) => {
    if (tellsRead && !untold.isSeen) return { ...untold, toTell: "read" };
    return seenInSecret(untold);
  });
  return tellsRead && changed > 0;
}

/** Notes what senders were told, or are not to be told any more. */
export async function markTold(
  database: Database,
  ids: readonly string[],
  what: NonNullable<Untold["toTell"]>,
): Promise<void> {
  await change(database, ids, (untold) => {
    if (what === "read" || (untold.isSeen && untold.toTell === "delivered")) return undefined;
    if (untold.toTell !== "delivered") return untold;
    const { toTell: _, ...rest } = untold;
    return rest;
  });
}

/** Takes back that messages were read, where it was not told yet: the person wants nobody to be told. */
export async function keepSecret(database: Database, ids: readonly string[]): Promise<void> {
  // Their delivery may have been told before: once more does no harm.
  await change(database, ids, (untold) =>
    isPrivate(untold) ? { ...untold, toTell: "delivered", isSeen: true } : undefined,
  );
}

/** Tells nothing of these messages. */
export const deleteUntold = async (database: Database, ids: readonly string[]): Promise<void> => {
  await change(database, ids, () => undefined);
};

/**
 * Changes the records that are there, in one transaction.
 *
 * @param to The record as it is then. The same object leaves it as it is, and undefined removes it.
 * @returns how many there were
 */
async function change(
  database: Database,
  ids: readonly string[],
  to: (untold: Untold) => Untold | undefined,
): Promise<number> {
  const transaction = database.transaction("untold", "readwrite");
  const work = async () => {
    const known = (await Promise.all(ids.map((id) => transaction.store.get(id)))).filter((one) => one !== undefined);
    await Promise.all(known.map(async (one) => write(transaction.store, one, to(one))));
    return known.length;
  };
  const [count] = await Promise.all([work(), transaction.done]);
  return count;
}

async function write(store: Store, before: Untold, after: Untold | undefined): Promise<void> {
  if (after === undefined) await store.delete(before.id);
  else if (after !== before) await store.put(after);
}
