import { LIMITS } from "../contract/limits.ts";
import { failuresKey, type Key, ownFailuresKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { deleteRecord } from "../database/delete-record.ts";
import { getRecord } from "../database/get-record.ts";
import { updateRecord } from "../database/update-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { GoTalkError, Unavailable } from "../runtime/errors.ts";
import { KnownOrigins } from "./known-origins.ts";
import { deviceOriginOf, originOf } from "./login-origin.ts";

/** A count of failures as it is stored. */
interface FailureCount {
  readonly attempts: number;
  /** Milliseconds since the epoch. */
  readonly windowEndsAt: number;
}

/**
 * No window runs. Without the first two clauses every failure would begin the count anew. A window that ends later than any
 * can was begun by a clock that was ahead and has been set back: without the last clause it would shut the user out until
 * that time comes.
 */
const NO_WINDOW = "attribute_not_exists(windowEndsAt) OR windowEndsAt <= :now OR windowEndsAt > :latest";

/** The window runs, and has room. Checked by the write that counts, so that parallel attempts cannot pass it together. */
const ROOM_IN_WINDOW = "windowEndsAt > :now AND attempts < :most";

/** A success is taken back only from a count that it is part of. */
const COUNTED = "windowEndsAt > :now AND attempts > :zero";

/** A login that was let in, and counts as a failure until it succeeds. */
export interface Attempt {
  readonly username: string;
  /** Of the address, see `login-origin.ts`. */
  readonly origin: string;
  /** What its failure counts for besides the username: the known device if there is one, else the address. */
  readonly source: string;
  /** Whether the username's count includes it. A full count does not. */
  readonly isCounted: boolean;
}

/**
 * Slows down the guessing of passwords. An attempt counts as a failure from the start and is taken back when it succeeds.
 *
 * - Failed logins are counted for a username from one address, and from everywhere. An attacker with enough addresses can
 *   fill the second count in each window: so it does not refuse an address from which the user has logged in lately.
 * - An attacker behind the user's own address can fill the first count. So a known device has a count of its own instead: a
 *   client that shows a token of an earlier login of this user.
 *   https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
 * - Wrong passwords of the user's own sessions are counted for the user alone. Nobody else can fill that count.
 */
export class LoginThrottle {
  readonly #table: AccountsTable;
  readonly #now: Clock;
  readonly #known: KnownOrigins;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
    this.#known = new KnownOrigins(table, now);
  }

  /**
   * Asks the same of the database for every name and address, so that the time tells nothing of either.
   *
   * @param address An IP address.
   * @param device The session of an earlier login of this user, if the client has proven it.
   * @throws {GoTalkError} `too_many_attempts`: One of the counts is full, until its window ends.
   */
  async begin(username: string, address: string, device?: string): Promise<Attempt> {
    const origin = originOf(username, address);
    const source = device === undefined ? origin : deviceOriginOf(username, device);
    const [isKnownAddress, wait] = await Promise.all([
      this.#known.has(username, origin),
      this.#count(failuresKey(username, source), LIMITS.login.failuresPerAddress),
    ]);
    // Not counted for the username then: one address alone would fill its count.
    if (wait > 0) throw new GoTalkError("too_many_attempts", { retryAfter: wait });
    const waitOfAll = await this.#count(failuresKey(username), LIMITS.login.failuresPerUsername);
    if (waitOfAll > 0 && !isKnownAddress && device === undefined)
      throw new GoTalkError("too_many_attempts", { retryAfter: waitOfAll });
    return { username, origin, source, isCounted: waitOfAll === 0 };
  }

  /**
   * The attempt succeeded: its address is known, what its failure counted for starts afresh, and the username's count goes
   * back by one.
   */
  async succeed({ username, origin, source, isCounted }: Attempt): Promise<void> {
    await Promise.all([
      this.#known.add(username, origin),
      this.#clear(failuresKey(username, source)),
      isCounted && this.#uncount(failuresKey(username)),
    ]);
  }

  /** The login that succeeded came to nothing: its address is not known for it. */
  async revoke({ username, origin }: Attempt): Promise<void> {
    await this.#known.remove(username, origin);
  }

  /**
   * Counts an attempt of one of the user's own sessions, which gives the password again.
   *
   * @throws {GoTalkError} `too_many_attempts`: The user's count is full, until its window ends.
   */
  async beginOwn(userId: string): Promise<void> {
    const wait = await this.#count(ownFailuresKey(userId), LIMITS.login.failuresPerUser);
    if (wait > 0) throw new GoTalkError("too_many_attempts", { retryAfter: wait });
  }

  /** The password was right: the user starts afresh. */
  async succeedOwn(userId: string): Promise<void> {
    await this.#clear(ownFailuresKey(userId));
  }

  /**
   * The password was changed: of all addresses from which it was known only the one that changed it stays known. An
   * intruder who had the old password has no advantage any more.
   */
  async keepOnly(username: string, address: string): Promise<void> {
    await this.#known.removeAll(username);
    await this.#known.add(username, originOf(username, address));
  }

  /** Deletes what is stored of a user whose account is being deleted. */
  async removeAll(userId: string, username: string): Promise<void> {
    await this.#clear(ownFailuresKey(userId));
    await this.#known.removeAll(username);
  }

  /** @returns 0 if it is counted; of a full count the seconds until its window ends. */
  async #count(counter: Key, most: number): Promise<number> {
    // The window may end, or be begun by another attempt, between two steps; then they are right the next time.
    for (let round = 0; round < 3; round++) {
      if (await this.#beginWindow(counter)) return 0;
      if (await this.#countInWindow(counter, most)) return 0;
      const retryAfter = await this.#secondsLeft(counter, most);
      if (retryAfter > 0) return retryAfter;
    }
    throw new Unavailable("the count of failed logins changed each time");
  }

  async #clear(counter: Key): Promise<void> {
    await deleteRecord(this.#table, counter);
  }

  #uncount(counter: Key): Promise<boolean> {
    return updateRecord(this.#table, counter, {
      update: "ADD attempts :minusOne",
      condition: COUNTED,
      values: { minusOne: -1, zero: 0, now: this.#now() },
    });
  }

  #beginWindow(counter: Key): Promise<boolean> {
    const now = this.#now();
    const endsAt = now + LIMITS.login.window;
    return updateRecord(this.#table, counter, {
      update: "SET attempts = :one, windowEndsAt = :endsAt, expiresAt = :expiresAt",
      condition: NO_WINDOW,
      values: { one: 1, endsAt, expiresAt: epochSeconds(endsAt), now, latest: endsAt + LIMITS.clocksApart },
    });
  }

  #countInWindow(counter: Key, most: number): Promise<boolean> {
    return updateRecord(this.#table, counter, {
      update: "ADD attempts :one",
      condition: ROOM_IN_WINDOW,
      values: { one: 1, most, now: this.#now() },
    });
  }

  /** Seconds until the window of a full count ends; 0 if there is room by now. */
  async #secondsLeft(counter: Key, most: number): Promise<number> {
    const count = await getRecord<FailureCount>(this.#table, counter, { consistent: true });
    const { attempts = 0, windowEndsAt = 0 } = count ?? {};
    return attempts < most ? 0 : Math.ceil((windowEndsAt - this.#now()) / 1_000);
  }
}
