import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { validate as isUuid } from "uuid";
import { blockKey } from "./account-keys.ts";
import { type Database, rethrow } from "./database.ts";

/**
 * What a sender has to know of a receiver's blocks, see `blocks.ts`. Apart from them, so that a function which only asks
 * contains nothing that changes them, and its role need not grant it.
 */
export class BlockCheck {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, table: string) {
    this.#database = database;
    this.#table = table;
  }

  /**
   * Half a read unit, eventually consistent: a block may take a moment to be seen by a sender.
   *
   * @param userId As a request names it: what is no id has blocked nobody.
   */
  async has(userId: string, senderId: string): Promise<boolean> {
    if (!isUuid(userId)) return false;
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: blockKey(userId, senderId), ConsistentRead: false }))
      .catch(rethrow);
    return Item !== undefined;
  }
}
