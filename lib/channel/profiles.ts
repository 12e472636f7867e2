import { validate as isUuid } from "uuid";
import { profileKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import { updateRecord } from "../database/update-record.ts";

export interface User {
  readonly id: string;
  readonly username: string;
}

/** What everybody who sends to the user has to know. */
export interface Profile extends User {
  /** Messages that waited on the user's channel when they were last counted. */
  readonly backlog: number;
  /** When that was, in milliseconds since the epoch; 0 if never. */
  readonly countedAt: number;
}

/** The user exists, and nobody has counted the user's messages. */
const NEVER_COUNTED = "attribute_exists(#owner) AND attribute_not_exists(countedAt)";

/** The user exists, and nobody has counted since. Without this clause all senders to a full channel would count at once. */
const NOT_COUNTED_SINCE = "attribute_exists(#owner) AND countedAt = :seen";

/** A profile as it is stored, under the user's id. */
export type ProfileAttributes = Omit<Profile, "id">;

/**
 * Users by their id: what a sender has to know of a receiver. Apart from the names, so that a function which only needs
 * this contains nothing that touches a name or its credentials, and its role need not grant it.
 */
export class Profiles {
  readonly #table: AccountsTable;

  constructor(table: AccountsTable) {
    this.#table = table;
  }

  /**
   * `undefined` if there is no such user. Only a miss is read consistently: a user who has just been removed may be found
   * for a moment, and what is sent to them then expires unread, as what was sent a moment before.
   */
  async find(id: string): Promise<Profile | undefined> {
    if (!isUuid(id)) return undefined;
    return (await this.#get(id, false)) ?? (await this.findNow(id));
  }

  /**
   * Strongly consistent. One read unit.
   *
   * @param id A UUID.
   */
  findNow(id: string): Promise<Profile | undefined> {
    return this.#get(id, true);
  }

  /**
   * Notes how many messages wait for the user.
   *
   * @param seen The profile as it was read.
   * @returns Whether it was noted: nobody else did so since `seen` was read.
   */
  noteBacklog(seen: Profile, { backlog, countedAt }: Profile): Promise<boolean> {
    const isFirst = seen.countedAt === 0;
    return updateRecord(this.#table, profileKey(seen.id), {
      update: "SET backlog = :backlog, countedAt = :countedAt",
      condition: isFirst ? NEVER_COUNTED : NOT_COUNTED_SINCE,
      values: { backlog, countedAt, seen: isFirst ? undefined : seen.countedAt },
    });
  }

  async #get(id: string, consistent: boolean): Promise<Profile | undefined> {
    const stored = await getRecord<ProfileAttributes>(this.#table, profileKey(id), { consistent });
    return stored && profileOf(id, stored);
  }
}

export const profileOf = (
  id: string,
  { username = "", backlog = 0, countedAt = 0 }: Partial<ProfileAttributes>,
): Profile => ({ id, username, backlog, countedAt });
