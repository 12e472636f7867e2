import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { type Database, rethrow } from "../database/database.ts";
import type { Clock } from "../runtime/clock.ts";
import { HEAD_POSITION, itemToHead, NO_HEAD } from "./head.ts";

/**
 * What is read of the items of a channel. Nothing of a message but its key: the role of the function that asks allows no
 * more (`deploy/roles.yml`).
 */
export const WAITING_ATTRIBUTES = ["receiverId", "position", "outstanding", "lease"] as const;

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
   * Half a read unit for each 4 KB of the head and the first item behind it. Eventually consistent: what was sent a moment
   * ago may be missed.
   *
   * A batch that is out counts for nothing while its lease lives, and so does what waits behind it: its holder asks for
   * more when it acknowledges, and any other client would be told to wait. Once the lease is over the batch waits for
   * anybody. An item that a sync only deletes counts as waiting: after that sync it is gone.
   */
  async isWaiting(receiverId: string): Promise<boolean> {
    const { Items = [] } = await this.#database
      .send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: "receiverId = :receiverId",
          ExpressionAttributeValues: { ":receiverId": { S: receiverId } },
          Select: "SPECIFIC_ATTRIBUTES",
          ProjectionExpression: WAITING_ATTRIBUTES.map((name) => `#${name}`).join(),
          ExpressionAttributeNames: Object.fromEntries(WAITING_ATTRIBUTES.map((name) => [`#${name}`, name])),
          Limit: 2,
        }),
      )
      .catch(rethrow);
    const [first] = Items;
    const hasHead = first?.["position"]?.S === HEAD_POSITION;
    const { outstanding, leaseExpiresAt } = hasHead && first ? itemToHead(first) : NO_HEAD;
    if (outstanding.length > 0) return leaseExpiresAt <= this.#now();
    return Items.length > (hasHead ? 1 : 0);
  }
}
