import { hash, randomInt } from "node:crypto";
import { inviteKey } from "../database/account-keys.ts";
import { type AccountsTable, isCurrent } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import { putRecord } from "../database/put-record.ts";
import { updateRecord } from "../database/update-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";

/** Crockford's base 32: no letter that looks like a digit. https://www.crockford.com/base32.html */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS = 4;
const GROUP_CHARACTERS = 5;

/** An invitation that has been made. */
export interface Invite {
  /** The user who has registered with it, or is about to. */
  readonly use: Use | undefined;
  /** It led to a user, who may have been deleted since. */
  readonly isSpent: boolean;
}

interface Use {
  readonly userId: string;
  readonly username: string;
}

/** An invitation as it is stored, by the hash of its code. */
interface InviteAttributes {
  /** In epoch seconds. */
  readonly expiresAt: number;
  /** The id of the user who has used it. */
  readonly usedBy: string;
  readonly username: string;
  readonly spent: boolean;
}

/** It exists and has not expired, and nobody has used it: of two registrations with one code, one wins. */
const IS_FREE = "expiresAt > :seconds AND (attribute_not_exists(usedBy) OR usedBy = :userId)";

/** The same, where a use is known to have come to nothing. */
const USE_IS_VOID = "expiresAt > :seconds AND attribute_not_exists(spent) AND (usedBy = :void OR usedBy = :userId)";

/** The use is still this user's. Without it another user's would be taken back, or spent. */
const IS_USED_BY = "usedBy = :userId";

/** 100 random bits, in four groups of five characters: such as `7ZK2M-0QW8T-XV41B-9RCEN`. */
const newInviteCode = (): string =>
  Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join(""),
  ).join("-");

/**
 * What is stored of a code. A plain hash is enough, as nobody can try 2^100 codes. Letters that people confuse are one.
 */
export const hashOfCode = (code: string): string =>
  hash(
    "sha256",
    code
      .toUpperCase()
      .replaceAll(/[^0-9A-Z]/g, "")
      .replaceAll("O", "0")
      .replaceAll(/[IL]/g, "1"),
    "base64url",
  );

/** Invitations to register, by the hash of their code. Each is used once, and expires. */
export class Invites {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /**
   * @param expiresAt Milliseconds since the epoch.
   * @returns The code. It is stored nowhere.
   */
  async create(expiresAt: number): Promise<string> {
    const code = newInviteCode();
    const attributes = { createdAt: this.#now(), expiresAt: epochSeconds(expiresAt) };
    await putRecord(this.#table, { ...inviteKey(hashOfCode(code)), ...attributes });
    return code;
  }

  /** `undefined` if there is no such invitation, or if it has expired. Strongly consistent. */
  async find(inviteHash: string): Promise<Invite | undefined> {
    const stored = await getRecord<InviteAttributes>(this.#table, inviteKey(inviteHash), { consistent: true });
    if (!isCurrent(stored, this.#now())) return undefined;
    const { usedBy: userId, username, spent } = stored;
    return {
      use: userId === undefined || username === undefined ? undefined : { userId, username },
      isSpent: spent === true,
    };
  }

  /**
   * Uses the invitation for a user.
   *
   * @param voidUse A use that came to nothing, and may be replaced.
   * @returns Whether it is this user's now.
   */
  use(inviteHash: string, { userId, username }: Use, voidUse?: Use): Promise<boolean> {
    return updateRecord(this.#table, inviteKey(inviteHash), {
      update: "SET usedBy = :userId, username = :username",
      condition: voidUse ? USE_IS_VOID : IS_FREE,
      values: { userId, username, seconds: this.#now() / 1_000, void: voidUse?.userId },
    });
  }

  /** Takes a use back that came to nothing. */
  async release(inviteHash: string, userId: string): Promise<void> {
    const update = "REMOVE usedBy, username";
    await updateRecord(this.#table, inviteKey(inviteHash), { update, condition: IS_USED_BY, values: { userId } });
  }

  /** From now on the use counts, whatever becomes of the user. */
  async spend(inviteHash: string, userId: string): Promise<void> {
    const values = { userId, true: true };
    const update = "SET spent = :true";
    await updateRecord(this.#table, inviteKey(inviteHash), { update, condition: IS_USED_BY, values });
  }
}
