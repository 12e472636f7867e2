import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import type { Database } from "./database.ts";
import { rethrow } from "./database.ts";
import { Unavailable } from "./errors.ts";
import { HEAD_POSITION, type Head, headToItem, itemToHead, versionOf } from "./head.ts";
import type { Position } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import { type Sleep, sleep } from "./sleep.ts";

/** A message as it lies on the channel. */
export interface StoredMessage {
  readonly position: Position;
  readonly senderName: string;
  readonly content: string;
  /** When the server stored it, in milliseconds since the epoch. */
  readonly sentAt: number;
  /** The end of its retention, in epoch seconds. DynamoDB deletes late, so every reader has to look at it. */
  readonly expiresAt: number;
}

/** The start of a channel: its head, then its first messages in their order. */
export interface Page {
  readonly head: Head | undefined;
  readonly messages: readonly StoredMessage[];
  /** Nothing lies behind the last message of the page. */
  readonly complete: boolean;
}

/** `differs` and `same` compare with what was stored before under the same position. */
export type PutOutcome = "stored" | "same" | "differs";

/** `unknown`: the head tells, by its lineage. */
export type HeadOutcome = "written" | "refused" | "unknown";

type Item = Record<string, AttributeValue>;

/** What DynamoDB takes in one BatchWriteItem and one BatchGetItem. */
const WRITES_PER_BATCH = 25;
const READS_PER_BATCH = 100;

/** A retried send finds its first try there. Without this clause it would write a second sentAt over the first. */
const IS_NEW = "attribute_not_exists(#position)";

/** Nobody has written the head since it was read. Without it two racing syncs would hand out the same messages. */
const HEAD_IS_AS_READ = "#version = :version";

/** Nobody has made the head since none was read. */
const HEAD_IS_MISSING = "attribute_not_exists(#position)";

/**
 * The items of the table `channels`: one partition for each receiver, in it one head and the messages in their order.
 * It knows DynamoDB's commands and nothing of the protocol, which is in `delivery.ts`.
 */
export class ChannelStore {
  readonly #database: Database;
  readonly #table: string;
  readonly #sleep: Sleep;

  constructor(database: Database, table: string, pause: Sleep = sleep) {
    this.#database = database;
    this.#table = table;
    this.#sleep = pause;
  }

  /** Stores a message unless its position is taken. One write unit for each KB. */
  async put(receiverId: string, message: StoredMessage): Promise<PutOutcome> {
    try {
      await this.#database.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: messageToItem(receiverId, message),
          ConditionExpression: IS_NEW,
          ExpressionAttributeNames: { "#position": "position" },
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
      return before["content"]?.S === message.content ? "same" : "differs";
    }
  }

