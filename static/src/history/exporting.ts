import type { User } from "../../../lib/client/index.ts";
import { conversationsOf } from "../storage/conversations.ts";
import { timelinesAfter } from "../storage/history.ts";
import type { Conversation, TimelinePlace } from "../storage/records.ts";
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

/** Messages that were read together, as lines. */
export interface Batch<Place = TimelinePlace> {
  readonly lines: readonly string[];
  readonly messages: number;
  /** Those of them that are damaged in the storage, and are not among the lines. */
  readonly damaged: number;
  readonly last: Place;
}

/** The lines of all people who can be in a file. */
export const peopleLines = (people: readonly Conversation[]): readonly string[] =>
  people.flatMap((one) => conversationLine(one) ?? []);

/** All messages behind a place, one conversation after the other. @param after Undefined: from the beginning. */
export async function* batchesAfter(
  database: Database,
  ownId: string,
  after?: TimelinePlace,
): AsyncGenerator<Batch, void> {
  let batch = await timelinesAfter(database, after, BATCH);
  for (let last = batch.at(-1); last !== undefined; last = batch.at(-1)) {
    const lines = batch.flatMap((message) => messageLine(message, ownId) ?? []);
    yield { lines, messages: batch.length, damaged: batch.length - lines.length, last };
    batch = await timelinesAfter(database, last, BATCH);
  }
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
  const parts: Blob[] = [new Blob([headerLine(user, exportedAt), ...peopleLines(people)])];
  let [messages, damaged] = [0, 0];
  for await (const batch of batchesAfter(database, user.id)) {
    if (watch.signal.aborted) return undefined;
    parts.push(new Blob([...batch.lines]));
    messages += batch.lines.length;
    damaged += batch.damaged;
    watch.onProgress(Math.min(1, (messages + damaged) / total));
  }
  parts.push(new Blob([END_LINE]));
  const name = `gotalk-${user.username}-${exportedAt.toISOString().slice(0, 10)}.jsonl`;
  return { name, blob: new Blob(parts, { type: "application/jsonl" }), messages, damaged };
}
