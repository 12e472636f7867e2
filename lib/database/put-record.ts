import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Key } from "./account-keys.ts";
import { type AccountsTable, type Condition, expressionsOf, toItem } from "./accounts-table.ts";
import { holds } from "./database.ts";

/**
 * Stores a record in the place of the one with its key. One write unit for each KB.
 *
 * @returns Whether the condition held; see {@link holds}. Always true without one.
 * @throws {Unavailable} The database is slow, throttled or out of reach, and the write may have applied.
 */
export function putRecord(
  { database, name }: AccountsTable,
  record: Key & Readonly<Record<string, unknown>>,
  condition: Condition | undefined = undefined,
): Promise<boolean> {
  const conditional = condition && expressionsOf(condition);
  return holds(database.send(new PutItemCommand({ TableName: name, Item: toItem(record), ...conditional })));
}
