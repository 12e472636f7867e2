import type { Draft } from "./records.ts";
import { isRecord } from "./safely.ts";
import type { Database } from "./schema.ts";

const textOf = (draft: Draft | undefined): string => (draft !== undefined && isRecord(draft, "text") ? draft.text : "");

/** What was typed for this receiver and not sent. */
export async function draftFor(database: Database, peerId: string): Promise<string> {
  return textOf(await database.get("drafts", peerId));
}

/** Called at every keystroke. The commit is asked for at once, so that a reload right after it finds the text. */
export async function saveDraft(database: Database, peerId: string, text: string): Promise<void> {
  const transaction = database.transaction("drafts", "readwrite");
  const written = text === "" ? transaction.store.delete(peerId) : transaction.store.put({ peerId, text });
  transaction.commit();
  await Promise.all([written, transaction.done]);
}

/**
 * Moves a draft to the end of another one. `sent`, at its beginning, has become a message and goes.
 *
 * @returns what the other one is now
 */
export async function moveDraft(database: Database, from: string, to: string, sent: string): Promise<string> {
  const transaction = database.transaction("drafts", "readwrite");
  const { store } = transaction;
  const work = async () => {
    const [moved = "", kept = ""] = (await Promise.all([store.get(from), store.get(to)])).map(textOf);
    const rest = moved.startsWith(sent) ? moved.slice(sent.length) : moved;
    const text = [kept, rest].filter((part) => part !== "").join("\n");
    await Promise.all([store.delete(from), text !== "" && store.put({ peerId: to, text })]);
    return text;
  };
  const [text] = await Promise.all([work(), transaction.done]);
  return text;
}
