import { withTexts } from "../contract/json.ts";
import { Account } from "./account.ts";
import type { Success } from "./answer.ts";
import { Calls } from "./calls.ts";
import { chainOn } from "./chain-on.ts";
import { Devices } from "./devices.ts";
import { ProblemError } from "./errors.ts";
import { Inbox } from "./inbox.ts";
import { Login } from "./login.ts";
import { LoginIds } from "./login-ids.ts";
import { MessageIds } from "./message-ids.ts";
import {
  type Batch,
  identified,
  isPersonal,
  type ListedDevice,
  type ListedSession,
  named,
  readBatch,
  readUser,
  type Sent,
  type Session,
  type User,
} from "./model.ts";
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
import type { InboxState, ReceiveOptions } from "./receive-options.ts";
import { Backoff, type BackoffOptions } from "./retry.ts";
import { SentId } from "./sent-id.ts";
import { realTiming, type Timing } from "./timing.ts";
import { liveUrlOf, type WakeSocketHost } from "./wake-socket.ts";

const DEFAULT_RETRY: BackoffOptions = { base: 200, max: 10_000, giveUpAfter: 30_000 };
const DEFAULT_TIMEOUT_MS = 15_000;

const readSent = withTexts<Sent>("messageId", "sentAt", "status");

const BATCH: Success<Batch> = { success: 200, read: readBatch };

const proofOf = ({ token, id }: Session) => ({ token, id });

// Marked as pure, so that a program without newMessageId does not bear it.
const ownIds = /* @__PURE__ */ new MessageIds();

/** Makes a new message's id: a UUIDv7 by this machine's clock. See {@link Client.newMessageId}. */
export const newMessageId = (): string => ownIds.next();

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
 */
export class Client {
  /** The session of the user who is logged in: a plain JSON value. */
  session: Session | undefined;
  readonly #calls: Calls;
  readonly #login: Login;
  readonly #loginIds = new LoginIds();
  readonly #retry: BackoffOptions;
  readonly #messageIds: MessageIds;
  readonly #live: string | false | undefined;
  readonly #WebSocket: typeof WebSocket | undefined;
  /** Where the last `receive` of this user stopped. */
  #inbox: { readonly id: string; readonly state: InboxState } | undefined;

