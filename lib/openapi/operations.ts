import type * as z from "zod/mini";
import { partsOf, ROUTE_KEYS, ROUTES, type RouteKey } from "../contract/routes.ts";
import * as files from "../http/file-schemas.ts";
import * as groups from "../http/group-schemas.ts";
import { PushBody } from "../http/push-schema.ts";
import * as requests from "../http/schemas.ts";
import * as responses from "./responses.ts";

/** What the document says of a route beside the contract. */
interface Description {
  readonly operationId: string;
  readonly tag: "Accounts" | "Messages" | "Sessions" | "Devices" | "Push" | "Blocks" | "Groups" | "Files";
  readonly summary: string;
  readonly description?: string;
  /** What the route takes. In its body, where it has one, is what is not in its path. */
  readonly takes: z.ZodMiniObject;
  /** What success means, and the schema of its body, if it has one. */
  readonly answer: { readonly description: string; readonly schema?: string };
}

/** By these names the schemas of answers stand in the document. */
export const ANSWERS: Readonly<Record<string, z.ZodMiniType>> = {
  User: responses.User,
  Login: responses.Login,
  Sent: responses.Sent,
  Batch: responses.Batch,
  SessionList: responses.SessionList,
  DeviceList: responses.DeviceList,
  PushKey: responses.PushKey,
  BlockList: responses.BlockList,
  Group: responses.Group,
  GroupList: responses.GroupList,
  GroupInvite: responses.GroupInvite,
  Upload: responses.Upload,
  Download: responses.Download,
  Problem: responses.Problem,
};

