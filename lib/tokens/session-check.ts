import { SHARED_DEVICE } from "../contract/devices.ts";
import { LIMITS } from "../contract/limits.ts";
import { sessionKey } from "../database/account-keys.ts";
import { type AccountsTable, isCurrent } from "../database/accounts-table.ts";
import { getRecord } from "../database/get-record.ts";
import type { Clock } from "../runtime/clock.ts";
import { InvalidToken } from "../runtime/errors.ts";
import { RecentMap } from "../runtime/recent-map.ts";
import type { Caller } from "./tokens.ts";

/** A session as it is stored. */
export interface SessionAttributes {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** In epoch seconds. */
  readonly expiresAt: number;
  readonly userAgent: string | undefined;
  /** The id of its device. Sessions created before devices existed have none: theirs is `SHARED_DEVICE`. */
  readonly device: string | undefined;
  /** The device's channel, as in {@link Caller}. */
  readonly channel: string | undefined;
  /** The day on which the session was seen last, in days since the epoch. */
  readonly seen: number;
  /** Since when the device may have something to take over from one that leaves: milliseconds since the epoch. */
  readonly heir: number;
  /** Where its device is told by push. */
  readonly push: PushSubscription;
}

/** Where a browser is told by Web Push (RFC 8030), as it is stored. */
export interface PushSubscription {
  /** The URL that its push service has given it. */
  readonly endpoint: string;
  /** What messages to it are encrypted with (RFC 8291), in base64url. */
  readonly p256dh: string;
  readonly auth: string;
  /** Whether notifications have the text of messages. */
  readonly showText: boolean;
  /** Conversations that it is told nothing of, see `mutedName`. Of a group it is told what mentions the user. */
  readonly muted: readonly string[];
  /** Of its user. Subscriptions that were made before mentions were pushed have none. */
  readonly username?: string;
}

/** What the functions that check a session learn of it. */
export type CheckedSession = Pick<Partial<SessionAttributes>, "seen" | "heir" | "expiresAt">;

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
   * @throws {InvalidToken} The session has ended, or is on another device by now.
   */
  async require(caller: Caller): Promise<CheckedSession> {
    const found = await this.#requireSession(caller);
    if (!isOnDevice(found, caller)) throw new InvalidToken("the session is on another device");
    return found;
  }

  /**
   * The same, whichever device the session is on: for the repeat of a request that has moved it to another one.
   *
   * @returns The id of that device.
   * @throws {InvalidToken} The session has ended.
   */
  async requireOnAnyDevice(caller: Caller): Promise<string> {
    const { device = SHARED_DEVICE } = await this.#requireSession(caller);
    return device;
  }

  /**
   * Half a read unit: enough where nothing is read for the caller or done in its name. An eventually consistent read may
   * miss a session that has just begun, so a miss is read again, consistently.
   *
   * @throws {InvalidToken} The session has ended, or is on another device by now.
   */
  async requireLately(caller: Caller): Promise<CheckedSession> {
    this.refuseGone(caller);
    const found = await this.#find(caller, false);
    return isCurrent(found, this.#now()) && isOnDevice(found, caller) ? found : this.require(caller);
  }

  /**
   * Refuses a session that this function has found gone. Costs no call, and says nothing of any other.
   *
   * @throws {InvalidToken} The session has ended.
   */
  refuseGone(caller: Caller): void {
    if (this.#gone.get(nameOf(caller))) throw new InvalidToken("the session has ended");
  }

  async #requireSession(caller: Caller): Promise<Partial<SessionAttributes>> {
    this.refuseGone(caller);
    const found = await this.#find(caller, true);
    if (isCurrent(found, this.#now())) return found;
    if (found === undefined) this.#gone.set(nameOf(caller), true);
    throw new InvalidToken("the session has ended");
  }

  #find({ userId, sessionId }: Caller, consistent: boolean): Promise<Partial<SessionAttributes> | undefined> {
    return getRecord<SessionAttributes>(this.#table, sessionKey(userId, sessionId), { consistent });
  }
}

/** `POST /devices` moves a session to a device of its own. The previous token would read the other device's channel. */
const isOnDevice = ({ device = SHARED_DEVICE, channel }: Partial<SessionAttributes>, caller: Caller): boolean =>
  device === (caller.deviceId ?? SHARED_DEVICE) && channel === caller.channel;

const nameOf = ({ userId, sessionId }: Caller): string => `${userId}/${sessionId}`;