  /**
   * Strongly consistent, from the start of the channel: one call, one round trip.
   *
   * @param messages How many messages to read at most. DynamoDB ends a page at 1 MB as well.
   */
  async read(receiverId: string, messages: number): Promise<Page> {
    const output = await this.#database
      .send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: "receiverId = :receiverId",
          ExpressionAttributeValues: { ":receiverId": { S: receiverId } },
          ConsistentRead: true,
          Limit: messages + 1,
        }),
      )
      .catch(rethrow);
    const items = output.Items ?? [];
    const headFirst = items[0]?.["position"]?.S === HEAD_POSITION;
    return {
      head: headFirst && items[0] ? itemToHead(items[0]) : undefined,
      messages: (headFirst ? items.slice(1) : items).map(itemToMessage),
      complete: output.LastEvaluatedKey === undefined,
    };
  }

  /**
   * How many messages lie on the channel, eventually consistent. Half a read unit for each 4 KB that is passed.
   *
   * @param most It is counted no further.
   * @param pages Nor further than so many pages of 1 MB: whatever lies on them, it is `most` then.
   */
  async count(receiverId: string, most: number, pages: number): Promise<number> {
    let count = 0;
    let start: Item | undefined;
    for (let page = 0; page < pages; page++) {
      const output = await this.#database
        .send(
          new QueryCommand({
            TableName: this.#table,
            KeyConditionExpression: "receiverId = :receiverId AND #position > :head",
            ExpressionAttributeNames: { "#position": "position" },
            ExpressionAttributeValues: { ":receiverId": { S: receiverId }, ":head": { S: HEAD_POSITION } },
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

  /** The messages at these positions that still exist, in no order. Strongly consistent. */
  async fetch(receiverId: string, positions: readonly Position[]): Promise<StoredMessage[]> {
    const chunks = inChunks(positions, READS_PER_BATCH);
    const found = await Promise.all(chunks.map((chunk) => this.#fetchChunk(receiverId, chunk)));
    return found.flat();
  }

  /**
   * Writes the head if it is still the one that was read.
   *
   * @param seen The head as it was read; `undefined` if there was none.
   * @returns What is known of it. A second attempt of the SDK that is refused leaves it open: the first one may have
   * applied, and only its answer have been lost.
   * @throws {Unavailable} That too leaves it open.
   */
  async writeHead(receiverId: string, seen: Head | undefined, next: Head): Promise<HeadOutcome> {
    try {
      await this.#database.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: headToItem(receiverId, next),
          ...(seen === undefined
            ? { ConditionExpression: HEAD_IS_MISSING, ExpressionAttributeNames: { "#position": "position" } }
            : {
                ConditionExpression: HEAD_IS_AS_READ,
                ExpressionAttributeNames: { "#version": "version" },
                ExpressionAttributeValues: { ":version": versionOf(seen) },
              }),
        }),
      );
      return "written";
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) rethrow(error);
      return error.$metadata.attempts === 1 ? "refused" : "unknown";
    }
  }

  /** Deletes messages, whether or not they exist. One write unit for each KB of each. */
  async delete(receiverId: string, positions: readonly Position[]): Promise<void> {
    const requests = positions.map((position) => ({ DeleteRequest: { Key: keyOf(receiverId, position) } }));
    await Promise.all(inChunks(requests, WRITES_PER_BATCH).map((chunk) => this.#writeChunk(chunk)));
  }

  async #get(receiverId: string, position: Position): Promise<Item | undefined> {
    const output = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: keyOf(receiverId, position), ConsistentRead: true }))
      .catch(rethrow);
    return output.Item;
  }

  async #fetchChunk(receiverId: string, positions: readonly Position[]): Promise<StoredMessage[]> {
    const found: StoredMessage[] = [];
    let keys: Item[] = positions.map((position) => keyOf(receiverId, position));
    for (let round = 0; keys.length > 0; round++) {
      await this.#waitBefore(round);
      const output = await this.#database
        .send(new BatchGetItemCommand({ RequestItems: { [this.#table]: { Keys: keys, ConsistentRead: true } } }))
        .catch(rethrow);
      found.push(...(output.Responses?.[this.#table] ?? []).map(itemToMessage));
      keys = output.UnprocessedKeys?.[this.#table]?.Keys ?? [];
    }
    return found;
  }

  async #writeChunk(chunk: readonly WriteRequest[]): Promise<void> {
    let requests: WriteRequest[] = [...chunk];
    for (let round = 0; requests.length > 0; round++) {
      await this.#waitBefore(round);
      const output = await this.#database
        .send(new BatchWriteItemCommand({ RequestItems: { [this.#table]: requests } }))
        .catch(rethrow);
      requests = output.UnprocessedItems?.[this.#table] ?? [];
    }
  }

  /** Exponential backoff with full jitter before every round but the first; too many rounds are an error. */
  async #waitBefore(round: number): Promise<void> {
    if (round === 0) return;
    if (round >= LIMITS.database.batchRounds) throw new Unavailable("a batch command was left unprocessed too often");
    await this.#sleep(Math.random() * 25 * 2 ** round);
  }
}

const keyOf = (receiverId: string, position: Position): Item => ({
  receiverId: { S: receiverId },
  position: { S: position },
});

const messageToItem = (receiverId: string, message: StoredMessage): Item => ({
  ...keyOf(receiverId, message.position),
  senderName: { S: message.senderName },
  content: { S: message.content },
  sentAt: { N: String(message.sentAt) },
  expiresAt: { N: String(message.expiresAt) },
});

const itemToMessage = (item: Item): StoredMessage => ({
  position: (item["position"]?.S ?? "") as Position,
  senderName: item["senderName"]?.S ?? "",
  content: item["content"]?.S ?? "",
  sentAt: Number(item["sentAt"]?.N),
  expiresAt: Number(item["expiresAt"]?.N),
});

function inChunks<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < all.length; at += size) chunks.push(all.slice(at, at + size));
  return chunks;
}
