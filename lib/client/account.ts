import { DONE, type Success } from "./answer.ts";
import type { Call, Calls } from "./calls.ts";
import { type ListedSession, readSessions, type Session, type User, withList } from "./model.ts";
import type { CallOptions, PasswordChange } from "./options.ts";
import { isOutage, isPassing } from "./retry.ts";

const SESSIONS: Success<readonly ListedSession[]> = {
  success: 200,
  read: readSessions,
};
const BLOCKS: Success<readonly User[]> = { success: 200, read: withList<User>("blocks", "id", "username") };

/** The requests about the user's own account, its sessions and its blocks. */
export class Account {
  readonly #calls: Calls;
  readonly #session: Session;

  constructor(calls: Calls, session: Session) {
    this.#calls = calls;
    this.#session = session;
  }

  async changePassword({ password, newPassword, ...options }: PasswordChange): Promise<void> {
    const body = { id: this.#session.id, password, newPassword };
    await this.#request({ method: "POST", path: "/password", body, ...DONE }, options, isOutage);
  }

  /** Safe to repeat: the server answers a repeat as it answered the deletion. */
  async delete(password: string, options: CallOptions): Promise<void> {
    const body = { id: this.#session.id, password };
    await this.#request({ method: "POST", path: "/account/delete", body, ...DONE }, options, isOutage);
  }

  sessions(options: CallOptions): Promise<readonly ListedSession[]> {
    return this.#request({ method: "GET", path: "/sessions", ...SESSIONS }, options);
  }

  async endSession(sessionId: string, options: CallOptions): Promise<void> {
    await this.#request({ method: "DELETE", path: `/sessions/${encodeURIComponent(sessionId)}`, ...DONE }, options);
  }

  blocks(options: CallOptions): Promise<readonly User[]> {
    return this.#request({ method: "GET", path: "/blocks", ...BLOCKS }, options);
  }

  async block(userId: string, options: CallOptions): Promise<void> {
    await this.#request({ method: "PUT", path: `/blocks/${encodeURIComponent(userId)}`, ...DONE }, options);
  }

  async unblock(userId: string, options: CallOptions): Promise<void> {
    await this.#request({ method: "DELETE", path: `/blocks/${encodeURIComponent(userId)}`, ...DONE }, options);
  }

  #request<T>(call: Call<T>, options: CallOptions, isWorth = isPassing): Promise<T> {
    return this.#calls.send({ ...call, token: this.#session.token }, options, isWorth);
  }
}
