import type { User } from "../../../lib/client/index.ts";
import { conversationsOf } from "../storage/conversations.ts";
import { timelinesAfter } from "../storage/history.ts";
import type { Database } from "../storage/schema.ts";
import { conversationLine, END_LINE, headerLine, messageLine } from "./format.ts";
import type { Watch } from "./progress.ts";

/** Messages that are read at a time: between two of these the page does other work. They have at most 3 MB. */
const BATCH = 200;

/** A history as a file. */
export interface HistoryFile {
  readonly name: string;
  readonly blob: Blob;
  readonly messages: number;
  /** Messages that are damaged in the storage, and are not in the file. */
  readonly damaged: number;
}

/**
 * Writes all conversations into a file: people first, then the messages of each of them, oldest first. Each batch goes into
 * a part of its own, which the browser may keep on the disk. What arrives meanwhile may be in the file or not.
 *
 * @returns undefined if it was stopped
 * @throws DOMException when the storage cannot be read
 */
export async function exportHistory(database: Database, user: User, watch: Watch): Promise<HistoryFile | undefined> {
  const exportedAt = new Date();
  const [total, people] = await Promise.all([
    database.countFromIndex("messages", "timeline"),
    conversationsOf(database),
  ]);
  const parts: Blob[] = [
    new Blob([headerLine(user, exportedAt), ...people.flatMap((one) => conversationLine(one) ?? [])]),
  ];
  let [messages, damaged] = [0, 0];
  let batch = await timelinesAfter(database, undefined, BATCH);
  while (batch.length > 0) {
    if (watch.signal.aborted) return undefined;
    const lines = batch.flatMap((message) => messageLine(message, user.id) ?? []);
    parts.push(new Blob(lines));
    messages += lines.length;
    damaged += batch.length - lines.length;
    watch.onProgress(Math.min(1, (messages + damaged) / total));
    batch = await timelinesAfter(database, batch.at(-1), BATCH);
  }
  parts.push(new Blob([END_LINE]));
  const name = `gotalk-${user.username}-${exportedAt.toISOString().slice(0, 10)}.jsonl`;
  return { name, blob: new Blob(parts, { type: "application/jsonl" }), messages, damaged };
}
