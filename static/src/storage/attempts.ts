import type { IDBPTransaction } from "idb";
import { type OwnValue, ownChangesIn } from "../../../lib/client/index.ts";
import { type OutgoingMessage, type QueuedMessage, queued } from "./records.ts";
import { type Database, type Schema, STRICT } from "./schema.ts";

type Replacing = IDBPTransaction<Schema, ["outbox", "folded"], "readwrite">;

/** Stores that an attempt is about to begin. @returns false if the message is gone or has another id now */
export function markTried(database: Database, message: QueuedMessage): Promise<boolean> {
  return replace(database, message, (stored) => ({ ...stored, mayHaveArrived: true }));
}

/** New ids for messages. */
export interface NewIds {
  /** For the message that is about to be tried again. */
  readonly messageId: string;
  /** Whether a later message gets a new id, too, so that it still sorts after this one. */
  isToFollow(message: QueuedMessage): boolean;
  next(): string;
}

/** Gives a message another id, since the server refuses the time in its id. @returns as {@link markTried} does */
export function renew(database: Database, message: QueuedMessage, ids: NewIds): Promise<boolean> {
  const { messageId } = ids;
  return replace(
    database,
    message,
    (stored) => ({ ...stored, messageId, mayHaveArrived: true }),
    async (transaction) => {
      const store = transaction.objectStore("outbox");
      await restamp(transaction, message, messageId);
      const waiting = (await store.index("peerId").getAll(message.peerId)).map(queued);
      const isBehind = ({ sequence, status }: QueuedMessage) => sequence > message.sequence && status === "pending";
      for (const behind of waiting.filter(isBehind)) {
        if (!ids.isToFollow(behind)) continue;
        const next = ids.next();
        await store.put({ ...behind, messageId: next });
        await restamp(transaction, behind, next);
      }
    },
  );
}

/** What an `own` message says counts here by its new id: under one from the future it would outlast all that comes later. */
async function restamp(transaction: Replacing, message: QueuedMessage, messageId: string): Promise<void> {
  if (message.type !== "own") return;
  const store = transaction.objectStore("folded");
  for (const id of Object.keys(ownChangesIn(message))) {
    const folded = await store.get(id);
    if (folded?.own === undefined) continue;
    const values = Object.entries(folded.own).map(([name, value]): [string, OwnValue] => [
      name,
      value.messageId === message.messageId ? { ...value, messageId } : value,
    ]);
    await store.put({ ...folded, own: Object.fromEntries(values) });
  }
}

/** Changes a message, and then others with it, unless another tab has changed its id. */
async function replace(
  database: Database,
  { sequence, messageId }: QueuedMessage,
  to: (message: OutgoingMessage) => OutgoingMessage,
  andThen: (transaction: Replacing) => Promise<void> = async () => {},
): Promise<boolean> {
  const transaction = database.transaction(["outbox", "folded"], "readwrite", STRICT);
  const store = transaction.objectStore("outbox");
  const work = async () => {
    const stored = await store.get(sequence);
    if (stored?.messageId !== messageId) return false;
    await store.put(to(stored));
    await andThen(transaction);
    return true;
  };
  const [isDone] = await Promise.all([work(), transaction.done]);
  return isDone;
}
