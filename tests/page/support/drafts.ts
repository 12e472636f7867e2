import { ownSession } from "../../support/page/outbox.ts";
import type { Visitor } from "../../support/page/visitor.ts";

/** The texts of all drafts that a page has stored of what is written to others. The name under To is left out. */
export async function storedDrafts(visitor: Visitor): Promise<string[]> {
  const { id } = await ownSession(visitor);
  return visitor.page.evaluate(async (userId) => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve) => {
        request.onsuccess = () => resolve(request.result);
      });
    const database = await done(indexedDB.open(`gotalk-${userId}`));
    const drafts: { peerId: string; text: string }[] = await done(
      database.transaction("drafts").objectStore("drafts").getAll(),
    );
    database.close();
    return drafts.filter(({ peerId }) => peerId !== "to").map(({ text }) => text);
  }, id);
}

/** Lets all that is about drafts alone fail from now on, as if the page were left in that moment. */
export const breakDrafts = ({ page }: Visitor): Promise<void> =>
  page.evaluate(() => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (stores, mode, ...rest) {
      if (String(stores) === "drafts" && mode === "readwrite") throw new DOMException("broken", "UnknownError");
      return transaction.call(this, stores, mode, ...rest);
    };
  });
