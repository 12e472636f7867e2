import * as z from "zod/mini";
import { FILE_ID, SHA256 } from "../contract/files.ts";
import { GROUP_ID } from "../contract/groups.ts";
import { USER_ID } from "../contract/ids.ts";
import { LIMITS } from "../contract/limits.ts";
import { MESSAGE_TYPE } from "../contract/message-type.ts";

/*
 * What the routes answer. Only the document and the tests that hold the answers against it know these: a function need
 * not check itself at run time, nor load what would.
 */

/** A user's id, or a group's. */
const USER_OR_GROUP = new RegExp(`${USER_ID.source}|${GROUP_ID.source}`);

const userId = z.string().check(z.regex(USER_ID));
const username = z.string().check(z.regex(/^[a-z0-9._-]{3,32}$/));
const messageId = z.string().check(z.regex(USER_ID));
const receipt = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/));
const deviceId = z.string().check(z.regex(/^(shared|[A-Za-z0-9_-]{22})$/));
const sessionId = z.string().check(z.regex(/^[A-Za-z0-9_-]{22}$/));

/** RFC 3339 in UTC, with milliseconds. */
const timestamp = z.iso.datetime({ precision: 3 });

export const User = z.object({ id: userId, username });

export const Login = z.object({
  token: z.string(),
  id: userId,
  username,
  receipt,
  deviceId,
  continuedDeviceId: z.optional(deviceId),
  expiresAt: timestamp,
  live: z.optional(z.string().check(z.regex(/^wss:\/\//))),
});

export const Sent = z.object({
  status: z.literal("received"),
  messageId,
  sentAt: timestamp,
  missedBy: z.optional(z.array(userId).check(z.minLength(1))),
});

const Message = z.object({
  messageId,
  senderId: userId,
  senderName: username,
  toId: z.optional(z.string().check(z.regex(USER_OR_GROUP))),
  toName: z.optional(z.string().check(z.minLength(1))),
  type: z.optional(z.string().check(z.regex(MESSAGE_TYPE))),
  about: z.optional(messageId),
  quiet: z.optional(z.literal(true)),
  content: z.string().check(z.minLength(1), z.maxLength(LIMITS.contentBytes)),
  sentAt: timestamp,
  redelivered: z.boolean(),
});

export const Batch = z.object({
  messages: z.array(Message).check(z.maxLength(LIMITS.batchMessages)),
  receipt,
  more: z.boolean(),
  retryAfter: z.optional(z.number().check(z.positive())),
  missed: z.optional(z.literal(true)),
});

export const SessionList = z.object({
  sessions: z.array(
    z.object({
      sessionId,
      deviceId,
      createdAt: timestamp,
      expiresAt: timestamp,
      userAgent: z.string(),
      current: z.boolean(),
    }),
  ),
});

const Device = z.object({
  deviceId,
  name: z
    .string()
    .check(
      z.meta({ description: "What the device's login called it; empty if nothing.", examples: ["Firefox on Linux"] }),
    ),
  userAgent: z.string(),
  lastSeen: z.iso.date(),
  current: z.boolean(),
  shared: z.boolean(),
});

export const DeviceList = z.object({ devices: z.array(Device) });

export const PushKey = z.object({ publicKey: z.string().check(z.regex(/^B[A-Za-z0-9_-]{86}$/)) });

export const BlockList = z.object({ blocks: z.array(User) });

const groupId = z.string().check(z.regex(GROUP_ID));
const groupName = z.string().check(z.minLength(1));
const groupVersion = z.int().check(z.minimum(1));

export const Group = z.object({
  groupId,
  name: groupName,
  version: groupVersion,
  members: z
    .array(
      z.object({
        id: userId,
        username,
        admin: z.boolean(),
        joined: z.optional(
          z.literal(true).check(
            z.meta({
              description:
                "The member made the group, or joined it by a code. Absent: was added by an admin, or it is not known.",
              examples: [true],
            }),
          ),
        ),
      }),
    )
    .check(z.minLength(1), z.maxLength(LIMITS.groups.members), z.meta({ description: "By their names." })),
});

export const GroupList = z.object({
  groups: z.array(
    z.object({
      groupId,
      name: groupName,
      version: groupVersion,
      memberCount: z.int().check(z.minimum(1), z.maximum(LIMITS.groups.members)),
      admin: z.boolean().check(z.meta({ description: "Whether you are an admin of it.", examples: [true] })),
    }),
  ),
});

export const GroupInvite = z.object({ code: z.string().check(z.regex(/^g-[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}$/)) });

/** How long a presigned URL holds. Elsewhere `expiresAt` is the end of a session. */
const mustBeginBy = (what: string) =>
  timestamp.check(
    z.meta({ description: `Until when the ${what} must begin.`, examples: ["2026-03-12T19:18:58.000Z"] }),
  );

export const Upload = z.object({
  fileId: z.string().check(z.regex(FILE_ID)),
  url: z.url(),
  headers: z.object({
    "content-type": z.literal("application/octet-stream"),
    "x-amz-checksum-sha256": z.string().check(z.regex(SHA256)),
  }),
  expiresAt: mustBeginBy("upload"),
});

export const Download = z.object({ url: z.url(), expiresAt: mustBeginBy("download") });

export const Problem = z.object({
  type: z
    .literal("about:blank")
    .check(z.meta({ description: "Always `about:blank`: `code` tells problems apart.", examples: ["about:blank"] })),
  title: z.string().check(z.minLength(1)),
  status: z.int().check(z.minimum(400), z.maximum(599)),
  detail: z.string().check(z.minLength(1)),
  code: z
    .string()
    .check(
      z.regex(/^[a-z_]+$/),
      z.meta({ description: "The kind of problem, for programs. It never changes.", examples: ["invalid_token"] }),
    ),
  requestId: z.string().check(z.minLength(1)),
  errors: z.optional(z.array(z.object({ field: z.string(), detail: z.string() }))),
  serverTime: z.optional(timestamp),
  devices: z.optional(z.array(Device)),
  maxBytes: z.optional(z.int().check(z.minimum(1))),
});
