import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from "idb";
import type { FoldedConversation, InboxState, Waiting } from "../../../lib/client/index.ts";
import type { Bringing, Offering, Opened } from "./move-records.ts";
import type {
  Beginning,
  Draft,
  HistoryNotice,
  KeptFile,
  KnownGroup,
  Line,
  OutgoingMessage,
  StoredContent,
  StoredMessage,
  Untold,
} from "./records.ts";

/** Before the id of a conversation, in the store `state`: it was deleted on this device, and not begun anew. */
export const DELETED = "deleted/";

/** A conversation that was deleted on this device. */
interface Deleted {
  readonly peerId: string;
}

/** A value in the store `state`. */
export type StateValue = InboxState | HistoryNotice | Beginning | KnownGroup | Offering | Opened | Bringing | Deleted;

/** Everything that this device stores for one user. */
export interface Schema extends DBSchema {
  /** The history: received and sent messages. */
  messages: {
    key: string;
    value: StoredMessage;
    indexes: { timeline: [peerId: string, sentAt: string, id: string]; messageId: string };
  };
  /** What is about messages that are not here yet. */
  waiting: { key: string; value: Waiting };
  /** What the messages say of their conversations. */
  folded: { key: string; value: FoldedConversation };
  /** The lines of the list of conversations. */
  conversations: { key: string; value: Line };
  drafts: { key: string; value: Draft };
  /** Messages that are not sent yet, in the order of writing. */
  outbox: { key: number; value: OutgoingMessage; indexes: { peerId: string } };
  /** Messages of others whose delivery or reading their senders are to be told. */
  untold: { key: string; value: Untold; indexes: { toTell: string; conversationId: string } };
  /** What files contain: those of the outbox by their `upload`, and those that are kept by their `place`, or else their `fileId`. */
  bytes: { key: string; value: StoredContent };
  /** Files that were fetched or sent here, and are kept as long as there is room for them. */
  files: { key: string; value: KeptFile };
  /**
   * `inbox`: where the chain of receipts stands. `notice`: what the person is to know of the history. `group/` and an id: what
   * is known of that group. `offering`, `opened` and `bringing`: how far a history is on its way from this device, and to it.
   * `beginning`: when this browser began as a device. `deleted/` and an id: that conversation was deleted on this device.
   */
  state: { key: string; value: StateValue };
}

/** A transaction in which the history can be changed. */
export type Transaction = IDBPTransaction<Schema, StoreNames<Schema>[], "readwrite">;

/** The database of one user on this device. */
export type Database = IDBPDatabase<Schema>;
