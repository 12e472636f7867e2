import { asObject, asText, parseJson } from "../contract/json.ts";
import type { ProblemCode } from "../contract/problems.ts";
import { type FieldProblem, ProblemError } from "./errors.ts";
import { readDevices } from "./model.ts";

/**
 * Seconds that a `Retry-After` header asks for: a whole number, or a date (RFC 9110, 10.2.3).
 *
 * @param now milliseconds since the epoch
 * @returns undefined when there is no such header or it cannot be read; 0 for a date that has passed. `Date.parse` also
 * reads odd numbers as such dates
 */
export function retryAfterOf(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1_000);
}

function fieldsOf(errors: unknown): FieldProblem[] {
  if (!Array.isArray(errors)) return [];
  return errors
    .map(asObject)
    .map(({ field, detail }) => ({ field: asText(field) ?? "", detail: asText(detail) ?? "" }));
}

/** The media type of an answer, without its parameters. */
export const mediaTypeOf = ({ headers }: Response): string | undefined =>
  headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();

/** The API's codes of a 401. A 401 of another service must not count as the end of a session. */
const UNAUTHORIZED: ReadonlySet<string> = new Set<ProblemCode>([
  "invalid_token",
  "invalid_credentials",
  "device_expired",
]);

/** Whether the API refuses with this status and code. */
const isRefusal = (status: number, code: string): boolean =>
  status >= 400 && (status !== 401 || UNAUTHORIZED.has(code));

/**
 * The firewall of a deployment (`deploy/firewall.yml`) says "too many requests" for the API. It can give its answer neither
 * the media type of a problem nor an id of the request.
 */
const isOfFirewall = (status: number, code: string): boolean => status === 429 && code === "too_many_requests";

/**
 * Reads the API's problem (RFC 9457) in an answer. Undefined for everything else, such as a proxy's HTML and API
 * Gateway's own `{"message": ...}`. Other services send problems, too: the API's have a `code`, a `requestId` and the
 * answer's status.
 *
 * @param now milliseconds since the epoch
 */
export function problemOf(response: Response, text: string, now: number): ProblemError | undefined {
  const body = asObject(parseJson(text));
  const code = asText(body["code"]);
  const requestId = asText(body["requestId"]);
  if (code === undefined || body["status"] !== response.status || !isRefusal(response.status, code)) return undefined;
  const isOwn = mediaTypeOf(response) === "application/problem+json" && requestId !== undefined;
  if (!isOwn && !isOfFirewall(response.status, code)) return undefined;
  return new ProblemError({
    status: response.status,
    code,
    detail: asText(body["detail"]) ?? asText(body["title"]) ?? response.statusText,
    fields: fieldsOf(body["errors"]),
    requestId,
    retryAfter: retryAfterOf(response.headers.get("retry-after"), now),
    serverTime: code === "message_id_time" ? asText(body["serverTime"]) : undefined,
    devices: code === "too_many_devices" ? readDevices(body) : undefined,
  });
}
