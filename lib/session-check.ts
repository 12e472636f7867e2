import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { sessionKey } from "./account-keys.ts";
import type { Clock } from "./clock.ts";
import { type Database, rethrow } from "./database.ts";
import { InvalidToken } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import { RecentMap } from "./recent-map.ts";
import type { Caller } from "./tokens.ts";

/**
 * Whether logins are still valid. A token is checked against them with each request, so that a logout works at once.
 *
 * By itself, so that a function which only looks needs no permission to begin and end them.
 */
export class SessionCheck {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;
  /** Sessions that have ended. None begins again, so that what asks for one of them again costs no call. */
  readonly #ended = new RecentMap<string, true>(LIMITS.endedSessions);

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /**
   * One read unit, strongly consistent: a session that has ended is refused from the moment that its logout is answered.
   *
   * @throws {InvalidToken} The session has ended.
   */
  async require(caller: Caller): Promise<void> {
    this.refuseEnded(caller);
    if (await this.#isAlive(caller, true)) return;
    this.#ended.set(caller.sessionId, true);
    throw new InvalidToken("the session has ended");
  }

  /**
   * Half a read unit: enough where nothing is read for the caller or done in its name. An eventually consistent read may
   * miss a session that has just begun, so a miss is looked at again.
   *
   * @throws {InvalidToken} The session has ended.
   */
  async requireLately(caller: Caller): Promise<void> {
    this.refuseEnded(caller);
    if (!(await this.#isAlive(caller, false))) await this.require(caller);
  }

  /**
   * Refuses a session that this function has seen ended. Costs no call, and says nothing of any other.
   *
   * @throws {InvalidToken} The session has ended.
   */
  refuseEnded({ sessionId }: Pick<Caller, "sessionId">): void {
    if (this.#ended.get(sessionId)) throw new InvalidToken("the session has ended");
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
