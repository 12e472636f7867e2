import { withTexts } from "../contract/json.ts";
import { Account, type Ask, type CallOptions, type PasswordChange } from "./account.ts";
import { DONE, type Success } from "./answer.ts";
import { ProblemError } from "./errors.ts";
import { type Connection, exchange, type Request } from "./exchange.ts";
import { Inbox, type InboxState, type ReceiveOptions } from "./inbox.ts";
import { type LiveHost, liveUrlOf } from "./live.ts";
import { MessageIds } from "./message-ids.ts";
import {
  type Batch,
  identified,
  type ListedSession,
  named,
  readBatch,
  type Sent,
  type Session,
  type User,
} from "./model.ts";
import { isOutage, isPassing, isUncertain, type Retrying, type RetryPolicy, retrying } from "./retry.ts";
import { SentId } from "./sent-id.ts";
import { realTiming, type Timing } from "./timing.ts";

/** Options of a {@link Client}. */
export interface ClientOptions {
  /** Where the API is, such as `http://localhost:9000`; `""` for a page of the same origin. */
  readonly url: string;
  /** A session of before. */
  readonly session?: Session | undefined;
  /** Default: 200 ms, doubling up to 10 s, for 30 s. The time limit does not hold for `receive`, which goes on. */
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds to wait for an answer, 15 s by default: longer than the API takes for its slowest one. */
  readonly timeout?: number;
  readonly fetch?: typeof fetch;
  /**
   * Where `receive` opens a WebSocket to be woken by; default: where the login says, or `/live` beside the API. `false`: it
   * polls.
   */
  readonly live?: string | false | undefined;
  /** Default: the global one. Where there is none, `receive` polls. */
  readonly WebSocket?: typeof WebSocket;
  readonly timing?: Timing;
  /** Makes the ids of messages. Several clients of one server share one, so that their ids are in order. */
  readonly messageIds?: MessageIds | undefined;
}

/** A name and its password. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What a login takes. */
export interface LoginRequest extends Credentials {
  /**
   * The token of the user's last login on this device, which may have ended. By default that of {@link Client.session}, if
   * it is this user's. With it, failed logins of others behind the same address do not keep the user out.
   */
  readonly earlierToken?: string | undefined;
}

/** A new user. */
export interface Newcomer extends Credentials {
  /** Where one needs an invitation. */
  readonly inviteCode?: string | undefined;
}

/** A message to be sent. */
export interface Outgoing extends CallOptions {
  /** The receiver's id, see {@link Client.find}. */
  readonly to: string;
  readonly content: string;
  /** Give the same one when a message is sent again after a failure, and it arrives once. */
  readonly messageId?: string;
  /**
   * Give it with a `messageId` that was never tried before. If the server refuses the time in the id, since the clock of
   * this machine is wrong, the message goes out under a new id, and this is called with it first, and waited for. If it
   * throws, the message is not sent. Without it such a refusal of your own id is final.
   */
  readonly onNewId?: ((messageId: string) => void | Promise<void>) | undefined;
}

/** Options of the bare {@link Client.sync}. */
export interface SyncOptions {
  readonly ack?: string | undefined;
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_RETRY: RetryPolicy = { base: 200, max: 10_000, giveUpAfter: 30_000 };
const DEFAULT_TIMEOUT_MS = 15_000;

const readUser = withTexts<User>("id", "username");
const readSession = withTexts<Session>("token", "id", "username", "receipt", "expiresAt");
const readSent = withTexts<Sent>("messageId", "sentAt", "status");

const BATCH: Success<Batch> = { success: 200, read: readBatch };

const proofOf = ({ token, id }: Session) => ({ token, id });

const ownIds = new MessageIds();

/** A new message's id: a UUIDv7 by this machine's clock. See {@link Client.newMessageId}. */
export const newMessageId = (): string => ownIds.next();

/**
 * goTalk's HTTP API for browsers and Node. Every call throws a {@link ProblemError} when the API says no and a
 * {@link NetworkError} when no answer of the API arrives; unless stated otherwise it is tried again, with backoff and
 * jitter and not before the server's `Retry-After`, on network faults, 408, 429 and 5xx, until `retry.giveUpAfter` is
 * over. A call succeeds only by an answer that is the API's beyond doubt: a page of a captive portal is a network fault.
 */
export class Client {
  /** Who is logged in. A plain JSON value. */
  session: Session | undefined;
  readonly #connection: Connection;
  readonly #retry: RetryPolicy;
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
    this.#connection = {
      url: options.url.replace(/\/+$/, ""),
      // Browsers refuse a fetch that is called as a method of anything but the window.
      fetch: withClock(options.fetch ?? ((input, init) => globalThis.fetch(input, init)), this.#messageIds, timing),
      timing,
      timeout: options.timeout ?? DEFAULT_TIMEOUT_MS,
    };
    this.#live = options.live;
    this.#WebSocket = options.WebSocket ?? globalThis.WebSocket;
  }

