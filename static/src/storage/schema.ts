import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type { InboxState } from "../../../lib/client.ts";
import type { Conversation, Draft, OutgoingMessage, StoredMessage } from "./records.ts";

/** Everything that this device keeps of one user. */
export interface Schema extends DBSchema {
  /** The history: what was received, and what was sent for good. */
  messages: {
    key: string;
    value: StoredMessage;
    indexes: { timeline: [peerId: string, sentAt: string, id: string] };
  };
  conversations: { key: string; value: Conversation };
  drafts: { key: string; value: Draft };
  /** What still has to be sent, in the order in which it was written. */
  outbox: { key: number; value: OutgoingMessage; indexes: { peerId: string } };
  /** One record, `inbox`: where the chain of receipts stands. */
  state: { key: string; value: InboxState };
}

/** The database of one user on this device. */
export type Database = IDBPDatabase<Schema>;

/** For writes that must be on the disk before they count: the server deletes what was acknowledged. */
export const STRICT = { durability: "strict" } as const;

const nameOf = (userId: string): string => `gotalk-${userId}`;

/** Deletes all that this device keeps of a user. Connections that are open are closed by it. */
export const wipe = (userId: string): Promise<void> => deleteDB(nameOf(userId));

/** While the browser clears a site's data it also aborts what is being opened. Milliseconds until the next attempt. */
const REOPEN = { pause: 200, attempts: 10 };

/**
 * Opens the database of a user, and makes it the first time.
 *
 * @param onLost The browser has ended the connection: the site's data were cleared, or its database process has died.
 * @throws DOMException when the browser refuses to store anything
 */
export async function openDatabase(userId: string, onLost: () => void): Promise<Database> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await open(userId, onLost);
    } catch (error) {
      const isAborted = error instanceof DOMException && error.name === "AbortError";
      if (!isAborted || attempt === REOPEN.attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, REOPEN.pause));
    }
  }
}

function open(userId: string, onLost: () => void): Promise<Database> {
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
    // A tab with a newer version of the page wants to change the schema: it must not wait for this one.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    terminated: onLost,
  });
}
