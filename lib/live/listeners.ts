import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { validate as isUuid } from "uuid";
import { CONNECTION_PREFIX, connectionKey, holderKey, type Key, userOwner } from "../database/account-keys.ts";
import { type Database, rethrow } from "../database/database.ts";
import { findRecords, type Item } from "../database/records.ts";
import type { Clock } from "../runtime/clock.ts";

/** A WebSocket connection that has proven whose it is. */
export interface Connection {
  readonly connectionId: string;
  /** The login that it belongs to. */
  readonly sessionId: string;
}

/**
 * Who listens: the connections of a user, see `connections.ts`. Apart from what stores them, so that a function which only
 * wakes or closes them contains nothing that adds any, and its role need not grant it.
 */
export class Listeners {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /**
   * The user's connections, all of them: what has expired and is still stored must hide none. Half a read unit for about
   * 25 of them; twice that when it has to be consistent.
   */
  async of(userId: string, consistent = false): Promise<Connection[]> {
    if (!isUuid(userId)) return [];
    const items = await this.find(userId, consistent);
    return items
      .filter((item) => this.isCurrent(item))
      .map((item) => ({ connectionId: idOf(item), sessionId: item["sessionId"]?.S ?? "" }));
  }

  /** Forgets a connection of the user. */
  async remove(userId: string, connectionId: string): Promise<void> {
    await Promise.all([this.delete(connectionKey(userId, connectionId)), this.delete(holderKey(connectionId))]);
  }

  /** What is stored of the user's connections, with what has expired. */
  protected find(userId: string, consistent: boolean): Promise<Item[]> {
    return findRecords(this.#database, this.#table, {
      owner: userOwner(userId),
      prefix: CONNECTION_PREFIX,
      consistent,
    });
  }

  protected isCurrent(item: Item | undefined): boolean {
    return Number(item?.["expiresAt"]?.N ?? 0) > this.#now() / 1_000;
  }

  /** @returns What was stored there. */
  protected async delete(key: Key): Promise<Item | undefined> {
    const { Attributes } = await this.#database
      .send(new DeleteItemCommand({ TableName: this.#table, Key: key, ReturnValues: "ALL_OLD" }))
      .catch(rethrow);
    return Attributes;
  }
}

/** The id of a connection that is stored beside its user. */
export const idOf = ({ record }: Item): string => record?.S?.slice(CONNECTION_PREFIX.length) ?? "";
