import { type AttributeValue, QueryCommand } from "@aws-sdk/client-dynamodb";
import { type AccountsTable, type Stored, toItem, toRecord } from "./accounts-table.ts";
import { rethrow } from "./database.ts";

interface Selection {
  readonly owner: string;
  /** What the wanted records begin with. */
  readonly prefix: string;
  readonly consistent: boolean;
}

/**
 * Reads all records of one owner that begin with a prefix, in their order, however many there are.
 *
 * @throws {Unavailable} The database is slow, throttled or out of reach.
 */
export async function findRecords<Attributes>(
  { database, name }: AccountsTable,
  { owner, prefix, consistent }: Selection,
): Promise<Stored<Attributes>[]> {
  const found: Stored<Attributes>[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const output = await database
      .send(
        new QueryCommand({
          TableName: name,
          KeyConditionExpression: "#owner = :owner AND begins_with(#record, :prefix)",
          ExpressionAttributeNames: { "#owner": "owner", "#record": "record" },
          ExpressionAttributeValues: toItem({ ":owner": owner, ":prefix": prefix }),
          ConsistentRead: consistent,
          ...(start && { ExclusiveStartKey: start }),
        }),
      )
      .catch(rethrow);
    found.push(...(output.Items ?? []).map((item) => toRecord<Attributes>(item)));
    start = output.LastEvaluatedKey;
  } while (start);
  return found;
}
