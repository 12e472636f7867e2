import { DeleteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { validate as isUuid } from "uuid";
import { credentialsKey, profileKey } from "./account-keys.ts";
import type { Clock } from "./clock.ts";
import { type Database, holds, rethrow } from "./database.ts";
import { UsernameTaken } from "./errors.ts";
import { newUserId } from "./ids.ts";

export interface User {
  readonly id: string;
  readonly username: string;
}

export interface Credentials extends User {
  /** A PHC string. */
  readonly passwordHash: string;
}

/** Nobody has the name. Without this clause two registrations at once would both get it. */
const NAME_IS_FREE = "attribute_not_exists(#owner)";

/** Users by their id and by their username. Usernames are in lower case. */
export class Users {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /**
   * Makes the profile first and claims the name last: a name never leads to a user who cannot be sent to. A crash in
   * between leaves a profile that nobody knows of.
   *
   * @throws {UsernameTaken} Somebody has the name.
   */
  async create(username: string, passwordHash: string): Promise<User> {
    const id = newUserId();
    await this.#put({ ...profileKey(id), username: { S: username }, createdAt: { N: String(this.#now()) } });
    const claimed = await this.#claim(username, id, passwordHash);
    // An attempt whose answer was lost may have claimed it for this very user.
    if (claimed || (await this.credentials(username))?.id === id) return { id, username };
    await this.#delete(profileKey(id));
    throw new UsernameTaken();
  }

  /** Who has the username, strongly consistent; `undefined` if nobody has. */
  async credentials(username: string): Promise<Credentials | undefined> {
    const item = await this.#get(credentialsKey(username), true);
    const id = item?.["userId"]?.S;
    const passwordHash = item?.["passwordHash"]?.S;
    return id === undefined || passwordHash === undefined ? undefined : { id, username, passwordHash };
  }

  /** Whether there is such a user. Ids are never reused, so what was found once stays; only a miss is read consistently. */
  async exists(id: string): Promise<boolean> {
    if (!isUuid(id)) return false;
    return (await this.#get(profileKey(id), false)) !== undefined || (await this.#get(profileKey(id), true)) !== undefined;
  }

  #claim(username: string, id: string, passwordHash: string): Promise<boolean> {
    return holds(
      this.#database.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: { ...credentialsKey(username), userId: { S: id }, passwordHash: { S: passwordHash } },
          ConditionExpression: NAME_IS_FREE,
          ExpressionAttributeNames: { "#owner": "owner" },
        }),
      ),
    );
  }

  async #get(key: ReturnType<typeof profileKey>, consistent: boolean) {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: key, ConsistentRead: consistent }))
      .catch(rethrow);
    return Item;
  }

  async #put(item: PutItemCommand["input"]["Item"]): Promise<void> {
    await this.#database.send(new PutItemCommand({ TableName: this.#table, Item: item })).catch(rethrow);
  }

  async #delete(key: ReturnType<typeof profileKey>): Promise<void> {
    await this.#database.send(new DeleteItemCommand({ TableName: this.#table, Key: key })).catch(rethrow);
  }
}
