import { SHARED_DEVICE } from "../contract/devices.ts";
import { LIMITS } from "../contract/limits.ts";
import { SESSION_PREFIX, sessionKey, userOwner } from "../database/account-keys.ts";
import { type AccountsTable, isCurrent, type Stored } from "../database/accounts-table.ts";
import { deleteRecord, deleteRecords } from "../database/delete-record.ts";
import { findRecords } from "../database/find-records.ts";
import { getRecord } from "../database/get-record.ts";
import { putRecord } from "../database/put-record.ts";
import { updateRecord } from "../database/update-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { newOpaqueId } from "../runtime/ids.ts";
import type { SessionAttributes } from "../tokens/session-check.ts";
import type { Caller } from "../tokens/tokens.ts";

export interface Session {
  readonly sessionId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A session, as its user may tell it from others. */
export interface ListedSession extends Session {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** What the client said of itself when it logged in; empty if nothing. */
  readonly userAgent: string;
  /** The device that it is on. */
  readonly deviceId: string;
  /** That device's channel, as in `Caller`. */
  readonly channel: string | undefined;
}

/** A session that is about to begin. */
export interface NewSession extends Partial<Pick<SessionAttributes, "device" | "channel" | "seen">> {
  /** Its id, where the device had to name it before. */
  readonly sessionId?: string;
  /** What the client says of itself, see {@link ListedSession}. */
  readonly userAgent?: string;
  /** See {@link SessionAttributes}. */
  readonly heir?: number | undefined;
}

type StoredSession = Stored<SessionAttributes>;

/** The session has not ended. Without this clause a change would bring it back. */
const GOES_ON = "attribute_exists(#owner)";

/** The session is on the device that it moves from, or on the other one already. */
const IS_ON_ONE = "#device = :from OR #device = :device";

/** The logins that are still valid: how they begin, are listed, and end. What checks them is `session-check.ts`. */
export class Sessions {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /** Without a device the session is on the shared one, on the user's first channel. */
  async start(userId: string, session: NewSession = {}): Promise<Session> {
    const { sessionId = newOpaqueId(), userAgent, ...device } = session;
    const createdAt = this.#now();
    const expiresAt = createdAt + LIMITS.session;
    const attributes = { ...device, createdAt, expiresAt: epochSeconds(expiresAt), userAgent: userAgent || undefined };
    await putRecord(this.#table, { ...sessionKey(userId, sessionId), ...attributes });
    return { sessionId, expiresAt };
  }

  /**
   * Moves a session to another device. It keeps its id and its end. Safe to repeat.
   *
   * @param from The id of the device that it is on: another request may have moved it to a device of its own meanwhile.
   * @returns When it ends, in milliseconds since the epoch; `undefined` if it has ended, or is on another device.
   */
  async move(
    { userId, sessionId }: Pick<Caller, "userId" | "sessionId">,
    from: string,
    { device, channel, seen }: Pick<SessionAttributes, "device" | "channel" | "seen">,
  ): Promise<number | undefined> {
    const key = sessionKey(userId, sessionId);
    const isOnOne = from === SHARED_DEVICE ? `${IS_ON_ONE} OR attribute_not_exists(#device)` : IS_ON_ONE;
    const condition = `${GOES_ON} AND (${isOnOne})`;
    const set = { device, seen, ...(channel !== undefined && { channel }) };
    const assignments = Object.keys(set).map((name) => `#${name} = :${name}`);
    const remove = channel === undefined ? " REMOVE #channel" : "";
    const update = `SET ${assignments.join(", ")}${remove}`;
    if (!(await updateRecord(this.#table, key, { update, condition, values: { ...set, from } }))) return undefined;
    const stored = await getRecord<SessionAttributes>(this.#table, key, { consistent: true });
    return stored?.expiresAt === undefined ? undefined : stored.expiresAt * 1_000;
  }

  /** The sessions of a user that are valid, now or at another time (in milliseconds), newest first. Strongly consistent. */
  async list(userId: string, at = this.#now()): Promise<ListedSession[]> {
    const stored = await this.#find(userId, true);
    return stored
      .map(({ record, createdAt = 0, expiresAt = 0, userAgent = "", device = SHARED_DEVICE, channel }) => ({
        sessionId: record.slice(SESSION_PREFIX.length),
        createdAt,
        expiresAt: expiresAt * 1_000,
        userAgent,
        deviceId: device,
        channel,
      }))
      .filter(({ expiresAt }) => expiresAt > at)
      .sort((one, other) => other.createdAt - one.createdAt);
  }

  /**
   * Ends the oldest sessions of a user who has more than `LIMITS.sessions`: those that share a device, as each other device has a
   * single one. Many short logins of a program must not log out a page.
   */
  async endSurplus(userId: string): Promise<void> {
    const stored = (await this.#find(userId, false)).filter((one) => isCurrent(one, this.#now()));
    const oldestFirst = stored
      .filter(({ device = SHARED_DEVICE }) => device === SHARED_DEVICE)
      .sort((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0));
    await deleteRecords(this.#table, oldestFirst.slice(0, Math.max(0, stored.length - LIMITS.sessions)));
  }

  /** The id of the device that a session is on; `undefined` if it has ended. Strongly consistent. */
  async deviceOf(userId: string, sessionId: string): Promise<string | undefined> {
    const stored = await getRecord<SessionAttributes>(this.#table, sessionKey(userId, sessionId), { consistent: true });
    return stored && (stored.device ?? SHARED_DEVICE);
  }

  /** Tells a session that its device may have something to take over. There is nothing to do if it has ended. */
  async tellHeir(userId: string, sessionId: string): Promise<void> {
    const values = { heir: this.#now() };
    await updateRecord(this.#table, sessionKey(userId, sessionId), {
      update: "SET heir = :heir",
      condition: GOES_ON,
      values,
    });
  }

  /**
   * Ends all sessions of a user that have begun.
   *
   * @param exceptFor A session that goes on.
   */
  async endAll(userId: string, exceptFor?: string): Promise<void> {
    const stored = await this.#find(userId, true);
    const kept = exceptFor === undefined ? undefined : `${SESSION_PREFIX}${exceptFor}`;
    await deleteRecords(
      this.#table,
      stored.filter(({ record }) => record !== kept),
    );
  }

  /** Ends these sessions of a user; there is nothing to do for those that have ended. */
  async endEach(userId: string, sessionIds: Iterable<string>): Promise<void> {
    await deleteRecords(
      this.#table,
      [...sessionIds].map((sessionId) => sessionKey(userId, sessionId)),
    );
  }

  /** Ends the session; there is nothing to do if it has ended. */
  async end({ userId, sessionId }: Pick<Caller, "userId" | "sessionId">): Promise<void> {
    await deleteRecord(this.#table, sessionKey(userId, sessionId));
  }

  #find(userId: string, consistent: boolean): Promise<StoredSession[]> {
    return findRecords(this.#table, { owner: userOwner(userId), prefix: SESSION_PREFIX, consistent });
  }
}
