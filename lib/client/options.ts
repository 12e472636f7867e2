import type { KnownType } from "./message.ts";
import type { MessageIds } from "./message-ids.ts";
import type { Session } from "./model.ts";
import type { BackoffOptions, OnRetry } from "./retry.ts";
import type { Timing } from "./timing.ts";

/** Options of a `Client`. */
export interface ClientOptions {
  /** Where the API is, such as `http://localhost:9000`; `""` for a page of the same origin. */
  readonly url: string;
  /** The session of an earlier login. */
  readonly session?: Session | undefined;
  /** Default: 200 ms, doubling up to 10 s, for 30 s. The time limit does not hold for `receive`, which goes on. */
  readonly retry?: Partial<BackoffOptions>;
  /** Milliseconds to wait for an answer. Default: 15 s, longer than the API takes for its slowest one. */
  readonly timeout?: number;
  readonly fetch?: typeof fetch;
  /**
   * Where `receive` opens its WebSocket. Default: where the login says, or `/live` beside the API. `false`: it opens
   * none, and polls.
   */
  readonly live?: string | false | undefined;
  /** Default: the global one. Where there is none, as in Node 20, `receive` polls. */
  readonly WebSocket?: typeof WebSocket;
  readonly timing?: Timing;
  /** Makes the ids of messages. Several clients of one server share one, so that their ids are in order. */
  readonly messageIds?: MessageIds | undefined;
}

/** Options of every call that is repeated after a failure. */
export interface CallOptions {
  /** Ends the call, also while it waits between two attempts. It then throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onRetry?: OnRetry;
}

/** A name and its password. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The current password and the new one. */
export interface PasswordChange extends CallOptions {
  readonly password: string;
  readonly newPassword: string;
}

/** What a login takes. */
export interface LoginRequest extends Credentials {
  /**
   * The token of the user's last login on this device, which may have ended. Default: that of `Client.session`, if it
   * is this user's. With it, failed logins of others behind the same address do not keep the user out.
   */
  readonly earlierToken?: string | undefined;
  /**
   * What people tell this device by, such as "Firefox on Linux". With it the login is on a device of its own, which
   * gets every message. Without it the login is on the shared device, unless there is a `deviceId`.
   */
  readonly deviceName?: string | undefined;
  /**
   * The device of the user's last login here: its messages go on where they were. Default: that of `Client.session`, if
   * it is this user's and a device of its own. `SHARED_DEVICE`: the shared one.
   */
  readonly deviceId?: string | undefined;
  /** A device that is removed if there is no room for another one, see `too_many_devices`. */
  readonly replaceDeviceId?: string | undefined;
  /**
   * Random, the same in each repeat of a login, see {@link newLoginId}. A repeat gets the device of the first try, even
   * if its answer was lost. Default: the client makes one, and uses it until a login succeeds. Give your own to repeat
   * the login in another process.
   */
  readonly loginId?: string | undefined;
}

/** A device of its own for a session that is on the shared one. */
export interface OwnDevice extends CallOptions {
  /** See {@link LoginRequest.deviceName}. */
  readonly deviceName: string;
  /** See {@link LoginRequest.loginId}. */
  readonly loginId?: string | undefined;
}

/** A new user. */
export interface Newcomer extends Credentials {
  /** For servers that ask for one. */
  readonly inviteCode?: string | undefined;
  /**
   * That of the login that follows, see {@link LoginRequest.loginId}. Give it if you give one there: a registration may
   * have to log in to prove the password.
   */
  readonly loginId?: string | undefined;
}

/** A message to be sent. */
export interface Outgoing extends CallOptions {
  /** The receiver's id, see `Client.find`, or a group's. */
  readonly to: string;
  /** What it says, by its type, see `Message`. It may be empty but for texts, files and edits. */
  readonly content: string;
  /**
   * What it is: 1 to 32 of `a-z 0-9 - / . +`. `group` comes from the server alone. Default: none, a text as goTalk's first
   * clients send it; nobody sends receipts for it. A server that is too old for types takes all that is not empty for texts.
   */
  readonly type?: KnownType | (string & Record<never, never>) | undefined;
  /**
   * The `messageId` of the message of the same conversation that it is about: that it replies to, edits, deletes or reacts
   * to.
   */
  readonly about?: string | undefined;
  /** Nobody need be disturbed by it. Default: `true` for reactions, edits, deletions, receipts and `own`. */
  readonly quiet?: boolean | undefined;
  /** `false`: the user's other devices get no copy of it. Default: `false` for receipts. */
  readonly copies?: boolean | undefined;
  /**
   * The idempotency key, a UUIDv7. Give the same one when you send a message again after a failure, and it arrives
   * once.
   */
  readonly messageId?: string;
  /**
   * Give it with a `messageId` that was never tried before. If the server refuses the time in the id, since the clock
   * of this machine is wrong, the client makes a new id, calls this with it, waits for it, and sends the message under
   * the new id. If it throws, the message is not sent. Without it such a refusal of your own id is final.
   */
  readonly onNewId?: ((messageId: string) => void | Promise<void>) | undefined;
}

/** Options of the bare `Client.sync`. */
export interface SyncOptions {
  /** The receipt of the batch that is to be settled. */
  readonly ack?: string | undefined;
  /** The most messages, 1 to 100. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