const DESCRIPTIONS: Readonly<Record<RouteKey, Description>> = {
  "POST /register": {
    operationId: "register",
    tag: "Accounts",
    summary: "Make an account",
    takes: requests.RegisterBody,
    answer: { description: "The account is there. Log in next.", schema: "User" },
  },
  "POST /login": {
    operationId: "login",
    tag: "Accounts",
    summary: "Begin a session",
    description:
      "The answer is the same, and takes as long, for an unknown username as for a wrong password.\n\nEach device gets every message. With a `deviceId` the login is on that device, and its messages go on where they were. With a `deviceName` alone, or beside a `deviceId` that no longer exists, it is on a device of its own; with neither, on the one that all such logins share, and they divide its messages. A login on a device of its own ends the other sessions of that device.",
    takes: requests.LoginBody,
    answer: {
      description:
        "The session's token, its device, and the receipt that is shown first. If the `deviceId` is another one than you asked for, messages before this login may be missing here, unless `continuedDeviceId` is the one that you asked for: nobody was logged in on it meanwhile, and what came waits there. If its channel was full, a sync says `missed`.",
      schema: "Login",
    },
  },
  "POST /logout": {
    operationId: "logout",
    tag: "Accounts",
    summary: "End the session",
    description:
      "A device of its own leaves with it, as by `DELETE /devices/{deviceId}`; the device of logins that name none stays.",
    takes: requests.LogoutBody,
    answer: { description: "The token is dead at once." },
  },
  "POST /password": {
    operationId: "changePassword",
    tag: "Accounts",
    summary: "Change the password",
    takes: requests.PasswordBody,
    answer: { description: "The new password counts, and all other sessions have ended. Their devices stay." },
  },
  "POST /account/delete": {
    operationId: "deleteAccount",
    tag: "Accounts",
    summary: "Delete the account",
    description:
      "For good. Nobody gets the name for 90 days, and nobody ever gets the id. A repeat in that time is answered alike, though the session has ended.",
    takes: requests.DeleteAccountBody,
    answer: { description: "The account is gone, its sessions have ended, its channels are no more." },
  },
  "GET /users/{username}": {
    operationId: "findUser",
    tag: "Accounts",
    summary: "Find a user by name",
    takes: requests.FindParameters,
    answer: { description: "The user, with the id that messages are sent to.", schema: "User" },
  },
  "POST /send": {
    operationId: "send",
    tag: "Messages",
    summary: "Send a message",
    description:
      "Choose the `messageId` yourself, and a request whose answer was lost can be repeated without harm. A repeat is answered like a first attempt. The sender is always the token's user. The server carries what people do in a conversation as messages with a `type`, and reads none of them.",
    takes: requests.SendBody,
    answer: { description: "The message is stored, and will be handed out.", schema: "Sent" },
  },
  "POST /sync": {
    operationId: "sync",
    tag: "Messages",
    summary: "Receive messages",
    description:
      "With `ack` nothing is ever lost: the batch stays out until its receipt is shown. A client that missed the answer shows the old receipt and gets the same batch again, flagged. Without `ack` each message is handed out once, and is lost if the answer is; a 503 may then have settled messages.",
    takes: requests.SyncBody,
    answer: { description: "The next messages, if any, and the receipt of the batch.", schema: "Batch" },
  },
  "GET /sessions": {
    operationId: "listSessions",
    tag: "Sessions",
    summary: "List your sessions",
    takes: requests.OwnParameters,
    answer: { description: "The sessions that are valid.", schema: "SessionList" },
  },
  "DELETE /sessions/{sessionId}": {
    operationId: "endSession",
    tag: "Sessions",
    summary: "End one of your sessions",
    description: "As a logout there: a device of its own leaves with its session.",
    takes: requests.SessionParameters,
    answer: { description: "It has ended, now or before." },
  },
  "POST /devices": {
    operationId: "makeDevice",
    tag: "Devices",
    summary: "Give your session a device of its own",
    description:
      "For a session that shares the device of logins without a `deviceName`. It gets that device's messages from here on if no other session shares them, else a new device with a copy of what waits there. The session goes on under the new token; the old one is dead, but for a repeat of this request, which is answered alike. Go on with the `ack` that you have.",
    takes: requests.OwnDeviceBody,
    answer: { description: "As of a login, with the same session.", schema: "Login" },
  },
  "GET /devices": {
    operationId: "listDevices",
    tag: "Devices",
    summary: "List your devices",
    takes: requests.OwnParameters,
    answer: { description: "The devices that get your messages.", schema: "DeviceList" },
  },
  "DELETE /devices/{deviceId}": {
    operationId: "removeDevice",
    tag: "Devices",
    summary: "Remove one of your devices",
    description:
      "Nobody can log in on it any more. What waits on it and on no other device goes to the next one, or waits for the next login with a `deviceName`. A repeat may find it gone.",
    takes: requests.DeviceParameters,
    answer: { description: "Its sessions have ended." },
  },
  "GET /push": {
    operationId: "showPushKey",
    tag: "Push",
    summary: "Get the key that browsers subscribe with",
    takes: requests.OwnParameters,
    answer: {
      description: "The `applicationServerKey` of `PushManager.subscribe()`. It never changes.",
      schema: "PushKey",
    },
  },
  "PUT /push": {
    operationId: "subscribe",
    tag: "Push",
    summary: "Have this device told of messages by Web Push",
    description:
      "What `PushSubscription.toJSON()` gives in the browser, with what the user wants. It replaces the session's previous subscription, and ends with the session. While the device has a WebSocket connection, nothing is pushed to it. Only a session on a device of its own can have a subscription.",
    takes: PushBody,
    answer: { description: "The device is told from now on." },
  },
  "DELETE /push": {
    operationId: "unsubscribe",
    tag: "Push",
    summary: "Have this device told of nothing by push",
    takes: requests.OwnParameters,
    answer: { description: "The device has no subscription." },
  },
  "GET /blocks": {
    operationId: "listBlocks",
    tag: "Blocks",
    summary: "List whom you have blocked",
    takes: requests.OwnParameters,
    answer: { description: "The users whose messages are refused.", schema: "BlockList" },
  },
  "PUT /blocks/{userId}": {
    operationId: "block",
    tag: "Blocks",
    summary: "Block a user",
    takes: requests.BlockParameters,
    answer: { description: "That user's messages are refused from now on." },
  },
  "DELETE /blocks/{userId}": {
    operationId: "unblock",
    tag: "Blocks",
    summary: "Unblock a user",
    takes: requests.BlockParameters,
    answer: { description: "That user's messages are taken again." },
  },
  "POST /groups": {
    operationId: "makeGroup",
    tag: "Groups",
    summary: "Make a group",
    description:
      "You are its first admin. Choose a `groupKey`, and a request whose answer was lost can be repeated without harm: the repeat finds the group. A user who has blocked you cannot be added. All members are told by a message of the type `group`.",
    takes: groups.MakeGroupBody,
    answer: { description: "The group is there, and messages can be sent to its id.", schema: "Group" },
  },
  "GET /groups": {
    operationId: "listGroups",
    tag: "Groups",
    summary: "List your groups",
    takes: requests.OwnParameters,
    answer: { description: "The groups that you are in.", schema: "GroupList" },
  },
  "GET /groups/{groupId}": {
    operationId: "showGroup",
    tag: "Groups",
    summary: "See a group and its members",
    description: "Only members may do this. A member whose account was deleted is no longer in it.",
    takes: groups.GroupParameters,
    answer: { description: "The group.", schema: "Group" },
  },
  "PATCH /groups/{groupId}": {
    operationId: "renameGroup",
    tag: "Groups",
    summary: "Rename a group",
    description: "Only admins may do this.",
    takes: groups.RenameGroupBody,
    answer: { description: "The group, with its new name.", schema: "Group" },
  },
  "PUT /groups/{groupId}/members/{userId}": {
    operationId: "putMember",
    tag: "Groups",
    summary: "Add a member, or make one admin",
    description:
      "Only admins may do this. A user outside the group is added, unless that user has blocked you. `admin` makes a member admin, or removes the member's admin rights. A newcomer gets no message from before.",
    takes: groups.PutMemberBody,
    answer: { description: "The group as it is now.", schema: "Group" },
  },
  "DELETE /groups/{groupId}/members/{userId}": {
    operationId: "removeMember",
    tag: "Groups",
    summary: "Remove a member, or leave",
    description:
      "Admins remove others, and every member leaves by its own id. A removal makes the group's invite code void. When the last admin leaves, the member who joined first becomes admin. A removed member is told so, and nothing after.",
    takes: groups.MemberParameters,
    answer: { description: "The user is not in the group." },
  },
  "POST /groups/{groupId}/invite": {
    operationId: "inviteToGroup",
    tag: "Groups",
    summary: "Make an invite code",
    description: "Only admins may do this. It ends the earlier code.",
    takes: groups.GroupParameters,
    answer: {
      description: "The code. It lets others in until an admin makes another one or removes somebody.",
      schema: "GroupInvite",
    },
  },
  "POST /groups/join": {
    operationId: "joinGroup",
    tag: "Groups",
    summary: "Join a group by an invite code",
    takes: groups.JoinGroupBody,
    answer: { description: "You are in the group.", schema: "Group" },
  },
  "POST /files": {
    operationId: "allowUpload",
    tag: "Files",
    summary: "Ask to upload a file",
    description:
      "Encrypt the file first. Then send a PUT of the ciphertext to the `url` of the answer, with its `headers` and a `content-length`. The store takes that one body alone. A request counts as a file of the day, whether it is uploaded or not.",
    takes: files.UploadBody,
    answer: { description: "The file's id, and where to upload it.", schema: "Upload" },
  },
  "GET /files/{fileId}": {
    operationId: "allowDownload",
    tag: "Files",
    summary: "Ask to fetch a file",
    description:
      "For any logged-in user who knows the id. It does not look whether the file is there: the store answers 403 or 404 for one that was never uploaded, or has expired.",
    takes: files.FileParameters,
    answer: { description: "Where to fetch the ciphertext.", schema: "Download" },
  },
};

/** Every route, with what the document says of it. */
export const OPERATIONS = ROUTE_KEYS.map((key) => ({ ...partsOf(key), ...ROUTES[key], ...DESCRIPTIONS[key] }));

export type Operation = (typeof OPERATIONS)[number];
