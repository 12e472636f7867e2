import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { LIMITS } from "../contract/limits.ts";
import { SESSION_PREFIX, sessionKey, userOwner } from "../database/account-keys.ts";
import { type Database, rethrow } from "../database/database.ts";
import { deleteRecords, findRecords, type Item } from "../database/records.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { newOpaqueId } from "../runtime/ids.ts";
import { SessionCheck } from "../tokens/session-check.ts";
import type { Caller } from "../tokens/tokens.ts";

export interface Session {
  readonly sessionId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A session, as its user may tell it from others. */
export interface ListedSession extends Session {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** What the client said of itself when it logged in; empty if nothing. */
  readonly userAgent: string;
}

/** The logins that are still valid: how they begin, are listed, and end. */
export class Sessions extends SessionCheck {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    super(database, table, now);
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /** @param userAgent What the client says of itself, see {@link ListedSession}. */
  async start(userId: string, userAgent = ""): Promise<Session> {
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
            ...(userAgent !== "" && { userAgent: { S: userAgent } }),
          },
        }),
      )
      .catch(rethrow);
    return { sessionId, expiresAt };
  }

  /** The sessions of a user that are still valid, newest first. Strongly consistent. */
  async of(userId: string): Promise<ListedSession[]> {
    const items = await this.#find(userId, true);
    return items
      .map((item) => ({
        sessionId: item["record"]?.S?.slice(SESSION_PREFIX.length) ?? "",
        createdAt: Number(item["createdAt"]?.N),
        expiresAt: Number(item["expiresAt"]?.N) * 1_000,
        userAgent: item["userAgent"]?.S ?? "",
      }))
      .filter(({ expiresAt }) => expiresAt > this.#now())
      .sort((one, other) => other.createdAt - one.createdAt);
  }

  /** Ends the oldest sessions of a user who has more than `LIMITS.sessions`. */
  async endSurplus(userId: string): Promise<void> {
    const items = await this.#find(userId, false);
    const oldestFirst = items.sort((one, other) => Number(one["createdAt"]?.N) - Number(other["createdAt"]?.N));
    await this.#delete(userId, oldestFirst.slice(0, Math.max(0, items.length - LIMITS.sessions)));
  }

  /**
   * Ends all sessions of a user that have begun.
   *
   * @param exceptFor A session that goes on.
   */
  async endAll(userId: string, exceptFor?: string): Promise<void> {
    const items = await this.#find(userId, true);
    const kept = exceptFor === undefined ? undefined : `${SESSION_PREFIX}${exceptFor}`;
    await this.#delete(
      userId,
      items.filter(({ record }) => record?.S !== kept),
    );
  }

  /** Ends the session; there is nothing to do if it has ended. */
  async end({ userId, sessionId }: Pick<Caller, "userId" | "sessionId">): Promise<void> {
    await this.#database
      .send(new DeleteItemCommand({ TableName: this.#table, Key: sessionKey(userId, sessionId) }))
      .catch(rethrow);
  }

  #find(userId: string, consistent: boolean): Promise<Item[]> {
    return findRecords(this.#database, this.#table, { owner: userOwner(userId), prefix: SESSION_PREFIX, consistent });
  }

  #delete(userId: string, items: readonly Item[]): Promise<void> {
    const ids = items.map(({ record }) => record?.S?.slice(SESSION_PREFIX.length) ?? "");
    return deleteRecords(
      this.#database,
      this.#table,
      ids.map((sessionId) => sessionKey(userId, sessionId)),
    );
  }
}
