import { asObject, withTexts } from "../contract/json.ts";

/** What `login` gives: a plain JSON value, to be kept and handed to the next client. */
export interface Session {
  readonly token: string;
  readonly id: string;
  readonly username: string;
  /** Starts the receipt chain, see {@link InboxState}. */
  readonly receipt: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  /** Where the WebSocket is, where it is not at `/live` beside the API. */
  readonly live?: string | undefined;
}

/** A user as others see it. */
export interface User {
  readonly id: string;
  readonly username: string;
}

/** A message as it is received. `(senderId, messageId)` identifies it: two senders may use the same `messageId`. */
export interface Message {
  readonly messageId: string;
  readonly senderId: string;
  readonly senderName: string;
  readonly content: string;
  /** RFC 3339. */
  readonly sentAt: string;
  /**
   * It may have been handed out before, to this client or to another one of this user. `receive` never gives the same one
   * twice, as far as its state goes back.
   */
  readonly redelivered: boolean;
}

/** A login of one's own that is still valid. */
export interface ListedSession {
  readonly sessionId: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  /** What the client said of itself when it logged in; empty if nothing. */
  readonly userAgent: string;
  /** It is the session of the client that asks. */
  readonly current: boolean;
}

/** What `send` gives. */
export interface Sent {
  readonly status: string;
  readonly messageId: string;
  /** The time of this answer, RFC 3339. */
  readonly sentAt: string;
}

/** What one sync gives. */
export interface Batch {
  readonly messages: readonly Message[];
  /** Shown as `ack` by the next sync, it settles this batch. */
  readonly receipt: string;
  /** Another sync would find something at once. */
  readonly more: boolean;
  /** Seconds; another client of this user holds a batch until then. */
  readonly retryAfter?: number;
}

/** Accepts an answer that holds a list under this name, of what has these strings in it. */
export const withList =
  <T>(list: string, ...names: (keyof T & string)[]) =>
  (answer: unknown): readonly T[] | undefined => {
    const items = asObject(answer)[list];
    const isItem = withTexts<T>(...names);
    return Array.isArray(items) && items.every((item) => isItem(item) !== undefined) ? items : undefined;
  };

/** Accepts what `read` does, if the field has this value. The API makes small letters of names and ids. */
const withValue =
  <T>(field: keyof T, value: string, read: (answer: unknown) => T | undefined) =>
  (answer: unknown): T | undefined => {
    const result = read(answer);
    return result?.[field] === value.toLowerCase() ? result : undefined;
  };

/** Accepts what `read` does, of the user with this name only. */
export const named = <T extends User>(username: string, read: (answer: unknown) => T | undefined) =>
  withValue<T>("username", username, read);

/** Accepts what `read` does, of the message with this id only. */
export const identified = (messageId: string, read: (answer: unknown) => Sent | undefined) =>
  withValue<Sent>("messageId", messageId, read);

const readListed = withList<ListedSession>("sessions", "sessionId", "createdAt", "expiresAt");

/** Accepts what a list of sessions may be answered with. */
export function readSessions(answer: unknown): readonly ListedSession[] | undefined {
  const sessions = readListed(answer);
  const isListed = ({ userAgent, current }: ListedSession): boolean =>
    typeof userAgent === "string" && typeof current === "boolean";
  return sessions?.every(isListed) ? sessions : undefined;
}

const hasTexts = withTexts<Message>("messageId", "senderId", "senderName", "content", "sentAt");

/** Without the flag, a repeat would be taken for a new message. */
const isMessage = (value: unknown): boolean => typeof hasTexts(value)?.redelivered === "boolean";

/** A client that waits for anything else does not wait at all, and asks without a pause. */
const isDuration = (value: unknown): boolean => value === undefined || (typeof value === "number" && value >= 0);

/** Accepts what a sync may be answered with. */
export function readBatch(answer: unknown): Batch | undefined {
  const { messages, more, retryAfter } = asObject(answer);
  if (!Array.isArray(messages) || !messages.every(isMessage) || !isDuration(retryAfter)) return undefined;
  if (typeof more !== "boolean") return undefined;
  return withTexts<Batch>("receipt")(answer);
}
