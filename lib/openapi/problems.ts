import { LIMITS } from "../contract/limits.ts";
import { PROBLEMS, type ProblemCode } from "../contract/problems.ts";
import { GoTalkError } from "../runtime/errors.ts";

type Circumstances = ConstructorParameters<typeof GoTalkError>[1];

const detail = "must have 3 to 32 characters of a-z 0-9 . _ -";

/** What the examples say where the table of problems leaves it open. */
const EXAMPLES: Readonly<Partial<Record<ProblemCode, Circumstances>>> = {
  invalid_request: { detail: `username ${detail}`, members: { errors: [{ field: "username", detail }] } },
  message_id_time: {
    values: ["more than 10 minutes ahead of the server's"],
    members: { serverTime: "2026-03-12T19:03:58.123Z" },
  },
  forbidden: { detail: "The id is not the token's user." },
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
  too_many_blocks: { values: [LIMITS.blocks] },
  too_large: { values: ["content", LIMITS.contentBytes] },
  too_many_attempts: { retryAfter: 120 },
  too_many_messages: { retryAfter: 1 },
  too_many_requests: { retryAfter: 1 },
  channel_full: { retryAfter: 30 },
  unavailable: { retryAfter: 1 },
};

/** No route answers with these. */
const OF_NO_ROUTE: ReadonlySet<string> = new Set<ProblemCode>(["not_found", "method_not_allowed", "unknown_host"]);

/** The codes of the problems that routes answer with. */
export const PROBLEM_CODES = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => !OF_NO_ROUTE.has(code));

/** A problem as an example shows it. */
export const exampleOf = (code: ProblemCode): GoTalkError => new GoTalkError(code, EXAMPLES[code]);
