import { validate as isUuid } from "uuid";
import { blockKey, profileKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { getRecords } from "../database/get-records.ts";
import { type Profile, type ProfileAttributes, Profiles, profileOf } from "./profiles.ts";

/** What a sender has to know of a receiver. */
export interface Receiver extends Profile {
  /** Whether the receiver does not want the sender's messages, see `blocks.ts`. */
  readonly hasBlocked: boolean;
}

/** The profiles and the blocks of users, as a sender needs them: one call for both. */
export class Receivers {
  readonly #table: AccountsTable;
  readonly #profiles: Profiles;

  constructor(table: AccountsTable) {
    this.#table = table;
    this.#profiles = new Profiles(table);
  }

  /**
   * One read unit, eventually consistent: a sender may take a moment to see a block. A profile that is missed is read
   * again, strongly consistent, see {@link Profiles.find}.
   *
   * @param id As a request names it.
   * @returns `undefined` if there is no such user.
   */
  async find(id: string, senderId: string): Promise<Receiver | undefined> {
    if (!isUuid(id)) return undefined;
    const [wanted, block] = [profileKey(id), blockKey(id, senderId)];
    const found = await getRecords<ProfileAttributes>(this.#table, [wanted, block]);
    const storedAt = ({ record }: typeof wanted) => found.find((one) => one.record === record);
    const stored = storedAt(wanted);
    const profile = stored ? profileOf(id, stored) : await this.#profiles.findNow(id);
    return profile && { ...profile, hasBlocked: storedAt(block) !== undefined };
  }
}
