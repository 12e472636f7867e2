import {
  DeleteTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  UpdateTableCommand,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import type { AwsConfig } from "./stack.ts";

const DELETION_SECONDS = 300;

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
  try {
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await client.send(new DeleteTableCommand({ TableName }));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return;
    throw error;
  }
  await waitUntilTableNotExists({ client, maxWaitTime: DELETION_SECONDS }, { TableName });
}
