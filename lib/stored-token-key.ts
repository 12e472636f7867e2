import { randomBytes } from "node:crypto";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { tokenKeyKey } from "./account-keys.ts";
import { type Database, holds, rethrow } from "./database.ts";

const KEY_BYTES = 32;

/** Somebody else has made it. Without this clause two first starts would encrypt with two keys. */
const IS_MISSING = "attribute_not_exists(#owner)";

/**
 * The key that tokens are encrypted with, where the environment has none: an item of the table `accounts`, made by the
 * first function that needs it. So a deployment has no manual step and no secret in its template, and pays nothing for a
 * secret that lies idle. One read in the life of a running function.
 */
export class StoredTokenKey {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, table: string) {
    this.#database = database;
    this.#table = table;
  }

  /** 32 bytes: one read, and a write where there was none. */
  async get(): Promise<Uint8Array> {
    const stored = await this.#read();
    if (stored) return stored;
    const made = randomBytes(KEY_BYTES);
    const isOurs = await holds(
      this.#database.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: { ...tokenKeyKey(), tokenKey: { B: made } },
          ConditionExpression: IS_MISSING,
          ExpressionAttributeNames: { "#owner": "owner" },
        }),
      ),
    );
    if (isOurs) return made;
    const theirs = await this.#read();
    if (theirs === undefined) throw new Error("the token key was there and is gone");
    return theirs;
  }

  async #read(): Promise<Uint8Array | undefined> {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: tokenKeyKey(), ConsistentRead: true }))
      .catch(rethrow);
    return Item?.["tokenKey"]?.B;
  }
}
