import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { LIMITS } from "../contract/limits.ts";
import { connectionKey, holderKey } from "../database/account-keys.ts";
import { type Database, rethrow } from "../database/database.ts";
import { deleteRecords, type Item } from "../database/records.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import type { Caller } from "../tokens/tokens.ts";
import { idOf, Listeners } from "./listeners.ts";

type Holder = Pick<Caller, "userId" | "sessionId">;

/**
 * Who listens. Each connection is stored twice: beside its user, where a sender finds it, and by itself, since an end of
 * the connection is told with nothing but its id. What is left of one whose end was never told expires.
 */
export class Connections extends Listeners {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    super(database, table, now);
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /** Two write units. */
  async add(connectionId: string, { userId, sessionId }: Holder): Promise<void> {
    const expiresAt = { N: String(epochSeconds(this.#now() + LIMITS.live.kept)) };
    await Promise.all([
      this.#put({ ...connectionKey(userId, connectionId), sessionId: { S: sessionId }, expiresAt }),
      this.#put({ ...holderKey(connectionId), userId: { S: userId }, expiresAt }),
    ]);
  }

  /** Forgets a connection, whoever held it. There is nothing to do if it never proved anything. */
  async forget(connectionId: string): Promise<void> {
    const holder = await this.delete(holderKey(connectionId));
    const userId = holder?.["userId"]?.S;
    if (userId !== undefined) await this.delete(connectionKey(userId, connectionId));
  }

  /**
   * The user whose connection it is; `undefined` if it has not proven that. Half a read unit, or one when it has to be
   * consistent.
   */
  async holderOf(connectionId: string, consistent: boolean): Promise<string | undefined> {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: holderKey(connectionId), ConsistentRead: consistent }))
      .catch(rethrow);
    return this.isCurrent(Item) ? Item?.["userId"]?.S : undefined;
  }

  /**
   * Forgets the oldest connections of a user who has more than `LIMITS.live.connections`, which are first of all those that
   * have expired. Nobody wakes them any more, but they are not closed: a client that is not woken polls, but one that is
   * closed comes back, and would take the place of the next. So what shows that they have proven themselves stays.
   */
  async forgetSurplus(userId: string): Promise<void> {
    const items = await this.find(userId, false);
    const oldestFirst = items.sort((one, other) => Number(one["expiresAt"]?.N) - Number(other["expiresAt"]?.N));
    const surplus = oldestFirst.slice(0, Math.max(0, items.length - LIMITS.live.connections)).map(idOf);
    const keys = surplus.map((connectionId) => connectionKey(userId, connectionId));
    await deleteRecords(this.#database, this.#table, keys);
  }

  async #put(item: Item): Promise<void> {
    await this.#database.send(new PutItemCommand({ TableName: this.#table, Item: item })).catch(rethrow);
  }
}