  constructor(options: ClientOptions) {
    this.session = options.session;
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    const timing = options.timing ?? realTiming;
    this.#messageIds = options.messageIds ?? new MessageIds(timing);
    const connection = {
      url: options.url.replace(/\/+$/, ""),
      // Browsers refuse a fetch that is called as a method of anything but the window.
      fetch: withClock(options.fetch ?? ((input, init) => globalThis.fetch(input, init)), this.#messageIds, timing),
      timing,
      timeout: options.timeout ?? DEFAULT_TIMEOUT_MS,
    };
    this.#calls = new Calls(connection, this.#retry);
    this.#login = new Login(this.#calls);
    this.#live = options.live;
    this.#WebSocket = options.WebSocket ?? globalThis.WebSocket;
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
    const loginId = (): string => newcomer.loginId ?? this.#loginIds.begin(loginOf(newcomer.username, undefined));
    return this.#login.register(newcomer, loginId, options);
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
    const before = this.session?.username === username.toLowerCase() ? this.session : undefined;
    const { earlierToken = before?.token, deviceId = personalIn(before) } = request;
    const { loginId = this.#loginIds.begin(loginOf(username, deviceId)) } = request;
    const wanted = { deviceId, deviceName, loginId, replaceDeviceId };
    this.session = await this.#login.begin({ username, password, earlierToken, ...wanted }, options);
    this.#loginIds.end();
    return this.session;
  }

  /**
   * Gives this session a device of its own if it is on the shared one, as sessions of older clients are. It gets the
   * messages of the shared device from here on if no other session shares them, else it begins with the messages that
   * come from now on. Does nothing if the session has a device of its own, or the server is too old for devices.
   *
   * The session goes on under a new token. Save it. If no answer arrives, only a repeat with the same `loginId` can go
   * on: give your own if another process may have to repeat it.
   *
   * @throws ProblemError `too_many_devices` (409): remove one first
   * @example
   * ```ts
   * const session = await client.moveToOwnDevice({ deviceName: "Bob's laptop" });
   * localStorage.setItem("session", JSON.stringify(session));
   * ```
   */
  async moveToOwnDevice({ deviceName, loginId, ...options }: OwnDevice): Promise<Session> {
    const before = this.#loggedIn();
    const id = loginId ?? this.#loginIds.begin(before.token);
    const session = await new Devices(this.#calls, before).makeOwn(deviceName, id, options);
    if (this.session === before) this.session = session;
    this.#loginIds.end();
    return session;
  }

  /**
   * Lists the user's devices, the oldest first. Empty on a server that is too old for devices.
   *
   * @example
   * ```ts
   * for (const { deviceId, name, lastSeen, current } of await client.devices()) {
   *   console.log(deviceId, name, lastSeen, current ? "this one" : "");
   * }
   * ```
   */
  async devices(options: CallOptions = {}): Promise<readonly ListedDevice[]> {
    return new Devices(this.#calls, this.#loggedIn()).list(options);
  }

  /**
   * Removes one of the user's devices, and ends its sessions. What waits on it alone goes to another device, or waits for
   * the next login with a `deviceName`. If it is the device of this client, its session has ended.
   *
   * @throws ProblemError `unknown_device` (404)
   * @example
   * ```ts
   * const lost = (await client.devices()).find(({ name }) => name === "Bob's phone");
   * if (lost !== undefined) await client.removeDevice(lost.deviceId);
   * ```
   */
  async removeDevice(deviceId: string, options: CallOptions = {}): Promise<void> {
    const session = this.#loggedIn();
    const devices = new Devices(this.#calls, session);
    await devices.remove(deviceId, options);
    if (devices.isOwn(deviceId) && this.session === session) this.session = undefined;
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
    const session = this.#loggedIn();
    await this.#login.end(session, options);
    if (this.session === session) this.session = undefined;
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
  async changePassword(change: PasswordChange): Promise<void> {
    return this.#account.changePassword(change);
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
    const session = this.#loggedIn();
    await this.#account.delete(password, options);
    if (this.session === session) this.session = undefined;
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
    return this.#account.sessions(options);
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
    return this.#account.endSession(sessionId, options);
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
    return this.#account.blocks(options);
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
    return this.#account.block(userId, options);
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
    return this.#account.unblock(userId, options);
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
    const { token } = this.#loggedIn();
    // In a path these would mean another route.
    if (/^\.{0,2}$/.test(username)) {
      throw new ProblemError({ status: 404, code: "unknown_user", detail: "Nobody has this username." });
    }
    const path = `/users/${encodeURIComponent(username)}`;
    return this.#calls.send({ method: "GET", path, token, success: 200, read: named(username, readUser) }, options);
  }

  /**
   * Makes a new message's id: a UUIDv7 by the server's time, as far as an answer has told it. Make it before the first
   * attempt, and store it with the message if the message must outlive this process.
   *
   * @example
   * ```ts
   * const { id: to } = await client.find("alice");
   * const messageId = client.newMessageId();
   * await client.send({ to, content: "Hello, Alice!", messageId });
   * await client.send({ to, content: "Hello, Alice!", messageId }); // arrives once all the same
   * ```
   */
  newMessageId(): string {
    return this.#messageIds.next();
  }

  /**
   * Sends a message. Every attempt bears the same `messageId`, the idempotency key: the message arrives once, however
   * many answers are lost. After a failure that is not final it may have arrived. Then send it again with its
   * `messageId`, see {@link newMessageId}.
   *
   * If the server refuses the time in the id, it has stored nothing, and the client sends the message under a new id.
   * It does not if an earlier attempt under the id may have arrived, or if the id is your own and there is no
   * `onNewId`.
   *
   * @returns `sentAt` is the time of this answer. If you repeat a message that was answered before, keep the first
   * time.
   * @throws ProblemError `message_id_time` (400): the server refuses the time in the id. If the message was tried
   * before, nobody knows whether it has arrived
   * @throws ProblemError `unknown_receiver` (404), `blocked` (403), `too_large` (413)
   * @example
   * ```ts
   * const { id } = await client.find("alice");
   * const { sentAt } = await client.send({ to: id, content: "Hello, Alice!" });
   * ```
   */
  async send({ to, content, messageId, onNewId, ...options }: Outgoing): Promise<Sent> {
    const { token, id } = this.#loggedIn();
    const sentId = new SentId(this.#messageIds, messageId, onNewId);
    const attempt = () => {
      const { current } = sentId;
      const body = { id, sendToId: to, content, messageId: current };
      const stored: Success<Sent> = { success: 202, read: identified(current, readSent) };
      return this.#calls.once({ method: "POST", path: "/send", token, body, ...stored }, options.signal);
    };
    return this.#calls.retrying(async () => {
      try {
        return await attempt();
      } catch (error) {
        if (await sentId.renew(error)) return attempt();
        throw error;
      }
    }, options);
  }

  /**
   * Syncs once, and does not repeat a failed attempt. Without `ack` the server settles the messages at once: they are
   * lost if its answer is. Most programs use {@link Client.receive}.
   *
   * @example
   * ```ts
   * const { messages, receipt } = await client.sync();
   * for (const { senderName, content } of messages) console.log(`${senderName}: ${content}`);
   * await client.sync({ ack: receipt });
   * ```
   */
  async sync({ ack, limit, signal }: SyncOptions = {}): Promise<Batch> {
    const { token, id } = this.#loggedIn();
    const call = { method: "POST", path: "/sync", token, body: { id, ack, limit }, ...BATCH } as const;
    // A page that is closed may still acknowledge. Without an ack an answer that nobody reads takes its messages along.
    return this.#calls.once({ ...call, keepalive: ack !== undefined }, signal);
  }

  /**
   * Receives the messages of the user who is logged in, see {@link Inbox}. A WebSocket wakes it where there is one;
   * otherwise it polls. What is delivered does not depend on that. Failed syncs are repeated without an end. Run one
   * loop at a time for a user: a second one with the same state would get the same messages.
   *
   * When the loop ends it closes the WebSocket. Node's own WebSocket waits for the server's answer to that, without a
   * limit: if the server is out of reach, the process lives on until `process.exit()`, unless the client was made with
   * `live: false`.
   *
   * @example
   * ```ts
   * for await (const { senderName, content } of client.receive()) {
   *   console.log(`${senderName}: ${content}`); // acknowledged when the loop asks for the next message
   * }
   * ```
   * @example Over restarts of the process:
   * ```ts
   * const saved = localStorage.getItem("inbox");
   * const inbox = client.receive({
   *   ...(saved !== null && { state: JSON.parse(saved) as InboxState }),
   *   onState: (state) => localStorage.setItem("inbox", JSON.stringify(state)),
   * });
   * for await (const message of inbox) console.log(message.content);
   * ```
   */
  receive(options: ReceiveOptions = {}): Inbox {
    const session = this.#loggedIn();
    const { id } = session;
    const { timing } = this.#calls.connection;
    const known = this.#inbox?.id === id ? this.#inbox.state : undefined;
    const retry = options.follow === false ? this.#retry : { ...this.#retry, giveUpAfter: Number.POSITIVE_INFINITY };
    return new Inbox(
      {
        timing,
        retry: new Backoff(retry, timing),
        live: this.#liveOf(session),
        state: chainOn(session, options.state ?? known),
        sync: (ack, signal) => this.sync({ ack, limit: options.limit, signal }),
        save: async (state) => {
          await options.onState?.(state);
          this.#inbox = { id, state };
        },
      },
      options,
    );
  }

  #liveOf(session: Session): Pick<WakeSocketHost, "url" | "WebSocket" | "proof"> | undefined {
    const url = this.#live ?? liveUrlOf(this.#calls.connection.url, session.live);
    const Socket = this.#WebSocket;
    return url && Socket ? { url, WebSocket: Socket, proof: () => proofOf(this.session ?? session) } : undefined;
  }

  get #account(): Account {
    return new Account(this.#calls, this.#loggedIn());
  }

  #loggedIn(): Session {
    if (this.session !== undefined) return this.session;
    throw new ProblemError({ status: 401, code: "not_logged_in", detail: "Log in first." });
  }
}

/** Names a login to {@link LoginIds}. */
const loginOf = (username: string, deviceId: string | undefined): string =>
  JSON.stringify([username.toLowerCase(), deviceId]);

/** The session's device, if it is one of its own. */
const personalIn = (session: Session | undefined): string | undefined =>
  isPersonal(session?.deviceId) ? session.deviceId : undefined;

/** Compares the clocks by each answer of goTalk's. A proxy on the way may have a clock of its own. */
const withClock =
  (ask: typeof fetch, messageIds: MessageIds, timing: Timing): typeof fetch =>
  async (input, init) => {
    const askedAt = timing.now();
    const response = await ask(input, init);
    if (response.headers.has("x-request-id")) messageIds.observe(response.headers.get("date"), askedAt);
    return response;
  };
