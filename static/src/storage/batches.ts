import { type InboxState, type Message, ownChangesIn } from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { incomingTransaction, putIncoming } from "./incoming.ts";
import type { Position, Stored } from "./records.ts";
import { isRecord } from "./safely.ts";
import type { Database } from "./schema.ts";
import type { Transaction } from "./stores.ts";
import { isReadAt } from "./unread.ts";
import { markReadElsewhere } from "./untold.ts";

const INBOX = "inbox";

/** Where the chain of receipts stands; undefined before the first batch. */
export async function inboxState(database: Database): Promise<InboxState | undefined> {
  const state = (await database.get("state", INBOX)) as InboxState | undefined;
  return isRecord(state, "receipt") && Array.isArray(state?.recent) ? state : undefined;
}

/**
 * Folds a batch into the history, with the state that acknowledges it, all or nothing. Known messages stay as they are.
 *
 * @returns the messages that are new or have changed, and what else has changed
 */
export async function storeBatch(
  database: Database,
  ownId: string,
  batch: readonly Message[],
  state: InboxState,
): Promise<Stored> {
  const transaction = incomingTransaction(database, ["state"]);
  return allOrNothing(transaction, async () => {
    const stored = await put(transaction, ownId, batch);
    await transaction.objectStore("state").put(state, INBOX);
    return stored;
  });
}

/**
 * Stores a message that came before its sync. Nothing acknowledges it: the sync brings it again, as a known one. So it need not
 * be on the disk before it is shown. What acknowledges it is written with strict durability, to the same database and after it.
 */
export async function storePreview(database: Database, ownId: string, message: Message): Promise<Stored> {
  const transaction = incomingTransaction(database, [], { durability: "relaxed" });
  return allOrNothing(transaction, () => put(transaction, ownId, [message]));
}

async function put(transaction: Transaction, ownId: string, batch: readonly Message[]): Promise<Stored> {
  const elsewhere = await readElsewhere(transaction, ownId, batch);
  const stored = await putIncoming(transaction, ownId, batch);
  for (const [id, readUpTo] of elsewhere) await markReadElsewhere(transaction, id, readUpTo);
  return stored;
}

/** Up to where other devices of the user have read. What this one has told comes back from the server, and is known by then. */
async function readElsewhere(
  transaction: Transaction,
  ownId: string,
  batch: readonly Message[],
): Promise<readonly (readonly [conversationId: string, readUpTo: Position])[]> {
  const found: [string, Position][] = [];
  for (const message of batch) {
    if (message.type !== "own" || message.senderId !== ownId) continue;
    for (const [id, { readUpTo }] of Object.entries(ownChangesIn(message))) {
      if (readUpTo === undefined || !isRecord(readUpTo, "sentAt", "id")) continue;
      const known = await transaction.objectStore("folded").get(id);
      if (!isReadAt(readUpTo, known?.readUpTo)) found.push([id, readUpTo]);
    }
  }
  return found;
}
