import { DONE, type Success } from "./answer.ts";
import type { Request } from "./exchange.ts";
import { type ListedSession, readSessions, type Session, type User, withList } from "./model.ts";
import type { OnRetry } from "./retry.ts";

/** What goes with any call that is tried again. */
export interface CallOptions {
  /** Ends the call, also while it waits; it then throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onRetry?: OnRetry;
}

/** The present password, and the one that takes its place. */
export interface PasswordChange extends CallOptions {
  readonly password: string;
  readonly newPassword: string;
}

/** Sends a request until it is answered, see `Client`. */
export type Ask = <T>(request: Omit<Request<T>, "signal">, options: CallOptions) => Promise<T>;

const SESSIONS: Success<readonly ListedSession[]> = {
  success: 200,
  read: readSessions,
};
const BLOCKS: Success<readonly User[]> = { success: 200, read: withList<User>("blocks", "id", "username") };

/** The requests about one's own account, one's sessions, and whom one has blocked. */
export class Account {
  readonly #ask: Ask;
  readonly #session: Session;

  constructor(ask: Ask, session: Session) {
    this.#ask = ask;
    this.#session = session;
  }

  async changePassword({ password, newPassword, ...options }: PasswordChange): Promise<void> {
    const body = { id: this.#session.id, password, newPassword };
    await this.#request("POST", "/password", DONE, options, body);
  }

  /** The server answers a repeat of a deletion that is done as it answered the first. */
  async delete(password: string, options: CallOptions): Promise<void> {
    const body = { id: this.#session.id, password };
    await this.#request("POST", "/account/delete", DONE, options, body);
  }

  sessions(options: CallOptions): Promise<readonly ListedSession[]> {
    return this.#request("GET", "/sessions", SESSIONS, options);
  }

  async endSession(sessionId: string, options: CallOptions): Promise<void> {
    await this.#request("DELETE", `/sessions/${encodeURIComponent(sessionId)}`, DONE, options);
  }

  blocks(options: CallOptions): Promise<readonly User[]> {
    return this.#request("GET", "/blocks", BLOCKS, options);
  }

  async block(userId: string, options: CallOptions): Promise<void> {
    await this.#request("PUT", `/blocks/${encodeURIComponent(userId)}`, DONE, options);
  }

  async unblock(userId: string, options: CallOptions): Promise<void> {
    await this.#request("DELETE", `/blocks/${encodeURIComponent(userId)}`, DONE, options);
  }

  #request<T>(
    method: Request<T>["method"],
    path: string,
    success: Success<T>,
    options: CallOptions,
    body?: object,
  ): Promise<T> {
    const { token } = this.#session;
    return this.#ask({ method, path, token, ...success, ...(body && { body }) }, options);
  }
}
