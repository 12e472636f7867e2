import { LIMITS } from "../contract/limits.ts";
import { SESSION_PREFIX, sessionKey, userOwner } from "../database/account-keys.ts";
import type { AccountsTable, Stored } from "../database/accounts-table.ts";
import { deleteRecord, deleteRecords } from "../database/delete-record.ts";
import { findRecords } from "../database/find-records.ts";
import { putRecord } from "../database/put-record.ts";
import { type Clock, epochSeconds } from "../runtime/clock.ts";
import { newOpaqueId } from "../runtime/ids.ts";
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
}

/** A session as it is stored. */
interface SessionAttributes {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** In epoch seconds. */
  readonly expiresAt: number;
  readonly userAgent: string | undefined;
}

type StoredSession = Stored<SessionAttributes>;

/** The logins that are still valid: how they begin, are listed, and end. What checks them is `session-check.ts`. */
export class Sessions {
  readonly #table: AccountsTable;
  readonly #now: Clock;

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /** @param userAgent What the client says of itself, see {@link ListedSession}. */
  async start(userId: string, userAgent = ""): Promise<Session> {
    const sessionId = newOpaqueId();
    const createdAt = this.#now();
    const expiresAt = createdAt + LIMITS.session;
    const attributes: SessionAttributes = {
      createdAt,
      expiresAt: epochSeconds(expiresAt),
      userAgent: userAgent || undefined,
    };
    await putRecord(this.#table, { ...sessionKey(userId, sessionId), ...attributes });
    return { sessionId, expiresAt };
  }

  /** The sessions of a user that are still valid, newest first. Strongly consistent. */
  async list(userId: string): Promise<ListedSession[]> {
    const stored = await this.#find(userId, true);
    return stored
      .map(({ record, createdAt = 0, expiresAt = 0, userAgent = "" }) => ({
        sessionId: record.slice(SESSION_PREFIX.length),
        createdAt,
        expiresAt: expiresAt * 1_000,
        userAgent,
      }))
      .filter(({ expiresAt }) => expiresAt > this.#now())
      .sort((one, other) => other.createdAt - one.createdAt);
  }

  /** Ends the oldest sessions of a user who has more than `LIMITS.sessions`. */
  async endSurplus(userId: string): Promise<void> {
    const stored = await this.#find(userId, false);
    const oldestFirst = stored.sort((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0));
    await deleteRecords(this.#table, oldestFirst.slice(0, Math.max(0, stored.length - LIMITS.sessions)));
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

  /** Ends the session; there is nothing to do if it has ended. */
  async end({ userId, sessionId }: Pick<Caller, "userId" | "sessionId">): Promise<void> {
    await deleteRecord(this.#table, sessionKey(userId, sessionId));
  }

  #find(userId: string, consistent: boolean): Promise<StoredSession[]> {
    return findRecords(this.#table, { owner: userOwner(userId), prefix: SESSION_PREFIX, consistent });
  }
}
