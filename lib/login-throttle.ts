import {
  DeleteItemCommand,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { failuresKey } from "./account-keys.ts";
import { type Clock, epochSeconds } from "./clock.ts";
import { type Database, holds, rethrow } from "./database.ts";
import { TooManyAttempts, Unavailable } from "./errors.ts";
import { LIMITS } from "./limits.ts";

/** No window runs. Without this clause every failure would begin the count anew. */
const NO_WINDOW = "attribute_not_exists(windowEndsAt) OR windowEndsAt <= :now";

/** The window runs, and has room. Checked by the write that counts, so that parallel attempts cannot pass it together. */
const ROOM_IN_WINDOW = "windowEndsAt > :now AND attempts < :most";

/** A success is taken back only from a count that it is part of. */
const COUNTED = "windowEndsAt > :now AND attempts > :zero";

type Counter = ReturnType<typeof failuresKey>;

/**
 * Slows down the guessing of passwords: failures are counted for a username from one address, and from everywhere.
 * An attempt counts as a failure from the start and is taken back when it succeeds.
 */
export class LoginThrottle {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /** @throws {TooManyAttempts} One of the counts is full, until its window ends. */
  async begin(username: string, address: string): Promise<void> {
    await this.#count(failuresKey(username, address), LIMITS.login.failuresPerAddress);
    await this.#count(failuresKey(username), LIMITS.login.failuresPerUsername);
  }

  /** The attempt succeeded: the address starts afresh, and the username's count goes back by one. */
  async succeed(username: string, address: string): Promise<void> {
    await Promise.all([
      this.#database
        .send(new DeleteItemCommand({ TableName: this.#table, Key: failuresKey(username, address) }))
        .catch(rethrow),
      this.#update(failuresKey(username), {
        UpdateExpression: "ADD attempts :minusOne",
        ConditionExpression: COUNTED,
        ExpressionAttributeValues: {
          ":minusOne": { N: "-1" },
          ":zero": { N: "0" },
          ":now": { N: String(this.#now()) },
        },
      }),
    ]);
  }

  async #count(counter: Counter, most: number): Promise<void> {
    // The window may end, or be begun by another attempt, between two steps; then they are right the next time.
    for (let round = 0; round < 3; round++) {
      if (await this.#beginWindow(counter)) return;
      if (await this.#countInWindow(counter, most)) return;
      const retryAfter = await this.#secondsLeft(counter, most);
      if (retryAfter > 0) throw new TooManyAttempts(retryAfter);
    }
    throw new Unavailable("the count of failed logins changed each time");
  }

  #beginWindow(counter: Counter): Promise<boolean> {
    const endsAt = this.#now() + LIMITS.login.window;
    return this.#update(counter, {
      UpdateExpression: "SET attempts = :one, windowEndsAt = :endsAt, expiresAt = :expiresAt",
      ConditionExpression: NO_WINDOW,
      ExpressionAttributeValues: {
        ":one": { N: "1" },
        ":endsAt": { N: String(endsAt) },
        ":expiresAt": { N: String(epochSeconds(endsAt)) },
        ":now": { N: String(this.#now()) },
      },
    });
  }

  #countInWindow(counter: Counter, most: number): Promise<boolean> {
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
  async #secondsLeft(counter: Counter, most: number): Promise<number> {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: counter, ConsistentRead: true }))
      .catch(rethrow);
    if (Number(Item?.["attempts"]?.N ?? 0) < most) return 0;
    return Math.ceil((Number(Item?.["windowEndsAt"]?.N) - this.#now()) / 1_000);
  }

  /** Whether the condition held. */
  #update(counter: Counter, input: Omit<UpdateItemCommandInput, "TableName" | "Key">): Promise<boolean> {
    return holds(this.#database.send(new UpdateItemCommand({ TableName: this.#table, Key: counter, ...input })));
  }
}
