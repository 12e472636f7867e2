import { LIMITS } from "../contract/limits.ts";
import { type Bucket, bucketKey, type Key } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import { updateRecord } from "../database/update-record.ts";
import { bestEffort } from "../runtime/best-effort.ts";
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
  /** When it was taken or renewed, in milliseconds since the epoch. */
  leasedAt: number;
  /** Until when the bucket has no further lease, in milliseconds since the epoch; 0 if it may have one. */
  emptyUntil: number;
  /**
   * When the bucket is full again, in milliseconds since the epoch: at this time or later, as other functions may have taken
   * leases since. 0 if this function has not asked for it.
   */
  busyUntil: number;
  /** A renewal that is under way. */
  renewal: Promise<number> | undefined;
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
 * costs one write in a lease. The caller can have this write made ahead, by {@link UserLimit.renewAhead}. A function that has
 * found the bucket empty refuses by itself until it is refilled.
 *
 * The price is precision, in both directions. A user gets up to one free lease a minute from each running function on top of
 * the rate. And a lease that a function has renewed ahead, after the last token of the one before, is paid for also if the user
 * asks that function no more: it lies there unused for a minute.
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
   * Refuses what {@link UserLimit.consume} would refuse without a call. Takes nothing, so that it may be asked for a token
   * whose session has not been checked.
   *
   * @throws {GoTalkError} 429: this function knows that the bucket is empty.
   */
  check(userId: string): void {
    const lease = this.#current(userId);
    if (lease !== undefined) this.#requireRoom(lease);
  }

  /**
   * @param tokens More than a lease has are taken as so many leases. More than the bucket holds are taken once it is full.
   * @throws {GoTalkError} 429: the bucket has not so many.
   */
  async consume(userId: string, tokens = 1): Promise<void> {
    for (;;) {
      const lease = this.#current(userId) ?? this.#begin(userId);
      if (lease.left >= tokens) {
        lease.left -= tokens;
        return;
      }
      this.#requireRoom(lease);
      const wait = await this.#renew(userId, lease, Math.ceil((tokens - lease.left) / this.#rate.lease));
      if (wait > 0) throw this.#refusal(wait);
    }
  }

  /**
   * Renews a lease whose last token has been taken, so that the next request need not wait for it. To be awaited beside the
   * work that this token was taken for. No call while tokens are left. Never throws: if the bucket is empty, or the database
   * is slow, the next request finds that out.
   */
  async renewAhead(userId: string): Promise<void> {
    const lease = this.#current(userId);
    if (lease === undefined || lease.left > 0 || lease.emptyUntil > this.#now()) return;
    await bestEffort("renew a lease ahead", LIMITS.userLimit.renewTime, () => this.#renew(userId, lease, 1));
  }

  #current(userId: string): Lease | undefined {
    const lease = this.#leases.get(userId);
    if (lease === undefined) return undefined;
    const age = this.#now() - lease.leasedAt;
    // Below 0 the clock was set back.
    return age >= 0 && age < LIMITS.userLimit.leaseTime ? lease : undefined;
  }

  /** A free lease. */
  #begin(userId: string): Lease {
    const lease = { left: this.#rate.lease, leasedAt: this.#now(), emptyUntil: 0, busyUntil: 0, renewal: undefined };
    this.#leases.set(userId, lease);
    return lease;
  }

  #requireRoom({ emptyUntil }: Lease): void {
    const wait = emptyUntil - this.#now();
    if (wait > 0) throw this.#refusal(wait);
  }

  /**
   * Renews a lease once at a time: requests that need it meanwhile wait for that renewal, and look again.
   *
   * @returns Milliseconds until the bucket has what was asked for; 0 if it was taken, or another request has renewed the lease.
   */
  async #renew(userId: string, lease: Lease, leases: number): Promise<number> {
    if (lease.renewal !== undefined) {
      await lease.renewal;
      return 0;
    }
    const renewal = this.#charge(userId, lease, leases).finally(() => {
      lease.renewal = undefined;
    });
    lease.renewal = renewal;
    return renewal;
  }

  /**
   * Takes leases out of the bucket. One call, where it has them and no other function uses it.
   *
   * @returns Milliseconds until it has so many; 0 if they are taken.
   */
  async #charge(userId: string, lease: Lease, leases: number): Promise<number> {
    const tokens = leases * this.#rate.lease;
    const cost = Math.ceil((tokens / this.#rate.perSecond) * 1_000);
    const room = this.#roomFor(tokens);
    for (let round = 0; round < ROUNDS; round++) {
      const now = this.#now();
      const steps = [
        () => this.#startOver(userId, cost, now, now + room + cost + LIMITS.clocksApart),
        () => this.#addTo(userId, cost, now, now + room),
      ];
      // The condition of one of them holds at most, and a write that is refused costs as much as one that is not.
      if (lease.busyUntil > now) steps.reverse();
      for (const step of steps) {
        if (await step()) return this.#extend(userId, lease, tokens, Math.max(lease.busyUntil, now) + cost);
      }
      lease.busyUntil = await this.#busyUntil(userId);
      if (lease.busyUntil > now + room) {
        // What needs a single lease need not wait for so many.
        lease.emptyUntil = lease.busyUntil - this.#roomFor(this.#rate.lease);
        return lease.busyUntil - room - now;
      }
      // It became full, or another function began it, between two steps: then they are right the next time.
    }
    // No request fails because the bucket changed each time; one lease is not counted.
    return this.#extend(userId, lease, tokens, lease.busyUntil);
  }

  #extend(userId: string, lease: Lease, tokens: number, busyUntil: number): 0 {
    Object.assign(lease, { left: lease.left + tokens, leasedAt: this.#now(), emptyUntil: 0, busyUntil });
    this.#leases.set(userId, lease);
    return 0;
  }

  /** For how many milliseconds the bucket may be busy if so many tokens are to be in it. */
  #roomFor(tokens: number): number {
    const { burst, perSecond } = this.#rate;
    return Math.max(0, Math.floor(((burst - tokens) / perSecond) * 1_000));
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
