import type { FileContent } from "../../../lib/client/index.ts";
import { allOrNothing } from "./atomic.ts";
import { placeOf, storing } from "./content.ts";
import { idOf, type KeptFile, type OutgoingMessage, type QueuedMessage } from "./records.ts";
import { type Database, STRICT } from "./schema.ts";

/** The most bytes of files that were fetched or sent here and are kept. The oldest ones make room. */
export const MOST_KEPT = 200_000_000;

/** The message that has brought a file. */
export type Bringer = Pick<KeptFile, "id" | "conversationId">;

/** A message with a file that is not uploaded. */
export type Upload = QueuedMessage & { readonly upload: string };

export const isUpload = (message: OutgoingMessage): message is Upload => message.upload !== undefined;

/** Puts a message and the file that it brings into the outbox, all or nothing. @throws DOMException when there is no room */
export async function enqueueFile(
  database: Database,
  message: OutgoingMessage & { readonly upload: string },
  file: Blob,
): Promise<void> {
  await storing(file, async (content) => {
    const transaction = database.transaction(["outbox", "bytes"], "readwrite", STRICT);
    await allOrNothing(transaction, async () => {
      await Promise.all([
        transaction.objectStore("bytes").put(content, message.upload),
        transaction.objectStore("outbox").add(message),
      ]);
    });
  });
}

/** The message of the outbox, unless it was deleted or has begun anew meanwhile. */
export async function uploadNow(database: Database, { sequence, upload }: Upload): Promise<Upload | undefined> {
  const message = (await database.get("outbox", sequence)) as Upload | undefined;
  return message?.upload === upload ? message : undefined;
}

/**
 * Stores that a file is uploaded: its message says where it is and can be sent, and its content is kept as if it had been fetched.
 * That stays where it is, as it may be large. Does nothing if the message was deleted meanwhile.
 */
export async function finishUpload(
  database: Database,
  message: Upload,
  content: FileContent,
  ownId: string,
): Promise<void> {
  const transaction = database.transaction(["outbox", "files"], "readwrite", STRICT);
  const outbox = transaction.objectStore("outbox");
  await allOrNothing(transaction, async () => {
    const waiting = await outbox.get(message.sequence);
    if (waiting?.upload !== message.upload) return;
    const { upload: place, problem: _, ...rest } = waiting;
    const file = { ...record(content.fileId, content.bytes, bringerOf(message, ownId)), place };
    await Promise.all([
      outbox.put({ ...rest, content: JSON.stringify(content) }),
      transaction.objectStore("files").put(file),
    ]);
  });
  await makeRoom(database);
}

/** Keeps a file that was fetched, and drops the oldest ones that there is no room for. @throws DOMException when it cannot be stored */
export async function keep(
  database: Database,
  fileId: string,
  file: Blob,
  bringer: Bringer,
  most = MOST_KEPT,
): Promise<void> {
  await storing(file, async (content) => {
    const transaction = database.transaction(["bytes", "files"], "readwrite");
    await allOrNothing(transaction, async () => {
      await Promise.all([
        transaction.objectStore("bytes").put(content, fileId),
        transaction.objectStore("files").put(record(fileId, file.size, bringer)),
      ]);
    });
  });
  await makeRoom(database, most);
}

/** The message of the outbox as it will be in the history. */
const bringerOf = ({ peerId, messageId }: QueuedMessage, senderId: string): Bringer => ({
  id: idOf({ senderId, messageId }),
  conversationId: peerId,
});

const record = (fileId: string, bytes: number, { id, conversationId }: Bringer): KeptFile => ({
  ...{ fileId, id, conversationId, bytes },
  keptAt: Date.now(),
});

/** How many files are kept, and how many bytes they have. */
export interface Kept {
  readonly count: number;
  readonly bytes: number;
}

const sum = (files: readonly KeptFile[]): number => files.reduce((bytes, file) => bytes + file.bytes, 0);

export async function kept(database: Database): Promise<Kept> {
  const files = await database.getAll("files");
  return { count: files.length, bytes: sum(files) };
}

/** Drops the oldest files until the others have room. */
async function makeRoom(database: Database, most = MOST_KEPT): Promise<void> {
  await dropWhere(database, (files) => {
    const oldest = files.toSorted((a, b) => a.keptAt - b.keptAt);
    let bytes = sum(files);
    return oldest.filter((file) => {
      const isOver = bytes > most;
      if (isOver) bytes -= file.bytes;
      return isOver;
    });
  });
}

/** Drops all files that are kept. What waits in the outbox stays. */
export const deleteKept = (database: Database): Promise<void> => dropWhere(database, (files) => files);

/** Drops the files of messages that are deleted, and then as {@link sweepUploads} does. */
export async function sweep(database: Database): Promise<void> {
  const transaction = database.transaction(["outbox", "bytes", "files", "messages"], "readwrite");
  await allOrNothing(transaction, async () => {
    const files = transaction.objectStore("files");
    const [known, outbox] = await Promise.all([files.getAll(), transaction.objectStore("outbox").getAll()]);
    const messages = await Promise.all(known.map(({ id }) => transaction.objectStore("messages").get(id)));
    const said = [...outbox, ...messages].map((message) => message?.content ?? "");
    const isSaid = ({ fileId }: KeptFile) => said.some((content) => content.includes(fileId));
    const lost = known.filter((file) => !isSaid(file));
    await Promise.all(
      lost.flatMap((file) => [files.delete(file.fileId), transaction.objectStore("bytes").delete(placeOf(file))]),
    );
  });
  await sweepUploads(database);
}

/** Drops what was to be uploaded for messages that are not in the outbox any more. */
export async function sweepUploads(database: Database): Promise<void> {
  const transaction = database.transaction(["outbox", "bytes", "files"], "readwrite");
  await allOrNothing(transaction, async () => {
    const bytes = transaction.objectStore("bytes");
    const [keys, files, outbox] = await Promise.all([
      bytes.getAllKeys(),
      transaction.objectStore("files").getAll(),
      transaction.objectStore("outbox").getAll(),
    ]);
    const needed = new Set([...files.map(placeOf), ...outbox.map(({ upload }) => upload)]);
    await Promise.all(keys.filter((key) => !needed.has(key)).map(async (key) => bytes.delete(key)));
  });
}

async function dropWhere(
  database: Database,
  which: (files: readonly KeptFile[]) => readonly KeptFile[],
): Promise<void> {
  const transaction = database.transaction(["bytes", "files"], "readwrite");
  await allOrNothing(transaction, async () => {
    const files = transaction.objectStore("files");
    const dropped = which(await files.getAll());
    await Promise.all(
      dropped.flatMap((file) => [files.delete(file.fileId), transaction.objectStore("bytes").delete(placeOf(file))]),
    );
  });
}
