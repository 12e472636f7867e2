import { withTexts } from "../contract/json.ts";
import { DONE, type Success } from "./answer.ts";
import type { Call, Calls } from "./calls.ts";
import { ProblemError } from "./errors.ts";
import { named, readUser, type Session, type User } from "./model.ts";
import type { CallOptions, Credentials, LoginRequest, Newcomer } from "./options.ts";
import { isOutage, isUncertain } from "./retry.ts";

const readSession = withTexts<Session>("token", "id", "username", "receipt", "expiresAt");

/** The requests by which an account and its sessions begin, and by which one's own session ends. */
export class Login {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** See `Client.register`. */
  async register(newcomer: Newcomer, options: CallOptions): Promise<User> {
    const { username, password, inviteCode } = newcomer;
    const body = { username, password, inviteCode };
    const made: Success<User> = { success: 201, read: named(username, readUser) };
    let mayBeOurs = false;
    try {
      return await this.#calls.retrying(async () => {
        try {
          return await this.#calls.once(post("/register", body, made), options.signal);
        } catch (error) {
          mayBeOurs ||= isUncertain(error);
          throw error;
        }
      }, options);
    } catch (error) {
      const isTaken = error instanceof ProblemError && error.code === "username_taken";
      const owner = isTaken && mayBeOurs ? await this.#owner({ username, password }, options) : undefined;
      if (owner === undefined) throw error;
      return owner;
    }
  }

  /** A 429 is not waited for. */
  begin(body: LoginRequest, options: CallOptions): Promise<Session> {
    const begun: Success<Session> = { success: 200, read: named(body.username, readSession) };
    return this.#calls.send(post("/login", body, begun), options, isOutage);
  }

  /** Also succeeds when the session has ended already. */
  async end({ token, id }: Session, options: CallOptions): Promise<void> {
    try {
      await this.#calls.send({ ...post("/logout", { id }, DONE), token }, options);
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
    }
  }

  /** The user with these credentials; undefined when they are wrong. */
  async #owner(credentials: Credentials, options: CallOptions): Promise<User | undefined> {
    try {
      const session = await this.begin(credentials, options);
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
