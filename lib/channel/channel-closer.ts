import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { type Database, rethrow } from "../database/database.ts";
import { headToItem, NO_HEAD, newWrite } from "./head.ts";

/** Closes channels. It is no part of `ChannelStore`: a function that only closes them needs no permission to read any. */
export class ChannelCloser {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, table: string) {
    this.#database = database;
    this.#table = table;
  }

  /**
   * Puts a head in the place of the channel's that DynamoDB deletes once it has expired. It is a new version: a sync that
   * has read the one before cannot write any more, and has to check its session again.
   *
   * @param expiresAt In epoch seconds.
   */
  async close(receiverId: string, expiresAt: number): Promise<void> {
    const head = { ...NO_HEAD, lineage: newWrite() };
    const Item = { ...headToItem(receiverId, head), expiresAt: { N: String(expiresAt) } };
    await this.#database.send(new PutItemCommand({ TableName: this.#table, Item })).catch(rethrow);
  }
}
