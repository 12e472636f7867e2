import { parseJson } from "../contract/json.ts";
import { NetworkError } from "./errors.ts";
import { mediaTypeOf, problemOf, retryAfterOf } from "./problem.ts";
import { PASSING } from "./retry.ts";

/** The answer of a route that has succeeded. */
export interface Success<T> {
  readonly success: 200 | 201 | 202 | 204;
  /**
   * Makes the result from the parsed body (undefined for 204). Returns undefined for a body that the route never sends.
   */
  read(body: unknown): T | undefined;
}

/** The success of a route that answers 204. */
export const DONE: Success<true> = { success: 204, read: () => true };

/** An HTTP answer of the API or of something else. */
export interface Answer {
  readonly response: Response;
  readonly text: string;
  /** The request's `x-request-id`. Only requests that expect a 204 have one. */
  readonly requestId: string | undefined;
}

/** Seconds. Another server than goTalk cannot keep a client waiting longer: people leave a login page sooner. */
const LONGEST_FOREIGN_WAIT = 60;

/**
 * The result of an answer.
 *
 * Captive portals, proxies and gateways stand between a client and the API. Each may answer for itself, often with 200.
 * So an answer counts as the API's only if it has the API's status, content type and shape. A 204 has no content type
 * and no shape: it counts if it has the random `x-request-id` of its request, which the API sends back.
 *
 * @param what The request, in words for an error.
 * @param now milliseconds since the epoch
 * @throws ProblemError when the API says no
 * @throws NetworkError when something other than the API answered
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
