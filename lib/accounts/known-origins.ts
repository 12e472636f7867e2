import { LIMITS } from "../contract/limits.ts";
import { KNOWN_PREFIX, knownKey, nameOwner } from "../database/account-keys.ts";
import { type AccountsTable, isCurrent } from "../database/accounts-table.ts";
import { deleteRecord, deleteRecords } from "../database/delete-record.ts";
import { findRecords } from "../database/find-records.ts";
import { getRecord } from "../database/get-record.ts";
import { putRecord } from "../database/put-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";

/** The addresses from which each user has logged in lately, see `login-origin.ts`. */
export class KnownOrigins {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /** Half a read unit, eventually consistent, and no more and no less for a name that nobody has. */
  async has(username: string, origin: string): Promise<boolean> {
    const key = knownKey(username, origin);
    const stored = await getRecord<{ expiresAt: number }>(this.#table, key, { consistent: false });
    return isCurrent(stored, this.#now());
  }

  /** For `LIMITS.login.known` from now on. One write unit. */
  async add(username: string, origin: string): Promise<void> {
    const expiresAt = epochSeconds(this.#now() + LIMITS.login.known);
    await putRecord(this.#table, { ...knownKey(username, origin), expiresAt });
  }

  async remove(username: string, origin: string): Promise<void> {
    await deleteRecord(this.#table, knownKey(username, origin));
  }

  async removeAll(username: string): Promise<void> {
    const selection = { owner: nameOwner(username), prefix: KNOWN_PREFIX, consistent: true };
    const stored = await findRecords(this.#table, selection);
    await deleteRecords(this.#table, stored);
  }
}
