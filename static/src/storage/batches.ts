import type { InboxState, Message } from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { incomingTransaction, putIncoming } from "./incoming.ts";
import type { Stored } from "./records.ts";
import { isRecord } from "./safely.ts";
import type { Database } from "./schema.ts";

const INBOX = "inbox";

/** Where the chain of receipts stands; undefined before the first batch. */
export async function inboxState(database: Database): Promise<InboxState | undefined> {
  const state = (await database.get("state", INBOX)) as InboxState | undefined;
  return isRecord(state, "receipt") && Array.isArray(state?.recent) ? state : undefined;
}

/**
 * Stores a batch with the state that acknowledges it, all or nothing. Known messages stay as they are.
 *
 * @returns the new messages, and what they have changed
 */
export async function storeBatch(
  database: Database,
  ownId: string,
  batch: readonly Message[],
  state: InboxState,
): Promise<Stored> {
  const transaction = incomingTransaction(database);
  return allOrNothing(transaction, async () => {
    const stored = await putIncoming(transaction, ownId, batch);
    await transaction.objectStore("state").put(state, INBOX);
    return stored;
  });
}

/** Stores a message that came before its sync. Nothing acknowledges it: the sync brings it again, as a known one. */
export async function storePreview(database: Database, ownId: string, message: Message): Promise<Stored> {
  const transaction = incomingTransaction(database);
  return allOrNothing(transaction, () => putIncoming(transaction, ownId, [message]));
}
