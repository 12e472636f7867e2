import { validate as isUuid } from "uuid";
import { blockKey, profileKey } from "../database/account-keys.ts";
import { batchGet } from "../database/batch-get.ts";
import type { Database } from "../database/database.ts";
import { type Profile, Profiles, profileOf } from "./profiles.ts";

/** What a sender has to know of a receiver. */
export interface Receiver extends Profile {
  /** Whether the receiver does not want the sender's messages, see `blocks.ts`. */
  readonly hasBlocked: boolean;
}

/** The profiles and the blocks of users, as a sender needs them: one call for both. */
export class Receivers extends Profiles {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, table: string) {
    super(database, table);
    this.#database = database;
    this.#table = table;
  }

  /**
   * One read unit, eventually consistent: a sender may take a moment to see a block. A profile that is missed is looked at
   * again, strongly consistent, see {@link Profiles.profile}.
   *
   * @param id As a request names it.
   * @returns `undefined` if there is no such user.
   */
  async find(id: string, senderId: string): Promise<Receiver | undefined> {
    if (!isUuid(id)) return undefined;
    const [wanted, block] = [profileKey(id), blockKey(id, senderId)];
    const found = await batchGet(this.#database, { table: this.#table, keys: [wanted, block], consistent: false });
    const itemOf = ({ record }: typeof wanted) => found.find((item) => item["record"]?.S === record.S);
    const item = itemOf(wanted);
    const profile = item ? profileOf(id, item) : await this.profileNow(id);
    return profile && { ...profile, hasBlocked: itemOf(block) !== undefined };
  }
}
