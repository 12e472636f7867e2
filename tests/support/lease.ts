import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { HEAD_POSITION } from "../../lib/channel/head.ts";
import { holds } from "../../lib/database/database.ts";
import { declaredTables } from "../../stack/tables.ts";
import { databaseOf } from "./stack-engine.ts";

/**
 * Ends the lease of the batch that a user's channel has handed out, if one is out, as if its time were over.
 *
 * @param data The data folder of the stack.
 */
export async function endLease(data: string, userId: string): Promise<void> {
  const { ChannelsTable } = declaredTables();
  const database = databaseOf(data);
  const ending = database.send(
    new UpdateItemCommand({
      TableName: ChannelsTable?.TableName,
      Key: { receiverId: { S: userId }, position: { S: HEAD_POSITION } },
      UpdateExpression: "SET #lease = :over",
      // Without it no batch is out: it was settled meanwhile.
      ConditionExpression: "attribute_exists(#lease)",
      ExpressionAttributeNames: { "#lease": "lease" },
      ExpressionAttributeValues: { ":over": { N: String(Date.now()) } },
    }),
  );
  await holds(ending);
  database.destroy();
}
