import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { type Database, rethrow } from "./database.ts";
import { headToItem, NO_HEAD, newWrite } from "./head.ts";

/**
 * Puts a head in the place of a channel's that DynamoDB deletes once it has expired. It is a new version: a sync that has
 * read the one before cannot write any more, and has to look again whether it may.
 *
 * By itself, and no method of `ChannelStore`: whoever only closes channels needs no permission to read them.
 *
 * @param table Of the channels.
 * @param expiresAt In epoch seconds.
 */
export async function closeChannel(
  database: Database,
  table: string,
  receiverId: string,
  expiresAt: number,
): Promise<void> {
  const head = { ...NO_HEAD, lineage: newWrite() };
  const Item = { ...headToItem(receiverId, head), expiresAt: { N: String(expiresAt) } };
  await database.send(new PutItemCommand({ TableName: table, Item })).catch(rethrow);
}
