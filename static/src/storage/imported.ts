import { adopt, type Concerned, concernedByFolded, merge, type Records, type Said } from "../../../lib/client/index.ts";
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

/** A part of the history of another device of the user. */
export interface Brought extends Imported {
  /** What waits there for messages that are not there. */
  readonly said: readonly Said[];
}

/**
 * Adds a part of a history, all or nothing. What is known stays as it is, and nothing becomes unread. A message of the
 * outbox is left there: that it is on another device of the user does not show that it has reached its receiver.
 *
 * @returns the messages that were not known, and the conversations that they have changed
 * @throws DOMException when it cannot be stored
 */
export const storeImported = (database: Database, ownId: string, imported: Imported): Promise<Stored> =>
  storeFolded(database, ownId, imported, (messages) => ({
    concerned: concernedByFolded(messages),
    folding: (known) => adopt(known, messages, ownId),
  }));

/**
 * As {@link storeImported}, from another device of the user, which is believed as much as this one: what was edited, deleted or said
 * there about a message that is known counts here, too.
 *
 * @returns how many messages were not known; and, of those that were known, the ones that have changed
 * @throws DOMException when it cannot be stored
 */
export async function storeBrought(
  database: Database,
  ownId: string,
  { said, ...imported }: Brought,
): Promise<Stored & { readonly added: number }> {
  let before: ReadonlySet<string> = new Set();
  const stored = await storeFolded(database, ownId, imported, (messages) => ({
    concerned: concernedByFolded(messages, said),
    folding: (known) => {
      before = new Set(known.messages.map(({ id }) => id));
      return merge(known, messages, said, ownId);
    },
  }));
  const changed = stored.messages.filter(({ id }) => before.has(id));
  return { ...stored, messages: changed, added: stored.messages.length - changed.length };
}

/** What is to be read for a change, and the change. */
interface Folding {
  readonly concerned: Concerned;
  folding(known: Records): Records;
}

/** @param foldingOf For the messages that are not in the outbox. */
function storeFolded(
  database: Database,
  ownId: string,
  { people, messages }: Imported,
  foldingOf: (messages: readonly StoredMessage[]) => Folding,
): Promise<Stored> {
  const transaction = incomingTransaction(database, ["outbox"]);
  const work = async () => {
    const [queued] = await Promise.all([transaction.objectStore("outbox").getAll(), putPeople(transaction, people)]);
    const waiting = new Set(queued.map(({ messageId }) => idOf({ senderId: ownId, messageId })));
    const { concerned, folding } = foldingOf(messages.filter(({ id }) => !waiting.has(id)));
    return putFolded(transaction, ownId, concerned, folding, false);
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
