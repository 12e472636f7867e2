import { DONE, type Success } from "./answer.ts";
import { inPath } from "./in-path.ts";
import { named, readUser, type User, withList } from "./model.ts";
import type { CallOptions } from "./options.ts";
import type { OwnCalls } from "./own-calls.ts";

const BLOCKS: Success<readonly User[]> = { success: 200, read: withList<User>("blocks", "id", "username") };

const blockOf = (userId: string): string =>
  `/blocks/${inPath(userId, "unknown_user", "There is no user with this id.")}`;

/** The requests about other users. */
export class Users {
  readonly #own: OwnCalls;

  constructor(own: OwnCalls) {
    this.#own = own;
  }

  /**
   * Finds a user by name.
   *
   * @throws ProblemError `unknown_user` (404)
   * @example
   * ```ts
   * const { id, username } = await client.find("Alice");
   * ```
   */
  async find(username: string, options: CallOptions = {}): Promise<User> {
    const path = `/users/${inPath(username, "unknown_user", "Nobody has this username.")}`;
    const found: Success<User> = { success: 200, read: named(username, readUser) };
    return this.#own.send({ method: "GET", path, ...found }, options);
  }

  /**
   * Lists the users that this user has blocked, by the names that they had then.
   *
   * @example
   * ```ts
   * const names = (await client.blocks()).map(({ username }) => username);
   * ```
   */
  async blocks(options: CallOptions = {}): Promise<readonly User[]> {
    return this.#own.send({ method: "GET", path: "/blocks", ...BLOCKS }, options);
  }

  /**
   * Blocks a user: the server refuses their messages from now on, and tells them so. Also succeeds when the user is
   * blocked already.
   *
   * @throws ProblemError `unknown_user` (404), `too_many_blocks` (409)
   * @example
   * ```ts
   * const { id } = await client.find("mallory");
   * await client.block(id);
   * ```
   */
  async block(userId: string, options: CallOptions = {}): Promise<void> {
    await this.#own.send({ method: "PUT", path: blockOf(userId), ...DONE }, options);
  }

  /**
   * Unblocks a user. Also succeeds when the user is not blocked.
   *
   * @example
   * ```ts
   * for (const { id } of await client.blocks()) await client.unblock(id);
   * ```
   */
  async unblock(userId: string, options: CallOptions = {}): Promise<void> {
    await this.#own.send({ method: "DELETE", path: blockOf(userId), ...DONE }, options);
  }
}
