import { allOrNothing } from "./atomic.ts";
import { type Database, DELETED } from "./stores.ts";

/**
 * Removes the lines without a message of conversations that were deleted on this device. A history that was kept elsewhere names their
 * people, and has no message of them that is not deleted here.
 */
export async function removeEmptyLines(database: Database): Promise<void> {
  const transaction = database.transaction(["state", "conversations"], "readwrite");
  const lines = transaction.objectStore("conversations");
  await allOrNothing(transaction, async () => {
    const keys = await transaction.objectStore("state").getAllKeys(IDBKeyRange.bound(DELETED, `${DELETED}\uffff`));
    const removed = keys.map(async (key) => {
      const peerId = key.slice(DELETED.length);
      const line = await lines.get(peerId);
      if (line !== undefined && line.last === undefined) await lines.delete(peerId);
    });
    await Promise.all(removed);
  });
}
