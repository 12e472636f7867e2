import { LIMITS } from "../contract/limits.ts";
import { credentialsKey } from "../database/account-keys.ts";
import type { AccountsTable, Stored } from "../database/accounts-table.ts";
import { deleteRecord } from "../database/delete-record.ts";
import { getRecord } from "../database/get-record.ts";
import { putRecord } from "../database/put-record.ts";
import { updateRecord } from "../database/update-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";

/** A username, the user who has it, and what a login is verified against. */
export interface Credentials {
  /** The user's id. */
  readonly id: string;
  readonly username: string;
  /** A PHC string. */
  readonly passwordHash: string;
  /** The session that changed the password last. */
  readonly changedBy: string | undefined;
  /** When that was, in milliseconds since the epoch; 0 if never. */
  readonly changedAt: number;
  /** The invitation that the user registered with, by its hash. */
  readonly invite: string | undefined;
  /**
   * The registration is not complete, as its invitation does not count yet: the name is held until then, in milliseconds
   * since the epoch.
   */
  readonly pendingUntil: number | undefined;
  /** The account is being deleted: nobody can log in with it any more. */
  readonly isClosing: boolean;
}

/** A user who asks for a name. */
export interface Claim {
  readonly id: string;
  readonly passwordHash: string;
  readonly invite?: string | undefined;
  /** See {@link Credentials}. */
  readonly pendingUntil?: number | undefined;
  /** The id of a registration that is not complete, and loses the name to this one. */
  readonly replaces?: string | undefined;
}

/**
 * Nobody has the name, and nobody gave it up lately. Without the first clause two registrations at once would both get it.
 * Without the second a name would become free only when DynamoDB deletes the item, which it does some days late.
 */
const NAME_IS_FREE = "attribute_not_exists(#owner) OR heldUntil <= :now";

/** Nobody has the name, or one whose registration is not complete and may be replaced has. */
const NAME_IS_FREE_OR_PENDING = `${NAME_IS_FREE} OR (userId = :replaced AND attribute_exists(pendingUntil))`;

/** The name is still this user's. Without it, a late write would change the name of its next user. */
const IS_THEIRS = "userId = :id";

/** The same, and the password is the one that was verified. Of two changes at once, one wins. */
const PASSWORD_IS_AS_VERIFIED = `${IS_THEIRS} AND passwordHash = :verified`;

/** A name as it is stored. */
interface NameAttributes {
  readonly userId: string;
  readonly passwordHash: string;
  readonly changedBy: string;
  readonly changedAt: number;
  readonly invite: string;
  readonly pendingUntil: number;
  readonly closing: boolean;
  /** The user who gave the name up last. */
  readonly retiredBy: string;
}

/** Usernames, which are in lower case, and the users who have them: a record for each, of which every change is conditional. */
export class Names {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /** The user who has the username, strongly consistent; `undefined` if nobody has it. */
  async find(username: string): Promise<Credentials | undefined> {
    const stored = await this.#get(username);
    const { userId: id, passwordHash, changedBy, changedAt = 0, invite, pendingUntil, closing } = stored ?? {};
    if (id === undefined || passwordHash === undefined) return undefined;
    const isClosing = closing === true;
    return { id, username, passwordHash, changedBy, changedAt, invite, pendingUntil, isClosing };
  }

  /** @returns Whether the name is this user's now. */
  async claim(username: string, { id, passwordHash, invite, pendingUntil, replaces }: Claim): Promise<boolean> {
    const record = { ...credentialsKey(username), userId: id, passwordHash, invite, pendingUntil };
    const claimed = await putRecord(this.#table, record, {
      condition: replaces === undefined ? NAME_IS_FREE : NAME_IS_FREE_OR_PENDING,
      values: { now: this.#now(), replaced: replaces },
    });
    // An attempt whose answer was lost may have claimed it for this very user.
    return claimed || (await this.find(username))?.id === id;
  }

  /** Completes a registration. @returns Whether the name was still theirs. */
  activate(username: string, id: string): Promise<boolean> {
    const update = "REMOVE pendingUntil";
    return updateRecord(this.#table, credentialsKey(username), { update, condition: IS_THEIRS, values: { id } });
  }

  /**
   * @param verified The credentials as they were when the password was verified.
   * @param changedBy The session that asks for it.
   * @returns Whether they were still the same.
   */
  async setPassword(verified: Credentials, passwordHash: string, changedBy: string): Promise<boolean> {
    const changed = await updateRecord(this.#table, credentialsKey(verified.username), {
      update: "SET passwordHash = :passwordHash, changedBy = :changedBy, changedAt = :changedAt",
      condition: PASSWORD_IS_AS_VERIFIED,
      values: { id: verified.id, verified: verified.passwordHash, passwordHash, changedBy, changedAt: this.#now() },
    });
    // An attempt whose answer was lost may have set this very hash.
    return changed || (await this.find(verified.username))?.passwordHash === passwordHash;
  }

  /**
   * Begins the deletion of the account. @returns Whether the credentials were still those that were verified.
   */
  close({ id, username, passwordHash }: Credentials): Promise<boolean> {
    return updateRecord(this.#table, credentialsKey(username), {
      update: "SET closing = :true",
      condition: PASSWORD_IS_AS_VERIFIED,
      values: { id, verified: passwordHash, true: true },
    });
  }

  /**
   * Deletes what the user has of the name, and keeps it from everybody for `LIMITS.nameHeld`: people who knew its owner must
   * not take a stranger for them. Does nothing if the name is not this user's any more.
   */
  async retire(username: string, id: string): Promise<void> {
    const heldUntil = this.#now() + LIMITS.nameHeld;
    await updateRecord(this.#table, credentialsKey(username), {
      update:
        "SET heldUntil = :heldUntil, expiresAt = :expiresAt, retiredBy = :id REMOVE userId, passwordHash, changedBy, changedAt, invite, closing",
      condition: IS_THEIRS,
      values: { id, heldUntil, expiresAt: epochSeconds(heldUntil) },
    });
  }

  /** Whether the user has given the name up lately: their account is deleted. Strongly consistent. */
  async isRetiredBy(username: string, id: string): Promise<boolean> {
    return (await this.#get(username))?.retiredBy === id;
  }

  /** Makes the name of an incomplete registration free. Does nothing if it is not this user's any more. */
  async release(username: string, id: string): Promise<void> {
    await deleteRecord(this.#table, credentialsKey(username), { condition: IS_THEIRS, values: { id } });
  }

  #get(username: string): Promise<Stored<NameAttributes> | undefined> {
    return getRecord(this.#table, credentialsKey(username), { consistent: true });
  }
}
