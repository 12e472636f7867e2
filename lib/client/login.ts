import { DONE, type Success } from "./answer.ts";
import type { Call } from "./calls.ts";
import { ProblemError } from "./errors.ts";
import type { LoginIds } from "./login-ids.ts";
import { isPersonal, named, readSession, readUser, type Session, type User } from "./model.ts";
import type { CallOptions, Credentials, LoginRequest, Newcomer } from "./options.ts";
import type { OwnCalls } from "./own-calls.ts";
import { isOutage } from "./retry.ts";

/** The name of the device that a login to prove the password has, for as long as that takes. */
const PROOF_DEVICE = "Registration";

/** The requests by which an account and its sessions begin, and by which one's own session ends. */
export class Login {
  readonly #own: OwnCalls;
  readonly #loginIds: LoginIds;

  constructor(own: OwnCalls, loginIds: LoginIds) {
    this.#own = own;
    this.#loginIds = loginIds;
  }

  /**
   * Makes a user. Safe to repeat: if the name is taken after an attempt without an answer, the password tells whether
   * that attempt took it.
   *
   * @throws ProblemError `username_taken` (409), `registration_closed` or `invalid_invite` (403)
   * @example
   * ```ts
   * const { id } = await client.register({ username: "bob", password: "battery-staple" });
   * ```
   */
  async register(newcomer: Newcomer, options: CallOptions = {}): Promise<User> {
    const { username, password, inviteCode } = newcomer;
    const body = { username, password, inviteCode };
    const made: Success<User> = { success: 201, read: named(username, readUser) };
    return this.#own.calls.sendUncertain(post("/register", body, made), options, ({ code }) =>
      code === "username_taken" ? this.#owner(newcomer, options) : undefined,
    );
  }

  /**
   * Starts a session, and keeps it in {@link Client.session}. A 429 is thrown at once, so that people can be told.
   *
   * With a `deviceName` the session is on a device of its own, which gets every message. Without one it is on the shared
   * device: all such logins share its messages among them, as competing workers do. A login after the session has ended
   * goes on with the device of that session. If that device no longer exists and there is a `deviceName`, the login gets another
   * device, and the session says {@link Session.mayHaveGap}.
   *
   * @throws ProblemError `invalid_credentials` (401), `too_many_attempts` (429)
   * @throws ProblemError `device_expired` (401): the device no longer exists, and there is no `deviceName` for another one
   * @throws ProblemError `too_many_devices` (409): {@link ProblemError.devices} lists them. Log in again with one as
   * `replaceDeviceId`
   * @example
   * ```ts
   * const session = await client.login({ username: "bob", password: "battery-staple", deviceName: "Bob's laptop" });
   * localStorage.setItem("session", JSON.stringify(session));
   * if (session.mayHaveGap) console.warn("Messages that came before this login may be missing here.");
   * ```
   * @example A worker, which shares the messages with others:
   * ```ts
   * await client.login({ username: "bot", password: "battery-staple" });
   * ```
   */
  async login(request: LoginRequest, options: CallOptions = {}): Promise<Session> {
    const { username, password, deviceName, replaceDeviceId } = request;
    const { holder } = this.#own;
    const before = holder.session?.username === username.toLowerCase() ? holder.session : undefined;
    const { earlierToken = before?.token, deviceId = personalIn(before) } = request;
    const { loginId = this.#loginIds.begin(loginOf(username, deviceId)) } = request;
    const wanted = { deviceId, deviceName, loginId, replaceDeviceId };
    const session = await this.#begin({ username, password, earlierToken, ...wanted }, options);
    holder.session = session;
    this.#loginIds.end();
    return session;
  }

  /**
   * Ends the session. A device of its own leaves with it. Also succeeds when the session has ended already.
   *
   * @example
   * ```ts
   * await client.logout({ signal: AbortSignal.timeout(3_000) });
   * ```
   */
  async logout(options: CallOptions = {}): Promise<void> {
    const { session } = this.#own;
    await this.#end(session, options);
    this.#own.replace(session);
  }

  /** A 429 is not waited for. */
  async #begin(body: LoginRequest & { readonly loginId: string }, options: CallOptions): Promise<Session> {
    const { username, deviceId } = body;
    const begun: Success<Session> = { success: 200, read: named(username, readSession) };
    const session = await this.#own.calls.send(post("/login", body, begun), options, isOutage);
    const isWhole = !isPersonal(deviceId) || [session.deviceId, session.continuedDeviceId].includes(deviceId);
    return isWhole ? session : { ...session, mayHaveGap: true };
  }

  /** Also succeeds when the session has ended already. */
  async #end({ token, id }: Session, options: CallOptions): Promise<void> {
    try {
      await this.#own.calls.send({ ...post("/logout", { id }, DONE), token }, options);
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
    }
  }

  /**
   * The user with these credentials; undefined when they are wrong. The login has a name: one without would make the
   * user's first device the shared one, and what came until the first login by name would stay there.
   *
   * Its id is that of the next login as well. If this one cannot be ended, the next one goes on with its device: else
   * that would stay the user's oldest one, with nobody there.
   */
  async #owner(newcomer: Newcomer, options: CallOptions): Promise<User | undefined> {
    const { username, password } = newcomer;
    const { loginId = this.#loginIds.begin(loginOf(username, undefined)) } = newcomer;
    const credentials: Credentials = { username, password };
    try {
      const session = await this.#begin({ ...credentials, deviceName: PROOF_DEVICE, loginId }, options);
      // A session that cannot be ended now expires. Registration has succeeded all the same.
      await this.#end(session, options).catch(() => undefined);
      return { id: session.id, username: session.username };
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) return undefined;
      throw error;
    }
  }
}

/** Names a login to {@link LoginIds}. */
const loginOf = (username: string, deviceId: string | undefined): string =>
  JSON.stringify([username.toLowerCase(), deviceId]);

/** The session's device, if it is one of its own. */
const personalIn = (session: Session | undefined): string | undefined =>
  isPersonal(session?.deviceId) ? session.deviceId : undefined;

const post = <T>(path: string, body: object, success: Success<T>): Call<T> => ({
  method: "POST",
  path,
  body,
  ...success,
});
