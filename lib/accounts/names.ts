import {
  DeleteItemCommand,
  GetItemCommand,
  type GetItemCommandOutput,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { LIMITS } from "../contract/limits.ts";
import { credentialsKey } from "../database/account-keys.ts";
import { type Database, holds, rethrow } from "../database/database.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";

/** A username, whose it is, and how they prove it. */
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

/** Who asks for a name, and with what. */
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

/** The name is still this user's. Without it, what is done late would be done to whoever has the name by then. */
const IS_THEIRS = "userId = :id";

/** The same, and the password is the one that was verified. Of two changes at once, one wins. */
const PASSWORD_IS_AS_VERIFIED = `${IS_THEIRS} AND passwordHash = :verified`;

type Values = NonNullable<UpdateItemCommand["input"]["ExpressionAttributeValues"]>;

/** Usernames, which are in lower case, and who has them: an item for each, of which every change is conditional. */
export class Names {
  readonly #database: Database;
  readonly #table: string;
  readonly #now: Clock;

  constructor(database: Database, table: string, now: Clock) {
    this.#database = database;
    this.#table = table;
    this.#now = now;
  }

  /** Who has the username, strongly consistent; `undefined` if nobody has. */
  async find(username: string): Promise<Credentials | undefined> {
    const { Item } = await this.#get(username);
    const id = Item?.["userId"]?.S;
    const passwordHash = Item?.["passwordHash"]?.S;
    if (id === undefined || passwordHash === undefined) return undefined;
    const pendingUntil = Item?.["pendingUntil"]?.N;
    return {
      id,
      username,
      passwordHash,
      changedBy: Item?.["changedBy"]?.S,
      changedAt: Number(Item?.["changedAt"]?.N ?? 0),
      invite: Item?.["invite"]?.S,
      pendingUntil: pendingUntil === undefined ? undefined : Number(pendingUntil),
      isClosing: Item?.["closing"]?.BOOL === true,
    };
  }

  /** @returns Whether the name is this user's now. */
  async claim(username: string, { id, passwordHash, invite, pendingUntil, replaces }: Claim): Promise<boolean> {
    const claimed = await holds(
      this.#database.send(
        new PutItemCommand({
          TableName: this.#table,
          Item: {
            ...credentialsKey(username),
            userId: { S: id },
            passwordHash: { S: passwordHash },
            ...(invite !== undefined && { invite: { S: invite } }),
            ...(pendingUntil !== undefined && { pendingUntil: { N: String(pendingUntil) } }),
          },
          ConditionExpression: replaces === undefined ? NAME_IS_FREE : NAME_IS_FREE_OR_PENDING,
          ExpressionAttributeNames: { "#owner": "owner" },
          ExpressionAttributeValues: {
            ":now": { N: String(this.#now()) },
            ...(replaces !== undefined && { ":replaced": { S: replaces } }),
          },
        }),
      ),
    );
    // An attempt whose answer was lost may have claimed it for this very user.
    return claimed || (await this.find(username))?.id === id;
  }

  /** Completes a registration. @returns Whether the name was still theirs. */
  activate(username: string, id: string): Promise<boolean> {
    return this.#update(username, "REMOVE pendingUntil", IS_THEIRS, { ":id": { S: id } });
  }

  /**
   * @param verified The credentials as they were when the password was verified.
   * @param changedBy The session that asks for it.
   * @returns Whether they were still the same.
   */
  async setPassword(verified: Credentials, passwordHash: string, changedBy: string): Promise<boolean> {
    const changed = await this.#update(
      verified.username,
      "SET passwordHash = :passwordHash, changedBy = :changedBy, changedAt = :changedAt",
      PASSWORD_IS_AS_VERIFIED,
      {
        ":id": { S: verified.id },
        ":verified": { S: verified.passwordHash },
        ":passwordHash": { S: passwordHash },
        ":changedBy": { S: changedBy },
        ":changedAt": { N: String(this.#now()) },
      },
    );
    // An attempt whose answer was lost may have set this very hash.
    return changed || (await this.find(verified.username))?.passwordHash === passwordHash;
  }

  /**
   * Begins the deletion of the account. @returns Whether the credentials were still those that were verified.
   */
  close(verified: Credentials): Promise<boolean> {
    return this.#update(verified.username, "SET closing = :true", PASSWORD_IS_AS_VERIFIED, {
      ":id": { S: verified.id },
      ":verified": { S: verified.passwordHash },
      ":true": { BOOL: true },
    });
  }

  /**
   * Ends what the user has of the name, and keeps it from everybody for `LIMITS.nameHeld`: people who knew its owner must
   * not take a stranger for them. Does nothing if the name is not this user's any more.
   */
  async retire(username: string, id: string): Promise<void> {
    const heldUntil = this.#now() + LIMITS.nameHeld;
    await this.#update(
      username,
      "SET heldUntil = :heldUntil, expiresAt = :expiresAt, retiredBy = :id REMOVE userId, passwordHash, changedBy, changedAt, invite, closing",
      IS_THEIRS,
      {
        ":id": { S: id },
        ":heldUntil": { N: String(heldUntil) },
        ":expiresAt": { N: String(epochSeconds(heldUntil)) },
      },
    );
  }

  /** Whether the user has given the name up lately: their account is deleted. Strongly consistent. */
  async isRetiredBy(username: string, id: string): Promise<boolean> {
    const { Item } = await this.#get(username);
    return Item?.["retiredBy"]?.S === id;
  }

  /** Makes the name of an incomplete registration free. Does nothing if it is not this user's any more. */
  async release(username: string, id: string): Promise<void> {
    await holds(
      this.#database.send(
        new DeleteItemCommand({
          TableName: this.#table,
          Key: credentialsKey(username),
          ConditionExpression: IS_THEIRS,
          ExpressionAttributeValues: { ":id": { S: id } },
        }),
      ),
    );
  }

  #get(username: string): Promise<GetItemCommandOutput> {
    return this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: credentialsKey(username), ConsistentRead: true }))
      .catch(rethrow);
  }

  /** Whether the condition held. */
  #update(
    username: string,
    UpdateExpression: string,
    ConditionExpression: string,
    ExpressionAttributeValues: Values,
  ): Promise<boolean> {
    return holds(
      this.#database.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: credentialsKey(username),
          UpdateExpression,
          ConditionExpression,
          ExpressionAttributeValues,
        }),
      ),
    );
  }
}
