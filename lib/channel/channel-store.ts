import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { batchGet } from "../database/batch-get.ts";
import { waitBeforeRound } from "../database/batch-rounds.ts";
import type { Database } from "../database/database.ts";
import { holds, rethrow } from "../database/database.ts";
import type { Position } from "../runtime/ids.ts";
import { type Sleep, sleep } from "../runtime/sleep.ts";
import { HEAD_POSITION, type Head, headToItem, itemToHead, versionOf } from "./head.ts";
import { itemToMissed, MISSED_POSITION, type Missed } from "./missed.ts";
import { type ChannelItem, itemToMessage, keyOf, type StoredMessage } from "./stored-message.ts";

/** The start of a channel: its head, then its first messages in their order. */
export interface Page {
  readonly head: Head | undefined;
  /** The channel is closed, see `channel-closer.ts`: the head says nothing of what it has handed out. */
  readonly isClosed?: true;
  readonly missed?: Missed | undefined;
  readonly messages: readonly StoredMessage[];
  /** Nothing lies behind the last message of the page. */
  readonly complete: boolean;
}

/** `unknown`: the head tells, by its lineage. */
export type HeadOutcome = "written" | "refused" | "unknown";

/** What DynamoDB takes in one BatchWriteItem. */
const WRITES_PER_BATCH = 25;

/** Nobody has written the head since it was read. Without it two racing syncs would hand out the same messages. */
const HEAD_IS_AS_READ = "#version = :version";

/** Nobody has made the head since none was read. */
const HEAD_IS_MISSING = "attribute_not_exists(#position)";

/** No further message was missed since it was read. Without it the client is never told of that one. */
const IS_AS_TOLD = "mark = :mark";

/** Its sender has not put it back since it was read. Without it a message is lost that was answered as received. */
const IS_EXPIRED = "expiresAt <= :now";

/**
 * The items of the table `channels`: one partition for each receiver, in it one head and the messages in their order.
 * It knows DynamoDB's commands and nothing of the protocol, which is in `delivery.ts`. What a sender does with the messages
 * is in `message-store.ts`.
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

  /**
   * Strongly consistent, from the start of the channel: one call, one round trip.
   *
   * @param messages How many messages to read at most, and one less where the channel has missed some. DynamoDB ends a page
   * at 1 MB as well.
   * @param after Reads what lies behind this position; then the page has no head.
   */
  async read(receiverId: string, messages: number, after?: Position): Promise<Page> {
    const output = await this.#database
      .send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: "receiverId = :receiverId",
          ExpressionAttributeValues: { ":receiverId": { S: receiverId } },
          ConsistentRead: true,
          Limit: messages + 1,
          ...(after !== undefined && { ExclusiveStartKey: keyOf(receiverId, after) }),
        }),
      )
      .catch(rethrow);
    const [head, others] = splitOff(output.Items ?? [], HEAD_POSITION);
    const [missed, items] = splitOff(others, MISSED_POSITION);
    return {
      head: head && itemToHead(head),
      ...(head?.["expiresAt"] !== undefined && { isClosed: true as const }),
      missed: missed && itemToMissed(missed),
      messages: items.map(itemToMessage),
      complete: output.LastEvaluatedKey === undefined,
    };
  }

  /** The messages at these positions that still exist, in no order. Strongly consistent. */
  async fetch(receiverId: string, positions: readonly Position[]): Promise<StoredMessage[]> {
    const keys = positions.map((position) => keyOf(receiverId, position));
    const found = await batchGet(this.#database, { table: this.#table, keys, consistent: true }, this.#sleep);
    return found.map(itemToMessage);
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
  async delete(receiverId: string, positions: readonly Position[], abortSignal?: AbortSignal): Promise<void> {
    const requests = positions.map((position) => ({ DeleteRequest: { Key: keyOf(receiverId, position) } }));
    await Promise.all(inChunks(requests, WRITES_PER_BATCH).map((chunk) => this.#writeChunk(chunk, abortSignal)));
  }

  /**
   * Deletes those of the messages that are past their retention: one call for each, as a batch knows no condition.
   *
   * @param now Milliseconds since the epoch.
   */
  async deleteExpired(
    receiverId: string,
    positions: readonly Position[],
    now: number,
    abortSignal?: AbortSignal,
  ): Promise<void> {
    const deleteOne = (position: Position): Promise<unknown> =>
      holds(
        this.#database.send(
          new DeleteItemCommand({
            TableName: this.#table,
            Key: keyOf(receiverId, position),
            ConditionExpression: IS_EXPIRED,
            ExpressionAttributeValues: { ":now": { N: String(Math.floor(now / 1_000)) } },
          }),
          { ...(abortSignal && { abortSignal }) },
        ),
      );
    await Promise.all(positions.map(deleteOne));
  }

  /** Deletes the item `#missed` if it still has this mark. One write unit. */
  async deleteMissed(receiverId: string, mark: string, abortSignal?: AbortSignal): Promise<void> {
    const command = new DeleteItemCommand({
      TableName: this.#table,
      Key: keyOf(receiverId, MISSED_POSITION),
      ConditionExpression: IS_AS_TOLD,
      ExpressionAttributeValues: { ":mark": { S: mark } },
    });
    await holds(this.#database.send(command, { ...(abortSignal && { abortSignal }) }));
  }

  async #writeChunk(chunk: readonly WriteRequest[], abortSignal?: AbortSignal): Promise<void> {
    let requests: WriteRequest[] = [...chunk];
    for (let round = 0; requests.length > 0; round++) {
      await waitBeforeRound(round, this.#sleep, abortSignal);
      abortSignal?.throwIfAborted();
      const output = await this.#database
        .send(new BatchWriteItemCommand({ RequestItems: { [this.#table]: requests } }), {
          ...(abortSignal && { abortSignal }),
        })
        .catch(rethrow);
      requests = output.UnprocessedItems?.[this.#table] ?? [];
    }
  }
}

/** The first item, if it is at this position, and the others. */
function splitOff(
  items: readonly ChannelItem[],
  position: Position,
): [ChannelItem | undefined, readonly ChannelItem[]] {
  const [first, ...others] = items;
  return first?.["position"]?.S === position ? [first, others] : [undefined, items];
}

function inChunks<T>(all: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < all.length; at += size) chunks.push(all.slice(at, at + size));
  return chunks;
}
