import { ConditionalCheckFailedException, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { HEAD_POSITION } from "../../lib/channel/head.ts";
import { declaredTables } from "../../stack/tables.ts";
import { databaseOf } from "./stack-engine.ts";

/**
 * Ends the lease of the batch that a user's channel has handed out, as if its time were over.
 *
 * @param data The data folder of the stack.
 * @throws Error when no batch is out: there is no lease to end, and the test would not see what it is about.
 */
export const endLease = (data: string, userId: string): Promise<void> => moveLease(data, userId, Date.now());

/**
 * Moves the end of that lease.
 *
 * @param end Milliseconds since the epoch.
 * @throws Error when no batch is out.
 */
export async function moveLease(data: string, userId: string, end: number): Promise<void> {
  const { ChannelsTable } = declaredTables();
  const database = databaseOf(data);
  try {
    await database.send(
      new UpdateItemCommand({
        TableName: ChannelsTable?.TableName,
        Key: { receiverId: { S: userId }, position: { S: HEAD_POSITION } },
        UpdateExpression: "SET #lease = :end",
        ConditionExpression: "attribute_exists(#lease)",
        ExpressionAttributeNames: { "#lease": "lease" },
        ExpressionAttributeValues: { ":end": { N: String(end) } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    throw new Error(`No batch is out on the channel of ${userId}.`, { cause: error });
  } finally {
    database.destroy();
  }
}
