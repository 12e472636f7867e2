import type { User } from "../../../lib/client/index.ts";
import { exportHistory } from "../../../static/src/history/exporting.ts";
import { type ImportReport, importHistory } from "../../../static/src/history/importing.ts";
import { inboxState, storeBatch, storePreview } from "../../../static/src/storage/batches.ts";
import { moveDraft } from "../../../static/src/storage/drafts.ts";
import { outboxOf } from "../../../static/src/storage/outbox.ts";
import type { Line, OutgoingMessage, StoredMessage } from "../../../static/src/storage/records.ts";
import { type Database, openDatabase } from "../../../static/src/storage/schema.ts";
import { moveToHistory } from "../../../static/src/storage/sent.ts";

/** What a user has in a browser. */
export interface Kept {
  readonly messages: readonly StoredMessage[];
  readonly conversations: readonly Line[];
  readonly outbox?: readonly OutgoingMessage[];
}

/** The message as the server hands it out. */
const received = ({ messageId, senderId, senderName, conversationId, content, sentAt }: StoredMessage, user: User) => ({
  messageId,
  senderId,
  senderName,
  content,
  sentAt,
  redelivered: false,
  ...(senderId === user.id && { toId: conversationId, toName: "somebody" }),
});

/** What the page does in one transaction. */
export type Step = "batch" | "preview" | "sent" | "draft";

/** Does it while the browser refuses at once to put anything into a store. @returns whether it failed */
async function refusing(store: string, work: () => Promise<unknown>): Promise<boolean> {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...values: Parameters<typeof put>) {
    if (this.name === store) throw new DOMException("refused", "UnknownError");
    return put.apply(this, values);
  };
  try {
    await work();
    return false;
  } catch {
    return true;
  } finally {
    IDBObjectStore.prototype.put = put;
  }
}

const watch = () => ({ signal: new AbortController().signal, onProgress: () => {} });

async function withDatabase<T>(userId: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(userId, {});
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

/**
 * The storage of the page and what exports and imports it, to be called in a browser. `place` stands for a browser of the
 * user: a database of its own.
 */
export const historyInPage = {
  /** Begins anew with these records. */
  fill: (place: string, { messages, conversations, outbox = [] }: Kept): Promise<void> =>
    withDatabase(place, async (database) => {
      const names = ["messages", "conversations", "outbox"] as const;
      const transaction = database.transaction(names, "readwrite");
      for (const name of names) void transaction.objectStore(name).clear();
      for (const message of messages) void transaction.objectStore("messages").put(message);
      for (const conversation of conversations) void transaction.objectStore("conversations").put(conversation);
      for (const message of outbox) void transaction.objectStore("outbox").put(message);
      await transaction.done;
    }),

  read: (place: string): Promise<Kept> =>
    withDatabase(place, async (database) => ({
      messages: await database.getAllFromIndex("messages", "timeline"),
      conversations: await database.getAll("conversations"),
    })),

  export: (place: string, user: User): Promise<{ text: string; messages: number; damaged: number }> =>
    withDatabase(place, async (database) => {
      const file = await exportHistory(database, user, watch());
      if (file === undefined) throw new Error("It was stopped.");
      return { text: await file.blob.text(), messages: file.messages, damaged: file.damaged };
    }),

  /** @param stopAfter The number of batches after which the person stops it. */
  import: (place: string, user: User, text: string, stopAfter = Number.POSITIVE_INFINITY): Promise<ImportReport> =>
    withDatabase(place, (database) => {
      const life = new AbortController();
      let batches = 0;
      const onProgress = (): void => {
        batches++;
        if (batches >= stopAfter) life.abort();
      };
      return importHistory(database, user.id, new Blob([text]), { signal: life.signal, onProgress });
    }),

  /** Imports a file of which nothing more comes after this text: a page that is closed is closed in the middle of it. */
  importEndlessly: (place: string, user: User, text: string): Promise<ImportReport> =>
    withDatabase(place, (database) => {
      const file = new Blob([text]);
      const start = file.stream().getReader();
      const pull = async (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> => {
        const { value } = await start.read();
        if (value !== undefined) controller.enqueue(value);
        else await new Promise(() => undefined);
      };
      file.stream = () => new ReadableStream({ pull });
      return importHistory(database, user.id, file, watch());
    }),

  /** Imports a file while the same messages are handed out by the server, one batch after the other. */
  importWhileReceiving: (place: string, user: User, text: string, messages: readonly StoredMessage[]) =>
    withDatabase(place, async (database) => {
      const receive = async (): Promise<void> => {
        for (const [index, message] of messages.entries()) {
          await storeBatch(database, user.id, [received(message, user)], { receipt: String(index), recent: [] });
        }
      };
      await Promise.all([receive(), importHistory(database, user.id, new Blob([text]), watch())]);
    }),

  /** Takes a step with a message while one store takes nothing. @returns what there is before and after, and whether it failed */
  stepInVain: (place: string, user: User, message: StoredMessage, step: Step, store: string) =>
    withDatabase(place, async (database) => {
      const all = async () => ({
        messages: await database.getAll("messages"),
        conversations: await database.getAll("conversations"),
        outbox: await database.getAll("outbox"),
        drafts: await database.getAll("drafts"),
        inbox: await inboxState(database),
      });
      await database.put("drafts", { peerId: "a name", text: "Typed" });
      const before = await all();
      const [queued] = await outboxOf(database);
      const steps = {
        batch: () => storeBatch(database, user.id, [received(message, user)], { receipt: "r", recent: [] }),
        preview: () => storePreview(database, user.id, received(message, user)),
        sent: async () => {
          const { messageId } = queued ?? {};
          if (queued && messageId) {
            await moveToHistory(database, user, queued, { messageId, sentAt: message.sentAt, status: "sent" });
          }
        },
        draft: () => moveDraft(database, "a name", message.conversationId, ""),
      };
      const hasFailed = await refusing(store, steps[step]);
      return { before, after: await all(), hasFailed };
    }),
};

Reflect.set(globalThis, "historyInPage", historyInPage);
