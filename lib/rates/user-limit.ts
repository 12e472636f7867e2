import { LIMITS } from "../contract/limits.ts";
import { type Bucket, bucketKey, type Key } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import { updateRecord } from "../database/update-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { RecentMap } from "../runtime/recent-map.ts";
import type { Rate } from "./rate.ts";

/** A user's token bucket for one kind of request. */
export interface UserRate extends Rate {
  readonly bucket: Bucket;
  /** Tokens that a running function takes out of it at once. */
  readonly lease: number;
}

/** Tokens that one running function may give out for one user. */
interface Lease {
  left: number;
  /** When it was taken, in milliseconds since the epoch. */
  readonly takenAt: number;
  /** Until when the bucket has no further lease, in milliseconds since the epoch; 0 if it may have one. */
  emptyUntil: number;
}

/**
 * The bucket is full: whatever was taken has been refilled. A bucket that says more than one can is taken for full: the
 * clock was ahead when it was written, or the rate has been set higher since. Nobody is shut out until that time.
 */
const BUCKET_IS_FULL = "attribute_not_exists(busyUntil) OR busyUntil <= :now OR busyUntil > :most";

/** How often the steps below are tried. */
const ROUNDS = 3;

/** The bucket is in use, and has room for one more lease. */
const BUCKET_HAS_ROOM = "busyUntil > :now AND busyUntil <= :latest";

/**
 * How often a user may do something. The bucket is kept as one number, the time at which it is full again (the generic
 * cell rate algorithm, ITU-T I.371), in an item that all functions share.
 *
 * A function takes tokens out of it by the lease and keeps count of a lease by itself; its first lease of a user in a
 * minute is free and is not written. So a person who types costs no call at all, and a program that goes on all the time
 * costs one write in a lease. A function that has found the bucket empty refuses by itself until it is refilled. The price
 * is precision: a user gets up to one free lease a minute from each running function on top of the rate.
 */
export class UserLimit {
  readonly #table: AccountsTable;
  readonly #now: Clock;
  readonly #rate: UserRate;
  readonly #leases = new RecentMap<string, Lease>(LIMITS.userLimit.leasesKept);

  constructor(table: AccountsTable, now: Clock, rate: UserRate) {
    this.#table = table;
    this.#now = now;
    this.#rate = rate;
  }

  /**
   * Refuses what {@link UserLimit.take} would refuse without a call. Takes nothing, so that it may be asked for a token
   * whose session has not been checked.
   *
   * @throws {GoTalkError} 429: this function knows that the bucket is empty.
   */
  check(userId: string): void {
    const lease = this.#current(userId);
    if (lease !== undefined) this.#requireRoom(lease);
  }

  /**
   * @param tokens At most as many as a lease has.
   * @throws {GoTalkError} 429: the bucket is empty.
   */
  async take(userId: string, tokens = 1): Promise<void> {
    const lease = this.#current(userId);
    if (lease === undefined) return this.#begin(userId, this.#rate.lease - tokens);
    if (lease.left < tokens) {
      this.#requireRoom(lease);
      await this.#charge(userId, lease);
      this.#begin(userId, lease.left + this.#rate.lease - tokens);
    } else lease.left -= tokens;
  }

  #current(userId: string): Lease | undefined {
    const lease = this.#leases.get(userId);
    if (lease === undefined) return undefined;
    const age = this.#now() - lease.takenAt;
    // Below 0 the clock was set back.
    return age >= 0 && age < LIMITS.userLimit.leaseTime ? lease : undefined;
  }

  #begin(userId: string, left: number): void {
    this.#leases.set(userId, { left, takenAt: this.#now(), emptyUntil: 0 });
  }

  #requireRoom({ emptyUntil }: Lease): void {
    const wait = emptyUntil - this.#now();
    if (wait > 0) throw this.#refusal(wait);
  }

  /** Takes one lease out of the bucket. */
  async #charge(userId: string, lease: Lease): Promise<void> {
    const { burst, perSecond, lease: tokens } = this.#rate;
    const cost = Math.ceil((tokens / perSecond) * 1_000);
    const room = Math.max(0, Math.floor(((burst - tokens) / perSecond) * 1_000));
    for (let round = 0; round < ROUNDS; round++) {
      const now = this.#now();
      if (await this.#addTo(userId, cost, now, now + room)) return;
      if (await this.#startOver(userId, cost, now, now + room + cost + LIMITS.clocksApart)) return;
      const busyUntil = await this.#busyUntil(userId);
      if (busyUntil > now + room) {
        lease.emptyUntil = busyUntil - room;
        throw this.#refusal(lease.emptyUntil - now);
      }
      // It became full, or another function began it, between two steps: then they are right the next time.
    }
    // No request fails because the bucket changed each time; one lease is not counted.
  }

  #refusal(wait: number): GoTalkError {
    const retryAfter = Math.ceil(wait / 1_000);
    return this.#rate.bucket === "sending"
      ? new GoTalkError("too_many_messages", { retryAfter })
      : new GoTalkError("too_many_requests", { retryAfter });
  }

  #addTo(userId: string, cost: number, now: number, latest: number): Promise<boolean> {
    return updateRecord(this.#table, this.#keyOf(userId), {
      update: "SET expiresAt = :expiresAt ADD busyUntil :cost",
      condition: BUCKET_HAS_ROOM,
      values: { cost, expiresAt: expiryOf(latest + cost), now, latest },
    });
  }

  /** @param most The latest time at which a bucket can be full, by whichever function's clock. */
  #startOver(userId: string, cost: number, now: number, most: number): Promise<boolean> {
    const busyUntil = now + cost;
    return updateRecord(this.#table, this.#keyOf(userId), {
      update: "SET busyUntil = :busyUntil, expiresAt = :expiresAt",
      condition: BUCKET_IS_FULL,
      values: { busyUntil, expiresAt: expiryOf(busyUntil), now, most },
    });
  }

  async #busyUntil(userId: string): Promise<number> {
    const bucket = await getRecord<{ busyUntil: number }>(this.#table, this.#keyOf(userId), { consistent: true });
    return bucket?.busyUntil ?? 0;
  }

  #keyOf(userId: string): Key {
    return bucketKey(userId, this.#rate.bucket);
  }
}

/**
 * In epoch seconds.
 *
 * @param busyUntil When the bucket is full again, at the latest.
 */
const expiryOf = (busyUntil: number): number => epochSeconds(busyUntil + LIMITS.userLimit.bucketKept);
