import { Account } from "./account.ts";
import { Calls } from "./calls.ts";
import { connectionOf } from "./connection.ts";
import { Devices } from "./devices.ts";
import type { Group, ListedGroup, NewGroup } from "./group.ts";
import { Groups } from "./groups.ts";
import type { Inbox } from "./inbox.ts";
import { Login } from "./login.ts";
import { LoginIds } from "./login-ids.ts";
import { MessageIds } from "./message-ids.ts";
import type { Batch, ListedDevice, ListedSession, Sent, Session, User } from "./model.ts";
import type {
  CallOptions,
  ClientOptions,
  LoginRequest,
  Newcomer,
  Outgoing,
  OwnDevice,
  PasswordChange,
  SyncOptions,
} from "./options.ts";
import { OwnCalls } from "./own-calls.ts";
import type { ReceiveOptions } from "./receive-options.ts";
import { Receiving } from "./receiving.ts";
import type { BackoffOptions } from "./retry.ts";
import { Sending } from "./sending.ts";
import { Users } from "./users.ts";

const DEFAULT_RETRY: BackoffOptions = { base: 200, max: 10_000, giveUpAfter: 30_000 };

/** The methods of a part. */
type Of<Part> = Pick<Part, keyof Part>;

/**
 * goTalk's HTTP API for browsers and Node.
 *
 * Every call throws a {@link ProblemError} when the API says no, and a {@link NetworkError} when no answer of the API
 * arrives. Unless its documentation says otherwise, a call is repeated on network faults, 408, 429 and 5xx until
 * `retry.giveUpAfter` is over, with backoff and jitter and never before the server's `Retry-After`. A call succeeds
 * only by an answer that is certainly the API's: a page of a captive portal is a network fault.
 *
 * @example
 * ```ts
 * const client = new Client({ url: "https://talk.example.com" });
 * await client.login({ username: "bob", password: "battery-staple" });
 * const { id } = await client.find("alice");
 * await client.send({ to: id, content: "Hello, Alice!" });
 * ```
 *
 * Each method is described in full, with its errors and an example, by the part that it belongs to.
 */
export class Client implements Of<Login>, Of<Account>, Of<Devices>, Of<Users>, Of<Groups>, Of<Sending>, Of<Receiving> {
  /** The session of the user who is logged in: a plain JSON value. */
  session: Session | undefined;
  readonly #login: Login;
  readonly #account: Account;
  readonly #devices: Devices;
  readonly #users: Users;
  readonly #groups: Groups;
  readonly #sending: Sending;
  readonly #receiving: Receiving;

  constructor(options: ClientOptions) {
    this.session = options.session;
    const retry = { ...DEFAULT_RETRY, ...options.retry };
    const messageIds = options.messageIds ?? new MessageIds(options.timing);
    const own = new OwnCalls(new Calls(connectionOf(options, messageIds), retry), this);
    const loginIds = new LoginIds();
    this.#login = new Login(own, loginIds);
    this.#account = new Account(own);
    this.#devices = new Devices(own, loginIds);
    this.#users = new Users(own);
    this.#groups = new Groups(own);
    this.#sending = new Sending(own, messageIds);
    const { live, WebSocket: Socket = globalThis.WebSocket } = options;
    this.#receiving = new Receiving({ own, retry, live, WebSocket: Socket, client: this });
  }

  /** Makes a user. See {@link Login.register}. */
  async register(newcomer: Newcomer, options?: CallOptions): Promise<User> {
    return this.#login.register(newcomer, options);
  }

  /** Starts a session, and keeps it in {@link Client.session}. See {@link Login.login}. */
  async login(request: LoginRequest, options?: CallOptions): Promise<Session> {
    return this.#login.login(request, options);
  }

  /** Ends the session. See {@link Login.logout}. */
  async logout(options?: CallOptions): Promise<void> {
    return this.#login.logout(options);
  }

  /** Changes the password, and ends all other sessions. See {@link Account.changePassword}. */
  async changePassword(change: PasswordChange): Promise<void> {
    return this.#account.changePassword(change);
  }

  /** Deletes the account for good, with all its sessions. See {@link Account.deleteAccount}. */
  async deleteAccount(password: string, options?: CallOptions): Promise<void> {
    return this.#account.deleteAccount(password, options);
  }

  /** Lists the user's own sessions that are still valid, newest first. See {@link Account.sessions}. */
  async sessions(options?: CallOptions): Promise<readonly ListedSession[]> {
    return this.#account.sessions(options);
  }

