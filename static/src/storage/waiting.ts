import type { Waiting } from "../../../lib/client/index.ts";
import type { Database } from "./schema.ts";

/** Records that are read at a time. */
const BATCH = 200;

/**
 * What waits for messages that are not here, in the order of their ids.
 *
 * @param last The id for which the last record of those before waits. Undefined: from the beginning.
 */
export async function* waitingAfter(database: Database, last: string | undefined): AsyncGenerator<Waiting, void> {
  let batch = await read(database, last);
  while (batch.length > 0) {
    yield* batch;
    batch = await read(database, batch.at(-1)?.messageId);
  }
}

const read = (database: Database, last: string | undefined): Promise<Waiting[]> =>
  database.getAll("waiting", last === undefined ? undefined : IDBKeyRange.lowerBound(last, true), BATCH);
