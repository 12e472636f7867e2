import { type FieldProblem, ProblemError } from "./errors.ts";
import { asObject, asText, parseJson } from "./json.ts";

/**
 * Seconds that a `Retry-After` header asks for: a whole number, or a date (RFC 9110, 10.2.3).
 *
 * @param now milliseconds since the epoch
 * @returns undefined when there is no such header or it cannot be read; 0 for a date that has passed, as which `Date.parse` reads odd numbers too
 */
function retryAfterOf(header: string | null, now: number): number | undefined {
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

/**
 * The error for an answer with a status outside 2xx. A gateway's own answer, in HTML or as `{"message": ...}`, makes one
 * as well.
 */
export function problemOf(response: Response, text: string, now: number): ProblemError {
  const { code, detail, title, message, errors, requestId, serverTime } = asObject(parseJson(text));
  return new ProblemError({
    status: response.status,
    code: asText(code) ?? `http_${response.status}`,
    detail: asText(detail) ?? asText(title) ?? asText(message) ?? response.statusText,
    fields: fieldsOf(errors),
    requestId: asText(requestId),
    retryAfter: retryAfterOf(response.headers.get("retry-after"), now),
    serverTime: code === "message_id_time" ? asText(serverTime) : undefined,
  });
}
