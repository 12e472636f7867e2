/** goTalk's client library, for browsers and Node. Everything else in this folder is internal. */

export { SHARED_DEVICE } from "../contract/devices.ts";
export type { ProblemCode } from "../contract/problems.ts";
export { Client, newMessageId } from "./client.ts";
export { type ClientError, type FieldProblem, NetworkError, ProblemError } from "./errors.ts";
export type { Inbox } from "./inbox.ts";
export { newLoginId } from "./login-ids.ts";
export { MessageIds, wasNeverStored } from "./message-ids.ts";
export type { Batch, ListedDevice, ListedSession, Message, Sent, Session, User } from "./model.ts";
export { isPersonal } from "./model.ts";
export type {
  CallOptions,
  ClientOptions,
  Credentials,
  LoginRequest,
  Newcomer,
  Outgoing,
  OwnDevice,
  PasswordChange,
  SyncOptions,
} from "./options.ts";
export type { ConnectionState, InboxState, Poll, ReceiveOptions } from "./receive-options.ts";
export {
  askedDelay,
  type BackoffOptions,
  backoff,
  isForeign,
  isPassing,
  isUncertain,
  longestBackoff,
  type OnRetry,
  type RetryPolicy,
  retrying,
  steadily,
} from "./retry.ts";
export { Sleeper } from "./sleeper.ts";
export { realTiming, type Timing } from "./timing.ts";
