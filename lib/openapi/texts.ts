import { SEGMENT_BYTES, TAG_BYTES } from "../contract/files.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Rate } from "../rates/rate.ts";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

const count = (number: number): string => number.toLocaleString("en-US");

const LOGIN_WINDOW = `${LIMITS.login.window / SECOND / 60} minutes`;

const rate = ({ burst, perSecond }: Rate): string =>
  `${count(burst)} at once, then ${perSecond} a second, unless the operator set other bounds`;

const { burst, perSecond, hash } = LIMITS.address;
const HASHES: Rate = { burst: burst / hash, perSecond: perSecond / hash };

/** What holds for every route, in Markdown. */
export const DESCRIPTION = `An instant messenger over plain HTTP.

**Bodies** are JSON (\`application/json\`) or a form (\`application/x-www-form-urlencoded\`), in UTF-8, of
${count(LIMITS.bodyBytes)} bytes at most. Fields that the API does not know are ignored, and clients are to ignore members
of an answer that they do not know.

**Times** are RFC 3339 in UTC. **Answers** are JSON, never to be cached, and bear an \`x-request-id\`.

**Errors** are problems of RFC 9457, \`application/problem+json\`, with a stable \`code\`. An unknown path is 404
\`not_found\`, a wrong method 405 \`method_not_allowed\` with the header \`Allow\`. A gateway before the API may answer 429
or 5xx by itself, with a body of its own: try again with backoff.

**Limits**

| what | bound |
| --- | --- |
| content of a message | ${count(LIMITS.contentBytes)} bytes |
| time in a \`messageId\` | from ${LIMITS.messageId.past / DAY} days before to ${LIMITS.messageId.future / SECOND / 60} minutes after the server's |
| messages of a sync | ${LIMITS.batchMessages}, and ${count(LIMITS.batchBytes)} bytes of JSON, unless a single one is larger |
| lease of a batch | ${LIMITS.lease / SECOND} seconds, then it is handed out again, flagged |
| undelivered message | kept ${LIMITS.retention / DAY} days |
| messages that wait on a channel | ${count(LIMITS.channel.messages)}, or ${Math.ceil((LIMITS.channel.messages * LIMITS.channel.averageBytes) / 2 ** 20)} MB where they are long, unless the operator set another bound |
| messages of a sender | ${rate(LIMITS.send)}; one to a group, or a change of a group, counts as many times as the group has members |
| syncs of a user | ${rate(LIMITS.sync)}; one counts once for each ${LIMITS.syncBytes / 1_024} KB that it reads of the channel |
| batches of a user that are handed out again as their \`ack\` is shown again | ${rate(LIMITS.replay)} |
| all other requests of a user | ${rate(LIMITS.call)} |
| logins and registrations of one address (of IPv6: one /64), roughly | ${rate(HASHES)}; a client that shows \`earlierToken\` has as many of its user's own |
| session | ${LIMITS.session / DAY} days; ${LIMITS.sessions} of a user |
| failed logins in ${LOGIN_WINDOW} | ${LIMITS.login.failuresPerAddress} for a username from one address (of IPv6: one /64); ${LIMITS.login.failuresPerUsername} from all, past which an address is refused from which the user has not logged in within ${LIMITS.login.known / DAY} days; a client that shows \`earlierToken\` has a count of its own |
| wrong passwords of a user who is logged in, in ${LOGIN_WINDOW} | ${LIMITS.login.failuresPerUser} |
| devices of a user | ${LIMITS.devices.most}, the shared one included; one that is not seen for ${LIMITS.devices.unseenDays} days leaves |
| users that one may block | ${count(LIMITS.blocks)} |
| members of a group | from ${LIMITS.groups.fewest} on when it is made to ${LIMITS.groups.members} |
| groups of a user | ${LIMITS.groups.ofUser} |
| devices that a message to a group goes to | ${count(LIMITS.groups.channelsOfSend)} |
| a file | ${count(LIMITS.files.bytes)} bytes before it is encrypted, unless the operator set another bound; kept ${LIMITS.files.kept / DAY} days |
| files that a user uploads on one day, in UTC | ${LIMITS.files.ofDay}, and ${count(LIMITS.files.bytesOfDay)} bytes, unless the operator set other bounds |`;

const WAKES = `A client that does not want to poll opens a WebSocket at \`/live\` (\`wss://\`, beside the API) and sends the proof
of its session as the first frame, within ${LIMITS.live.proofTime / SECOND} seconds: \`{"token": "…", "id": "…"}\`. The token
is never in the URL. The answer is \`{"type": "ready"}\`, or \`{"type": "error", "code": "invalid_token"}\` before the
connection ends. From then on \`{"type": "wake"}\` says that something waits: sync now. A login with a \`deviceName\` gets
\`{"type": "message", "message": {…}}\` in its place, with the message as \`/sync\` answers it, if the frame has at most
${count(LIMITS.live.previewBytes)} bytes. It settles nothing and may be lost, doubled or out of order: the
message comes by \`/sync\` as well. Take it for a wake, unless you store messages by \`senderId\` and \`messageId\`. \`{"type": "typing", "senderId": "…"}\`
says that somebody is typing, with \`toId\` in a group; \`{"type": "typing", "toId": "…"}\` tells others, once in
3 seconds at most. Ignore other frames. \`{"type": "ping"}\` is answered
\`{"type": "pong"}\`; an idle connection ends after 10 minutes, any after 2 hours. Wakes may be lost, doubled or late, and
change nothing but the time of the next sync; without a WebSocket, poll.`;

const EVENTS = `A message to a group is sent to its id, and comes to each member with the group as \`toId\`. Each change of a group is told
by a message of the type \`group\` from the user who made it. Its \`content\` is JSON:

| \`event\` | further members |
| --- | --- |
| \`created\` | \`name\` |
| \`added\` | \`member\`: \`{id, username}\`; \`admin\`, if \`true\` |
| \`joined\` | \`member\` |
| \`removed\` | \`member\` |
| \`left\` | \`member\`; \`newAdmin\`, if the last admin left: \`{id, username}\` |
| \`renamed\` | \`name\`, \`before\` |
| \`admin\` | \`member\`, \`admin\` |

Each has the \`version\` that it made. Messages of several senders have no order: the greatest version is the group's latest state. A
client that has missed one asks for the group.`;

const FILES = `A file goes around the API: the client encrypts it, asks for a presigned URL, and uploads the ciphertext there. Then it sends
a message of the type \`file\`, whose \`content\` is JSON: \`{fileId, name, mediaType, bytes, key, iv, sha256}\`, and
\`width\`, \`height\`, \`duration\`, \`waveform\` and \`preview\` where they are known. \`bytes\` is the size of the file itself, \`sha256\` the checksum of the
ciphertext. It is encrypted with AES-256-GCM in segments of ${count(SEGMENT_BYTES)} bytes, which adds ${TAG_BYTES} bytes to each of them. The nonce of a segment is
the 7 bytes of \`iv\`, its number in 4 bytes, and a byte that is 1 for the last segment, else 0.`;

/** The groups of routes. */
export const TAGS = [
  { name: "Accounts", description: "Names, passwords and sessions begin and end here." },
  { name: "Messages", description: `Sending and receiving.\n\n${WAKES}` },
  { name: "Sessions", description: "Where you are logged in." },
  { name: "Devices", description: "What you receive on. Each device gets every message." },
  { name: "Push", description: "How a device that is not connected is told of messages, by Web Push." },
  { name: "Blocks", description: "Whose messages you do not take." },
  { name: "Groups", description: `Conversations of several.\n\n${EVENTS}` },
  { name: "Files", description: FILES },
];
