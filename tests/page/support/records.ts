import { ownSession } from "../../support/page/outbox.ts";
import type { Visitor } from "../../support/page/visitor.ts";

/** All that a page has stored of one kind. */
export async function storedRecords<T>(
  visitor: Visitor,
  store: "conversations" | "drafts" | "messages" | "folded" | "state" | "untold",
): Promise<T[]> {
  const { id } = await ownSession(visitor);
  return visitor.page.evaluate(
    async ([userId, name]) => {
      const done = <R>(request: IDBRequest<R>) =>
        new Promise<R>((resolve) => {
          request.onsuccess = () => resolve(request.result);
        });
      const database = await done(indexedDB.open(`gotalk-${userId}`));
      const records: T[] = await done(database.transaction(name).objectStore(name).getAll());
      database.close();
      return records;
    },
    [id, store] as const,
  );
}
