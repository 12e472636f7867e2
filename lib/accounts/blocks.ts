import type { User } from "../channel/profiles.ts";
import { LIMITS } from "../contract/limits.ts";
import { BLOCK_PREFIX, blockKey, userOwner } from "../database/account-keys.ts";
import type { AccountsTable, Stored } from "../database/accounts-table.ts";
import { deleteRecord, deleteRecords } from "../database/delete-record.ts";
import { findRecords } from "../database/find-records.ts";
import { putRecord } from "../database/put-record.ts";
import type { Clock } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";

/**
 * The users whose messages a user does not want. A block holds from its answer on; what was sent before it is delivered.
 * Senders ask by `parties.ts`.
 */
export class Blocks {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /** All users whom the user has blocked, by their names as they were then. Strongly consistent. */
  async list(userId: string): Promise<User[]> {
    const stored = await this.#find(userId);
    return stored
      .map(({ record, username = "" }) => ({ id: record.slice(BLOCK_PREFIX.length), username }))
      .sort((one, other) => (one.username < other.username ? -1 : 1));
  }

  /**
   * There is nothing to do if the user has blocked them already.
   *
   * @throws {GoTalkError} `too_many_blocks`: At `LIMITS.blocks`. Requests at once may pass it by their number.
   */
  async add(userId: string, { id, username }: User): Promise<void> {
    const blocked = await this.list(userId);
    if (blocked.some((one) => one.id === id)) return;
    if (blocked.length >= LIMITS.blocks) throw new GoTalkError("too_many_blocks", { values: [LIMITS.blocks] });
    await putRecord(this.#table, { ...blockKey(userId, id), username, createdAt: this.#now() });
  }

  /** There is nothing to do if the user has not blocked them. */
  async remove(userId: string, blockedId: string): Promise<void> {
    await deleteRecord(this.#table, blockKey(userId, blockedId));
  }

  async removeAll(userId: string): Promise<void> {
    await deleteRecords(this.#table, await this.#find(userId));
  }

  #find(userId: string): Promise<Stored<{ username: string }>[]> {
    return findRecords(this.#table, { owner: userOwner(userId), prefix: BLOCK_PREFIX, consistent: true });
  }
}
