import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import type { AwsConfig } from "./stack.ts";

/** Each step takes AWS seconds, and may take longer. */
const LONGEST_WAIT = 10 * 60_000;
const BETWEEN_STEPS = 1_000;

/**
 * Deletes tables for good, deletion protection or not. One that is not there counts as deleted. DynamoDB itself keeps a
 * backup of a table that had point-in-time recovery for 35 days.
 *
 * @param pause Milliseconds between two steps.
 */
export async function deleteTables(
  names: readonly string[],
  config: AwsConfig,
  pause: number = BETWEEN_STEPS,
): Promise<void> {
  const client = new DynamoDBClient(config);
  try {
    await Promise.all(names.map((name) => deleteTable(client, name, pause)));
  } finally {
    client.destroy();
  }
}

async function deleteTable(client: DynamoDBClient, name: string, pause: number): Promise<void> {
  for (let waited = 0; waited < LONGEST_WAIT; waited += pause) {
    if (await comesCloser(client, name)) return;
    await sleep(pause);
  }
  throw new Error(`The table ${name} was not deleted within 10 minutes. Run the command again.`);
}

/**
 * Takes the next step from whatever state the table is in: a run before this one may have been interrupted after any of
 * them. DynamoDB refuses each change until the last one is done, and does not show at once that it has begun.
 *
 * @returns Whether the table is gone.
 */
async function comesCloser(client: DynamoDBClient, TableName: string): Promise<boolean> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus !== "ACTIVE") return false;
    if (Table.DeletionProtectionEnabled) {
      await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    } else {
      await client.send(new DeleteTableCommand({ TableName }));
    }
    return false;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return true;
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
}
