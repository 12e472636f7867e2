import type { StoreNames } from "idb";
import {
  type Concerned,
  concernedBy,
  type FoldedConversation,
  fold,
  isNews,
  type Message,
  type Records,
  settingsOf,
} from "../../../lib/client/index.ts";
import { withChange } from "./lines.ts";
import {
  type Conversation,
  conversationFrom,
  type Line,
  readLine,
  type Stored,
  type StoredMessage,
  storedFrom,
} from "./records.ts";
import { type Database, type Schema, STRICT } from "./schema.ts";
import type { Transaction } from "./stores.ts";
import { isReadAt, withReadUpTo } from "./unread.ts";
import { putUntold } from "./untold.ts";

/**
 * Opens the transaction for {@link putIncoming}, which the caller waits for by its `done`.
 *
 * @param others More stores that it covers.
 */
export const incomingTransaction = (
  database: Database,
  others: readonly StoreNames<Schema>[] = [],
  options: IDBTransactionOptions = STRICT,
): Transaction =>
  database.transaction(["messages", "waiting", "folded", "conversations", "untold", ...others], "readwrite", options);

/**
 * Folds messages that the server has handed out, or has taken, into the history, within a transaction. A message that is
 * known stays as it is. A message that was sent here and comes back stays in the outbox: other devices may not have it yet,
 * and only the answer to the send says that they all do.
 */
export function putIncoming(transaction: Transaction, ownId: string, received: readonly Message[]): Promise<Stored> {
  const folding = (known: Records) => fold(known, received, ownId);
  return putFolded(transaction, ownId, concernedBy(received, ownId), folding, true);
}

/**
 * Reads the records that a change of the history concerns, and stores the change, within a transaction.
 *
 * @param isTold Whether new messages become unread.
 */
export async function putFolded(
  transaction: Transaction,
  ownId: string,
  concerned: Concerned,
  folding: (known: Records) => Records,
  isTold: boolean,
): Promise<Stored> {
  // All reads at once and all writes at once, whatever the number of messages.
  // A failed request aborts the transaction, which then rejects as well.
  const known = await read(transaction, concerned);
  const changed = folding(known);
  const messages = changed.messages.map(storedFrom);
  const before = new Map(known.messages.map((message) => [message.id, message]));
  const [lines, folded] = await readLines(transaction, changed);
  const isUnreadNow = (message: StoredMessage): boolean =>
    isTold && !isReadAt(message, folded.get(message.conversationId)?.readUpTo);
  const conversations = new Map<string, Line>();
  for (const message of messages) {
    const id = message.conversationId;
    const line = conversations.get(id) ?? lines.get(id);
    const after = withChange(line, before.get(message.id), message, ownId, isUnreadNow(message));
    if (after !== undefined && after !== line) conversations.set(id, named(after, line, folded.get(id)));
  }
  const isNew = (message: StoredMessage): boolean => isTold && !before.has(message.id) && isNews(message, ownId);
  const fresh = messages.filter(isNew);
  await write(transaction, changed, messages);
  await Promise.all(fresh.map((message) => putUntold(transaction, message, ownId, !isUnreadNow(message))));
  for (const { id, name, readUpTo } of changed.conversations) {
    const line = conversations.get(id) ?? lines.get(id);
    if (line === undefined) continue;
    const renamed = name === undefined ? line : { ...line, name: name.text };
    conversations.set(id, readUpTo ? await withReadUpTo(transaction, renamed, readUpTo, ownId) : renamed);
  }
  await Promise.all(
    [...conversations.values()].map(async (line) => transaction.objectStore("conversations").put(line)),
  );
  const own = changed.conversations.find(({ id }) => id === ownId);
  const accepted = newlyAccepted(known.conversations, changed.conversations);
  return {
    messages,
    news: fresh.filter(isUnreadNow).map(({ id }) => id),
    conversations: await withAdders(transaction, conversations, accepted),
    ...(own !== undefined && { own }),
  };
}

