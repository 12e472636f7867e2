import { LIMITS } from "../contract/limits.ts";
import { GROUP_NAME_RULE } from "../http/group-schemas.ts";
import type { JsonSchema } from "./json-schema.ts";

const EXAMPLE_ID = "5f0c54a1-7d3e-4a0b-9c0e-2f6d1a7b8c90";
const EXAMPLE_GROUP = "g-q8nJtPzF0n8c1gmD3rD0Zk";
/** Of RFC 8291, 5. */
const EXAMPLE_KEYS = {
  p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
};
/** Control characters and line breaks, within the brackets of a pattern. */
const NOT_IN_LINE = String.raw`\u0000-\u001f\u007f-\u009f\u2028\u2029`;
const DAYS = 86_400_000;

/**
 * What people want to know of a field, wherever it stands; and the rules that the validating schema checks in code, where
 * no generator sees them. A test holds the two against each other.
 */
export const FIELDS: Readonly<Record<string, JsonSchema>> = {
  token: {
    description: "The token that the login returned, unless it comes as a bearer token. `Token` is taken as well.",
    examples: ["eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..8VvQ.3xq.Zx4"],
  },
  earlierToken: {
    description:
      "The token of your last login, if you have it. It makes you a known device: logins of others from your address do not keep you out. It need not be valid any more.",
    examples: ["eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..8VvQ.3xq.Zx4"],
  },
  id: { description: "A user's id: random, never given twice. In a request it is your own.", examples: [EXAMPLE_ID] },
  userId: { description: "The user's id.", examples: [EXAMPLE_ID] },
  username: {
    description: "3 to 32 characters of `a-z 0-9 . _ -`. Case is ignored.",
    examples: ["alice"],
  },
  password: {
    description:
      "The password, counted in Unicode characters of its form NFKC. A new one holds no control characters, is none of the commonest, and not the username.",
    minLength: LIMITS.password.minCharacters,
    maxLength: LIMITS.password.maxCharacters,
    examples: ["correct-horse"],
  },
  newPassword: {
    description: "The password that you want, without control characters.",
    minLength: LIMITS.password.minCharacters,
    maxLength: LIMITS.password.maxCharacters,
    examples: ["battery-staple"],
  },
  deviceId: {
    description:
      "Names a device. In a login: the one that your last login returned. `shared` is the device of all logins that name none.",
    examples: ["Zk2bqJtPzF0n8c1gmD3rD0"],
  },
  deviceName: {
    description: `What people tell this device by, of 1 to ${LIMITS.devices.nameCharacters} visible characters on one line. With it the login gets a device of its own.`,
    minLength: 1,
    maxLength: LIMITS.devices.nameCharacters,
    pattern: `^[^${NOT_IN_LINE}]*$`,
    examples: ["Firefox on Linux"],
  },
  loginId: {
    description:
      "Random, and the same in each repeat of this request: a repeat whose first answer was lost gets the device that the first try got.",
    examples: ["q8nJtPzF0n8c1gmD3rD0Zk"],
  },
  replaceDeviceId: {
    description: "The device that is removed if there is no room for another one. `too_many_devices` lists them.",
    examples: ["F0n8c1gmD3rD0Zk2bqJtPz"],
  },
  name: {
    description: `The group's name, of ${GROUP_NAME_RULE}.`,
    minLength: 1,
    maxLength: LIMITS.groups.nameCharacters,
    pattern: String.raw`^[^${NOT_IN_LINE}\u202a-\u202e\u2066-\u2069]*$`,
    examples: ["Climbing on Tuesday"],
  },
  lastSeen: { description: "The day on which it logged in or synced last, in UTC.", examples: ["2026-03-12"] },
  shared: { description: "Whether it is the device of all logins that name none.", examples: [false] },
  devices: { description: "The oldest first." },
  inviteCode: {
    description: "Where registration is by invitation: the code that you got. Hyphens and case do not matter.",
    examples: ["7KQ2-M9XD-4TRW"],
  },
  sendToId: {
    description: "The id of a user, which `GET /users/{username}` finds, or of a group. `sendTo` is taken as well.",
    examples: ["a3b1c2d4-1111-4222-8333-944455556666"],
  },
  content: {
    description: `The text, or what the \`type\` asks for: well-formed Unicode of ${LIMITS.contentBytes} bytes at most as UTF-8. A \`text\`, \`edit\` or \`file\` must not be empty, and a \`text\` or \`edit\` must have a visible character. An empty content is handed out as one space.`,
    maxLength: LIMITS.contentBytes,
    examples: ["Hello, Bob! 👋"],
  },
  type: {
    description:
      "What the message is, of 1 to 32 characters of `a-z 0-9 - / . +`; without it a text. The server carries any type, and a client shows those that it knows: `text`, `file`, `edit`, `deletion`, `reaction`, `delivered`, `read` and `own` are goTalk's. `group` comes from the server alone.",
    examples: ["text"],
  },
  about: {
    description: "The `messageId` of the message that this one answers, edits, deletes or reacts to.",
    examples: ["0198c0de-0000-7000-8000-000000000000"],
  },
  quiet: {
    description:
      "Nobody need be disturbed: the message wakes no client. It comes with the next sync, and over an open WebSocket as a preview. In a form: the text `true` or `false`.",
    type: "boolean",
    examples: [true],
  },
  copies: {
    description: "Whether your other devices get copies of the message. In a form: the text `true` or `false`.",
    type: "boolean",
    default: true,
    examples: [true],
  },
  messageId: {
    description: `The message's id, a UUIDv7. A retry with the same id is recognised, and the message arrives once. Its time must be from ${LIMITS.messageId.past / DAYS} days before to ${LIMITS.messageId.future / 60_000} minutes after the server's; otherwise the answer is \`message_id_time\`.`,
    examples: ["0198c0de-0000-7000-8000-000000000000"],
  },
  ack: {
    description:
      "The receipt of the last batch that arrived, at first the one that the login returned. Without it the messages are settled as they are handed out.",
    examples: ["mD3rD0Zk2bqJtPzF0n8c1g"],
  },
  limit: {
    description: "How many messages at most. A form has the number as text.",
    type: "integer",
    minimum: 1,
    maximum: LIMITS.batchMessages,
    default: LIMITS.batchMessages,
    examples: [LIMITS.batchMessages],
  },
  receipt: {
    description: "Names this batch. Shown as `ack`, it settles the batch.",
    examples: ["mD3rD0Zk2bqJtPzF0n8c1g"],
  },
  expiresAt: {
    description: `When the session ends at the latest: ${LIMITS.session / DAYS} days after the login.`,
    examples: ["2026-04-11T19:03:58.123Z"],
  },
  live: {
    description: "Where the WebSocket is. Without this field it is at `/live` beside the API.",
    examples: ["wss://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/live"],
  },
  createdAt: { description: "When the session began.", examples: ["2026-03-12T19:03:58.123Z"] },
  sessionId: { description: "Names a session.", examples: ["Zk2bqJtPzF0n8c1gmD3rD0"] },
  userAgent: { description: "What the client said of itself; empty if nothing.", examples: ["curl/8.14.1"] },
  current: { description: "Whether it is the one that asks.", examples: [true] },
  sessions: { description: "Newest first." },
  blocks: { description: "By the names that they had when they were blocked." },
  status: { description: "`received`: the message is stored. In a problem: the HTTP status." },
  sentAt: {
    description:
      "The server's time. Of a received message: when the server stored it. In the answer to a send: the time of that answer, also when an earlier attempt had arrived.",
    examples: ["2026-03-12T19:03:58.123Z"],
  },
  messages: { description: "In order. A batch stays the same until it is settled." },
  senderId: {
    description: "The sender's user id, which the server takes from the sender's token.",
    examples: [EXAMPLE_ID],
  },
  senderName: { description: "The sender's username.", examples: ["alice"] },
  toId: {
    description:
      "On a message to a group: the group's id. On one that you sent from another of your devices: the id of whom it went to. Then `senderId` is your own: do not answer it.",
    examples: [EXAMPLE_GROUP],
  },
  toName: { description: "The name of that user or group, with `toId`.", examples: ["Climbing on Tuesday"] },
  redelivered: {
    description:
      "It may have been handed out before: look whether you have this senderId and messageId. Unflagged, it comes for the first time.",
    examples: [false],
  },
  more: { description: "Another sync would find something at once.", examples: [false] },
  retryAfter: { description: "Seconds. Another client of this device holds a batch until then.", examples: [12] },
  missed: {
    description:
      "The device's channel was full for a while: messages that were sent then are not on it, but on others of your devices. Said until the receipt of such an answer is shown.",
    examples: [true],
  },
  title: { description: "The kind of problem, in words." },
  detail: { description: "What happened and what to do, in words." },
  code: {
    description: "The code of a group's invite link.",
    examples: ["g-q8nJtPzF0n8c1gmD3rD0Zk.Zk2bqJtPzF0n8c1gmD3rD0"],
  },
  groupId: { description: "A group's id. It begins with `g-`, as no user's does.", examples: [EXAMPLE_GROUP] },
  groupKey: {
    description:
      "Random, and the same in each repeat of this request: a repeat whose first answer was lost finds the group that the first try made.",
    examples: ["q8nJtPzF0n8c1gmD3rD0Zk"],
  },
  members: {
    description: `The ids of 1 to ${LIMITS.groups.members - 1} other users. A form has them as one text, separated by commas.`,
    type: "array",
    items: { type: "string", pattern: "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$" },
    minItems: 1,
    maxItems: LIMITS.groups.members - 1,
    examples: [[EXAMPLE_ID]],
  },
  memberCount: { description: "How many members it has.", examples: [3] },
  admin: {
    description: "Whether the member is an admin. In a request: left out, it stays as it is. A form has it as text.",
    type: "boolean",
    examples: [true],
  },
  version: { description: "Counts the changes of the group's name and members, from 1.", examples: [7] },
  groups: { description: "By their names." },
  missedBy: {
    description:
      "Of a message to a group: the ids of the members all of whose channels are full. Their clients are told that they have missed something. All others have the message.",
    examples: [[EXAMPLE_ID]],
  },
  publicKey: {
    description: "The key that the server signs with (RFC 8292): a point on P-256 in base64url.",
    examples: ["BDd3_hVL9fZi9Ybo2UUzA284WG5FZR30_95YeZJsiApwXKpNcF1rRPF3foIiBHXRdJI2Qhumhf6_LFTeZaNndIo"],
  },
  endpoint: {
    description: `The URL that the push service gave the browser, of ${LIMITS.push.endpointCharacters} characters at most. It must be https on port 443, and its host must have public addresses alone.`,
    examples: ["https://updates.push.services.mozilla.com/wpush/v2/gAAAAABl"],
  },
  keys: {
    description: "What pushes are encrypted with. Each is in base64url, without padding.",
    examples: [EXAMPLE_KEYS],
  },
  p256dh: {
    description: "The browser's key: an uncompressed point on P-256.",
    examples: [EXAMPLE_KEYS.p256dh],
  },
  auth: { description: "The browser's secret: 16 bytes.", examples: [EXAMPLE_KEYS.auth] },
  showText: {
    description:
      "Whether a push bears the first 200 characters of a text, for the notification. All else is the sender, the group, and that something came.",
    type: "boolean",
    default: false,
    examples: [true],
  },
  muted: {
    description: `The ids of users and groups whose messages push nothing, ${LIMITS.push.muted} at most. A text that mentions the user is pushed in a muted group, too.`,
    examples: [[EXAMPLE_GROUP]],
  },
  requestId: { description: "Names the request in the server's log. Also in the header `x-request-id`." },
  errors: { description: "With `invalid_request`: each field that breaks a rule." },
  serverTime: {
    description: "With `message_id_time`: the server's time.",
    examples: ["2026-03-12T19:03:58.123Z"],
  },
  field: { description: "The field's name." },
  fileId: { description: "Names a file, by 128 random bits.", examples: ["F0n8c1gmD3rD0Zk2bqJtPz"] },
  bytes: {
    description: "How many bytes you will upload: the length of the ciphertext. In a form the number is text.",
    type: "integer",
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    examples: [307_232],
  },
  sha256: {
    description: "The SHA-256 of what you will upload, in base64: 44 characters.",
    examples: ["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
  },
  url: {
    description: "Presigned, for one request. Keep it secret: anyone who has it needs no token.",
    examples: [
      "https://gotalk-prod-files-123456789012-eu-central-1.s3.eu-central-1.amazonaws.com/F0n8c1gmD3rD0Zk2bqJtPz?X-Amz-Expires=900&X-Amz-Signature=5d672d79",
    ],
  },
  headers: {
    description: "What the PUT must have beside its `content-length`, which HTTP clients send by themselves.",
  },
  "content-type": { description: "Of what every file is." },
  "x-amz-checksum-sha256": { description: "The `sha256` of the request." },
  maxBytes: {
    description: "With `file_too_large`: how many bytes a file may have before it is encrypted.",
    examples: [LIMITS.files.bytes],
  },
};
