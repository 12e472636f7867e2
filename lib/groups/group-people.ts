import type { User } from "../channel/profiles.ts";
import { blockKey, type Key, profileKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { getRecords } from "../database/get-records.ts";
import { dayOf } from "../devices/device-map.ts";
import { type Party, type StoredProfile, toParty } from "../devices/parties.ts";
import type { Clock } from "../runtime/clock.ts";

/** A user who is to be added to a group. */
interface Candidate extends User {
  /** Whether the user does not want the messages of the adder, see `blocks.ts`. */
  readonly hasBlocked: boolean;
}

/** Reads what a group has to know of its users. Strongly consistent: a user who is not found has been deleted. */
export class GroupPeople {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /** One call, and one read unit for each user. @returns Those that exist, by their ids. */
  async parties(userIds: readonly string[]): Promise<Map<string, Party>> {
    const found = await this.#read(userIds.map(profileKey));
    const today = dayOf(this.#now());
    const parties = userIds.map((id): [string, Party | undefined] => [id, toParty(id, found(profileKey(id)), today)]);
    return new Map(parties.filter((entry): entry is [string, Party] => entry[1] !== undefined));
  }

  /** Two read units for each user. @returns Those that exist, by their ids. */
  async candidates(userIds: readonly string[], adderId: string): Promise<Map<string, Candidate>> {
    const found = await this.#read(userIds.flatMap((id) => [profileKey(id), blockKey(id, adderId)]));
    return new Map(
      userIds.flatMap((id) => {
        const username = found(profileKey(id))?.username;
        const hasBlocked = found(blockKey(id, adderId)) !== undefined;
        return username === undefined ? [] : [[id, { id, username, hasBlocked }] as const];
      }),
    );
  }

  async #read(keys: readonly Key[]): Promise<(key: Key) => StoredProfile | undefined> {
    const stored = await getRecords<Omit<StoredProfile, keyof Key>>(this.#table, keys);
    const textOf = ({ owner, record }: Key): string => `${owner} ${record}`;
    const byKey = new Map(stored.map((one) => [textOf(one), one]));
    return (key) => byKey.get(textOf(key));
  }
}
