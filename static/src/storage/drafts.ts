import type { Database } from "./schema.ts";

/** What was typed for this receiver and not sent. */
export async function draftFor(database: Database, peerId: string): Promise<string> {
  return (await database.get("drafts", peerId))?.text ?? "";
}

/** Called at every keystroke. The commit is asked for at once, so that a reload right after it finds the text. */
export async function saveDraft(database: Database, peerId: string, text: string): Promise<void> {
  const transaction = database.transaction("drafts", "readwrite");
  const written = text === "" ? transaction.store.delete(peerId) : transaction.store.put({ peerId, text });
  transaction.commit();
  await Promise.all([written, transaction.done]);
}
