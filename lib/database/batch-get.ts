import { type AttributeValue, BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { type Sleep, sleep } from "../runtime/sleep.ts";
import { waitBeforeRound } from "./batch-rounds.ts";
import { type Database, rethrow } from "./database.ts";

type Item = Record<string, AttributeValue>;

/** One table of a batch read. */
interface Selection {
  readonly table: string;
  /** 100 at most. */
  readonly keys: readonly Item[];
  /** A batch is consistent as a whole, or not at all. */
  readonly consistent: boolean;
}

/**
 * Reads several items of one table in one call. Each costs what a `GetItem` of it would.
 *
 * @returns Those that exist, in no order.
 * @throws {Unavailable} DynamoDB left a part unread too often.
 */
export async function batchGet(
  database: Database,
  { table, keys, consistent }: Selection,
  pause: Sleep = sleep,
): Promise<Item[]> {
  const found: Item[] = [];
  let left: Item[] = [...keys];
  for (let round = 0; left.length > 0; round++) {
    await waitBeforeRound(round, pause);
    const output = await database
      .send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: consistent } } }))
      .catch(rethrow);
    found.push(...(output.Responses?.[table] ?? []));
    left = output.UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
}
