import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { validate as isUuid } from "uuid";
import { CONNECTION_PREFIX, connectionKey, holderKey, userOwner } from "./account-keys.ts";
import { type Clock, epochSeconds } from "./clock.ts";
import { type Database, rethrow } from "./database.ts";
import { LIMITS } from "./limits.ts";
import { deleteRecords, findRecords, type Item } from "./records.ts";
import type { Caller } from "./tokens.ts";

/** A WebSocket connection that has proven whose it is. */
export interface Connection {
  readonly connectionId: string;
  /** The login that it belongs to. */
  readonly sessionId: string;
}

type Holder = Pick<Caller, "userId" | "sessionId">;

/**
 * Who listens. Each connection is stored twice: beside its user, where a sender finds it, and by itself, since an end of
 * the connection is told with nothing but its id. What is left of one whose end was never told expires.
 */
export class Connections {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
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

  /** Forgets a connection of the user. */
  async remove(userId: string, connectionId: string): Promise<void> {
    await Promise.all([this.#delete(connectionKey(userId, connectionId)), this.#delete(holderKey(connectionId))]);
  }

  /** Forgets a connection, whoever held it. There is nothing to do if it never proved anything. */
  async forget(connectionId: string): Promise<void> {
    const holder = await this.#delete(holderKey(connectionId));
    const userId = holder?.["userId"]?.S;
    if (userId !== undefined) await this.#delete(connectionKey(userId, connectionId));
  }

  /** Whether the connection has proven whose it is. */
  async isHeld(connectionId: string): Promise<boolean> {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: holderKey(connectionId), ConsistentRead: true }))
      .catch(rethrow);
    return this.#isCurrent(Item);
  }

  /**
   * The user's connections, all of them: what has expired and is still stored must hide none. Half a read unit for about
   * 25 of them; twice that when it has to be consistent.
   */
  async of(userId: string, consistent = false): Promise<Connection[]> {
    if (!isUuid(userId)) return [];
    const items = await this.#find(userId, consistent);
    return items
      .filter((item) => this.#isCurrent(item))
      .map((item) => ({ connectionId: idOf(item), sessionId: item["sessionId"]?.S ?? "" }));
  }

  /**
   * Forgets the oldest connections of a user who has more than `LIMITS.live.connections`, which are first of all those that
   * have expired. They are not closed: a client that is not woken polls, but one that is closed comes back, and would take
   * the place of the next.
   */
  async forgetSurplus(userId: string): Promise<void> {
    const items = await this.#find(userId, false);
    const oldestFirst = items.sort((one, other) => Number(one["expiresAt"]?.N) - Number(other["expiresAt"]?.N));
    const surplus = oldestFirst.slice(0, Math.max(0, items.length - LIMITS.live.connections)).map(idOf);
    const keys = surplus.flatMap((connectionId) => [connectionKey(userId, connectionId), holderKey(connectionId)]);
    await deleteRecords(this.#database, this.#table, keys);
  }

  #find(userId: string, consistent: boolean): Promise<Item[]> {
    return findRecords(this.#database, this.#table, {
      owner: userOwner(userId),
      prefix: CONNECTION_PREFIX,
      consistent,
    });
  }

  #isCurrent(item: Item | undefined): boolean {
    return Number(item?.["expiresAt"]?.N ?? 0) > this.#now() / 1_000;
  }

  async #put(item: Item): Promise<void> {
    await this.#database.send(new PutItemCommand({ TableName: this.#table, Item: item })).catch(rethrow);
  }

  async #delete(key: ReturnType<typeof holderKey>) {
    const { Attributes } = await this.#database
      .send(new DeleteItemCommand({ TableName: this.#table, Key: key, ReturnValues: "ALL_OLD" }))
      .catch(rethrow);
    return Attributes;
  }
}

const idOf = ({ record }: Item): string => record?.S?.slice(CONNECTION_PREFIX.length) ?? "";
