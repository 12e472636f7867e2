import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import type { Key } from "./account-keys.ts";
import { type AccountsTable, type Condition, expressionsOf, toItem } from "./accounts-table.ts";
import { holds } from "./database.ts";

/** Deletes that are on their way at once. */
const DELETES_AT_ONCE = 25;

/**
 * Deletes a record, whether or not it exists.
 *
 * @returns Whether the condition held; see {@link holds}. Always true without one.
 * @throws {Unavailable} The database is slow, throttled or out of reach, and the delete may have applied.
 */
export function deleteRecord(
  { database, name }: AccountsTable,
  key: Key,
  condition: Condition | undefined = undefined,
): Promise<boolean> {
  const conditional = condition && expressionsOf(condition);
  return holds(database.send(new DeleteItemCommand({ TableName: name, Key: toItem(key), ...conditional })));
}

/**
 * Deletes records, whether or not they exist, one call for each.
 *
 * @param records Their keys, or the records as they were found: their further attributes do not matter.
 * @throws {Unavailable} As {@link deleteRecord}.
 */
export async function deleteRecords(table: AccountsTable, records: readonly Key[]): Promise<void> {
  for (let at = 0; at < records.length; at += DELETES_AT_ONCE) {
    const some = records.slice(at, at + DELETES_AT_ONCE);
    await Promise.all(some.map(({ owner, record }) => deleteRecord(table, { owner, record })));
  }
}
