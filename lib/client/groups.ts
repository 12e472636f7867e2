import { withTexts } from "../contract/json.ts";
import { DONE, type Success } from "./answer.ts";
import { type Group, type ListedGroup, type NewGroup, readGroup, readGroups } from "./group.ts";
import { inPath } from "./in-path.ts";
import { newLoginId } from "./login-ids.ts";
import type { CallOptions } from "./options.ts";
import type { OwnCalls } from "./own-calls.ts";

const GROUP: Success<Group> = { success: 200, read: readGroup };
const MADE: Success<Group> = { success: 201, read: readGroup };
const GROUPS: Success<readonly ListedGroup[]> = { success: 200, read: readGroups };
const CODE: Success<{ readonly code: string }> = { success: 200, read: withTexts("code") };

const pathOf = (groupId: string): string =>
  `/groups/${inPath(groupId, "unknown_group", "You are in no group with this id.")}`;

const memberOf = (groupId: string, userId: string): string =>
  `${pathOf(groupId)}/members/${inPath(userId, "unknown_user", "There is no user with this id.")}`;

/** The requests about groups. The server answers a repeat of each as it answered the first try. */
export class Groups {
  readonly #own: OwnCalls;

  constructor(own: OwnCalls) {
    this.#own = own;
  }

  /**
   * Makes a group, whose first admin is this user. Messages are sent to its `groupId`.
   *
   * @throws ProblemError `unknown_user` (404), `blocked` (403), `too_many_groups` (409)
   * @example
   * ```ts
   * const { id } = await client.find("alice");
   * const { groupId } = await client.createGroup({ name: "Climbing", members: [id] });
   * await client.send({ to: groupId, content: "Hello, both!" });
   * ```
   */
  async createGroup({ name, members, groupKey = newLoginId(), ...options }: NewGroup): Promise<Group> {
    return this.#own.send({ method: "POST", path: "/groups", body: { name, members, groupKey }, ...MADE }, options);
  }

  /**
   * Lists the groups that this user is in, by their names.
   *
   * @example
   * ```ts
   * for (const { name, memberCount } of await client.groups()) console.log(name, memberCount);
   * ```
   */
  async groups(options: CallOptions = {}): Promise<readonly ListedGroup[]> {
    return this.#own.send({ method: "GET", path: "/groups", ...GROUPS }, options);
  }

  /**
   * Shows a group and its members.
   *
   * @throws ProblemError `unknown_group` (404): there is none, or this user is not in it
   * @example
   * ```ts
   * const [first] = await client.groups();
   * if (first) console.log((await client.group(first.groupId)).members);
   * ```
   */
  async group(groupId: string, options: CallOptions = {}): Promise<Group> {
    return this.#own.send({ method: "GET", path: pathOf(groupId), ...GROUP }, options);
  }

  /**
   * Renames a group. Admins alone may.
   *
   * @throws ProblemError `unknown_group` (404), `not_an_admin` (403)
   * @example
   * ```ts
   * const [first] = await client.groups();
   * if (first?.admin) await client.renameGroup(first.groupId, "Climbing on Tuesday");
   * ```
   */
  async renameGroup(groupId: string, name: string, options: CallOptions = {}): Promise<Group> {
    return this.#own.send({ method: "PATCH", path: pathOf(groupId), body: { name }, ...GROUP }, options);
  }

  /**
   * Adds a user to a group. Admins alone may. Also succeeds when the user is in it.
   *
   * @throws ProblemError `unknown_group`, `unknown_user` (404), `not_an_admin`, `blocked` (403), `too_many_members`,
   * `too_many_groups` (409)
   * @example
   * ```ts
   * const { id } = await client.find("bob");
   * const [first] = await client.groups();
   * if (first?.admin) await client.addMember(first.groupId, id);
   * ```
   */
  async addMember(groupId: string, userId: string, options: CallOptions = {}): Promise<Group> {
    return this.#put(groupId, userId, undefined, options);
  }

  /**
   * Makes a member admin, or no longer admin. Admins alone may. A user who is not in the group is added.
   *
   * @throws ProblemError as {@link Client.addMember}; `last_admin` (409)
   * @example
   * ```ts
   * const { id } = await client.find("bob");
   * const [first] = await client.groups();
   * if (first?.admin) await client.setAdmin(first.groupId, id, true);
   * ```
   */
  async setAdmin(groupId: string, userId: string, admin: boolean, options: CallOptions = {}): Promise<Group> {
    return this.#put(groupId, userId, admin, options);
  }

  /**
   * Removes a member from a group, which makes its invite code void. Admins alone may. Also succeeds when the user is not
   * in it.
   *
   * @throws ProblemError `unknown_group` (404), `not_an_admin` (403)
   * @example
   * ```ts
   * const { id } = await client.find("mallory");
   * const [first] = await client.groups();
   * if (first?.admin) await client.removeMember(first.groupId, id);
   * ```
   */
  async removeMember(groupId: string, userId: string, options: CallOptions = {}): Promise<void> {
    const call = { method: "DELETE", path: memberOf(groupId, userId), ...DONE } as const;
    // The first attempt may have left the group without an answer. Then its repeat is refused.
    const isOwn = userId === this.#own.session.id;
    await this.#own.sendUncertain(call, options, ({ code }) => (isOwn && code === "unknown_group" ? true : undefined));
  }

  /**
   * Leaves a group. If the user is its last admin, the member who joined first becomes admin.
   *
   * @throws ProblemError `unknown_group` (404)
   * @example
   * ```ts
   * for (const { groupId } of await client.groups()) await client.leaveGroup(groupId);
   * ```
   */
  async leaveGroup(groupId: string, options: CallOptions = {}): Promise<void> {
    return this.removeMember(groupId, this.#own.session.id, options);
  }

  /**
   * Makes a code by which others can join the group, until another one is made or somebody is removed. Admins alone may.
   *
   * @throws ProblemError `unknown_group` (404), `not_an_admin` (403)
   * @example
   * ```ts
   * const [first] = await client.groups();
   * if (first?.admin) console.log(`Join us: ${await client.inviteToGroup(first.groupId)}`);
   * ```
   */
  async inviteToGroup(groupId: string, options: CallOptions = {}): Promise<string> {
    const call = { method: "POST", path: `${pathOf(groupId)}/invite`, body: {}, ...CODE } as const;
    const { code } = await this.#own.send(call, options);
    return code;
  }

  /**
   * Joins a group by its invite code. Also succeeds when the user is in it.
   *
   * @throws ProblemError `invalid_invite` (403), `too_many_members`, `too_many_groups` (409)
   * @example
   * ```ts
   * const { groupId } = await client.joinGroup("g-q8nJtPzF0n8c1gmD3rD0Zk.Zk2bqJtPzF0n8c1gmD3rD0");
   * await client.send({ to: groupId, content: "Hello, all!" });
   * ```
   */
  async joinGroup(code: string, options: CallOptions = {}): Promise<Group> {
    return this.#own.send({ method: "POST", path: "/groups/join", body: { code }, ...GROUP }, options);
  }

  /** @param admin Whether the user is to be admin; without it as before. */
  #put(groupId: string, userId: string, admin: boolean | undefined, options: CallOptions): Promise<Group> {
    const path = memberOf(groupId, userId);
    const body = admin === undefined ? undefined : { body: { admin } };
    return this.#own.send({ method: "PUT", path, ...body, ...GROUP }, options);
  }
}
