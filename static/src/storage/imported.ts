import { adopt, concernedByFolded } from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { incomingTransaction, putFolded } from "./incoming.ts";
import { idOf, type Line, readLine, type Stored, type StoredMessage } from "./records.ts";
import type { Database } from "./schema.ts";
import type { Transaction } from "./stores.ts";

/** A part of a history that was kept elsewhere. */
export interface Imported {
  readonly people: readonly Pick<Line, "peerId" | "name">[];
  readonly messages: readonly StoredMessage[];
}

/**
 * Adds a part of a history, all or nothing. What is known stays as it is, and nothing becomes unread. A message of the
 * outbox is left there: that it is on another device of the user does not show that it has reached its receiver.
 *
 * @returns the messages that were not known, and the conversations that they have changed
 * @throws DOMException when it cannot be stored
 */
export async function storeImported(
  database: Database,
  ownId: string,
  { people, messages }: Imported,
): Promise<Stored> {
  const transaction = incomingTransaction(database, ["outbox"]);
  const work = async () => {
    const [queued] = await Promise.all([transaction.objectStore("outbox").getAll(), putPeople(transaction, people)]);
    const waiting = new Set(queued.map(({ messageId }) => idOf({ senderId: ownId, messageId })));
    const added = messages.filter(({ id }) => !waiting.has(id));
    return putFolded(transaction, ownId, concernedByFolded(added), (known) => adopt(known, added, ownId), false);
  };
  return allOrNothing(transaction, work);
}

/** Begins the conversations that are new, and names those whose name was not known. */
async function putPeople(transaction: Transaction, people: Imported["people"]): Promise<void> {
  const conversations = transaction.objectStore("conversations");
  const known = await Promise.all(people.map(({ peerId }) => conversations.get(peerId)));
  const lines = people.flatMap(({ peerId, name }, index) => {
    const stored = known[index];
    const [line = { peerId, name: peerId, unread: 0 }] = stored === undefined ? [] : readLine(stored);
    return line.name === peerId ? [{ ...line, name }] : [];
  });
  await Promise.all(lines.map((line) => conversations.put(line)));
}
