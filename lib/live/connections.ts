import { LIMITS } from "../contract/limits.ts";
import { connectionKey, holderKey, profileKey } from "../database/account-keys.ts";
import { type AccountsTable, isCurrent } from "../database/accounts-table.ts";
import { deleteRecord, deleteRecords } from "../database/delete-record.ts";
import { getRecord } from "../database/get-record.ts";
import { putRecord } from "../database/put-record.ts";
import { updateRecord } from "../database/update-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { RecentMap } from "../runtime/recent-map.ts";
import type { Caller } from "../tokens/tokens.ts";
import { type ConnectionAttributes, findConnections } from "./listeners.ts";

/** Without it the profile of a deleted user comes back. */
const USER_EXISTS = "attribute_exists(#owner)";

/** The user of a connection, and the channel that it is woken for, see `Caller`. */
export type Holder = Pick<Caller, "userId" | "channel">;

/** A holder as it is stored by the connection's id. */
interface HolderAttributes extends Holder {
  /** In epoch seconds. */
  readonly expiresAt: number;
}

/**
 * Stores connections that have authenticated. Each is stored twice: beside its user, where a sender finds it, and by itself,
 * since API Gateway reports the end of a connection with nothing but its id. If it never reports it, the records expire.
 *
 * The user's profile has the time until which there may be any. A message to a group reads the profiles of all members, and so
 * looks up the connections of those alone that may have some.
 */
export class Connections {
  readonly #table: AccountsTable;
  readonly #now: Clock;
  /** What this running function has noted of users, see `Profile.connectedUntil`. */
  readonly #marked = new RecentMap<string, number>(LIMITS.live.provenKept);

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /**
   * Two write units, and one for each KB of the user's profile: once in `LIMITS.live.connectedAhead` in each running function.
   *
   * @param until In epoch seconds: it is not kept longer.
   */
  async add(connectionId: string, caller: Omit<Caller, "username">, until = Number.POSITIVE_INFINITY): Promise<void> {
    const { userId, sessionId, deviceId: device, channel } = caller;
    const end = this.#now() + LIMITS.live.kept;
    const expiresAt = Math.min(until, epochSeconds(end));
    const attributes: ConnectionAttributes = { sessionId, device, channel, expiresAt };
    const holder: HolderAttributes = { userId, channel, expiresAt };
    await Promise.all([
      putRecord(this.#table, { ...connectionKey(userId, connectionId), ...attributes }),
      putRecord(this.#table, { ...holderKey(connectionId), ...holder }),
      this.#markConnected(userId, end),
    ]);
  }

  /**
   * Notes that a user may be connected.
   *
   * @param end When the connection is closed at the latest, in milliseconds since the epoch. The session may end before: an earlier
   *   connection of another session may last longer.
   */
  async #markConnected(userId: string, end: number): Promise<void> {
    if ((this.#marked.get(userId) ?? 0) >= end) return;
    const connectedUntil = end + LIMITS.live.connectedAhead;
    const change = {
      update: "SET #connectedUntil = :connectedUntil",
      condition: USER_EXISTS,
      values: { connectedUntil },
    };
    await updateRecord(this.#table, profileKey(userId), change);
    this.#marked.set(userId, connectedUntil);
  }

  /**
   * Removes a connection, whichever user held it. One that never authenticated costs one read unit, and no write: anybody
   * can open such connections. Consistent: it may have authenticated a moment ago.
   */
  async remove(connectionId: string): Promise<void> {
    const holder = await getRecord<HolderAttributes>(this.#table, holderKey(connectionId), { consistent: true });
    if (holder?.userId === undefined) return;
    await Promise.all([
      deleteRecord(this.#table, holderKey(connectionId)),
      deleteRecord(this.#table, connectionKey(holder.userId, connectionId)),
    ]);
  }

  /**
   * What the connection is held for; `undefined` if it has not authenticated. Half a read unit, or one when it has to be
   * consistent.
   */
  async holderOf(connectionId: string, consistent: boolean): Promise<Holder | undefined> {
    const stored = await getRecord<HolderAttributes>(this.#table, holderKey(connectionId), { consistent });
    if (!isCurrent(stored, this.#now()) || stored.userId === undefined) return undefined;
    return { userId: stored.userId, channel: stored.channel };
  }

  /**
   * Removes the oldest connections of a user who has more than `LIMITS.live.connections`, which are first of all those that
   * have expired. Nobody wakes them any more, but they are not closed: a client that is not woken polls, but one that is
   * closed comes back, and would take the place of the next. So the record that shows their authentication stays.
   */
  async removeSurplus(userId: string): Promise<void> {
    const stored = await findConnections(this.#table, userId, false);
    const oldestFirst = stored.sort((one, other) => (one.expiresAt ?? 0) - (other.expiresAt ?? 0));
    const surplus = oldestFirst.slice(0, Math.max(0, stored.length - LIMITS.live.connections));
    await deleteRecords(this.#table, surplus);
  }
}
