import type { Key } from "./account-keys.ts";
import { type AccountsTable, type Stored, toItem, toRecord } from "./accounts-table.ts";
import { batchGet } from "./batch-get.ts";

/**
 * Reads several records in one call, eventually consistent. Each costs what {@link getRecord} of it would.
 *
 * @param keys 100 at most.
 * @returns Those that exist, in no order.
 * @throws {Unavailable} The database is slow, throttled or out of reach.
 */
export async function getRecords<Attributes>(
  { database, name }: AccountsTable,
  keys: readonly Key[],
): Promise<Stored<Attributes>[]> {
  const items = await batchGet(database, { table: name, keys: keys.map(toItem), consistent: false });
  return items.map((item) => toRecord<Attributes>(item));
}
