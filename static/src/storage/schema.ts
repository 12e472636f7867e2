import { deleteDB, openDB } from "idb";
import { retrying, steadily } from "../../../lib/client/index.ts";
import type { Database, Schema } from "./stores.ts";
import { upgrade } from "./upgrade.ts";

export type { Database, Schema } from "./stores.ts";

/** For writes that must be on the disk before they count: the server deletes acknowledged messages. */
export const STRICT = { durability: "strict" } as const;

/** Of the schema. */
const VERSION = 4;

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
  return openDB<Schema>(nameOf(userId), VERSION, {
    upgrade: (database, from, _, transaction) => upgrade(database, from, transaction, userId),
    // Another tab wants to change the schema, or to delete the database (then `version` is null). It must not wait.
    blocking: (_current, version, event) => {
      (event.target as IDBDatabase).close();
      if (version !== null) onNewer?.();
    },
    terminated: () => onLost?.(),
  });
}
