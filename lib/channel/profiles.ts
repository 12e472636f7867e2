import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { validate as isUuid } from "uuid";
import { profileKey } from "../database/account-keys.ts";
import { type Database, holds, rethrow } from "../database/database.ts";
import type { Item } from "../database/records.ts";

export interface User {
  readonly id: string;
  readonly username: string;
}

/** What everybody who sends to the user has to know. */
export interface Profile extends User {
  /** Messages that waited on the user's channel when they were last counted. */
  readonly backlog: number;
  /** When that was, in milliseconds since the epoch; 0 if never. */
  readonly countedAt: number;
}

/** The user exists, and nobody has counted the user's messages. */
const NEVER_COUNTED = "attribute_exists(#owner) AND attribute_not_exists(countedAt)";

/** The user exists, and nobody has counted since. Without this clause all senders to a full channel would count at once. */
const NOT_COUNTED_SINCE = "attribute_exists(#owner) AND countedAt = :seen";

/**
 * Users by their id: what a sender has to know of a receiver. Apart from the names, so that a function which only needs
 * this contains nothing that touches a name or its credentials, and its role need not grant it.
 */
export class Profiles {
  readonly #database: Database;
  readonly #table: string;

  constructor(database: Database, table: string) {
    this.#database = database;
    this.#table = table;
  }

  /**
   * `undefined` if there is no such user. Only a miss is read consistently: a user who has just been removed may be found
   * for a moment, and what is sent to them then expires unread, as what was sent a moment before.
   */
  async profile(id: string): Promise<Profile | undefined> {
    if (!isUuid(id)) return undefined;
    return (await this.#get(id, false)) ?? (await this.profileNow(id));
  }

  /** Strongly consistent. One read unit. */
  protected profileNow(id: string): Promise<Profile | undefined> {
    return this.#get(id, true);
  }

  /**
   * Notes how many messages wait for the user.
   *
   * @param seen The profile as it was read.
   * @returns Whether it was noted: nobody else did so since `seen` was read.
   */
  noteBacklog(seen: Profile, { backlog, countedAt }: Profile): Promise<boolean> {
    return holds(
      this.#database.send(
        new UpdateItemCommand({
          TableName: this.#table,
          Key: profileKey(seen.id),
          UpdateExpression: "SET backlog = :backlog, countedAt = :countedAt",
          ConditionExpression: seen.countedAt === 0 ? NEVER_COUNTED : NOT_COUNTED_SINCE,
          ExpressionAttributeNames: { "#owner": "owner" },
          ExpressionAttributeValues: {
            ":backlog": { N: String(backlog) },
            ":countedAt": { N: String(countedAt) },
            ...(seen.countedAt !== 0 && { ":seen": { N: String(seen.countedAt) } }),
          },
        }),
      ),
    );
  }

  async #get(id: string, consistent: boolean): Promise<Profile | undefined> {
    const { Item } = await this.#database
      .send(new GetItemCommand({ TableName: this.#table, Key: profileKey(id), ConsistentRead: consistent }))
      .catch(rethrow);
    return Item && profileOf(id, Item);
  }
}

export const profileOf = (id: string, { username, backlog, countedAt }: Item): Profile => ({
  id,
  username: username?.S ?? "",
  backlog: Number(backlog?.N ?? 0),
  countedAt: Number(countedAt?.N ?? 0),
});
