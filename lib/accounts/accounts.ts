import type { User } from "../channel/profiles.ts";
import type { HangUp } from "../live/hang-up.ts";
import { GoTalkError, InvalidToken } from "../runtime/errors.ts";
import { newOpaqueId } from "../runtime/ids.ts";
import type { SessionCheck } from "../tokens/session-check.ts";
import type { Caller, OpenedToken, Tokens } from "../tokens/tokens.ts";
import type { AccountRemoval } from "./account-removal.ts";
import type { DeviceLogins, DeviceSession, WantedDevice } from "./device-logins.ts";
import type { DeviceRemoval } from "./device-removal.ts";
import type { Attempt, LoginThrottle } from "./login-throttle.ts";
import type { Credentials } from "./names.ts";
import { requireUncommon } from "./password-rules.ts";
import type { Passwords } from "./passwords.ts";
import type { Registration } from "./registration.ts";
import type { Sessions } from "./sessions.ts";
import type { Users } from "./users.ts";

export interface Login extends User {
  readonly token: string;
  /** The first `ack` of the client's chain; see `delivery.ts`. */
  readonly receipt: string;
  /** The device that the session is on. */
  readonly deviceId: string;
  /** As in {@link DeviceSession}. */
  readonly continuedDeviceId?: string | undefined;
  /** Of the token, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Where a request comes from. */
interface Origin {
  /** The client's IP address. */
  readonly address: string;
  /** What the client says of itself. */
  readonly userAgent: string;
}

/** Where a login comes from. */
export interface LoginOrigin extends Origin {
  /** A token of an earlier login, if the client has one. It may be any text. */
  readonly earlierToken?: string | undefined;
}

interface Parts {
  readonly users: Users;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly sessionCheck: SessionCheck;
  readonly throttle: LoginThrottle;
  readonly tokens: Tokens;
  readonly registration: Registration;
  readonly removal: AccountRemoval;
  readonly deviceLogins: DeviceLogins;
  readonly deviceRemoval: DeviceRemoval;
  readonly hangUp: HangUp | undefined;
}

/** Logs users in, changes passwords and deletes accounts. Usernames come in lower case. */
export class Accounts {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Logs a user in. An unknown user takes as long as a wrong password, and is answered the same. Nothing is told of the user's
   * devices before the password was right.
   *
   * @param wanted The device that the session is to be on.
   * @throws {GoTalkError} `invalid_credentials`: The username or the password is wrong.
   * @throws {GoTalkError} `too_many_attempts`: There were too many failures before.
   * @throws {GoTalkError} `device_expired`, `too_many_devices`: See `device-logins.ts`.
   */
  async login(
    username: string,
    password: string,
    { address, userAgent, earlierToken }: LoginOrigin,
    wanted: WantedDevice = {},
  ): Promise<Login> {
    const { users, passwords, sessions, throttle, tokens, registration, removal, deviceLogins } = this.#parts;
    const reading = users.credentials(username);
    const device =
      earlierToken === undefined ? undefined : knownDevice(await tokens.openOptional(earlierToken), await reading);
    const [found, attempt] = await Promise.all([reading, throttle.begin(username, address, device)]);
    const user = await registration.resolve(found);
    const matches = await passwords.verify(password, user?.passwordHash);
    if (user === undefined || !matches) throw new GoTalkError("invalid_credentials");
    if (user.isClosing) {
      await removal.finish(user);
      throw new GoTalkError("invalid_credentials");
    }

    // The password was right, whatever becomes of the device.
    const [begun, counted] = await Promise.allSettled([
      deviceLogins.begin(user.id, wanted, userAgent),
      throttle.succeed(attempt),
    ]);
    if (begun.status === "rejected") throw begun.reason;
    if (counted.status === "rejected") throw counted.reason;
    const session = begun.value;
    if (session === undefined) throw new GoTalkError("invalid_credentials");
    await Promise.all([this.#checkAgain(user, session, attempt), sessions.endSurplus(user.id)]);
    return this.#grant({ id: user.id, username }, session);
  }

  /**
   * Gives the caller's session a device of its own: see `device-logins.ts`.
   *
   * @param current The id of the device that the session is on.
   * @throws {InvalidToken} The session has ended, or the token is from before it moved and this is no repeat.
   * @throws {GoTalkError} `invalid_request`: The session has a device of its own.
   * @throws {GoTalkError} `too_many_devices`: There is no room for another one.
   */
  async makeDevice(
    caller: Caller,
    current: string,
    wanted: Required<Pick<WantedDevice, "deviceName" | "loginId">>,
    userAgent: string,
  ): Promise<Login> {
    const { userId, username } = caller;
    const session = await this.#parts.deviceLogins.makePersonal(caller, current, wanted, userAgent);
    return this.#grant({ id: userId, username }, session);
  }

  async #grant({ id, username }: User, session: DeviceSession): Promise<Login> {
    const { sessionId, deviceId, continuedDeviceId, channel, expiresAt } = session;
    const caller = { userId: id, username, sessionId, deviceId, channel };
    const token = await this.#parts.tokens.issue(caller, expiresAt);
    return { id, username, token, receipt: newOpaqueId(), deviceId, continuedDeviceId, expiresAt };
  }

  /** @throws {GoTalkError} `unknown_user`: Nobody has the name. */
  async find(username: string): Promise<User> {
    const { users, registration } = this.#parts;
    const user = await registration.resolve(await users.credentials(username));
    if (user === undefined || user.isClosing) throw new GoTalkError("unknown_user");
    return { id: user.id, username };
  }

  /**
   * Sets another password, ends all other sessions of the caller, whose devices stay, and takes the advantage of a known address
   * and of a known device from all others. Safe to repeat after a failure.
   *
   * @param address The IP address that the caller comes from.
   * @throws {InvalidToken} The session has ended.
   * @throws {GoTalkError} `invalid_credentials`: The password is wrong, or was changed meanwhile.
   * @throws {GoTalkError} `too_many_attempts`: It was wrong too often.
   * @throws {GoTalkError} `invalid_request`: The new password is one of the commonest.
   */
  async changePassword(caller: Caller, password: string, newPassword: string, address: string): Promise<void> {
    const { users, passwords, sessions, sessionCheck, throttle, hangUp } = this.#parts;
    requireUncommon("newPassword", newPassword, caller.username);
    await sessionCheck.require(caller);
    const user = await this.#verify(caller, async (found) => {
      if (await passwords.verify(password, found.passwordHash)) return true;
      // Only for the session that changed it: for any other, each attempt would try two passwords.
      return found.changedBy === caller.sessionId && (await passwords.verify(newPassword, found.passwordHash));
    });
    if (user.isClosing) throw new GoTalkError("invalid_credentials");
    const changed = await users.names.setPassword(user, await passwords.hash(newPassword), caller.sessionId);
    if (!changed) throw new GoTalkError("invalid_credentials");
    await throttle.succeedOwn(caller.userId);
    await throttle.keepOnly(caller.username, address);
    await sessions.endAll(caller.userId, caller.sessionId);
    await hangUp?.(caller.userId, ({ sessionId }) => sessionId !== caller.sessionId);
  }

