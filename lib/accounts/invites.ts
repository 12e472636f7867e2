import { hash, randomInt } from "node:crypto";
import { GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { inviteKey } from "../database/account-keys.ts";
import { type Database, holds, rethrow } from "../database/database.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";

/** Crockford's base 32: no letter that looks like a digit. https://www.crockford.com/base32.html */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUPS = 4;
const GROUP_CHARACTERS = 5;

/** An invitation that has been made. */
export interface Invite {
  /** Who has registered with it, or is about to. */
  readonly use: Use | undefined;
  /** It led to a user, who may have been deleted since. */
  readonly isSpent: boolean;
}

interface Use {
  readonly userId: string;
  readonly username: string;
}

/** It exists and has not expired, and nobody has used it: of two registrations with one code, one wins. */
const IS_FREE = "expiresAt > :seconds AND (attribute_not_exists(usedBy) OR usedBy = :userId)";

/** The same, where a use is known to have come to nothing. */
const USE_IS_VOID = "expiresAt > :seconds AND attribute_not_exists(spent) AND (usedBy = :void OR usedBy = :userId)";

/** A use is taken back, or spent, by who made it only. */
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
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /**
   * @param expiresAt Milliseconds since the epoch.
   * @returns The code. It is stored nowhere.
   */
  async create(expiresAt: number): Promise<string> {
    const code = newInviteCode();
    await this.#database
      .send(
        new PutItemCommand({
          TableName: this.#table,
          Item: {
            ...inviteKey(hashOfCode(code)),
            createdAt: { N: String(this.#now()) },
            expiresAt: { N: String(epochSeconds(expiresAt)) },
          },
        }),
      )
      .catch(rethrow);
    return code;
  }

  /** `undefined` if there is no such invitation, or if it has expired. Strongly consistent. */
  async find(inviteHash: string): Promise<Invite | undefined> {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: inviteKey(inviteHash), ConsistentRead: true }))
      .catch(rethrow);
    if (Number(Item?.["expiresAt"]?.N ?? 0) <= this.#now() / 1_000) return undefined;
    const userId = Item?.["usedBy"]?.S;
    const username = Item?.["username"]?.S;
    return {
      use: userId === undefined || username === undefined ? undefined : { userId, username },
      isSpent: Item?.["spent"]?.BOOL === true,
    };
  }

  /**
   * Uses the invitation for a user.
   *
   * @param voidUse A use that came to nothing, and may be replaced.
   * @returns Whether it is this user's now.
   */
  async use(inviteHash: string, { userId, username }: Use, voidUse?: Use): Promise<boolean> {
    return this.#update(inviteHash, "SET usedBy = :userId, username = :username", voidUse ? USE_IS_VOID : IS_FREE, {
      ":userId": { S: userId },
      ":username": { S: username },
      ":seconds": { N: String(this.#now() / 1_000) },
      ...(voidUse && { ":void": { S: voidUse.userId } }),
    });
  }

  /** Takes a use back that came to nothing. */
  async release(inviteHash: string, userId: string): Promise<void> {
    await this.#update(inviteHash, "REMOVE usedBy, username", IS_USED_BY, { ":userId": { S: userId } });
  }

  /** From now on the use counts, whatever becomes of the user. */
  async spend(inviteHash: string, userId: string): Promise<void> {
    await this.#update(inviteHash, "SET spent = :true", IS_USED_BY, {
      ":userId": { S: userId },
      ":true": { BOOL: true },
    });
  }

  /** Whether the condition held. */
  #update(
    inviteHash: string,
    UpdateExpression: string,
    ConditionExpression: string,
    ExpressionAttributeValues: NonNullable<UpdateItemCommand["input"]["ExpressionAttributeValues"]>,
  ): Promise<boolean> {
    return holds(
      this.#database.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: inviteKey(inviteHash),
          UpdateExpression,
          ConditionExpression,
          ExpressionAttributeValues,
        }),
      ),
    );
  }
}
