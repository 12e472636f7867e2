import { Account } from "./account.ts";
import { Calls } from "./calls.ts";
import { connectionOf } from "./connection.ts";
import { Devices } from "./devices.ts";
import type { FileContent } from "./file-content.ts";
import type { OutgoingFile, TransferOptions, UploadOptions } from "./file-options.ts";
import { Files } from "./files.ts";
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
 * What a method says by itself is enough to call it. The part that it belongs to says more, with an example of each.
 */
export class Client
  implements Of<Login>, Of<Account>, Of<Devices>, Of<Users>, Of<Groups>, Of<Sending>, Of<Files>, Of<Receiving>
{
  /** The session of the user who is logged in: a plain JSON value. */
  session: Session | undefined;
  readonly #login: Login;
  readonly #account: Account;
  readonly #devices: Devices;
  readonly #users: Users;
  readonly #groups: Groups;
  readonly #sending: Sending;
  readonly #files: Files;
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
    this.#files = new Files(own, this.#sending);
    const { live, WebSocket: Socket = globalThis.WebSocket } = options;
    this.#receiving = new Receiving({ own, retry, live, WebSocket: Socket, client: this });
  }

  /**
   * Makes a user by a name, a password and, where the server asks for one, an invite code. It does not log in. Safe to repeat.
   *
   * @returns the new user's id and name
   * @throws ProblemError `username_taken` (409), `registration_closed` or `invalid_invite` (403)
   * @see {@link Login.register}
   */
  async register(newcomer: Newcomer, options?: CallOptions): Promise<User> {
    return this.#login.register(newcomer, options);
  }

  /**
   * Starts a session by a name and a password, and keeps it in {@link Client.session}. With a `deviceName` it is on a device of its own,
   * which gets every message; without one it shares the messages with all such logins. A 429 is thrown at once.
   *
   * @returns the session: save it, and give it to the next client as `session`
   * @throws ProblemError `invalid_credentials` (401), `too_many_attempts` (429), `device_expired` (401), `too_many_devices` (409)
   * @see {@link Login.login}
   * @example
   * ```ts
   * const session = await client.login({ username: "bob", password: "battery-staple", deviceName: "Bob's laptop" });
   * localStorage.setItem("session", JSON.stringify(session));
   * ```
   */
  async login(request: LoginRequest, options?: CallOptions): Promise<Session> {
    return this.#login.login(request, options);
  }

  /**
   * Ends the session, with which a device of its own leaves, and forgets it here. Also succeeds when it has ended already.
   *
   * @see {@link Login.logout}
   */
  async logout(options?: CallOptions): Promise<void> {
    return this.#login.logout(options);
  }

  /**
   * Changes the password, given the current and the new one, and ends all other sessions of the user. A 429 is thrown at once.
   *
   * @throws ProblemError `invalid_credentials` (401): the current password is wrong
   * @see {@link Account.changePassword}
   */
  async changePassword(change: PasswordChange): Promise<void> {
    return this.#account.changePassword(change);
  }

  /**
   * Deletes the account for good, given its password, with all its sessions and what waits for it. A 429 is thrown at once.
   *
   * @throws ProblemError `invalid_credentials` (401): the password is wrong
   * @see {@link Account.deleteAccount}
   */
  async deleteAccount(password: string, options?: CallOptions): Promise<void> {
    return this.#account.deleteAccount(password, options);
  }

  /**
   * Lists the user's own sessions that are still valid.
   *
   * @returns the sessions, newest first; `current` is the one of this client
   * @see {@link Account.sessions}
   */
  async sessions(options?: CallOptions): Promise<readonly ListedSession[]> {
    return this.#account.sessions(options);
  }

  /**
   * Ends one of the user's own sessions, by its `sessionId`. It may be this one. Also succeeds when it has ended already.
   *
   * @see {@link Account.endSession}
   */
  async endSession(sessionId: string, options?: CallOptions): Promise<void> {
    return this.#account.endSession(sessionId, options);
  }

  /**
   * Gives this session a device of its own, by the name that people tell it by, if it is on the shared one. Else it does nothing.
   *
   * @returns the session as it goes on, under a new token: save it
   * @throws ProblemError `too_many_devices` (409): remove one first
   * @see {@link Devices.moveToOwnDevice}
   */
  async moveToOwnDevice(request: OwnDevice): Promise<Session> {
    return this.#devices.moveToOwnDevice(request);
  }

  /**
   * Lists the user's devices.
   *
   * @returns the devices, the oldest first; none on a server that is too old for devices
   * @see {@link Devices.devices}
   */
  async devices(options?: CallOptions): Promise<readonly ListedDevice[]> {
    return this.#devices.devices(options);
  }

  /**
   * Removes one of the user's devices, by its `deviceId`, and ends its sessions.
   *
   * @throws ProblemError `unknown_device` (404)
   * @see {@link Devices.removeDevice}
   */
  async removeDevice(deviceId: string, options?: CallOptions): Promise<void> {
    return this.#devices.removeDevice(deviceId, options);
  }

  /**
   * Finds a user by name, in any case of letters.
   *
   * @returns the user's id, which messages are sent to, and the name as it is written
   * @throws ProblemError `unknown_user` (404)
   * @see {@link Users.find}
   * @example
   * ```ts
   * const { id } = await client.find("Alice");
   * await client.send({ to: id, content: "Hello, Alice!" });
   * ```
   */
  async find(username: string, options?: CallOptions): Promise<User> {
    return this.#users.find(username, options);
  }

  /**
   * Lists the users that this user has blocked.
   *
   * @returns the users, by the names that they had then
   * @see {@link Users.blocks}
   */
  async blocks(options?: CallOptions): Promise<readonly User[]> {
    return this.#users.blocks(options);
  }

  /**
   * Blocks a user, by the id: the server refuses their messages from now on, and tells them so. Also succeeds when they are blocked.
   *
   * @throws ProblemError `unknown_user` (404), `too_many_blocks` (409)
   * @see {@link Users.block}
   */
  async block(userId: string, options?: CallOptions): Promise<void> {
    return this.#users.block(userId, options);
  }

  /**
   * Unblocks a user, by the id. Also succeeds when the user is not blocked.
   *
   * @see {@link Users.unblock}
   */
  async unblock(userId: string, options?: CallOptions): Promise<void> {
    return this.#users.unblock(userId, options);
  }

  /**
   * Makes a group of a name and the ids of its other members. This user is its first admin.
   *
   * @returns the group, with the `groupId` that messages are sent to
   * @throws ProblemError `unknown_user` (404), `blocked` (403), `too_many_groups` (409)
   * @see {@link Groups.createGroup}
   * @example
   * ```ts
   * const { id } = await client.find("alice");
   * const { groupId } = await client.createGroup({ name: "Climbing", members: [id] });
   * await client.send({ to: groupId, content: "Hello, both!" });
   * ```
   */
  async createGroup(group: NewGroup): Promise<Group> {
    return this.#groups.createGroup(group);
  }

  /**
   * Lists the groups that this user is in, each with its size and whether the user is an admin.
   *
   * @returns the groups, by their names
   * @see {@link Groups.groups}
   */
  async groups(options?: CallOptions): Promise<readonly ListedGroup[]> {
    return this.#groups.groups(options);
  }

  /**
   * Shows a group, by its id.
   *
   * @returns the group and its members
   * @throws ProblemError `unknown_group` (404): there is none, or this user is not in it
   * @see {@link Groups.group}
   */
  async group(groupId: string, options?: CallOptions): Promise<Group> {
    return this.#groups.group(groupId, options);
  }

  /**
   * Gives a group another name. Admins alone may.
   *
   * @returns the group as it is then
   * @throws ProblemError `unknown_group` (404), `not_an_admin` (403)
   * @see {@link Groups.renameGroup}
   */
  async renameGroup(groupId: string, name: string, options?: CallOptions): Promise<Group> {
    return this.#groups.renameGroup(groupId, name, options);
  }

  /**
   * Adds a user, by the id, to a group. Admins alone may. Also succeeds when the user is in it.
   *
   * @returns the group as it is then
   * @throws ProblemError `unknown_group`, `unknown_user` (404), `not_an_admin`, `blocked` (403), `too_many_members`,
   * `too_many_groups` (409)
   * @see {@link Groups.addMember}
   */
  async addMember(groupId: string, userId: string, options?: CallOptions): Promise<Group> {
    return this.#groups.addMember(groupId, userId, options);
  }

  /**
   * Makes a member, by the id, admin or no longer admin. Admins alone may. A user who is not in the group is added.
   *
   * @returns the group as it is then
   * @throws ProblemError as {@link Client.addMember}; `last_admin` (409)
   * @see {@link Groups.setAdmin}
   */
  async setAdmin(groupId: string, userId: string, admin: boolean, options?: CallOptions): Promise<Group> {
    return this.#groups.setAdmin(groupId, userId, admin, options);
  }

  /**
   * Removes a member, by the id, from a group, which makes its invite code void. Admins alone may. Also succeeds when the user is not in
   * it.
   *
   * @throws ProblemError `unknown_group` (404), `not_an_admin` (403)
   * @see {@link Groups.removeMember}
   */
  async removeMember(groupId: string, userId: string, options?: CallOptions): Promise<void> {
    return this.#groups.removeMember(groupId, userId, options);
  }

  /**
   * Leaves a group. If the user is its last admin, the member who joined first becomes admin.
   *
   * @throws ProblemError `unknown_group` (404)
   * @see {@link Groups.leaveGroup}
   */
  async leaveGroup(groupId: string, options?: CallOptions): Promise<void> {
    return this.#groups.leaveGroup(groupId, options);
  }

  /**
   * Makes a code by which others can join a group, in the place of the one before. Admins alone may.
   *
   * @returns the code, for {@link Client.joinGroup}
   * @throws ProblemError `unknown_group` (404), `not_an_admin` (403)
   * @see {@link Groups.inviteToGroup}
   */
  async inviteToGroup(groupId: string, options?: CallOptions): Promise<string> {
    return this.#groups.inviteToGroup(groupId, options);
  }

  /**
   * Joins a group by its invite code. Also succeeds when the user is in it.
   *
   * @returns the group
   * @throws ProblemError `invalid_invite` (403), `too_many_members`, `too_many_groups` (409)
   * @see {@link Groups.joinGroup}
   */
  async joinGroup(code: string, options?: CallOptions): Promise<Group> {
    return this.#groups.joinGroup(code, options);
  }

  /**
   * Makes a new message's id, a UUIDv7 by the server's time, to be stored with the message before the first attempt.
   *
   * @param after The greatest id of what the message replaces, such as the last edit. The new one is greater.
   * @see {@link Sending.newMessageId}
   */
  newMessageId(after?: string): string {
    return this.#sending.newMessageId(after);
  }

  /**
   * Sends a message to a user or a group. It arrives once, however often the call or its `messageId` is repeated.
   *
   * @returns the message's id, and `sentAt`, the time of this answer
   * @throws ProblemError `message_id_time` (400), `unknown_receiver` (404), `blocked` (403), `too_large` (413)
   * @see {@link Sending.send}
   * @example
   * ```ts
   * const { id } = await client.find("alice");
   * const { sentAt } = await client.send({ to: id, content: "Hello, Alice!" });
   * ```
   */
  async send(outgoing: Outgoing): Promise<Sent> {
    return this.#sending.send(outgoing);
  }

  /**
   * Encrypts and uploads a file of 25 MiB at most, and sends the message about it. Each call uploads anew: a program that repeats failed
   * calls uses {@link Client.uploadFile}, and repeats the send alone.
   *
   * @throws {FileError} `file_changed`: The file could not be read to its end.
   * @throws {ProblemError} `file_too_large`, `too_many_files`, and what {@link Client.send} throws
   * @see {@link Files.sendFile}
   */
  async sendFile(outgoing: OutgoingFile): Promise<Sent> {
    return this.#files.sendFile(outgoing);
  }

  /**
   * Encrypts and uploads a file, and sends nothing: for a program that keeps what it has to send.
   *
   * @returns the content of a message of type `file`, before `JSON.stringify`
   * @throws {FileError} `file_changed`: The file could not be read to its end.
   * @throws {ProblemError} `file_too_large`, `too_many_files`
   * @see {@link Files.uploadFile}
   */
  async uploadFile(file: Blob, options: UploadOptions): Promise<FileContent> {
    return this.#files.uploadFile(file, options);
  }

  /**
   * Fetches a file, and decrypts it once its checksum is right.
   *
   * @returns the file, without a media type: what a stranger calls a page must not become one
   * @throws {FileError} `file_expired`, `file_corrupt`
   * @see {@link Files.fetchFile}
   */
  async fetchFile(file: FileContent, options?: TransferOptions): Promise<Blob> {
    return this.#files.fetchFile(file, options);
  }

  /**
   * Asks once for the messages that wait, and does not repeat a failed attempt. `ack` acknowledges the batch before, by its receipt.
   * Without it the server settles the messages at once: they are lost if its answer is. Most programs use {@link Client.receive}.
   *
   * @returns a batch of messages, and the receipt to acknowledge it by
   * @see {@link Receiving.sync}
   */
  async sync(options?: SyncOptions): Promise<Batch> {
    return this.#receiving.sync(options);
  }

  /**
   * Receives the messages of the user who is logged in, in a loop that goes on until it is left or its `signal` is aborted. It is woken by
   * a WebSocket where there is one, and polls otherwise. Failed syncs are repeated without an end. Run one loop at a time for a user.
   *
   * @returns the messages; each is acknowledged when the loop asks for the next one
   * @see {@link Receiving.receive}
   * @example
   * ```ts
   * for await (const { senderName, content } of client.receive()) console.log(`${senderName}: ${content}`);
   * ```
   */
  receive(options?: ReceiveOptions): Inbox {
    return this.#receiving.receive(options);
  }
}
