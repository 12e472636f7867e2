import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { sessionKey } from "./account-keys.ts";
import { type Clock, epochSeconds } from "./clock.ts";
import { type Database, rethrow } from "./database.ts";
import { InvalidToken } from "./errors.ts";
import { newOpaqueId } from "./ids.ts";
import { LIMITS } from "./limits.ts";
import type { Caller } from "./tokens.ts";

export interface Session {
  readonly sessionId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * The logins that are still valid. A token is checked against them with each request, so that a logout works at once.
 */
export class Sessions {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  async start(userId: string): Promise<Session> {
    const sessionId = newOpaqueId();
    const expiresAt = this.#now() + LIMITS.session;
    await this.#database
      .send(
        new PutItemCommand({
          TableName: this.#table,
          Item: {
            ...sessionKey(userId, sessionId),
            createdAt: { N: String(this.#now()) },
            expiresAt: { N: String(epochSeconds(expiresAt)) },
          },
        }),
      )
      .catch(rethrow);
    return { sessionId, expiresAt };
  }

  /** Ends the session; there is nothing to do if it has ended. */
  async end({ userId, sessionId }: Caller): Promise<void> {
    await this.#database
      .send(new DeleteItemCommand({ TableName: this.#table, Key: sessionKey(userId, sessionId) }))
      .catch(rethrow);
  }

  /**
   * One read unit, strongly consistent: a session that has ended is refused from the moment that its logout is answered.
   *
   * @throws {InvalidToken} The session has ended.
   */
  async require(caller: Caller): Promise<void> {
    if (!(await this.#isAlive(caller, true))) throw new InvalidToken("the session has ended");
  }

  /**
   * Half a read unit: enough where nothing is read for the caller or done in its name. An eventually consistent read may
   * miss a session that has just begun, so a miss is looked at again.
   *
   * @throws {InvalidToken} The session has ended.
   */
  async requireLately(caller: Caller): Promise<void> {
    if (!(await this.#isAlive(caller, false))) await this.require(caller);
  }

  async #isAlive({ userId, sessionId }: Caller, consistent: boolean): Promise<boolean> {
    const { Item } = await this.#database
      .send(
        new GetItemCommand({
          TableName: this.#table,
          Key: sessionKey(userId, sessionId),
          ConsistentRead: consistent,
        }),
      )
      .catch(rethrow);
    return Number(Item?.["expiresAt"]?.N ?? 0) > this.#now() / 1_000;
  }
}
