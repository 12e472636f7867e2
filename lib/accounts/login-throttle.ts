import {
  DeleteItemCommand,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { LIMITS } from "../contract/limits.ts";
import { failuresKey, type Key, ownFailuresKey } from "../database/account-keys.ts";
import { type Database, holds, rethrow } from "../database/database.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { GoTalkError, Unavailable } from "../runtime/errors.ts";
import { KnownOrigins } from "./known-origins.ts";
import { deviceOriginOf, originOf } from "./login-origin.ts";

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
  /** Whether it is part of the username's count. Of a full one it is not. */
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
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;
  readonly #known: KnownOrigins;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
    this.#known = new KnownOrigins(database, table, now);
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
      this.#forget(failuresKey(username, source)),
      isCounted && this.#takeBack(failuresKey(username)),
    ]);
  }

  /** The login that succeeded came to nothing: its address is not known for it. */
  async revoke({ username, origin }: Attempt): Promise<void> {
    await this.#known.remove(username, origin);
  }

  /**
   * A session of the user gives the password once more.
   *
   * @throws {GoTalkError} `too_many_attempts`: The user's count is full, until its window ends.
   */
  async beginOwn(userId: string): Promise<void> {
    const wait = await this.#count(ownFailuresKey(userId), LIMITS.login.failuresPerUser);
    if (wait > 0) throw new GoTalkError("too_many_attempts", { retryAfter: wait });
  }

  /** The password was right: the user starts afresh. */
  async succeedOwn(userId: string): Promise<void> {
    await this.#forget(ownFailuresKey(userId));
  }

  /**
   * The password was changed: of all addresses from which it was known only the one that changed it stays known. An
   * intruder who had the old password has no advantage any more.
   */
  async keepOnly(username: string, address: string): Promise<void> {
    await this.#known.removeAll(username);
    await this.#known.add(username, originOf(username, address));
  }

  /** Forgets what is known of a user who is being removed. */
  async forget(userId: string, username: string): Promise<void> {
    await this.#forget(ownFailuresKey(userId));
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

  async #forget(counter: Key): Promise<void> {
    await this.#database.send(new DeleteItemCommand({ TableName: this.#table, Key: counter })).catch(rethrow);
  }

  #takeBack(counter: Key): Promise<boolean> {
    return this.#update(counter, {
      UpdateExpression: "ADD attempts :minusOne",
      ConditionExpression: COUNTED,
      ExpressionAttributeValues: {
        ":minusOne": { N: "-1" },
        ":zero": { N: "0" },
        ":now": { N: String(this.#now()) },
      },
    });
  }

  #beginWindow(counter: Key): Promise<boolean> {
    const now = this.#now();
    const endsAt = now + LIMITS.login.window;
    return this.#update(counter, {
      UpdateExpression: "SET attempts = :one, windowEndsAt = :endsAt, expiresAt = :expiresAt",
      ConditionExpression: NO_WINDOW,
      ExpressionAttributeValues: {
        ":one": { N: "1" },
        ":endsAt": { N: String(endsAt) },
        ":expiresAt": { N: String(epochSeconds(endsAt)) },
        ":now": { N: String(now) },
        ":latest": { N: String(endsAt + LIMITS.clocksApart) },
      },
    });
  }

  #countInWindow(counter: Key, most: number): Promise<boolean> {
    return this.#update(counter, {
      UpdateExpression: "ADD attempts :one",
      ConditionExpression: ROOM_IN_WINDOW,
      ExpressionAttributeValues: {
        ":one": { N: "1" },
        ":most": { N: String(most) },
        ":now": { N: String(this.#now()) },
      },
    });
  }

  /** Seconds until the window of a full count ends; 0 if there is room by now. */
  async #secondsLeft(counter: Key, most: number): Promise<number> {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: counter, ConsistentRead: true }))
      .catch(rethrow);
    if (Number(Item?.["attempts"]?.N ?? 0) < most) return 0;
    return Math.ceil((Number(Item?.["windowEndsAt"]?.N) - this.#now()) / 1_000);
  }

  /** Whether the condition held. */
  #update(counter: Key, input: Omit<UpdateItemCommandInput, "TableName" | "Key">): Promise<boolean> {
    return holds(this.#database.send(new UpdateItemCommand({ TableName: this.#table, Key: counter, ...input })));
  }
}
