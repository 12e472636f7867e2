import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { type Database, rethrow } from "../database/database.ts";
import type { Position } from "../runtime/ids.ts";
import { HEAD_POSITION } from "./head.ts";
import { type Memory, memoryIn } from "./memory.ts";
import { MISSED_POSITION, missedToItem, newMissed } from "./missed.ts";
import {
  type ChannelItem,
  isSameEnvelope,
  itemToMessage,
  keyOf,
  messageToItem,
  type StoredMessage,
} from "./stored-message.ts";

/**
 * All but `stored` compare with what was stored before under the same position. `differs`: another envelope. `elsewhere`: it is of
 * another conversation, as its `toId` tells.
 */
export type PutOutcome = "stored" | "same" | "differs" | "elsewhere";

/**
 * A retried send finds its first try there. Without this clause it would write a second sentAt over the first. What is past
 * its retention is no such try, as it is handed out to nobody: DynamoDB deletes it some time later.
 */
const IS_NEW = "attribute_not_exists(#position) OR expiresAt <= :now";

/**
 * What a sender does with a channel: it puts messages there, and counts them. Taking them off is in `channel-store.ts`, so
 * that a function which only sends needs no permission for it.
 */
export class MessageStore {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, table: string) {
    this.#database = database;
    this.#table = table;
  }

  /**
   * Stores a message unless its position is taken. One write unit for each KB.
   *
   * @param now In milliseconds since the epoch. It differs from `sentAt` where a message comes from another channel.
   */
  async put(receiverId: string, message: StoredMessage, now = message.sentAt): Promise<PutOutcome> {
    try {
      await this.#database.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: messageToItem(receiverId, message),
          ConditionExpression: IS_NEW,
          ExpressionAttributeNames: { "#position": "position" },
          ExpressionAttributeValues: { ":now": { N: String(Math.floor(now / 1_000)) } },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return "stored";
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) rethrow(error);
      // Some engines do not return the item that was in the way.
      const before = error.Item ?? (await this.#get(receiverId, message.position));
      // It was there a moment ago and is delivered by now: this is the same message, as far as anyone can still tell.
      if (before === undefined) return "same";
      const earlier = itemToMessage(before);
      if (earlier.toId !== message.toId) return "elsewhere";
      if (!isSameEnvelope(earlier, message)) return "differs";
      // The database client repeats a write whose answer was lost, and finds what it has written itself.
      const isOwn = (error.$metadata.attempts ?? 1) > 1 && earlier.sentAt === message.sentAt;
      return isOwn ? "stored" : "same";
    }
  }

  /**
   * Notes that a full channel misses a message, for its client. One write unit.
   *
   * @param now Milliseconds since the epoch.
   */
  async putMissed(channel: string, now: number): Promise<void> {
    const Item = missedToItem(channel, newMissed(now));
    await this.#database.send(new PutItemCommand({ TableName: this.#table, Item })).catch(rethrow);
  }

  /** What the channel remembers of a message. Eventually consistent. Half a read unit for each 4 KB of the head. */
  async memoryOf(receiverId: string, message: Pick<StoredMessage, "position" | "sentAt">): Promise<Memory> {
    const output = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: keyOf(receiverId, HEAD_POSITION) }))
      .catch(rethrow);
    return memoryIn(output.Item, message);
  }

  /**
   * How many messages lie on the channel, eventually consistent. Half a read unit for each 4 KB that is passed.
   *
   * @param most It is counted no further.
   * @param pages Nor further than so many pages of 1 MB: whatever lies on them, it is `most` then.
   * @param signal Ends it between two pages.
   */
  async count(receiverId: string, most: number, pages: number, signal?: AbortSignal): Promise<number> {
    let count = 0;
    let start: ChannelItem | undefined;
    for (let page = 0; page < pages; page++) {
      signal?.throwIfAborted();
      const output = await this.#database
        .send(
          new QueryCommand({
            TableName: this.#table,
            KeyConditionExpression: "receiverId = :receiverId AND #position > :missed",
            ExpressionAttributeNames: { "#position": "position" },
            ExpressionAttributeValues: { ":receiverId": { S: receiverId }, ":missed": { S: MISSED_POSITION } },
            Select: "COUNT",
            ...(start && { ExclusiveStartKey: start }),
          }),
        )
        .catch(rethrow);
      count += output.Count ?? 0;
      start = output.LastEvaluatedKey;
      if (!start || count >= most) return count;
    }
    return most;
  }

  async #get(receiverId: string, position: Position): Promise<ChannelItem | undefined> {
    const output = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: keyOf(receiverId, position), ConsistentRead: true }))
      .catch(rethrow);
    return output.Item;
  }
}
