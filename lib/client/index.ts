/** goTalk's client library, for browsers and Node. Everything else in this folder is internal. */

export { SHARED_DEVICE } from "../contract/devices.ts";
export { isGroupId, LARGEST_GROUP } from "../contract/groups.ts";
export type { ProblemCode } from "../contract/problems.ts";
export { adopt, concernedByFolded, merge, type Said, saidIn } from "./adopt.ts";
export { fromBase64, toBase64Url } from "./base64.ts";
export { Client } from "./client.ts";
export {
  type GroupEvent,
  type GroupPerson,
  groupEventIn,
  messageIdsIn,
  type OfferedHistory,
  type OwnChange,
  type OwnValue,
  ownChangesIn,
  ownValuesIn,
  type Position,
} from "./contents.ts";
export { type ClientError, type FieldProblem, NetworkError, ProblemError } from "./errors.ts";
export { type FileContent, type FileDetails, readFileContent } from "./file-content.ts";
export { FileError, type FileErrorCode } from "./file-error.ts";
export type { NamedFile, OnProgress, OutgoingFile, TransferOptions, UploadOptions } from "./file-options.ts";
export { type Concerned, concernedBy, fold } from "./fold.ts";
export {
  comparePositions,
  deletedHere,
  type FoldedConversation,
  type FoldedMessage,
  isNews,
  isShown,
  type Mark,
  quotedIn,
  type Reaction,
  type Reactions,
  type Receipt,
  type Records,
  reactionsOf,
  type Settings,
  settingsOf,
  type Tick,
  tickOf,
  type Waiting,
} from "./folded.ts";
export type { Group, GroupMember, ListedGroup, NewGroup } from "./group.ts";
export type { Inbox } from "./inbox.ts";
export { newLoginId } from "./login-ids.ts";
export {
  conversationOf,
  type DeletionMessage,
  type EditMessage,
  type FileMessage,
  type GroupMessage,
  isOwnCopy,
  type KnownType,
  keyOf,
  type Message,
  type OtherMessage,
  type OtherType,
  type OwnMessage,
  type ReactionMessage,
  type ReceiptMessage,
  type TextMessage,
} from "./message.ts";
export { MessageIds, newMessageId, wasNeverStored } from "./message-ids.ts";
export type { Batch, ListedDevice, ListedSession, Sent, Session, User } from "./model.ts";
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
export { readMessage } from "./read-message.ts";
export { hasReceipts, Receipts, type ReceiptsHost, type Received } from "./receipts.ts";
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
export type { Typing, Typist } from "./typing.ts";
export { isVoiceMessage } from "./voice.ts";
export { waveformLevels } from "./waveform.ts";
