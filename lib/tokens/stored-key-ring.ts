import { LIMITS } from "../contract/limits.ts";
import { tokenKeyKey } from "../database/account-keys.ts";
import type { AccountsTable, Stored } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import { putRecord } from "../database/put-record.ts";
import type { Clock } from "../runtime/clock.ts";
import { type KeyRing, newTokenKey, rotated, type TokenKey } from "./key-ring.ts";

/** Nobody else has made it. Without this clause two first starts would encrypt with two keys. */
const IS_MISSING = "attribute_not_exists(#owner)";

/** Nobody rotated it since it was read. Without this clause one of two rotations at once would drop the other's key. */
const IS_AS_READ = "#version = :version";
const IS_AS_FIRST_MADE = "attribute_exists(#owner) AND attribute_not_exists(#version)";

/** The keys as they are stored. */
interface Keys {
  /** Counts the changes. The first records had none. */
  readonly version: number;
  readonly ring: readonly TokenKey[];
  /** The first records held one key, which tokens did not name. */
  readonly tokenKey: Uint8Array;
}

/**
 * The keys that tokens are encrypted with, where the environment has none: a record of the table `accounts`, made by the
 * first function that starts. So a deployment has no manual step and no secret in its template, and pays nothing for a
 * secret that lies idle.
 *
 * A running function remembers the ring, and reads it again every `LIMITS.tokenKeys.refresh`. A new key comes into use
 * only `LIMITS.tokenKeys.notice` after it was stored, when every function has it: so no function meets a token whose key
 * it does not know. For clocks that differ, a token that names an unknown key has the ring read again; but no sooner than
 * `LIMITS.tokenKeys.reread` after the last time, so that forged names cost no read each.
 */
export class StoredKeyRing {
  readonly #table: AccountsTable;
  readonly #now: Clock;
  #ring: Promise<KeyRing> | undefined;
  #readAt = 0;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /**
   * The ring as it is remembered, or as it is stored: one read, and a write where there was none.
   *
   * @param isUnknown The ring that was got last lacks a key that a token names.
   */
  get(isUnknown: boolean): Promise<KeyRing> {
    const { refresh, reread } = LIMITS.tokenKeys;
    const age = this.#now() - this.#readAt;
    if (this.#ring && age < (isUnknown ? reread : refresh)) return this.#ring;
    this.#readAt = this.#now();
    // A failure is not remembered.
    const ring = this.#readOrMake().catch((error: unknown) => {
      if (this.#ring === ring) this.#ring = undefined;
      throw error;
    });
    this.#ring = ring;
    return ring;
  }

  /**
   * Stores a new key beside the others.
   *
   * @returns When it comes into use, in milliseconds since the epoch. If a new key is about to, that one's time.
   */
  async rotate(): Promise<{ readonly from: number; readonly isNew: boolean }> {
    for (let round = 0; round < LIMITS.tokenKeys.rounds; round++) {
      const keys = (await this.#read()) ?? (await this.#make());
      const ring = ringOf(keys);
      const pending = ring.findLast(({ from }) => from > this.#now());
      if (pending) return { from: pending.from, isNew: false };
      const from = this.#now() + LIMITS.tokenKeys.notice;
      if (await this.#replace(keys, rotated(ring, this.#now(), from))) return { from, isNew: true };
    }
    throw new Error("others rotated the token key each time");
  }

  async #readOrMake(): Promise<KeyRing> {
    return ringOf((await this.#read()) ?? (await this.#make()));
  }

  async #make(): Promise<Stored<Keys>> {
    const made = { ...tokenKeyKey(), version: 1, ring: [newTokenKey(0)] };
    const isOurs = await putRecord(this.#table, made, { condition: IS_MISSING });
    const keys = isOurs ? made : await this.#read();
    if (keys === undefined) throw new Error("the token key was there and is gone");
    return keys;
  }

  #read(): Promise<Stored<Keys> | undefined> {
    return getRecord<Keys>(this.#table, tokenKeyKey(), { consistent: true });
  }

  #replace({ version }: Stored<Keys>, ring: KeyRing): Promise<boolean> {
    const condition = version === undefined ? IS_AS_FIRST_MADE : IS_AS_READ;
    const next = { ...tokenKeyKey(), version: (version ?? 0) + 1, ring };
    return putRecord(this.#table, next, { condition, values: { version } });
  }
}

const ringOf = ({ ring = [], tokenKey }: Stored<Keys>): KeyRing =>
  tokenKey === undefined ? ring : [{ bytes: tokenKey, from: 0 }];
