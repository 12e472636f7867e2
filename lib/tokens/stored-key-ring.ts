import { type AttributeValue, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { LIMITS } from "../contract/limits.ts";
import { tokenKeyKey } from "../database/account-keys.ts";
import { type Database, holds, rethrow } from "../database/database.ts";
import type { Clock } from "../runtime/clock.ts";
import { type KeyRing, newTokenKey, rotated, type TokenKey } from "./key-ring.ts";

/** Somebody else has made it. Without this clause two first starts would encrypt with two keys. */
const IS_MISSING = "attribute_not_exists(#owner)";

/** Nobody rotated it since it was read. Without this clause one of two rotations at once would drop the other's key. */
const IS_AS_READ = "#version = :version";
const IS_AS_FIRST_MADE = "attribute_exists(#owner) AND attribute_not_exists(#version)";

type Item = Record<string, AttributeValue>;

/**
 * The keys that tokens are encrypted with, where the environment has none: an item of the table `accounts`, made by the
 * first function that starts. So a deployment has no manual step and no secret in its template, and pays nothing for a
 * secret that lies idle.
 *
 * A running function remembers the ring, and reads it again every `LIMITS.tokenKeys.refresh`. A new key comes into use
 * only `LIMITS.tokenKeys.notice` after it was stored, when every function has it: so no function meets a token whose key
 * it does not know. For clocks that differ, a token that names an unknown key has the ring read again; but no sooner than
 * `LIMITS.tokenKeys.reread` after the last time, so that forged names cost no read each.
 */
export class StoredKeyRing {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;
  #ring: Promise<KeyRing> | undefined;
  #readAt = 0;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
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
      const item = (await this.#read()) ?? (await this.#make());
      const ring = ringOf(item);
      const pending = ring.findLast(({ from }) => from > this.#now());
      if (pending) return { from: pending.from, isNew: false };
      const from = this.#now() + LIMITS.tokenKeys.notice;
      if (await this.#replace(item, rotated(ring, this.#now(), from))) return { from, isNew: true };
    }
    throw new Error("others rotated the token key each time");
  }

  async #readOrMake(): Promise<KeyRing> {
    return ringOf((await this.#read()) ?? (await this.#make()));
  }

  async #make(): Promise<Item> {
    const made = itemOf([newTokenKey(0)], 1);
    const isOurs = await holds(
      this.#database.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: made,
          ConditionExpression: IS_MISSING,
          ExpressionAttributeNames: { "#owner": "owner" },
        }),
      ),
    );
    const item = isOurs ? made : await this.#read();
    if (item === undefined) throw new Error("the token key was there and is gone");
    return item;
  }

  async #read(): Promise<Item | undefined> {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: tokenKeyKey(), ConsistentRead: true }))
      .catch(rethrow);
    return Item;
  }

  #replace(seen: Item, ring: KeyRing): Promise<boolean> {
    const version = seen["version"];
    return holds(
      this.#database.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: itemOf(ring, Number(version?.N ?? 0) + 1),
          ...(version
            ? {
                ConditionExpression: IS_AS_READ,
                ExpressionAttributeNames: { "#version": "version" },
                ExpressionAttributeValues: { ":version": version },
              }
            : {
                ConditionExpression: IS_AS_FIRST_MADE,
                ExpressionAttributeNames: { "#owner": "owner", "#version": "version" },
              }),
        }),
      ),
    );
  }
}

const itemOf = (ring: KeyRing, version: number): Item => ({
  ...tokenKeyKey(),
  version: { N: String(version) },
  ring: {
    L: ring.map(({ kid, bytes, from }) => ({
      M: { ...(kid !== undefined && { kid: { S: kid } }), bytes: { B: bytes }, from: { N: String(from) } },
    })),
  },
});

/** The first items held one key, which tokens did not name. */
function ringOf({ ring, tokenKey }: Item): KeyRing {
  if (tokenKey?.B) return [{ bytes: tokenKey.B, from: 0 }];
  return (ring?.L ?? []).map(
    ({ M = {} }): TokenKey => ({
      kid: M["kid"]?.S,
      bytes: M["bytes"]?.B ?? new Uint8Array(),
      from: Number(M["from"]?.N),
    }),
  );
}
