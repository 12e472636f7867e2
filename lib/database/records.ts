import { type AttributeValue, DeleteItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Key } from "./account-keys.ts";
import { type Database, rethrow } from "./database.ts";

export type Item = Record<string, AttributeValue>;

interface Selection {
  readonly owner: string;
  /** What the wanted records begin with. */
  readonly prefix: string;
  readonly consistent: boolean;
}

/** Deletes that are on their way at once. */
const DELETES_AT_ONCE = 25;

/** All records of one owner that begin with a prefix, in their order, however many there are. */
export async function findRecords(
  database: Database,
  table: string,
  { owner, prefix, consistent }: Selection,
): Promise<Item[]> {
  const found: Item[] = [];
  let start: Item | undefined;
  do {
    const output = await database
      .send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: "#owner = :owner AND begins_with(#record, :prefix)",
          ExpressionAttributeNames: { "#owner": "owner", "#record": "record" },
          ExpressionAttributeValues: { ":owner": { S: owner }, ":prefix": { S: prefix } },
          ConsistentRead: consistent,
          ...(start && { ExclusiveStartKey: start }),
        }),
      )
      .catch(rethrow);
    found.push(...(output.Items ?? []));
    start = output.LastEvaluatedKey;
  } while (start);
  return found;
}

/** Deletes records, whether or not they exist. */
export async function deleteRecords(database: Database, table: string, keys: readonly Key[]): Promise<void> {
  for (let at = 0; at < keys.length; at += DELETES_AT_ONCE) {
    await Promise.all(
      keys
        .slice(at, at + DELETES_AT_ONCE)
        .map((Key) => database.send(new DeleteItemCommand({ TableName: table, Key })).catch(rethrow)),
    );
  }
}
