import { DeleteItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { Profiles, type User } from "../channel/profiles.ts";
import { profileKey } from "../database/account-keys.ts";
import { type Database, rethrow } from "../database/database.ts";
import type { Clock } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { newUserId } from "../runtime/ids.ts";
import { type Claim, type Credentials, Names } from "./names.ts";

/** Users by their id and by their username. Usernames are in lower case. */
export class Users extends Profiles {
  readonly names: Names;
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    super(database, table);
    this.#database = database;
    this.#table = table;
    this.#now = now;
    this.names = new Names(database, table, now);
  }

  /**
   * Makes the profile first and claims the name last: a name never leads to a user who cannot be sent to. A crash in
   * between leaves a profile that nobody knows of.
   *
   * @param claim How the name is claimed, where it is not simply free.
   * @throws {GoTalkError} `username_taken`: Somebody has the name.
   */
  async create(username: string, passwordHash: string, claim: Omit<Claim, "id" | "passwordHash"> = {}): Promise<User> {
    const id = newUserId();
    await this.#put({ ...profileKey(id), username: { S: username }, createdAt: { N: String(this.#now()) } });
    if (await this.names.claim(username, { ...claim, id, passwordHash })) return { id, username };
    await this.removeProfile(id);
    throw new GoTalkError("username_taken");
  }

  /** Who has the username, strongly consistent; `undefined` if nobody has. */
  credentials(username: string): Promise<Credentials | undefined> {
    return this.names.find(username);
  }

  /** From now on nobody can send to the user. */
  async removeProfile(id: string): Promise<void> {
    await this.#database.send(new DeleteItemCommand({ TableName: this.#table, Key: profileKey(id) })).catch(rethrow);
  }

  async #put(item: PutItemCommand["input"]["Item"]): Promise<void> {
    await this.#database.send(new PutItemCommand({ TableName: this.#table, Item: item })).catch(rethrow);
  }
}
