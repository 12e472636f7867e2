import { type AttributeValue, BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { type Sleep, sleep } from "../runtime/sleep.ts";
import { waitBeforeRound } from "./batch-rounds.ts";
import { type Database, rethrow } from "./database.ts";

type Item = Record<string, AttributeValue>;

/** What DynamoDB takes in one BatchGetItem. */
const READS_PER_BATCH = 100;

/** One table of a batch read. */
interface Selection {
  readonly table: string;
  /** All different. */
  readonly keys: readonly Item[];
  /** A batch is consistent as a whole, or not at all. */
  readonly consistent: boolean;
}

/**
 * Reads several items of one table: one call for each 100 of them, all at the same time. Each costs what a `GetItem` of it would.
 *
 * @returns Those that exist, in no order.
 * @throws {Unavailable} DynamoDB left a part unread too often.
 */
export async function batchGet(database: Database, selection: Selection, pause: Sleep = sleep): Promise<Item[]> {
  const { keys } = selection;
  const batches = Array.from({ length: Math.ceil(keys.length / READS_PER_BATCH) }, (_, at) =>
    keys.slice(at * READS_PER_BATCH, (at + 1) * READS_PER_BATCH),
  );
  const found = await Promise.all(batches.map((batch) => getBatch(database, { ...selection, keys: batch }, pause)));
  return found.flat();
}

async function getBatch(database: Database, { table, keys, consistent }: Selection, pause: Sleep): Promise<Item[]> {
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
