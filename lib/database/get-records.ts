import type { Key } from "./account-keys.ts";
import { type AccountsTable, type Stored, toItem, toRecord } from "./accounts-table.ts";
import { batchGet } from "./batch-get.ts";

/**
 * Reads several records in one call, strongly consistent: one read unit for each 4 KB of each, and one where there is none.
 *
 * @param keys 100 at most, all different.
 * @returns Those that exist, in no order.
 * @throws {Unavailable} The database is slow, throttled or out of reach.
 */
export async function getRecords<Attributes>(
  { database, name }: AccountsTable,
  keys: readonly Key[],
): Promise<Stored<Attributes>[]> {
  const items = await batchGet(database, { table: name, keys: keys.map(toItem), consistent: true });
  return items.map((item) => toRecord<Attributes>(item));
}
