import { parseJson } from "../contract/json.ts";
import { NetworkError } from "./errors.ts";
import { mediaTypeOf, problemOf, retryAfterOf } from "./problem.ts";
import { PASSING } from "./retry.ts";

/** What a route answers when it has done its work. */
export interface Success<T> {
  readonly success: 200 | 201 | 202 | 204;
  /** Makes the result of a parsed body, undefined for 204. It returns undefined for a body that the route never sends. */
  read(body: unknown): T | undefined;
}

/** The success of a route that answers 204. */
export const DONE: Success<true> = { success: 204, read: () => true };

/** An HTTP answer, of the API or of anything else. */
export interface Answer {
  readonly response: Response;
  readonly text: string;
  /** The `x-request-id` that the request bore. Requests that expect a 204 bear one. */
  readonly requestId: string | undefined;
}

/** Seconds. What is not goTalk may silence a client for no longer: a login page is left sooner. */
const LONGEST_FOREIGN_WAIT = 60;

/**
 * The result of an answer.
 *
 * Between a client and the API stand captive portals, proxies and gateways, and each of them answers on its own account,
 * often with 200. So nothing counts as the API's word unless it has the API's status, content type and shape. A 204 has
 * none of the last two. It counts when it bears the random `x-request-id` of its request, which the API sends back.
 *
 * @param what The request, in words for an error.
 * @param now milliseconds since the epoch
 * @throws ProblemError when the API says no
 * @throws NetworkError when something else than the API answered
 */
export function resultOf<T>(answer: Answer, { success, read }: Success<T>, what: string, now: number): T {
  const { response, text } = answer;
  if (response.status !== success) throw problemOf(response, text, now) ?? foreign(answer, what, now);
  const result = isFromApi(answer, success) ? read(parseJson(text)) : undefined;
  if (result === undefined) throw foreign(answer, what, now);
  return result;
}

function isFromApi({ response, text, requestId }: Answer, success: number): boolean {
  if (success !== 204) return mediaTypeOf(response) === "application/json";
  return text === "" && response.headers.get("x-request-id") === requestId;
}

/** The error for an answer that is not the API's. */
function foreign({ response, text }: Answer, what: string, now: number): NetworkError {
  const { status, headers } = response;
  const asked = retryAfterOf(headers.get("retry-after"), now);
  return new NetworkError(wordsFor(status, what), {
    status,
    ...(asked !== undefined && { retryAfter: Math.min(asked, LONGEST_FOREIGN_WAIT) }),
    cause: new SyntaxError(`HTTP ${status} with ${text.length} characters of ${headers.get("content-type")}`),
  });
}

function wordsFor(status: number, what: string): string {
  if (PASSING.has(status)) return `A gateway in front of the server answered ${what} with HTTP ${status}.`;
  return (
    `Something between you and the server answered ${what}, not goTalk. ` +
    "If this network has a login page, log in there first. Otherwise check the server's address."
  );
}
