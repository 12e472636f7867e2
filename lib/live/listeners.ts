import { validate as isUuid } from "uuid";
import { SHARED_DEVICE } from "../contract/devices.ts";
import { CONNECTION_PREFIX, connectionKey, holderKey, userOwner } from "../database/account-keys.ts";
import { type AccountsTable, isCurrent, type Stored } from "../database/accounts-table.ts";
import { deleteRecord } from "../database/delete-record.ts";
import { findRecords } from "../database/find-records.ts";
import type { Clock } from "../runtime/clock.ts";

/** A WebSocket connection that has authenticated. */
export interface Connection {
  readonly connectionId: string;
  /** The login that it belongs to. */
  readonly sessionId: string;
  /** The device of that login. */
  readonly deviceId: string;
  /** That device's channel, as in `Caller`. */
  readonly channel?: string | undefined;
}

/** A connection as it is stored beside its user. */
export interface ConnectionAttributes {
  readonly sessionId: string;
  /** The id of its device. Connections made before devices existed have none: theirs is `SHARED_DEVICE`. */
  readonly device: string | undefined;
  /** The device's channel, see `Caller`. */
  readonly channel: string | undefined;
  /** In epoch seconds. */
  readonly expiresAt: number;
}

/**
 * The open connections of a user, see `connections.ts`. Apart from what stores them, so that a function which only wakes or
 * closes them contains nothing that adds any, and its role need not grant it.
 */
export class Listeners {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /**
   * All connections of the user. It reads every page, since expired records may fill the first one. Half a read unit for about
   * 25 of them; twice that when it has to be consistent.
   */
  async list(userId: string, consistent = false): Promise<Connection[]> {
    if (!isUuid(userId)) return [];
    const stored = await findConnections(this.#table, userId, consistent);
    return stored
      .filter((connection) => isCurrent(connection, this.#now()))
      .map(({ record, sessionId = "", device = SHARED_DEVICE, channel }) => ({
        connectionId: idIn(record),
        sessionId,
        deviceId: device,
        channel,
      }));
  }

  /** Removes a connection of the user. */
  async remove(userId: string, connectionId: string): Promise<void> {
    await Promise.all([
      deleteRecord(this.#table, connectionKey(userId, connectionId)),
      deleteRecord(this.#table, holderKey(connectionId)),
    ]);
  }
}

/** What is stored of the user's connections, also of those that have expired. */
export const findConnections = (
  table: AccountsTable,
  userId: string,
  consistent: boolean,
): Promise<Stored<ConnectionAttributes>[]> =>
  findRecords(table, { owner: userOwner(userId), prefix: CONNECTION_PREFIX, consistent });

/** The id of a connection that is stored beside its user. */
const idIn = (record: string): string => record.slice(CONNECTION_PREFIX.length);
