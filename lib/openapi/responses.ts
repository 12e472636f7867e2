import * as z from "zod/mini";
import { LIMITS } from "../contract/limits.ts";

/*
 * What the routes answer. Only the document and the tests that hold the answers against it know these: a function need
 * not check itself at run time, nor load what would.
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const userId = z.string().check(z.regex(UUID));
const username = z.string().check(z.regex(/^[a-z0-9._-]{3,32}$/));
const messageId = z.string().check(z.regex(UUID));
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
});

const Message = z.object({
  messageId,
  senderId: userId,
  senderName: username,
  toId: z.optional(userId),
  toName: z.optional(username),
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
  name: z.string(),
  userAgent: z.string(),
  lastSeen: z.iso.date(),
  current: z.boolean(),
  shared: z.boolean(),
});

export const DeviceList = z.object({ devices: z.array(Device) });

export const BlockList = z.object({ blocks: z.array(User) });

export const Problem = z.object({
  type: z.literal("about:blank"),
  title: z.string().check(z.minLength(1)),
  status: z.int().check(z.minimum(400), z.maximum(599)),
  detail: z.string().check(z.minLength(1)),
  code: z.string().check(z.regex(/^[a-z_]+$/)),
  requestId: z.string().check(z.minLength(1)),
  errors: z.optional(z.array(z.object({ field: z.string(), detail: z.string() }))),
  serverTime: z.optional(timestamp),
  devices: z.optional(z.array(Device)),
});
