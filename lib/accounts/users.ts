import type { User } from "../channel/profiles.ts";
import { profileKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { deleteRecord } from "../database/delete-record.ts";
import { putRecord } from "../database/put-record.ts";
import { firstMap } from "../devices/device-map.ts";
import type { Clock } from "../runtime/clock.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { newUserId } from "../runtime/ids.ts";
import { type Claim, type Credentials, Names } from "./names.ts";

/** The devices are those that were read. Without this clause the channel of one that has come since stays open. */
const DEVICES_ARE_AS_READ = "devicesVersion = :seen";
const DEVICES_ARE_NOT_STORED = "attribute_not_exists(devicesVersion)";

/** No try of this write has applied. Without this clause a late one would reset a map of devices that logins have changed since. */
const IS_NEW = "attribute_not_exists(#owner)";

/** Users: their names, and the profiles that `profiles.ts` reads. Usernames are in lower case. */
export class Users {
  readonly names: Names;
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
    this.names = new Names(table, now);
  }

  /**
   * Makes the profile first and claims the name last: a name never leads to a user who cannot be sent to. A crash in
   * between leaves a profile that nobody knows of.
   *
   * @param claim How the name is claimed, where it is not simply free.
   * @throws {GoTalkError} `username_taken`: Somebody has the name.
   */
  async create(username: string, passwordHash: string, claim: Omit<Claim, "id" | "passwordHash"> = {}): Promise<User> {
    const id = newUserId();
    const createdAt = this.#now();
    // From here on each connection of the user is noted, see `Connections.add`.
    const profile = { ...profileKey(id), username, createdAt, connectedUntil: 0, ...firstMap(createdAt) };
    // The id is new and random. Where the condition does not hold, an earlier try of the database client has stored the profile.
    await putRecord(this.#table, profile, { condition: IS_NEW });
    if (await this.names.claim(username, { ...claim, id, passwordHash })) return { id, username };
    await this.removeProfile(id);
    throw new GoTalkError("username_taken");
  }

  /** The credentials of the user who has the name, strongly consistent; `undefined` if nobody has it. */
  credentials(username: string): Promise<Credentials | undefined> {
    return this.names.find(username);
  }

  /** From now on nobody can send to the user. */
  async removeProfile(id: string): Promise<void> {
    await deleteRecord(this.#table, profileKey(id));
  }

  /**
   * The same, unless the user's devices have changed.
   *
   * @param seen The version of their map as it was read.
   * @returns Whether they had not.
   */
  removeProfileAsRead(id: string, seen: number | undefined): Promise<boolean> {
    const condition = seen === undefined ? DEVICES_ARE_NOT_STORED : DEVICES_ARE_AS_READ;
    return deleteRecord(this.#table, profileKey(id), { condition, values: { seen } });
  }
}
