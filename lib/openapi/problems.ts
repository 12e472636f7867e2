import { LIMITS } from "../contract/limits.ts";
import { DETAILS, PROBLEMS, type ProblemCode } from "../contract/problems.ts";
import type { RouteKey } from "../contract/routes.ts";
import { validate } from "../http/schemas.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { FIELDS } from "./fields.ts";
import type { Operation } from "./operations.ts";

type Circumstances = ConstructorParameters<typeof GoTalkError>[1];

/** What the examples say where the table of problems leaves it open. */
const EXAMPLES: Readonly<Partial<Record<ProblemCode, Circumstances>>> = {
  message_id_time: {
    values: ["more than 10 minutes ahead of the server's"],
    members: { serverTime: "2026-03-12T19:03:58.123Z" },
  },
  forbidden: { values: ["id"] },
  too_many_devices: {
    values: [LIMITS.devices.most],
    members: {
      devices: [
        {
          deviceId: "Zk2bqJtPzF0n8c1gmD3rD0",
          name: "Firefox on Linux",
          userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
          lastSeen: "2026-03-12",
          current: false,
          shared: false,
        },
      ],
    },
  },
  too_many_members: { values: [LIMITS.groups.members] },
  too_many_groups: { values: ["bob", LIMITS.groups.ofUser] },
  group_too_large: { values: [LIMITS.groups.channelsOfSend] },
  too_many_blocks: { values: [LIMITS.blocks] },
  too_large: { values: ["content", LIMITS.contentBytes] },
  too_many_attempts: { retryAfter: 120 },
  too_many_messages: { retryAfter: 1 },
  too_many_requests: { retryAfter: 1 },
  channel_full: { retryAfter: 30 },
  file_too_large: { values: [LIMITS.files.bytes], members: { maxBytes: LIMITS.files.bytes } },
  too_many_files: { values: [LIMITS.files.ofDay, LIMITS.files.bytesOfDay], retryAfter: 17_762 },
  unavailable: { retryAfter: 1 },
};

const exampleIn = (field: string): unknown => (FIELDS[field]?.["examples"] as readonly unknown[] | undefined)?.[0];

const UNKNOWN_ID: Circumstances = { detail: DETAILS.unknownId };
const CANNOT_ADD: Circumstances = { detail: DETAILS.cannotAdd(["bob"]) };

/** What single routes say in place of the table of problems. */
const OF_ROUTE: Readonly<Partial<Record<RouteKey, Readonly<Partial<Record<ProblemCode, Circumstances>>>>>> = {
  "PUT /blocks/{userId}": { unknown_user: UNKNOWN_ID },
  "POST /groups": {
    unknown_user: { detail: DETAILS.unknownIds([String(exampleIn("userId"))]) },
    blocked: CANNOT_ADD,
  },
  "PUT /groups/{groupId}/members/{userId}": {
    unknown_user: UNKNOWN_ID,
    blocked: CANNOT_ADD,
  },
  "POST /groups/join": {
    invalid_invite: { detail: DETAILS.groupCode },
  },
};

/** No route answers with these. */
const OF_NO_ROUTE: ReadonlySet<string> = new Set<ProblemCode>(["not_found", "method_not_allowed", "unknown_host"]);

/** The codes of the problems that routes answer with. */
export const PROBLEM_CODES = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => !OF_NO_ROUTE.has(code));

/** A problem as an example of a route shows it. */
export function exampleOf(code: ProblemCode, operation: Operation): GoTalkError {
  if (code === "invalid_request") return invalidRequestOf(operation);
  const key = `${operation.method} ${operation.path}` as RouteKey;
  return new GoTalkError(code, OF_ROUTE[key]?.[code] ?? EXAMPLES[code]);
}

/** Values that break the rule of a field: most have a form, and the others are not empty. */
const WRONG = ["?", ""];

/** What the route says of the first field that can be wrong, and of the body where none can. */
function invalidRequestOf({ takes }: Operation): GoTalkError {
  const fields = Object.keys(takes.shape).filter((field) => field !== "token");
  const right = Object.fromEntries(fields.map((field) => [field, exampleIn(field)]));
  for (const wrong of WRONG) {
    for (const field of fields) {
      try {
        validate(takes, { ...right, [field]: wrong });
      } catch (error) {
        if (error instanceof GoTalkError) return error;
        throw error;
      }
    }
  }
  return new GoTalkError("invalid_request", { detail: "The body is not valid JSON." });
}
