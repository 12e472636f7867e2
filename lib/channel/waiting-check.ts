import { QueryCommand, type QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import { LIMITS } from "../contract/limits.ts";
import { type Database, rethrow } from "../database/database.ts";
import type { Clock } from "../runtime/clock.ts";
import { fingerprintOf, type Position } from "../runtime/ids.ts";
import { HEAD_POSITION, itemToHead } from "./head.ts";
import { MISSED_POSITION } from "./missed.ts";
import { type ChannelItem, keyOf } from "./stored-message.ts";

/**
 * What is read of the items of a channel. Nothing of a message but its key: the role of the function that asks allows no
 * more (`deploy/roles.yml`).
 */
export const WAITING_ATTRIBUTES = ["receiverId", "position", "outstanding", "lease", "settled"] as const;

/** Tells whether a sync would find something, for a client whose wake may have been lost. */
export class WaitingCheck {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /**
   * Half a read unit for each 4 KB of the head and the first item behind it, and for the next `LIMITS.live.settledSkipped` items
   * where that one counts for nothing. Eventually consistent: what was sent a moment ago may
   * be missed.
   *
   * A batch that is out counts for nothing while its lease lives, and so does what waits behind it: its holder asks for
   * more when it acknowledges, and any other client would be told to wait. Once the lease is over the batch waits for
   * anybody. A settled message counts for nothing: its sender could keep the receiver awake with it. An item past its
   * retention counts as waiting, and so do more settled messages than are looked at: after one sync they are gone. That the
   * channel has missed messages counts as waiting, unless one of its clients has just been told.
   *
   * @param receiverId The key of the channel.
   */
  async isWaiting(receiverId: string): Promise<boolean> {
    const { Items: [first, ...more] = [] } = await this.#query(receiverId, 2);
    if (first === undefined) return false;
    if (positionIn(first) !== HEAD_POSITION) return true;
    const { outstanding, leaseExpiresAt, settled } = itemToHead(first);
    const isHeld = leaseExpiresAt > this.#now();
    if (outstanding.length > 0) return !isHeld;
    const isNothing = (item: ChannelItem): boolean => {
      const position = positionIn(item) as Position;
      return position === MISSED_POSITION ? isHeld : settled.includes(fingerprintOf(position));
    };
    const [second] = more;
    if (second === undefined || !isNothing(second)) return second !== undefined;
    const { Items: next = [] } = await this.#query(receiverId, LIMITS.live.settledSkipped, second);
    return next.length === LIMITS.live.settledSkipped || !next.every(isNothing);
  }

  /** @param after An item that was read. */
  #query(receiverId: string, most: number, after?: ChannelItem): Promise<QueryCommandOutput> {
    return this.#database
      .send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: "receiverId = :receiverId",
          ExpressionAttributeValues: { ":receiverId": { S: receiverId } },
          Select: "SPECIFIC_ATTRIBUTES",
          ProjectionExpression: WAITING_ATTRIBUTES.map((name) => `#${name}`).join(),
          ExpressionAttributeNames: Object.fromEntries(WAITING_ATTRIBUTES.map((name) => [`#${name}`, name])),
          Limit: most,
          ...(after && { ExclusiveStartKey: keyOf(receiverId, positionIn(after) as Position) }),
        }),
      )
      .catch(rethrow);
  }
}

const positionIn = (item: ChannelItem): string => item["position"]?.S ?? "";
