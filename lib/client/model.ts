import { SHARED_DEVICE } from "../contract/devices.ts";
import { asObject, asText, withTexts } from "../contract/json.ts";
import type { Message } from "./message.ts";
import { readMessage } from "./read-message.ts";

/** The result of `login`: a plain JSON value. Save it, and give it to the next client. */
export interface Session {
  readonly token: string;
  readonly id: string;
  readonly username: string;
  /** Starts the receipt chain, see {@link InboxState}. */
  readonly receipt: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  /** The WebSocket's URL, unless it is `/live` beside the API. */
  readonly live?: string | undefined;
  /**
   * The device that the session is on: {@link SHARED_DEVICE}, or one of its own. A session of an older server or client
   * has none, and is on the shared device.
   */
  readonly deviceId?: string | undefined;
  /**
   * The device that the login asked for, if this one goes on as that one: nobody was logged in on it meanwhile, and what came
   * waits there.
   */
  readonly continuedDeviceId?: string | undefined;
  /**
   * The login asked for a device that no longer exists, and got another one. Messages that came before this login may be
   * missing here. Tell the user.
   */
  readonly mayHaveGap?: boolean;
}

/** A user as others see it. */
export interface User {
  readonly id: string;
  readonly username: string;
}

/** A session of the user's own that is still valid. */
export interface ListedSession {
  readonly sessionId: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  /** The User-Agent of the client that logged in; empty if it sent none. */
  readonly userAgent: string;
  /** It is the session of this client. */
  readonly current: boolean;
  /** The device that it is on. An older server does not tell. */
  readonly deviceId?: string;
}

/** A device of the user's own. Each device gets every message. */
export interface ListedDevice {
  readonly deviceId: string;
  /** The name that its login gave it; empty if it has none. */
  readonly name: string;
  /** The User-Agent of the client that logged in on it; empty if it sent none. */
  readonly userAgent: string;
  /** The day on which it logged in or synced last, in UTC: `2026-03-12`. */
  readonly lastSeen: string;
  /** It is the device of this client. */
  readonly current: boolean;
  /** It is {@link SHARED_DEVICE}: the device of all logins without a name. They share its messages among them. */
  readonly shared: boolean;
}

/** The result of `send`. */
export interface Sent {
  readonly status: string;
  readonly messageId: string;
  /** The time of this answer, RFC 3339. */
  readonly sentAt: string;
  /** Of a message to a group: the ids of the members who miss it, as all of their devices are full. All others have it. */
  readonly missedBy?: readonly string[];
}

/** The result of one sync. */
export interface Batch {
  readonly messages: readonly Message[];
  /** Names this batch. The next sync shows it as `ack` and so settles the batch. */
  readonly receipt: string;
  /** More messages wait: another sync finds them at once. */
  readonly more: boolean;
  /** Seconds until the lease of another client of this device is over, which holds a batch. */
  readonly retryAfter?: number;
  /**
   * The device has missed messages: too many were waiting for it. The user's other devices may have them. It is repeated until a
   * receipt after it is shown.
   */
  readonly missed?: boolean;
}

/** Whether a device is one of its own, and not the shared one. */
export const isPersonal = (deviceId: string | undefined): deviceId is string =>
  deviceId !== undefined && deviceId !== SHARED_DEVICE;

/** Accepts a user. */
export const readUser = withTexts<User>("id", "username");

/** Accepts an answer with a list of this name, whose items have these strings. */
export const withList =
  <T>(list: string, ...names: (keyof T & string)[]) =>
  (answer: unknown): readonly T[] | undefined => {
    const items = asObject(answer)[list];
    const isItem = withTexts<T>(...names);
    return Array.isArray(items) && items.every((item) => isItem(item) !== undefined) ? items : undefined;
  };

/** Accepts what `read` accepts, if the field has this value. The API writes names and ids in small letters. */
const withValue =
  <T>(field: keyof T, value: string, read: (answer: unknown) => T | undefined) =>
  (answer: unknown): T | undefined => {
    const result = read(answer);
    return result?.[field] === value.toLowerCase() ? result : undefined;
  };

/** Accepts what `read` accepts, but only for the user with this name. */
export const named = <T extends User>(username: string, read: (answer: unknown) => T | undefined) =>
  withValue<T>("username", username, read);

/** Accepts what `read` accepts, but only for the message with this id. */
export const identified = (messageId: string, read: (answer: unknown) => Sent | undefined) =>
  withValue<Sent>("messageId", messageId, read);

const isOptionalText = (value: unknown): boolean => value === undefined || asText(value) !== undefined;

const isOptionalFlag = (value: unknown): boolean => value === undefined || typeof value === "boolean";

const hasSession = withTexts<Session>("token", "id", "username", "receipt", "expiresAt");

/** Accepts the answer to a login. */
export const readSession = (answer: unknown): Session | undefined =>
  ["deviceId", "continuedDeviceId"].every((name) => isOptionalText(asObject(answer)[name]))
    ? hasSession(answer)
    : undefined;

const readListed = withList<ListedSession>("sessions", "sessionId", "createdAt", "expiresAt");

/** Accepts what a list of sessions may be answered with. */
export function readSessions(answer: unknown): readonly ListedSession[] | undefined {
  const sessions = readListed(answer);
  const isListed = ({ userAgent, current }: ListedSession): boolean =>
    typeof userAgent === "string" && typeof current === "boolean";
  return sessions?.every(isListed) ? sessions : undefined;
}

const readDeviceList = withList<ListedDevice>("devices", "deviceId", "lastSeen");

/** Accepts what a list of devices may be answered with. */
export function readDevices(answer: unknown): readonly ListedDevice[] | undefined {
  const devices = readDeviceList(answer);
  const isListed = ({ name, userAgent, current, shared }: ListedDevice): boolean =>
    [name, userAgent].every((text) => typeof text === "string") &&
    [current, shared].every((flag) => typeof flag === "boolean");
  return devices?.every(isListed) ? devices : undefined;
}

/** Any other value would make a client ask without a pause. */
const isDuration = (value: unknown): boolean => value === undefined || (typeof value === "number" && value >= 0);

/** Accepts the answer to a sync. */
export function readBatch(answer: unknown): Batch | undefined {
  const { messages, more, retryAfter, missed } = asObject(answer);
  if (!Array.isArray(messages) || !isDuration(retryAfter)) return undefined;
  if (typeof more !== "boolean" || !isOptionalFlag(missed)) return undefined;
  const read = messages.map(readMessage).filter((message) => message !== undefined);
  const batch = withTexts<Batch>("receipt")(answer);
  return batch && read.length === messages.length ? { ...batch, messages: read } : undefined;
}
