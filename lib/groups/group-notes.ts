import type { User } from "../channel/profiles.ts";
import { LIMITS } from "../contract/limits.ts";
import { MEMBERSHIP_PREFIX, membershipKey, userOwner } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { deleteRecord } from "../database/delete-record.ts";
import { findRecords } from "../database/find-records.ts";
import { putRecord } from "../database/put-record.ts";
import type { Clock } from "../runtime/clock.ts";
import { eachOf } from "../runtime/each-of.ts";
import { GoTalkError } from "../runtime/errors.ts";

/** No later change of the group has noted it. */
const IS_NO_LATER = "attribute_not_exists(#owner) OR #version <= :version";

/** Nobody has noted it anew since it was read. Without it the note of a member who is coming back is lost. */
const IS_AS_READ = "#version = :version AND #at = :at";

/** Users whose notes are read or written at the same time. */
export const NOTES_AT_ONCE = 25;

/** That a user may be in a group. */
interface GroupNote {
  readonly groupId: string;
  /** The version of the group that the user came with. */
  readonly version: number;
  /** When it was stored, in milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Which groups a user may be in, so that they can be listed. The groups are the truth: a note is stored before the group says
 * so, and is removed after. So it may be there without the group, and never the other way round. A reader that finds
 * such a note removes it.
 */
export class GroupNotes {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /** Strongly consistent. One read unit for each 4 KB: 30 groups. */
  async list(userId: string): Promise<GroupNote[]> {
    const stored = await findRecords<Omit<GroupNote, "groupId">>(this.#table, {
      owner: userOwner(userId),
      prefix: MEMBERSHIP_PREFIX,
      consistent: true,
    });
    return stored.map(({ record, version = 0, at = 0 }) => ({
      groupId: record.slice(MEMBERSHIP_PREFIX.length),
      version,
      at,
    }));
  }

  /** @throws {GoTalkError} `too_many_groups`: At `LIMITS.groups.ofUser`. Requests at once may pass it by their number. */
  async requireRoom({ id, username }: User): Promise<void> {
    const { ofUser } = LIMITS.groups;
    if ((await this.list(id)).length < ofUser) return;
    throw new GoTalkError("too_many_groups", { values: [username, ofUser] });
  }

  /**
   * To be called before the group says that the users are in it. One write unit each.
   *
   * @param version That the group is about to have.
   */
  async add(userIds: readonly string[], groupId: string, version: number): Promise<void> {
    const attributes = { version, at: this.#now() };
    await eachOf(userIds, NOTES_AT_ONCE, (userId) => {
      const note = { ...membershipKey(userId, groupId), ...attributes };
      return putRecord(this.#table, note, { condition: IS_NO_LATER, values: { version } });
    });
  }

  /**
   * To be called once the group says that the user is not in it.
   *
   * @param version Of the group that says so: a note of a later one is left alone.
   */
  async remove(userId: string, groupId: string, version: number): Promise<void> {
    await deleteRecord(this.#table, membershipKey(userId, groupId), { condition: IS_NO_LATER, values: { version } });
  }

  /** Removes a note that the group does not bear out, unless a change that it was stored for may still come. */
  async mend(userId: string, { groupId, version, at }: GroupNote): Promise<void> {
    if (this.#now() < at + LIMITS.groups.noteLead) return;
    const condition = { condition: IS_AS_READ, values: { version, at } };
    await deleteRecord(this.#table, membershipKey(userId, groupId), condition);
  }
}
