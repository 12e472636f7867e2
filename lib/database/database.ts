import { ConditionalCheckFailedException, DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { LIMITS } from "../contract/limits.ts";
import { Unavailable } from "../runtime/errors.ts";
import type { Count } from "../runtime/metrics.ts";
import { boundedBy } from "./client-bounds.ts";
import { countUnits } from "./consumed-units.ts";
import { shortenStack } from "./short-stack.ts";
import { isTransient } from "./transient.ts";

/**
 * What the stores need of a DynamoDB client. The real one serves; tests put a scheduler or a fault in between.
 */
export type Database = Pick<DynamoDBClient, "send">;

type Place = Pick<DynamoDBClientConfig, "endpoint" | "region" | "credentials">;

/**
 * The one client of a process, with kept-alive connections. A call that gets no answer ends after
 * `LIMITS.database.attempts` short attempts, so that a slow database becomes a clear 503 and not a Lambda timeout.
 *
 * Its middleware is resolved once for each kind of command: for a message to a group that is a part of the processor's time. So
 * middleware has to be added before the first call.
 *
 * @param count Is told of the units that each call costs.
 * @param place Where the database is. What it leaves out is read from the SDK's own environment variables.
 */
export function createDatabase(count: Count, place: Place = {}): DynamoDBClient {
  const client = new DynamoDBClient({ ...boundedBy(LIMITS.database), ...place, cacheMiddleware: true });
  shortenStack(client);
  countUnits(client, count);
  return client;
}

/** For `catch` of a database call: throws {@link Unavailable} for a fault that passes, and `error` itself otherwise. */
export function rethrow(error: unknown): never {
  if (error instanceof Error && isTransient(error)) throw new Unavailable(error);
  throw error;
}

/**
 * Whether the condition of a write held: that it does not is an expected outcome. `false` may also mean that an earlier
 * attempt of this very write applied and only its answer was lost.
 */
export async function holds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    rethrow(error);
  }
}
