import type { Key } from "./account-keys.ts";
import { type AccountsTable, type Stored, toItem, toRecord } from "./accounts-table.ts";
import { batchGet } from "./batch-get.ts";

/**
 * Reads several records: one read unit for each 4 KB of each, and one where there is none; half of that if it need not be
 * consistent. One call for each 100 of them, all at the same time.
 *
 * @param keys All different.
 * @returns Those that exist, in no order.
 * @throws {Unavailable} The database is slow, throttled or out of reach.
 */
export async function getRecords<Attributes>(
  { database, name }: AccountsTable,
  keys: readonly Key[],
  { consistent = true }: { readonly consistent?: boolean } = {},
): Promise<Stored<Attributes>[]> {
  const found = await batchGet(database, { table: name, keys: keys.map(toItem), consistent });
  return found.map((item) => toRecord<Attributes>(item));
}