  /** Ends one of the user's own sessions, which may be this one. See {@link Account.endSession}. */
  async endSession(sessionId: string, options?: CallOptions): Promise<void> {
    return this.#account.endSession(sessionId, options);
  }

  /** Gives this session a device of its own if it is on the shared one. See {@link Devices.moveToOwnDevice}. */
  async moveToOwnDevice(request: OwnDevice): Promise<Session> {
    return this.#devices.moveToOwnDevice(request);
  }

  /** Lists the user's devices, the oldest first. See {@link Devices.devices}. */
  async devices(options?: CallOptions): Promise<readonly ListedDevice[]> {
    return this.#devices.devices(options);
  }

  /** Removes one of the user's devices, and ends its sessions. See {@link Devices.removeDevice}. */
  async removeDevice(deviceId: string, options?: CallOptions): Promise<void> {
    return this.#devices.removeDevice(deviceId, options);
  }

  /** Finds a user by name. See {@link Users.find}. */
  async find(username: string, options?: CallOptions): Promise<User> {
    return this.#users.find(username, options);
  }

  /** Lists the users that this user has blocked, by the names that they had then. See {@link Users.blocks}. */
  async blocks(options?: CallOptions): Promise<readonly User[]> {
    return this.#users.blocks(options);
  }

  /** Blocks a user: the server refuses their messages from now on, and tells them so. See {@link Users.block}. */
  async block(userId: string, options?: CallOptions): Promise<void> {
    return this.#users.block(userId, options);
  }

  /** Unblocks a user. See {@link Users.unblock}. */
  async unblock(userId: string, options?: CallOptions): Promise<void> {
    return this.#users.unblock(userId, options);
  }

  /** Makes a group, whose first admin is this user. See {@link Groups.createGroup}. */
  async createGroup(group: NewGroup): Promise<Group> {
    return this.#groups.createGroup(group);
  }

  /** Lists the groups that this user is in, by their names. See {@link Groups.groups}. */
  async groups(options?: CallOptions): Promise<readonly ListedGroup[]> {
    return this.#groups.groups(options);
  }

  /** Shows a group and its members. See {@link Groups.group}. */
  async group(groupId: string, options?: CallOptions): Promise<Group> {
    return this.#groups.group(groupId, options);
  }

  /** Renames a group. See {@link Groups.renameGroup}. */
  async renameGroup(groupId: string, name: string, options?: CallOptions): Promise<Group> {
    return this.#groups.renameGroup(groupId, name, options);
  }

  /** Adds a user to a group. See {@link Groups.addMember}. */
  async addMember(groupId: string, userId: string, options?: CallOptions): Promise<Group> {
    return this.#groups.addMember(groupId, userId, options);
  }

  /** Makes a member admin, or no longer admin. See {@link Groups.setAdmin}. */
  async setAdmin(groupId: string, userId: string, admin: boolean, options?: CallOptions): Promise<Group> {
    return this.#groups.setAdmin(groupId, userId, admin, options);
  }

  /** Removes a member from a group, which makes its invite code void. See {@link Groups.removeMember}. */
  async removeMember(groupId: string, userId: string, options?: CallOptions): Promise<void> {
    return this.#groups.removeMember(groupId, userId, options);
  }

  /** Leaves a group. See {@link Groups.leaveGroup}. */
  async leaveGroup(groupId: string, options?: CallOptions): Promise<void> {
    return this.#groups.leaveGroup(groupId, options);
  }

  /** Makes a code by which others can join the group. See {@link Groups.inviteToGroup}. */
  async inviteToGroup(groupId: string, options?: CallOptions): Promise<string> {
    return this.#groups.inviteToGroup(groupId, options);
  }

  /** Joins a group by its invite code. See {@link Groups.joinGroup}. */
  async joinGroup(code: string, options?: CallOptions): Promise<Group> {
    return this.#groups.joinGroup(code, options);
  }

  /** Makes a new message's id: a UUIDv7 by the server's time. See {@link Sending.newMessageId}. */
  newMessageId(after?: string): string {
    return this.#sending.newMessageId(after);
  }

  /** Sends a message. See {@link Sending.send}. */
  async send(outgoing: Outgoing): Promise<Sent> {
    return this.#sending.send(outgoing);
  }

  /** Syncs once, and does not repeat a failed attempt. See {@link Receiving.sync}. */
  async sync(options?: SyncOptions): Promise<Batch> {
    return this.#receiving.sync(options);
  }

  /** Receives the messages of the user who is logged in. See {@link Receiving.receive}. */
  receive(options?: ReceiveOptions): Inbox {
    return this.#receiving.receive(options);
  }
}
