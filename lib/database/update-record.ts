import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Key } from "./account-keys.ts";
import { type AccountsTable, type Change, expressionsOf, toItem } from "./accounts-table.ts";
import { holds } from "./database.ts";

/**
 * Changes attributes of one record under a condition. One write unit for each KB of the record.
 *
 * @returns Whether the condition held; see {@link holds}.
 * @throws {Unavailable} The database is slow, throttled or out of reach, and the write may have applied.
 */
export const updateRecord = ({ database, name }: AccountsTable, key: Key, change: Change): Promise<boolean> =>
  holds(database.send(new UpdateItemCommand({ TableName: name, Key: toItem(key), ...expressionsOf(change) })));
