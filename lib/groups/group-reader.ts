import { groupKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import { type Group, type GroupAttributes, groupOf, idsOfMembers, memberOf } from "./group.ts";

/**
 * Reads groups. Apart from what changes them, so that a function which only has to know who is in one needs no permission for
 * more.
 */
export class GroupReader {
  readonly #table: AccountsTable;

  constructor(table: AccountsTable) {
    this.#table = table;
  }

  /**
   * Strongly consistent. One read unit for each 4 KB: 60 members, with names of 8 characters.
   *
   * @returns `undefined` if there never was such a group. One that all have left is there for a while, without members.
   */
  async read(groupId: string): Promise<Group | undefined> {
    return groupOf(await getRecord<GroupAttributes>(this.#table, groupKey(groupId), { consistent: true }), groupId);
  }

  /** The ids of all members, for one of them. None if there is no such group, or the user is not in it. */
  async membersFor(groupId: string, userId: string): Promise<readonly string[]> {
    const group = await this.read(groupId);
    return group === undefined || memberOf(group, userId) === undefined ? [] : idsOfMembers(group);
  }
}
