import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import { type InboxState, retrying, steadily } from "../../../lib/client/index.ts";
import type { Conversation, Draft, HistoryNotice, OutgoingMessage, StoredMessage } from "./records.ts";

/** Everything that this device stores for one user. */
export interface Schema extends DBSchema {
  /** The history: received and sent messages. */
  messages: {
    key: string;
    value: StoredMessage;
    indexes: { timeline: [peerId: string, sentAt: string, id: string] };
  };
  conversations: { key: string; value: Conversation };
  drafts: { key: string; value: Draft };
  /** Messages that are not sent yet, in the order of writing. */
  outbox: { key: number; value: OutgoingMessage; indexes: { peerId: string } };
  /** `inbox`: where the chain of receipts stands. `notice`: what the person is to know of the history. */
  state: { key: string; value: InboxState | HistoryNotice };
}

/** The database of one user on this device. */
export type Database = IDBPDatabase<Schema>;

/** For writes that must be on the disk before they count: the server deletes acknowledged messages. */
export const STRICT = { durability: "strict" } as const;

const nameOf = (userId: string): string => `gotalk-${userId}`;

/** Milliseconds to wait until other tabs close a database that is to be deleted. */
const CLOSE_TIME = 5_000;

/**
 * Deletes everything that this device stores for a user. It first empties all stores, which no other tab can delay, and
 * then deletes the database, which closes the connections of other tabs.
 *
 * @returns whether nothing is left
 */
export async function eraseUser(userId: string): Promise<boolean> {
  const isEmptied = await emptyStores(userId).then(
    () => true,
    () => false,
  );
  const isDeleted = deleteDB(nameOf(userId)).then(
    () => true,
    () => false,
  );
  const isHeld = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), CLOSE_TIME));
  return (await Promise.race([isDeleted, isHeld])) || isEmptied;
}

async function emptyStores(userId: string): Promise<void> {
  const database = await open(userId, {});
  try {
    const names = [...database.objectStoreNames];
    const transaction = database.transaction(names, "readwrite", STRICT);
    await Promise.all([...names.map((name) => transaction.objectStore(name).clear()), transaction.done]);
  } finally {
    database.close();
  }
}

/** Ten attempts, 200 ms apart: while the browser clears a site's data it also aborts what is being opened. */
const REOPEN = steadily(
  200,
  ({ error, earlier }) => error instanceof DOMException && error.name === "AbortError" && earlier < 9,
);

/** Events of an open database. */
interface Events {
  /** The browser has closed the connection: the site's data were cleared, or its database process has died. */
  onLost?(): void;
  /** A tab with a newer version of the page changes the schema. This version cannot read it any more. */
  onNewer?(): void;
  /** Aborted when the connection is not used any more. */
  readonly life?: AbortSignal;
}

/**
 * Tries the connection when the page becomes visible. WebKit loses connections of tabs in the background, and does not
 * always tell: every later request fails.
 *
 * @returns a function that ends this
 * @see https://bugs.webkit.org/show_bug.cgi?id=277615
 */
function watch(database: Database, onLost: () => void): () => void {
  const probe = () => {
    if (document.visibilityState === "visible") void probeOf(database).catch(onLost);
  };
  document.addEventListener("visibilitychange", probe);
  return () => document.removeEventListener("visibilitychange", probe);
}

/** A cheap request. A closed connection refuses it at once. */
async function probeOf(database: Database): Promise<number> {
  return database.count("state");
}

/**
 * Opens the database of a user. Makes it the first time.
 *
 * @throws DOMException `VersionError` when a newer version of the page has changed the schema, others when the browser
 * refuses to store anything
 */
export async function openDatabase(userId: string, events: Events): Promise<Database> {
  const database = await retrying(() => open(userId, events), { policy: REOPEN });
  events.life?.addEventListener(
    "abort",
    watch(database, () => events.onLost?.()),
  );
  return database;
}

function open(userId: string, { onLost, onNewer }: Events): Promise<Database> {
  return openDB<Schema>(nameOf(userId), 1, {
    upgrade(database) {
      const messages = database.createObjectStore("messages", { keyPath: "id" });
      messages.createIndex("timeline", ["peerId", "sentAt", "id"]);
      database.createObjectStore("conversations", { keyPath: "peerId" });
      database.createObjectStore("drafts", { keyPath: "peerId" });
      const outbox = database.createObjectStore("outbox", { keyPath: "sequence", autoIncrement: true });
      outbox.createIndex("peerId", "peerId");
      database.createObjectStore("state");
    },
    // Another tab wants to change the schema, or to delete the database (then `version` is null). It must not wait.
    blocking: (_current, version, event) => {
      (event.target as IDBDatabase).close();
      if (version !== null) onNewer?.();
    },
    terminated: () => onLost?.(),
  });
}
