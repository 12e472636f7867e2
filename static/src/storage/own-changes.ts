import {
  type FoldedConversation,
  type OwnChange,
  ownChangesIn,
  type Position,
  type User,
} from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { incomingTransaction, putIncoming } from "./incoming.ts";
import { asUrgent, outgoingFrom } from "./outbox.ts";
import { type OutgoingMessage, type QueuedMessage, readLine, type Stored } from "./records.ts";
import { sentMessage } from "./sent.ts";
import type { Database, Transaction } from "./stores.ts";
import { isReadAt } from "./unread.ts";

/** What a person has done with conversations, by their ids. */
export type OwnChanges = Readonly<Record<string, OwnChange>>;

/** Conversations in one message. All that can be said of one takes less than 500 bytes, of 16,384. */
const MOST = 30;

/**
 * Stores what the person has done with conversations as the other devices will, and puts a message to these into the outbox.
 *
 * Of what still waits there and was certainly not tried, that is left out which these changes replace. The rest stays under its
 * own id: under a new one it would also replace what another device has said in between. Only how far was read counts without an
 * id, and goes out with the changes.
 *
 * @param newMessageId Makes an id that sorts after the given one.
 * @returns what has changed, and what is to be sent: nothing if all of it was so already
 */
export async function storeOwnChanges(
  database: Database,
  user: User,
  changes: OwnChanges,
  newMessageId: (after?: string) => string,
): Promise<readonly [stored: Stored, queued: readonly QueuedMessage[]]> {
  const transaction = incomingTransaction(database, ["outbox"], asUrgent());
  return allOrNothing(transaction, async () => {
    const news = await differing(transaction, changes);
    if (Object.keys(news).length === 0) return [{ messages: [], news: [], conversations: [] }, []];
    const outbox = transaction.objectStore("outbox");
    const waiting = (await outbox.index("peerId").getAll(user.id)).filter(isUntried);
    const after = await greatestReplaced(transaction, news);
    const records = partsOf(withReading(waiting.map(ownChangesIn), news)).map((part) =>
      outgoingFrom({ peerId: user.id, type: "own", content: JSON.stringify(part), messageId: newMessageId(after) }),
    );
    const taken = records.map((record) => sentMessage(record, user, { sentAt: record.writtenAt }));
    const stored = await putIncoming(transaction, user.id, taken);
    await Promise.all(waiting.map(async (message) => leaveOut(transaction, message, news)));
    const sequences = await Promise.all(records.map(async (record) => outbox.add(record)));
    return [stored, records.map((record, index) => ({ ...record, sequence: sequences[index] ?? 0 }))];
  });
}

/** Up to where conversations were read here of which the other devices do not know yet. */
export async function untoldReading(database: Database): Promise<OwnChanges> {
  const lines = (await database.getAll("conversations")).flatMap(readLine);
  return Object.fromEntries(
    lines.flatMap(({ peerId, readHere, unreadFrom }) => {
      // What came late and lies before it is unread here, and is not to be read elsewhere.
      const isWhole = readHere !== undefined && !(unreadFrom !== undefined && isReadAt(unreadFrom, readHere));
      return isWhole ? [[peerId, { readUpTo: readHere }]] : [];
    }),
  );
}

const isUntried = ({ type, mayHaveArrived, status }: OutgoingMessage): boolean =>
  type === "own" && mayHaveArrived === false && status === "pending";

const further = (one: Position | undefined, other: Position | undefined): Position | undefined =>
  one === undefined || isReadAt(one, other) ? other : one;

/** The changes, with how far the waiting ones say that conversations were read. */
function withReading(waiting: readonly OwnChanges[], news: OwnChanges): OwnChanges {
  const all = new Map(Object.entries(news));
  for (const [id, { readUpTo: before }] of waiting.flatMap((one) => Object.entries(one))) {
    const readUpTo = further(before, all.get(id)?.readUpTo);
    if (readUpTo !== undefined) all.set(id, { ...all.get(id), readUpTo });
  }
  return Object.fromEntries(all);
}

/** Leaves out of a waiting message what goes out in another one now. One that says nothing more is removed. */
async function leaveOut(transaction: Transaction, message: OutgoingMessage, news: OwnChanges): Promise<void> {
  const outbox = transaction.objectStore("outbox");
  const left = Object.entries(ownChangesIn(message)).flatMap(([id, { readUpTo: _, ...values }]) => {
    const rest = Object.entries(values).filter(([name]) => !Object.hasOwn(news[id] ?? {}, name));
    return rest.length === 0 ? [] : [[id, Object.fromEntries(rest)] as const];
  });
  if (left.length > 0) await outbox.put({ ...message, content: JSON.stringify(Object.fromEntries(left)) });
  else if (message.sequence !== undefined) await outbox.delete(message.sequence);
}

/** The greatest id by which a value counts that the changes replace. It may come from a better clock than this machine's. */
async function greatestReplaced(transaction: Transaction, news: OwnChanges): Promise<string | undefined> {
  const store = transaction.objectStore("folded");
  const ids = await Promise.all(
    Object.entries(news).map(async ([id, change]) => {
      const own = (await store.get(id))?.own ?? {};
      return Object.keys(change).flatMap((name) => own[name]?.messageId ?? []);
    }),
  );
  return ids.flat().toSorted().at(-1);
}

function partsOf(changes: OwnChanges): OwnChanges[] {
  const entries = Object.entries(changes);
  return Array.from({ length: Math.ceil(entries.length / MOST) }, (_, part) =>
    Object.fromEntries(entries.slice(part * MOST, (part + 1) * MOST)),
  );
}

/** What is not so already. */
async function differing(transaction: Transaction, changes: OwnChanges): Promise<OwnChanges> {
  const store = transaction.objectStore("folded");
  const entries = Object.entries(changes).map(
    async ([id, change]): Promise<[string, OwnChange]> => [id, newIn(change, (await store.get(id)) ?? { id })],
  );
  return Object.fromEntries((await Promise.all(entries)).filter(([, change]) => Object.keys(change).length > 0));
}

function newIn({ readUpTo, ...values }: OwnChange, { own = {}, readUpTo: before }: FoldedConversation): OwnChange {
  const isSame = (name: string, value: unknown): boolean =>
    JSON.stringify(own[name]?.value ?? false) === JSON.stringify(value);
  const news = Object.entries(values).filter(([name, value]) => !isSame(name, value));
  // One does not count without the other, on whichever device it was changed last.
  const isArchiving = news.some(([name]) => name === "archivedUpTo") && values.archived !== undefined;
  return {
    ...(readUpTo !== undefined && !isReadAt(readUpTo, before) && { readUpTo }),
    ...Object.fromEntries(news),
    ...(isArchiving && { archived: values.archived }),
  };
}
