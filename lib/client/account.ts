import { DONE, type Success } from "./answer.ts";
import { inPath } from "./in-path.ts";
import { type ListedSession, readSessions } from "./model.ts";
import type { CallOptions, PasswordChange } from "./options.ts";
import type { OwnCalls } from "./own-calls.ts";
import { isOutage } from "./retry.ts";

const SESSIONS: Success<readonly ListedSession[]> = { success: 200, read: readSessions };

/** The requests about the user's own account and its sessions. */
export class Account {
  readonly #own: OwnCalls;

  constructor(own: OwnCalls) {
    this.#own = own;
  }

  /**
   * Changes the password, and ends all other sessions. Their devices stay: the next logins there go on with them. A 429
   * is thrown at once, as by {@link Client.login}.
   *
   * @throws ProblemError `invalid_credentials` (401): the current password is wrong
   * @example
   * ```ts
   * await client.changePassword({ password: "battery-staple", newPassword: "correct horse" });
   * ```
   */
  async changePassword({ password, newPassword, ...options }: PasswordChange): Promise<void> {
    const body = { id: this.#own.session.id, password, newPassword };
    await this.#own.send({ method: "POST", path: "/password", body, ...DONE }, options, isOutage);
  }

  /**
   * Deletes the account for good, with all its sessions. From then on nobody can send to it, its waiting messages are
   * never delivered, and nobody can register its name for 90 days. A 429 is thrown at once, as by {@link Client.login}.
   *
   * @throws ProblemError `invalid_credentials` (401): the password is wrong
   * @example
   * ```ts
   * await client.deleteAccount("battery-staple");
   * ```
   */
  async deleteAccount(password: string, options: CallOptions = {}): Promise<void> {
    const { session } = this.#own;
    const body = { id: session.id, password };
    // Safe to repeat: the server answers a repeat as it answered the deletion.
    await this.#own.send({ method: "POST", path: "/account/delete", body, ...DONE }, options, isOutage);
    this.#own.replace(session);
  }

  /**
   * Lists the user's own sessions that are still valid, newest first.
   *
   * @example
   * ```ts
   * for (const { sessionId, userAgent, current } of await client.sessions()) {
   *   console.log(sessionId, userAgent, current ? "this device" : "");
   * }
   * ```
   */
  async sessions(options: CallOptions = {}): Promise<readonly ListedSession[]> {
    return this.#own.send({ method: "GET", path: "/sessions", ...SESSIONS }, options);
  }

  /**
   * Ends one of the user's own sessions, which may be this one, as a logout there: a device of its own leaves. Also
   * succeeds when it has ended already.
   *
   * @example
   * ```ts
   * const others = (await client.sessions()).filter(({ current }) => !current);
   * for (const { sessionId } of others) await client.endSession(sessionId);
   * ```
   */
  async endSession(sessionId: string, options: CallOptions = {}): Promise<void> {
    const path = `/sessions/${inPath(sessionId, "not_found", "You have no such session.")}`;
    await this.#own.send({ method: "DELETE", path, ...DONE }, options);
  }
}
