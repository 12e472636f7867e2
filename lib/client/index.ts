/** goTalk's client library, for browsers and Node. What is not exported here is the library's own. */

export type { ProblemCode } from "../contract/problems.ts";
export type { CallOptions, PasswordChange } from "./account.ts";
export {
  Client,
  type ClientOptions,
  type Credentials,
  type LoginRequest,
  type Newcomer,
  newMessageId,
  type Outgoing,
  type SyncOptions,
} from "./client.ts";
export { type ClientError, type FieldProblem, NetworkError, ProblemError } from "./errors.ts";
export type { ConnectionState, Inbox, InboxState, Poll, ReceiveOptions } from "./inbox.ts";
export { MessageIds, wasNeverTaken } from "./message-ids.ts";
export type { Batch, ListedSession, Message, Sent, Session, User } from "./model.ts";
export { askedDelay, backoff, isForeign, isPassing, isUncertain, type OnRetry, type RetryPolicy } from "./retry.ts";
export { realTiming, type Timing } from "./timing.ts";
