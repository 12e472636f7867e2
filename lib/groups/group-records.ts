import { groupKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { getRecords } from "../database/get-records.ts";
import { putRecord } from "../database/put-record.ts";
import { updateRecord } from "../database/update-record.ts";
import { type Group, type GroupAttributes, type GroupState, groupOf, type Untold } from "./group.ts";

/** No group has the id, or had it lately. Without it a repeat of the request that made the group would make it anew. */
const IS_NEW = "attribute_not_exists(#owner)";

/** Nobody has changed the group since it was read: the caller is still an admin. */
const IS_AS_READ = "#version = :seen";

/** Groups as their routes need them, beside `GroupStore`. */
export class GroupRecords {
  readonly #table: AccountsTable;

  constructor(table: AccountsTable) {
    this.#table = table;
  }

  /**
   * Stores the first version of a group. One write unit for each KB, see docs/costs.md.
   *
   * @returns Whether no group had the id; see `holds`.
   */
  create(groupId: string, { name, members }: GroupState, untold: Untold): Promise<boolean> {
    const record = { ...groupKey(groupId), name, members, version: 1, untold: { 1: untold } };
    return putRecord(this.#table, record, { condition: IS_NEW });
  }

  /** As `GroupReader.read`, of several groups at once and in no order. */
  async readAll(groupIds: readonly string[]): Promise<Group[]> {
    const found = await getRecords<GroupAttributes>(this.#table, groupIds.map(groupKey));
    const byOwner = new Map(found.map((stored) => [stored.owner, stored]));
    return groupIds.flatMap((groupId) => groupOf(byOwner.get(groupKey(groupId).owner), groupId) ?? []);
  }

  /**
   * Sets the code that lets in, in the place of the one before. It is no change that is told.
   *
   * @param read The group as it was read a moment ago.
   * @returns Whether nobody has changed the group since.
   */
  setInvite({ groupId, version }: Group, inviteHash: string): Promise<boolean> {
    return updateRecord(this.#table, groupKey(groupId), {
      update: "SET #invite = :invite",
      condition: IS_AS_READ,
      values: { invite: inviteHash, seen: version },
    });
  }
}
