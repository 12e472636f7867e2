import { DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { validate as isUuid } from "uuid";
import { CONNECTION_PREFIX, connectionKey, holderKey, userOwner } from "./account-keys.ts";
import { type Clock, epochSeconds } from "./clock.ts";
import { type Database, rethrow } from "./database.ts";
import { LIMITS } from "./limits.ts";
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
   * The user's connections, at most `LIMITS.live.connections`. Half a read unit for about 25 of them; twice that when it
   * has to be consistent.
   */
  async of(userId: string, consistent = false): Promise<Connection[]> {
    if (!isUuid(userId)) return [];
    const { Items = [] } = await this.#database
      .send(
        new QueryCommand({
          TableName: this.#table,
          KeyConditionExpression: "#owner = :owner AND begins_with(#record, :prefix)",
          ExpressionAttributeNames: { "#owner": "owner", "#record": "record" },
          ExpressionAttributeValues: { ":owner": { S: userOwner(userId) }, ":prefix": { S: CONNECTION_PREFIX } },
          Limit: LIMITS.live.connections,
          ConsistentRead: consistent,
        }),
      )
      .catch(rethrow);
    return Items.filter((item) => this.#isCurrent(item)).map(({ record, sessionId }) => ({
      connectionId: record?.S?.slice(CONNECTION_PREFIX.length) ?? "",
      sessionId: sessionId?.S ?? "",
    }));
  }

  #isCurrent(item: PutItemCommand["input"]["Item"]): boolean {
    return Number(item?.["expiresAt"]?.N ?? 0) > this.#now() / 1_000;
  }

  async #put(item: PutItemCommand["input"]["Item"]): Promise<void> {
    await this.#database.send(new PutItemCommand({ TableName: this.#table, Item: item })).catch(rethrow);
  }

  async #delete(key: ReturnType<typeof holderKey>) {
    const { Attributes } = await this.#database
      .send(new DeleteItemCommand({ TableName: this.#table, Key: key, ReturnValues: "ALL_OLD" }))
      .catch(rethrow);
    return Attributes;
  }
}
