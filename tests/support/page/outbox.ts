import type { OutgoingMessage } from "../../../static/src/storage/records.ts";
import type { Visitor } from "./visitor.ts";

/** All that is in a page's outbox, changed by `change`, which runs in the page. @returns what was there */
export async function changeOutbox(
  visitor: Visitor,
  change: "leave" | "forgetAttempts" | { readonly add: OutgoingMessage },
): Promise<OutgoingMessage[]> {
  const { id } = await ownSession(visitor);
  return visitor.page.evaluate(
    async ([userId, what]) => {
      const done = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve) => {
          request.onsuccess = () => resolve(request.result);
        });
      const database = await done(indexedDB.open(`gotalk-${userId}`));
      const store = database.transaction("outbox", "readwrite").objectStore("outbox");
      const all: OutgoingMessage[] = await done(store.getAll());
      if (typeof what === "object") await done(store.add(what.add));
      if (what === "forgetAttempts") {
        for (const { mayHaveArrived: _, ...message } of all) await done(store.put(message));
      }
      database.close();
      return all;
    },
    [id, change] as const,
  );
}

/** The session that a page has stored. */
export const ownSession = ({ page }: Visitor): Promise<{ id: string }> =>
  page.evaluate(() => JSON.parse(localStorage.getItem("gotalk.session.2") ?? "null"));
