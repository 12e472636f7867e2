import type * as z from "zod/mini";
import type { ProblemCode } from "../contract/problems.ts";
import * as requests from "../http/schemas.ts";
import * as responses from "./responses.ts";

/** One route of the API. */
export interface Operation {
  readonly method: "get" | "post" | "put" | "delete";
  readonly path: string;
  readonly operationId: string;
  readonly tag: "Accounts" | "Messages" | "Sessions" | "Blocks";
  readonly summary: string;
  readonly description?: string;
  /** What a POST takes; of other methods, what the parameters are. */
  readonly takes: z.ZodMiniObject;
  /** Who may call it. */
  readonly isOpen?: boolean;
  readonly success: { readonly status: number; readonly description: string; readonly schema?: string };
  /** The codes of its problems, besides those of every route and of every body. */
  readonly problems: readonly ProblemCode[];
}

/** By these names the schemas of answers stand in the document. */
export const ANSWERS: Readonly<Record<string, z.ZodMiniType>> = {
  User: responses.User,
  Login: responses.Login,
  Sent: responses.Sent,
  Batch: responses.Batch,
  SessionList: responses.SessionList,
  BlockList: responses.BlockList,
  Problem: responses.Problem,
};

const TOKEN: readonly ProblemCode[] = ["invalid_token", "too_many_requests"];
const OWNER: readonly ProblemCode[] = [...TOKEN, "forbidden"];
const PASSWORD: readonly ProblemCode[] = [...OWNER, "invalid_credentials", "too_many_attempts"];

/** Every route, in the order in which people meet them. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: "post",
    path: "/register",
    operationId: "register",
    tag: "Accounts",
    summary: "Make an account",
    takes: requests.RegisterBody,
    isOpen: true,
    success: { status: 201, description: "The account is there. Log in next.", schema: "User" },
    problems: ["username_taken", "registration_closed", "invalid_invite", "too_many_requests"],
  },
  {
    method: "post",
    path: "/login",
    operationId: "login",
    tag: "Accounts",
    summary: "Begin a session",
    description: "The answer is the same, and takes as long, for an unknown username as for a wrong password.",
    takes: requests.LoginBody,
    isOpen: true,
    success: { status: 200, description: "The session's token, and the receipt that is shown first.", schema: "Login" },
    problems: ["invalid_credentials", "too_many_attempts", "too_many_requests"],
  },
  {
    method: "post",
    path: "/logout",
    operationId: "logout",
    tag: "Accounts",
    summary: "End the session",
    takes: requests.LogoutBody,
    success: { status: 204, description: "The token is dead at once." },
    problems: OWNER,
  },
  {
    method: "post",
    path: "/password",
    operationId: "changePassword",
    tag: "Accounts",
    summary: "Change the password",
    takes: requests.PasswordBody,
    success: { status: 204, description: "The new password counts, and all other sessions have ended." },
    problems: PASSWORD,
  },
  {
    method: "post",
    path: "/account/delete",
    operationId: "deleteAccount",
    tag: "Accounts",
    summary: "Delete the account",
    description:
      "For good. Nobody gets the name for 90 days, and nobody ever gets the id. A repeat in that time is answered alike, though the session has ended.",
    takes: requests.DeleteAccountBody,
    success: { status: 204, description: "The account is gone, its sessions have ended, its channel is no more." },
    problems: PASSWORD,
  },
  {
    method: "get",
    path: "/users/{username}",
    operationId: "findUser",
    tag: "Accounts",
    summary: "Find a user by name",
    takes: requests.FindParameters,
    success: { status: 200, description: "The user, with the id that messages are sent to.", schema: "User" },
    problems: [...TOKEN, "unknown_user"],
  },
  {
    method: "post",
    path: "/send",
    operationId: "send",
    tag: "Messages",
    summary: "Send a message",
    description:
      "Choose the `messageId` yourself, and a request whose answer was lost can be repeated without harm. A repeat is answered like a first attempt. The sender is always the token's user.",
    takes: requests.SendBody,
    success: { status: 202, description: "The message is stored, and will be handed out.", schema: "Sent" },
    problems: [
      "message_id_time",
      ...OWNER,
      "blocked",
      "unknown_receiver",
      "message_id_reused",
      "too_many_messages",
      "channel_full",
    ],
  },
  {
    method: "post",
    path: "/sync",
    operationId: "sync",
    tag: "Messages",
    summary: "Receive messages",
    description:
      "With `ack` nothing is ever lost: the batch stays out until its receipt is shown. A client that missed the answer shows the old receipt and gets the same batch again, flagged. Without `ack` each message is handed out once, and is lost if the answer is; a 503 may then have settled messages.",
    takes: requests.SyncBody,
    success: { status: 200, description: "The next messages, if any, and the receipt of the batch.", schema: "Batch" },
    problems: OWNER,
  },
  {
    method: "get",
    path: "/sessions",
    operationId: "listSessions",
    tag: "Sessions",
    summary: "List your sessions",
    takes: requests.OwnParameters,
    success: { status: 200, description: "The sessions that are valid.", schema: "SessionList" },
    problems: TOKEN,
  },
  {
    method: "delete",
    path: "/sessions/{sessionId}",
    operationId: "endSession",
    tag: "Sessions",
    summary: "End one of your sessions",
    takes: requests.SessionParameters,
    success: { status: 204, description: "It has ended, now or before." },
    problems: TOKEN,
  },
  {
    method: "get",
    path: "/blocks",
    operationId: "listBlocks",
    tag: "Blocks",
    summary: "List whom you have blocked",
    takes: requests.OwnParameters,
    success: { status: 200, description: "The users whose messages are refused.", schema: "BlockList" },
    problems: TOKEN,
  },
  {
    method: "put",
    path: "/blocks/{userId}",
    operationId: "block",
    tag: "Blocks",
    summary: "Block a user",
    takes: requests.BlockParameters,
    success: { status: 204, description: "That user's messages are refused from now on." },
    problems: [...TOKEN, "unknown_user", "too_many_blocks"],
  },
  {
    method: "delete",
    path: "/blocks/{userId}",
    operationId: "unblock",
    tag: "Blocks",
    summary: "Unblock a user",
    takes: requests.BlockParameters,
    success: { status: 204, description: "That user's messages are taken again." },
    problems: TOKEN,
  },
];