/** The people whom the user had not accepted before. */
function newlyAccepted(before: readonly FoldedConversation[], now: readonly FoldedConversation[]): ReadonlySet<string> {
  const idsOf = (all: readonly FoldedConversation[]): string[] =>
    all.filter((one) => settingsOf(one).isAccepted).map(({ id }) => id);
  const known = idsOf(before);
  return new Set(idsOf(now).filter((id) => !known.includes(id)));
}

/**
 * The lines that have changed, as the list shows them, and the groups that people have added the user to who are accepted now. Such
 * a person need not have a line.
 */
async function withAdders(
  transaction: Transaction,
  changed: ReadonlyMap<string, Line>,
  accepted: ReadonlySet<string>,
): Promise<Conversation[]> {
  const lines = accepted.size === 0 ? [] : (await transaction.objectStore("conversations").getAll()).flatMap(readLine);
  const isTheirs = ({ peerId, addedBy = "" }: Line): boolean => accepted.has(addedBy) && !changed.has(peerId);
  const all = [...changed.values(), ...lines.filter(isTheirs)];
  const store = transaction.objectStore("folded");
  return Promise.all(
    all.map(async (line) => {
      const [folded, adder] = await Promise.all([
        store.get(line.peerId),
        line.addedBy === undefined ? undefined : store.get(line.addedBy),
      ]);
      return conversationFrom(line, folded, adder);
    }),
  );
}

/** A line that is new has the name that its conversation had before it was deleted: its message may name nobody. */
const named = (line: Line, before: Line | undefined, folded: FoldedConversation | undefined): Line =>
  before === undefined ? { ...line, name: folded?.name?.text ?? line.name } : line;

async function read(transaction: Transaction, { messageIds, conversationIds }: Concerned): Promise<Records> {
  const byId = transaction.objectStore("messages").index("messageId");
  const [messages, waiting, conversations] = await Promise.all([
    Promise.all(messageIds.map((id) => byId.getAll(id))),
    Promise.all(messageIds.map((id) => transaction.objectStore("waiting").get(id))),
    Promise.all(conversationIds.map((id) => transaction.objectStore("folded").get(id))),
  ]);
  const isThere = <T>(record: T | undefined): record is T => record !== undefined;
  return {
    messages: messages.flat(),
    waiting: waiting.filter(isThere),
    conversations: conversations.filter(isThere),
  };
}

/** The lines of the conversations that have changed, and what is known of these, as it is after the change. */
async function readLines(
  transaction: Transaction,
  changed: Records,
): Promise<readonly [lines: ReadonlyMap<string, Line>, folded: ReadonlyMap<string, FoldedConversation>]> {
  const ids = new Set([
    ...changed.messages.map(({ conversationId }) => conversationId),
    ...changed.conversations.map(({ id }) => id),
  ]);
  const [lines, folded] = await Promise.all([
    Promise.all([...ids].map((id) => transaction.objectStore("conversations").get(id))),
    Promise.all([...ids].map((id) => transaction.objectStore("folded").get(id))),
  ]);
  const known = [...folded.filter((one) => one !== undefined), ...changed.conversations];
  return [
    new Map(lines.flatMap((line) => (line === undefined ? [] : readLine(line))).map((line) => [line.peerId, line])),
    new Map(known.map((one) => [one.id, one])),
  ];
}

async function write(transaction: Transaction, changed: Records, messages: readonly StoredMessage[]): Promise<void> {
  const store = <Name extends StoreNames<Schema>>(name: Name) => transaction.objectStore(name);
  // A write that is refused at once must not keep the others from being waited for: hence async.
  await Promise.all([
    ...messages.map(async (message) => store("messages").put(message)),
    ...changed.waiting.map(async (waiting) =>
      Object.keys(waiting.marks).length > 0
        ? store("waiting").put(waiting)
        : store("waiting").delete(waiting.messageId),
    ),
    ...changed.conversations.map(async (conversation) => store("folded").put(conversation)),
  ]);
}
