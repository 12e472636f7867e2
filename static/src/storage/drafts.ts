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
 * Moves a draft to the end of another one, without its beginning. Where both are the same draft, only its beginning changes.
 *
 * @param start.before The beginning of the draft: texts that are about to be messages.
 * @param start.after What is left of them, which stays.
 * @returns what the other one is now
 */
export async function moveDraft(
  database: Database,
  from: string,
  to: string,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<string> {
  const transaction = database.transaction("drafts", "readwrite");
  const { store } = transaction;
  const work = async () => {
    const [moved = "", kept = ""] = (await Promise.all([store.get(from), store.get(to)])).map(textOf);
    const rest = moved.startsWith(before) ? moved.slice(before.length) : moved;
    const text = from === to ? after + rest : [kept, rest].filter((part) => part !== "").join("\n");
    const write = (peerId: string, draft: string) =>
      draft === "" ? store.delete(peerId) : store.put({ peerId, text: draft });
    await Promise.all([write(from, after), write(to, text)]);
    return text;
  };
  const [text] = await Promise.all([work(), transaction.done]);
  return text;
}
