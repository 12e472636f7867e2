import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Key } from "./account-keys.ts";
import { type AccountsTable, type Stored, toItem, toRecord } from "./accounts-table.ts";
import { rethrow } from "./database.ts";

/**
 * Reads one record: half a read unit for each 4 KB, twice that if it has to be consistent.
 *
 * @returns `undefined` if there is none. It may have expired: DynamoDB deletes late.
 * @throws {Unavailable} The database is slow, throttled or out of reach.
 */
export async function getRecord<Attributes>(
  { database, name }: AccountsTable,
  key: Key,
  { consistent }: { readonly consistent: boolean },
): Promise<Stored<Attributes> | undefined> {
  const { Item } = await database
    .send(new GetItemCommand({ TableName: name, Key: toItem(key), ConsistentRead: consistent }))
    .catch(rethrow);
  return Item && toRecord<Attributes>(Item);
}
