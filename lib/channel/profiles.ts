import { validate as isUuid } from "uuid";
import { backlogAttributes, profileKey } from "../database/account-keys.ts";
import type { AccountsTable } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import { updateRecord } from "../database/update-record.ts";

export interface User {
  readonly id: string;
  readonly username: string;
}

/** How many messages wait on one of a user's channels. */
export interface Backlog {
  /** The user's id. */
  readonly id: string;
  /** What its key has after the user's id, see `channelKey`. Without it: the user's first channel. */
  readonly channel?: string | undefined;
  /** Messages that waited there when they were last counted. */
  readonly backlog: number;
  /** When that was, in milliseconds since the epoch; 0 if never. */
  readonly countedAt: number;
}

/** What everybody who sends to the user has to know; the backlog is that of the first channel. */
export interface Profile extends User, Backlog {
  /**
   * When the last WebSocket connection of the user is closed at the latest, in milliseconds since the epoch; 0 if there was none.
   * `undefined`: nobody noted it. So it is for a profile of an earlier version, until its user connects again.
   */
  readonly connectedUntil: number | undefined;
}

/** The user exists, and nobody has counted the channel's messages. */
const NEVER_COUNTED = "attribute_exists(#owner) AND attribute_not_exists(#countedAt)";

/** The user exists, and nobody has counted since. Without this clause all senders to a full channel would count at once. */
const NOT_COUNTED_SINCE = "attribute_exists(#owner) AND #countedAt = :seen";

/** A profile as it is stored, under the user's id, with the backlogs of further channels as `backlogAttributes` has them. */
export type ProfileAttributes = Pick<Profile, "username" | "backlog" | "countedAt" | "connectedUntil">;

/**
 * The backlog of one of a user's channels.
 *
 * @param stored The user's profile.
 */
export function backlogOf(id: string, stored: object, channel: string | undefined): Backlog {
  const names = backlogAttributes(channel);
  const { [names.backlog]: backlog = 0, [names.countedAt]: countedAt = 0 } = stored as Readonly<Record<string, number>>;
  return { id, channel, backlog, countedAt };
}

/**
 * Users by their id: what a sender has to know of a receiver. Apart from the names, so that a function which only needs
 * this contains nothing that touches a name or its credentials, and its role need not grant it.
 */
export class Profiles {
  readonly #table: AccountsTable;

  constructor(table: AccountsTable) {
    this.#table = table;
  }

  /**
   * `undefined` if there is no such user. Only a miss is read consistently: a user who has just been removed may be found
   * for a moment, and what is sent to them then expires unread, as what was sent a moment before.
   */
  async find(id: string): Promise<Profile | undefined> {
    if (!isUuid(id)) return undefined;
    return (await this.#get(id, false)) ?? (await this.#get(id, true));
  }

  /**
   * Notes how many messages wait on a channel.
   *
   * @param seen What was noted of it when it was read.
   * @returns Whether it was noted: nobody else did so since `seen` was read.
   */
  storeBacklog(seen: Backlog, { backlog, countedAt }: Omit<Backlog, "id" | "channel">): Promise<boolean> {
    const isFirst = seen.countedAt === 0;
    const names = backlogAttributes(seen.channel);
    return updateRecord(this.#table, profileKey(seen.id), {
      update: "SET #backlog = :backlog, #countedAt = :countedAt",
      condition: isFirst ? NEVER_COUNTED : NOT_COUNTED_SINCE,
      names: { "#backlog": names.backlog, "#countedAt": names.countedAt },
      values: { backlog, countedAt, seen: isFirst ? undefined : seen.countedAt },
    });
  }

  async #get(id: string, consistent: boolean): Promise<Profile | undefined> {
    const stored = await getRecord<ProfileAttributes>(this.#table, profileKey(id), { consistent });
    return stored && profileOf(id, stored);
  }
}

export const profileOf = (
  id: string,
  { username = "", backlog = 0, countedAt = 0, connectedUntil }: Partial<ProfileAttributes>,
): Profile => ({ id, username, backlog, countedAt, connectedUntil });

/**
 * Whether the user may have an open WebSocket connection. It errs on that side.
 *
 * @param now Milliseconds since the epoch.
 */
export const mayBeConnected = ({ connectedUntil }: Pick<Profile, "connectedUntil">, now: number): boolean =>
  connectedUntil === undefined || connectedUntil > now;
