import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { sendingKey } from "./account-keys.ts";
import { type Clock, epochSeconds } from "./clock.ts";
import { type Database, holds, rethrow } from "./database.ts";
import { TooManyMessages } from "./errors.ts";
import { LIMITS } from "./limits.ts";

/** A sender's token bucket: it holds `burst` messages, and refills by `perSecond`. */
export interface SendRate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Messages that one running function may let through for one sender. */
interface Lease {
  left: number;
  /** When it was taken, in milliseconds since the epoch. */
  readonly takenAt: number;
}

/** The bucket is full: whatever was taken has been refilled. */
const BUCKET_IS_FULL = "attribute_not_exists(busyUntil) OR busyUntil <= :now";

/** How often the steps below are tried. */
const ROUNDS = 3;

/** The bucket is in use, and has room for one more lease. */
const BUCKET_HAS_ROOM = "busyUntil > :now AND busyUntil <= :latest";

/**
 * How many messages a user may send. The bucket is kept as one number, the time at which it is full again (the generic
 * cell rate algorithm, ITU-T I.371), in an item that all functions share.
 *
 * A function takes messages out of it by the lease, `LIMITS.send.lease` at once, and keeps count of a lease by itself; its
 * first lease of a sender in a minute is free and is not written. So a person who types costs no call at all, and a
 * program that sends all the time one write in `LIMITS.send.lease` messages. The price is precision: a sender gets up to
 * one free lease a minute from each running function on top of the rate.
 */
export class SendLimit {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;
  readonly #rate: SendRate;
  readonly #leases = new Map<string, Lease>();

  constructor(database: Database, table: string, now: Clock, rate: SendRate) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
    this.#rate = rate;
  }

  /** @throws {TooManyMessages} The bucket is empty. */
  async take(userId: string): Promise<void> {
    const now = this.#now();
    const lease = this.#leases.get(userId);
    const isCurrent = lease !== undefined && now < lease.takenAt + LIMITS.send.leaseTime;
    if (isCurrent && lease.left > 0) {
      lease.left -= 1;
      return;
    }
    if (isCurrent) await this.#charge(userId);
    this.#keep(userId, { left: LIMITS.send.lease - 1, takenAt: now });
  }

  /** The map stays small: senders who have been quiet the longest go first. */
  #keep(userId: string, lease: Lease): void {
    this.#leases.delete(userId);
    this.#leases.set(userId, lease);
    if (this.#leases.size <= LIMITS.send.leasesKept) return;
    const [oldest] = this.#leases.keys();
    if (oldest !== undefined) this.#leases.delete(oldest);
  }

  /** Takes one lease out of the bucket. */
  async #charge(userId: string): Promise<void> {
    const { burst, perSecond } = this.#rate;
    const cost = Math.ceil((LIMITS.send.lease / perSecond) * 1_000);
    const room = Math.max(0, Math.floor(((burst - LIMITS.send.lease) / perSecond) * 1_000));
    for (let round = 0; round < ROUNDS; round++) {
      const now = this.#now();
      if (await this.#addTo(userId, cost, now, now + room)) return;
      if (await this.#startOver(userId, cost, now)) return;
      const busyUntil = await this.#busyUntil(userId);
      if (busyUntil > now + room) throw new TooManyMessages(Math.ceil((busyUntil - now - room) / 1_000));
      // It became full, or another function began it, between two steps: then they are right the next time.
    }
    // No message fails because the bucket changed each time; one lease is not counted.
  }

  #addTo(userId: string, cost: number, now: number, latest: number): Promise<boolean> {
    return holds(
      this.#database.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: sendingKey(userId),
          UpdateExpression: "SET expiresAt = :expiresAt ADD busyUntil :cost",
          ConditionExpression: BUCKET_HAS_ROOM,
          ExpressionAttributeValues: {
            ":cost": { N: String(cost) },
            ":expiresAt": expiryOf(latest + cost),
            ":now": { N: String(now) },
            ":latest": { N: String(latest) },
          },
        }),
      ),
    );
  }

  #startOver(userId: string, cost: number, now: number): Promise<boolean> {
    return holds(
      this.#database.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: sendingKey(userId),
          UpdateExpression: "SET busyUntil = :busyUntil, expiresAt = :expiresAt",
          ConditionExpression: BUCKET_IS_FULL,
          ExpressionAttributeValues: {
            ":busyUntil": { N: String(now + cost) },
            ":expiresAt": expiryOf(now + cost),
            ":now": { N: String(now) },
          },
        }),
      ),
    );
  }

  async #busyUntil(userId: string): Promise<number> {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: sendingKey(userId), ConsistentRead: true }))
      .catch(rethrow);
    return Number(Item?.["busyUntil"]?.N ?? 0);
  }
}

/** @param busyUntil When the bucket is full again, at the latest. */
const expiryOf = (busyUntil: number) => ({ N: String(epochSeconds(busyUntil + LIMITS.send.bucketKept)) });
