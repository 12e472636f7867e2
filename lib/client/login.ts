import { DONE, type Success } from "./answer.ts";
import type { Call, Calls } from "./calls.ts";
import { ProblemError } from "./errors.ts";
import { isPersonal, named, readSession, readUser, type Session, type User } from "./model.ts";
import type { CallOptions, Credentials, LoginRequest, Newcomer } from "./options.ts";
import { isOutage } from "./retry.ts";

/** The name of the device that a login to prove the password has, for as long as that takes. */
const PROOF_DEVICE = "Registration";

/** The requests by which an account and its sessions begin, and by which one's own session ends. */
export class Login {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * See `Client.register`.
   *
   * @param loginId Gives the id of a login that proves the password.
   */
  async register(newcomer: Newcomer, loginId: () => string, options: CallOptions): Promise<User> {
    const { username, password, inviteCode } = newcomer;
    const body = { username, password, inviteCode };
    const made: Success<User> = { success: 201, read: named(username, readUser) };
    return this.#calls.sendUncertain(post("/register", body, made), options, ({ code }) =>
      code === "username_taken" ? this.#owner({ username, password }, loginId(), options) : undefined,
    );
  }

  /** A 429 is not waited for. */
  async begin(body: LoginRequest & { readonly loginId: string }, options: CallOptions): Promise<Session> {
    const { username, deviceId } = body;
    const begun: Success<Session> = { success: 200, read: named(username, readSession) };
    const session = await this.#calls.send(post("/login", body, begun), options, isOutage);
    const isWhole = !isPersonal(deviceId) || [session.deviceId, session.continuedDeviceId].includes(deviceId);
    return isWhole ? session : { ...session, mayHaveGap: true };
  }

  /** Also succeeds when the session has ended already. */
  async end({ token, id }: Session, options: CallOptions): Promise<void> {
    try {
      await this.#calls.send({ ...post("/logout", { id }, DONE), token }, options);
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
    }
  }

  /**
   * The user with these credentials; undefined when they are wrong. The login has a name: one without would make the
   * user's first device the shared one, and what came until the first login by name would stay there.
   *
   * @param loginId That of the next login as well. If this one cannot be ended, the next one goes on with its device: else
   * that would stay the user's oldest one, with nobody there.
   */
  async #owner(credentials: Credentials, loginId: string, options: CallOptions): Promise<User | undefined> {
    try {
      const request = { ...credentials, deviceName: PROOF_DEVICE, loginId };
      const session = await this.begin(request, options);
      // A session that cannot be ended now expires. Registration has succeeded all the same.
      await this.end(session, options).catch(() => undefined);
      return { id: session.id, username: session.username };
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) return undefined;
      throw error;
    }
  }
}

const post = <T>(path: string, body: object, success: Success<T>): Call<T> => ({
  method: "POST",
  path,
  body,
  ...success,
});
