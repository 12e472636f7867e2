import { LIMITS } from "../contract/limits.ts";
import { sessionKey } from "../database/account-keys.ts";
import { type AccountsTable, isCurrent } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import type { Clock } from "../runtime/clock.ts";
import { InvalidToken } from "../runtime/errors.ts";
import { RecentMap } from "../runtime/recent-map.ts";
import type { Caller } from "./tokens.ts";

/** What is read of a stored session. */
interface Expiry {
  /** In epoch seconds. */
  readonly expiresAt: number;
}

/**
 * Checks whether sessions are still valid. Each request's token is checked, so that a logout works at once.
 *
 * Apart from `sessions.ts`, so that a function which only checks them needs no permission to begin and end them.
 */
export class SessionCheck {
  readonly #table: AccountsTable;
  readonly #now: Clock;
  /** Sessions that are gone, as `user/session`. None comes again, so a token of one of them costs no further call. */
  readonly #gone = new RecentMap<string, true>(LIMITS.goneSessions);

  constructor(table: AccountsTable, now: Clock) {
    this.#table = table;
    this.#now = now;
  }

  /**
   * One read unit, strongly consistent: a session that has ended is refused from the moment that its logout is answered.
   *
   * @throws {InvalidToken} The session has ended.
   */
  async require(caller: Caller): Promise<void> {
    this.refuseGone(caller);
    const found = await this.#find(caller, true);
    if (isCurrent(found, this.#now())) return;
    if (found === undefined) this.#gone.set(nameOf(caller), true);
    throw new InvalidToken("the session has ended");
  }

  /**
   * Half a read unit: enough where nothing is read for the caller or done in its name. An eventually consistent read may
   * miss a session that has just begun, so a miss is read again, consistently.
   *
   * @throws {InvalidToken} The session has ended.
   */
  async requireLately(caller: Caller): Promise<void> {
    this.refuseGone(caller);
    if (!isCurrent(await this.#find(caller, false), this.#now())) await this.require(caller);
  }

  /**
   * Refuses a session that this function has found gone. Costs no call, and says nothing of any other.
   *
   * @throws {InvalidToken} The session has ended.
   */
  refuseGone(caller: Caller): void {
    if (this.#gone.get(nameOf(caller))) throw new InvalidToken("the session has ended");
  }

  #find({ userId, sessionId }: Caller, consistent: boolean): Promise<Partial<Expiry> | undefined> {
    return getRecord<Expiry>(this.#table, sessionKey(userId, sessionId), { consistent });
  }
}

const nameOf = ({ userId, sessionId }: Caller): string => `${userId}/${sessionId}`;
