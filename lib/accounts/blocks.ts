import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { User } from "../channel/profiles.ts";
import { LIMITS } from "../contract/limits.ts";
import { BLOCK_PREFIX, blockKey, userOwner } from "../database/account-keys.ts";
import { type Database, rethrow } from "../database/database.ts";
import { deleteRecords, findRecords } from "../database/records.ts";
import type { Clock } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";

/**
 * Whose messages a user does not want. A block holds from its answer on; what was sent before it is delivered. Senders ask
 * by `receivers.ts`.
 */
export class Blocks {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /** Everybody whom the user has blocked, by name as it was then. Strongly consistent. */
  async of(userId: string): Promise<User[]> {
    const items = await this.#find(userId);
    return items
      .map(({ record, username }) => ({ id: record?.S?.slice(BLOCK_PREFIX.length) ?? "", username: username?.S ?? "" }))
      .sort((one, other) => (one.username < other.username ? -1 : 1));
  }

  /**
   * There is nothing to do if the user has blocked them already.
   *
   * @throws {GoTalkError} `too_many_blocks`: At `LIMITS.blocks`. Requests at once may pass it by their number.
   */
  async add(userId: string, { id, username }: User): Promise<void> {
    const blocked = await this.of(userId);
    if (blocked.some((one) => one.id === id)) return;
    if (blocked.length >= LIMITS.blocks) throw new GoTalkError("too_many_blocks", { values: [LIMITS.blocks] });
    await this.#database
      .send(
        new PutItemCommand({
          TableName: this.#table,
          Item: { ...blockKey(userId, id), username: { S: username }, createdAt: { N: String(this.#now()) } },
        }),
      )
      .catch(rethrow);
  }

  /** There is nothing to do if the user has not blocked them. */
  async remove(userId: string, blockedId: string): Promise<void> {
    await deleteRecords(this.#database, this.#table, [blockKey(userId, blockedId)]);
  }

  async removeAll(userId: string): Promise<void> {
    const items = await this.#find(userId);
    await deleteRecords(
      this.#database,
      this.#table,
      items.map(({ record }) => blockKey(userId, record?.S?.slice(BLOCK_PREFIX.length) ?? "")),
    );
  }

  #find(userId: string) {
    return findRecords(this.#database, this.#table, {
      owner: userOwner(userId),
      prefix: BLOCK_PREFIX,
      consistent: true,
    });
  }
}