  /**
   * Deletes the caller's account: see `account-removal.ts`. A repeat after a failure finishes it, though the session has
   * ended by then. A repeat after a success succeeds for as long as the name is held.
   *
   * @throws {InvalidToken} The session has ended, and no deletion is under way.
   * @throws {GoTalkError} `invalid_credentials`: The password is wrong, or was changed meanwhile.
   * @throws {GoTalkError} `too_many_attempts`: It was wrong too often.
   */
  async remove(caller: Caller, password: string): Promise<void> {
    const { users, passwords, sessionCheck, throttle, removal } = this.#parts;
    const found = await users.credentials(caller.username);
    // A repeat whose first answer was lost. The password is gone with the account.
    if (found === undefined && (await users.names.isRetiredBy(caller.username, caller.userId))) return;
    const isUnderWay = found?.isClosing === true && found.id === caller.userId;
    if (!isUnderWay) await sessionCheck.require(caller);
    const user = await this.#verify(caller, (current) => passwords.verify(password, current.passwordHash));
    if (!(await users.names.close(user))) throw new GoTalkError("invalid_credentials");
    await throttle.succeedOwn(caller.userId);
    await removal.finish(user);
  }

  /** @returns The caller's credentials, once `matches` says that the password is right. */
  async #verify({ userId, username }: Caller, matches: (found: Credentials) => Promise<boolean>): Promise<Credentials> {
    const { users, throttle } = this.#parts;
    await throttle.beginOwn(userId);
    const found = await users.credentials(username);
    // Its session was there a moment ago: the account was deleted meanwhile, and the name may be another's by now.
    if (found?.id !== userId) throw new InvalidToken("the user has been removed");
    if (!(await matches(found))) throw new GoTalkError("invalid_credentials");
    return found;
  }

  /**
   * Checks that the account is still there, and its password still the one that was verified. A change of either ends the
   * sessions that it finds; this check comes after the session was stored, so that one of the two finds the other. The same is
   * true of the address that is known by now.
   */
  async #checkAgain(verified: Credentials, session: DeviceSession, attempt: Attempt): Promise<void> {
    const { users, deviceRemoval, throttle } = this.#parts;
    const now = await users.credentials(verified.username);
    const isSame = now?.id === verified.id && now.passwordHash === verified.passwordHash && !now.isClosing;
    if (isSame) return;
    await Promise.all([deviceRemoval.logOut({ userId: verified.id, ...session }), throttle.revoke(attempt)]);
    throw new GoTalkError("invalid_credentials");
  }
}

/**
 * The session of an earlier login that makes the client a known device of this user: it began with the current password, or
 * it set that password. It may have ended.
 */
function knownDevice(token: OpenedToken | undefined, user: Credentials | undefined): string | undefined {
  if (token === undefined || user === undefined || token.userId !== user.id) return undefined;
  const isOfCurrentPassword = token.issuedAt > user.changedAt || token.sessionId === user.changedBy;
  return isOfCurrentPassword ? token.sessionId : undefined;
}
