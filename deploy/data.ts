import {
  DeleteTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  UpdateTableCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import type { AwsConfig } from "./stack.ts";

/** Each of the two steps takes AWS seconds, and may take longer. */
const STEP_SECONDS = 300;
/** The SDK itself looks every 20 seconds at first. */
const LOOKS = { minDelay: 1, maxDelay: 10 };

/**
 * Deletes tables for good, deletion protection or not. One that is not there counts as deleted. DynamoDB itself keeps a
 * backup of a table that had point-in-time recovery for 35 days.
 */
export async function deleteTables(names: readonly string[], config: AwsConfig): Promise<void> {
  const client = new DynamoDBClient(config);
  try {
    await Promise.all(names.map((name) => deleteTable(client, name)));
  } finally {
    client.destroy();
  }
}

async function deleteTable(client: DynamoDBClient, TableName: string): Promise<void> {
  const waiting = { client, maxWaitTime: STEP_SECONDS, ...LOOKS };
  try {
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    // Until it is ACTIVE: while it is UPDATING, DynamoDB refuses to delete it.
    await waitUntilTableExists(waiting, { TableName });
    await client.send(new DeleteTableCommand({ TableName }));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return;
    throw error;
  }
  await waitUntilTableNotExists(waiting, { TableName });
}
