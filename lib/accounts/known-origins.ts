import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { LIMITS } from "../contract/limits.ts";
import { KNOWN_PREFIX, knownKey, nameOwner } from "../database/account-keys.ts";
import { type Database, rethrow } from "../database/database.ts";
import { deleteRecords, findRecords } from "../database/records.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";

/** Where each user has logged in from lately, see `login-origin.ts`. */
export class KnownOrigins {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /** Half a read unit, eventually consistent, and no more and no less for a name that nobody has. */
  async has(username: string, origin: string): Promise<boolean> {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: knownKey(username, origin), ConsistentRead: false }))
      .catch(rethrow);
    return Number(Item?.["expiresAt"]?.N ?? 0) > this.#now() / 1_000;
  }

  /** For `LIMITS.login.known` from now on. One write unit. */
  async add(username: string, origin: string): Promise<void> {
    const expiresAt = { N: String(epochSeconds(this.#now() + LIMITS.login.known)) };
    await this.#database
      .send(new PutItemCommand({ TableName: this.#table, Item: { ...knownKey(username, origin), expiresAt } }))
      .catch(rethrow);
  }

  async remove(username: string, origin: string): Promise<void> {
    await deleteRecords(this.#database, this.#table, [knownKey(username, origin)]);
  }

  async removeAll(username: string): Promise<void> {
    const selection = { owner: nameOwner(username), prefix: KNOWN_PREFIX, consistent: true };
    const items = await findRecords(this.#database, this.#table, selection);
    const origins = items.map(({ record }) => record?.S?.slice(KNOWN_PREFIX.length) ?? "");
    await deleteRecords(
      this.#database,
      this.#table,
      origins.map((origin) => knownKey(username, origin)),
    );
  }
}