  /**
   * Makes a user. An attempt that failed may have succeeded all the same, and the next one then finds the name taken:
   * the password tells whose it is, so that nobody is told that their own new name is somebody else's.
   */
  async register({ username, password, inviteCode }: Newcomer, options: CallOptions = {}): Promise<User> {
    const body = { username, password, inviteCode };
    const made: Success<User> = { success: 201, read: named(username, readUser) };
    let mayBeOurs = false;
    try {
      return await this.#retrying(options, async () => {
        try {
          return await this.#post("/register", body, made, options);
        } catch (error) {
          mayBeOurs ||= isUncertain(error);
          throw error;
        }
      });
    } catch (error) {
      const isTaken = error instanceof ProblemError && error.code === "username_taken";
      const owner = isTaken && mayBeOurs ? await this.#owner({ username, password }, options) : undefined;
      if (owner === undefined) throw error;
      return owner;
    }
  }

  /** Starts a session, kept in {@link Client.session}. A 429 is not waited for: people should be told. */
  async login(request: LoginRequest, options: CallOptions = {}): Promise<Session> {
    const { username, password, earlierToken = this.#tokenOf(username) } = request;
    this.session = await this.#login({ username, password, earlierToken }, options);
    return this.session;
  }

  /** Ends the session. That it has ended already is as good. */
  async logout(options: CallOptions = {}): Promise<void> {
    const session = this.#loggedIn();
    await this.#end(session, options);
    if (this.session === session) this.session = undefined;
  }

  /**
   * Sets another password, and ends all other sessions. A 429 is not waited for, as with {@link Client.login}.
   *
   * @throws ProblemError `invalid_credentials` (401): the present password is another
   */
  async changePassword(change: PasswordChange): Promise<void> {
    return this.#account({ isWorth: isOutage }).changePassword(change);
  }

  /**
   * Deletes the account for good, with all its sessions: nobody can send to it any more, what waits for it is never
   * delivered, and its name is kept from everybody for 90 days. A 429 is not waited for, as with {@link Client.login}.
   *
   * @throws ProblemError `invalid_credentials` (401): the password is another
   */
  async deleteAccount(password: string, options: CallOptions = {}): Promise<void> {
    const session = this.#loggedIn();
    await this.#account({ isWorth: isOutage }).delete(password, options);
    if (this.session === session) this.session = undefined;
  }

  /** One's sessions that are still valid, newest first. */
  async sessions(options: CallOptions = {}): Promise<readonly ListedSession[]> {
    return this.#account().sessions(options);
  }

  /** Ends one of one's sessions, also the present one. That it has ended already is as good. */
  async endSession(sessionId: string, options: CallOptions = {}): Promise<void> {
    return this.#account().endSession(sessionId, options);
  }

  /** Whom one has blocked, by the names that they had then. */
  async blocks(options: CallOptions = {}): Promise<readonly User[]> {
    return this.#account().blocks(options);
  }

  /** From now on messages of that user are refused; they are told so. @throws ProblemError `unknown_user` (404) */
  async block(userId: string, options: CallOptions = {}): Promise<void> {
    return this.#account().block(userId, options);
  }

  /** Takes a block back. That there was none is as good. */
  async unblock(userId: string, options: CallOptions = {}): Promise<void> {
    return this.#account().unblock(userId, options);
  }

  /** The user of that name. @throws ProblemError `unknown_user` (404) */
  async find(username: string, options: CallOptions = {}): Promise<User> {
    const { token } = this.#loggedIn();
    // As a part of a path these would mean another route.
    if (/^\.{0,2}$/.test(username)) {
      throw new ProblemError({ status: 404, code: "unknown_user", detail: "Nobody has this username." });
    }
    const path = `/users/${encodeURIComponent(username)}`;
    const read = named(username, readUser);
    return this.#retrying(options, () =>
      this.#call({ method: "GET", path, token, signal: options.signal, success: 200, read }),
    );
  }

  /**
   * A new message's id: a UUIDv7 by the server's time, as far as an answer has told it. Make it before the first attempt,
   * and store it with the message where the message shall outlive this process.
   */
  newMessageId(): string {
    return this.#messageIds.next();
  }

  /**
   * Sends a message. Every attempt bears the same `messageId`, so the message arrives once, however many answers were
   * lost. After a failure that is not final it may have arrived: send it again with its `messageId`, see
   * {@link newMessageId}.
   *
   * If the server refuses the time in the id, nothing was stored under it, and the message goes out under a new id. It
   * does not if an earlier attempt under the id may have arrived, or the id is your own and there is no `onNewId`.
   *
   * @returns `sentAt` is the time of this answer. Where you send a message again that was answered before, keep the first.
   * @throws ProblemError `message_id_time` (400): the server refuses the time in the id. Where the message was tried
   * before, nobody knows whether it has arrived
   */
  async send({ to, content, messageId, onNewId, ...options }: Outgoing): Promise<Sent> {
    const { token, id } = this.#loggedIn();
    const sentId = new SentId(this.#messageIds, messageId, onNewId);
    const attempt = () => {
      const { current } = sentId;
      const body = { id, sendToId: to, content, messageId: current };
      const stored: Success<Sent> = { success: 202, read: identified(current, readSent) };
      return this.#post("/send", body, stored, { ...options, token });
    };
    return this.#retrying(options, async () => {
      try {
        return await attempt();
      } catch (error) {
        if (await sentId.renew(error)) return attempt();
        throw error;
      }
    });
  }

  /** One sync, tried once. Without `ack` the messages are settled at once, and lost if the answer is. */
  async sync({ ack, limit, signal }: SyncOptions = {}): Promise<Batch> {
    const { token, id } = this.#loggedIn();
    return this.#post("/sync", { id, ack, limit }, BATCH, { signal, token });
  }

  /**
   * The messages of who is logged in, see {@link Inbox}. It is woken over a WebSocket where it can, and polls where not;
   * what is delivered does not depend on it. Failed syncs are tried again without an end. One loop at a time
   * for a user: a second one with the same state would get the same messages.
   *
   * When the loop ends it closes the WebSocket. Node's own waits for the server's answer to that, without a limit, and
   * cannot be given up: where the server is out of reach the process lives on until `process.exit()`, unless the client
   * was made with `live: false`.
   */
  receive(options: ReceiveOptions = {}): Inbox {
    const session = this.#loggedIn();
    const { id, receipt } = session;
    const known = this.#inbox?.id === id ? this.#inbox.state : undefined;
    return new Inbox(
      {
        timing: this.#connection.timing,
        retry: this.#retry,
        live: this.#liveOf(session),
        state: options.state ?? known ?? { receipt, recent: [] },
        sync: (ack, signal) => this.sync({ ack, limit: options.limit, signal }),
        save: async (state) => {
          await options.onState?.(state);
          this.#inbox = { id, state };
        },
      },
      options,
    );
  }

  #liveOf(session: Session): Pick<LiveHost, "url" | "WebSocket" | "proof"> | undefined {
    const url = this.#live ?? liveUrlOf(this.#connection.url, session.live);
    const Socket = this.#WebSocket;
    return url && Socket ? { url, WebSocket: Socket, proof: () => proofOf(this.session ?? session) } : undefined;
  }

  #account(retrying: Pick<Retrying, "isWorth"> = {}): Account {
    const ask: Ask = (request, options) =>
      this.#retrying({ ...options, ...retrying }, () => this.#call({ ...request, signal: options.signal }));
    return new Account(ask, this.#loggedIn());
  }

  /** The user with these credentials; undefined when they are not right. */
  async #owner(credentials: Credentials, options: CallOptions): Promise<User | undefined> {
    try {
      const session = await this.#login(credentials, options);
      // A session that cannot be ended now expires; that is no reason to fail.
      await this.#end(session, options).catch(() => undefined);
      return { id: session.id, username: session.username };
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) return undefined;
      throw error;
    }
  }

  /** Usernames ignore case. */
  #tokenOf(username: string): string | undefined {
    return this.session?.username === username.toLowerCase() ? this.session.token : undefined;
  }

  #login(body: LoginRequest, options: CallOptions): Promise<Session> {
    const begun: Success<Session> = { success: 200, read: named(body.username, readSession) };
    return this.#retrying({ ...options, isWorth: isOutage }, () => this.#post("/login", body, begun, options));
  }

  async #end({ token, id }: Session, options: CallOptions): Promise<void> {
    try {
      await this.#retrying(options, () => this.#post("/logout", { id }, DONE, { ...options, token }));
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
    }
  }

  #loggedIn(): Session {
    if (this.session !== undefined) return this.session;
    throw new ProblemError({ status: 401, code: "not_logged_in", detail: "Log in first." });
  }

  #post<T>(
    path: string,
    body: object,
    success: Success<T>,
    { signal, token }: { signal?: AbortSignal | undefined; token?: string },
  ): Promise<T> {
    return this.#call({ method: "POST", path, body, ...success, signal, ...(token !== undefined && { token }) });
  }

  #call<T>(request: Request<T>): Promise<T> {
    return exchange(this.#connection, request);
  }

  #retrying<T>(options: CallOptions & Pick<Retrying, "isWorth">, attempt: () => Promise<T>): Promise<T> {
    const { signal, onRetry, isWorth = isPassing } = options;
    const { timing } = this.#connection;
    return retrying(attempt, { policy: this.#retry, timing, signal, onRetry, isWorth });
  }
}

/** Compares the clocks by each answer of goTalk's. A proxy on the way may have a clock of its own. */
const withClock =
  (ask: typeof fetch, messageIds: MessageIds, timing: Timing): typeof fetch =>
  async (input, init) => {
    const askedAt = timing.now();
    const response = await ask(input, init);
    if (response.headers.has("x-request-id")) messageIds.observe(response.headers.get("date"), askedAt);
    return response;
  };
