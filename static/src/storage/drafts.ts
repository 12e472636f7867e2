import type { IDBPObjectStore, StoreNames } from "idb";
import { allOrNothing } from "./atomic.ts";
import type { Draft } from "./records.ts";
import { isRecord } from "./safely.ts";
import type { Database, Schema } from "./schema.ts";

const textOf = (draft: Draft | undefined): string => (draft !== undefined && isRecord(draft, "text") ? draft.text : "");

/** The draft that names the message which the next one to this receiver replies to: its id. */
export const replyDraft = (peerId: string): string => `reply ${peerId}`;

/** The draft of a message's new text: the message's id, a line break, and the text. */
export const editDraft = (peerId: string): string => `edit ${peerId}`;

/** All drafts. */
export async function allDrafts(database: Database): Promise<Draft[]> {
  return (await database.getAll("drafts")).filter((draft) => isRecord(draft, "peerId", "text"));
}

/** The text that was typed for this receiver and not sent. */
export async function draftFor(database: Database, peerId: string): Promise<string> {
  return textOf(await database.get("drafts", peerId));
}

/** Stores a draft, at every keystroke. It commits at once, so that a reload right after it finds the text. */
export async function saveDraft(database: Database, peerId: string, text: string): Promise<void> {
  const transaction = database.transaction("drafts", "readwrite");
  const written = text === "" ? transaction.store.delete(peerId) : transaction.store.put({ peerId, text });
  transaction.commit();
  await Promise.all([written, transaction.done]);
}

/** A change of a draft's beginning, which holds the texts of first messages. */
export interface DraftStart {
  readonly before: string;
  /** The texts that stay. */
  readonly after: string;
}

export type DraftStore<Stores extends ArrayLike<StoreNames<Schema>>> = IDBPObjectStore<
  Schema,
  Stores,
  "drafts",
  "readwrite"
>;

/** A text without this beginning, if it has it. */
export const withoutStart = (text: string, start: string): string =>
  text.startsWith(start) ? text.slice(start.length) : text;

/** Changes a draft's beginning, within a transaction. */
export async function cutDraft<Stores extends ArrayLike<StoreNames<Schema>>>(
  store: DraftStore<Stores>,
  peerId: string,
  { before, after }: DraftStart,
): Promise<void> {
  const text = after + withoutStart(textOf(await store.get(peerId)), before);
  await (text === "" ? store.delete(peerId) : store.put({ peerId, text }));
}

/**
 * Moves a draft to the end of another draft, without its beginning. Does nothing if both are the same draft.
 *
 * @param start The beginning, which stays: the texts of first messages.
 * @returns the other draft as it is now
 */
export async function moveDraft(database: Database, from: string, to: string, start: string): Promise<string> {
  const transaction = database.transaction("drafts", "readwrite");
  const { store } = transaction;
  const work = async () => {
    const [moved = "", kept = ""] = (await Promise.all([store.get(from), store.get(to)])).map(textOf);
    if (from === to) return kept;
    const text = [kept, withoutStart(moved, start)].filter((part) => part !== "").join("\n");
    const write = (peerId: string, draft: string) =>
      draft === "" ? store.delete(peerId) : store.put({ peerId, text: draft });
    await Promise.all([write(from, start), write(to, text)]);
    return text;
  };
  return allOrNothing(transaction, work);
}
