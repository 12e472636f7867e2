import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { LIMITS } from "../contract/limits.ts";
import { GoTalkError, Unavailable } from "../runtime/errors.ts";
import { beginLog, log } from "../runtime/log.ts";
import type { Meter } from "../runtime/meter.ts";
import { type Fields, parseBody } from "./body.ts";
import { isCrossSite } from "./cross-site.ts";

/*
 * The only file that knows API Gateway's events (HTTP API, payload format 2.0).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */

/** What a route gets of a request. */
export interface Request {
  readonly method: string;
  readonly path: string;
  /** The route that took it, such as `GET /users/{username}`. */
  readonly route: string;
  readonly pathParameters: Readonly<Record<string, string | undefined>>;
  /**
   * The fields of the body, with the bearer token, if one came, as `token` unless the body has its own.
   *
   * @throws {GoTalkError} The body is too large, of another type, or malformed.
   */
  fields(): Fields;
  /** The IP address that the request came from. Behind CloudFront it is CloudFront's: see `client-address.ts`. */
  readonly address: string;
  /** What the client says of itself, in printable ASCII, cut to `LIMITS.userAgentCharacters`; empty if nothing. */
  readonly userAgent: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The deadline, in milliseconds since the epoch. After it the request has been answered 503, and further work is useless. */
  readonly answerBy: number;
}

/** What a route answers. Without a `body` and without `json` the answer has none. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** A body that the route has written as JSON itself. */
  readonly json?: string;
}

export type Route = (request: Request) => Promise<Reply>;

export type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Makes a Lambda handler of a route. Every error becomes a problem here (RFC 9457), and only a {@link GoTalkError} shows
 * its text. A route that is not done after `LIMITS.requestTime` is answered 503, before Lambda ends it without an answer.
 *
 * @param meter Publishes what was counted; without one nothing is.
 * @param ownHosts Where the page is served, beside the host that is asked. Without them anybody may ask.
 */
export function serve(route: Route, meter?: Meter, ownHosts?: readonly string[]): Handler {
  return async (event, context) => {
    const { requestId, edgeRequestId } = requestIdsOf(event);
    beginLog(context, requestId, edgeRequestId);
    try {
      if (ownHosts) refuseForeign(event, ownHosts);
      return toResult(await withinTime(() => route(toRequest(event))), requestId);
    } catch (error) {
      const problem = toGoTalkError(error);
      if (problem.status >= 500) log("error", problem.message, { requestId, code: problem.code }, problem.cause);
      return toProblem(problem, requestId);
    } finally {
      meter?.publish();
    }
  };
}

/**
 * The host that is asked is the page's own locally. Nobody else can claim it: API Gateway finds its API by the host, and
 * the local stack takes no other host.
 *
 * @throws {GoTalkError} `cross_site`: A browser made the request for a page of another site.
 */
function refuseForeign({ headers = {} }: APIGatewayProxyEventV2, ownHosts: readonly string[]): void {
  const { host = "" } = headers;
  if (isCrossSite(headers, [...ownHosts, host.toLowerCase()])) throw new GoTalkError("cross_site");
}

/** What a client may call its request: all that is safe in a header, in JSON and in a log's query. */
const REQUEST_ID = /^[A-Za-z0-9_.=-]{1,64}$/;

/** API Gateway's id of the request, as its access log has it; or the client's own, and API Gateway's beside it. */
function requestIdsOf({ headers = {}, requestContext }: APIGatewayProxyEventV2): {
  requestId: string;
  edgeRequestId?: string;
} {
  const own = headers["x-request-id"];
  const { requestId } = requestContext;
  return own !== undefined && REQUEST_ID.test(own) ? { requestId: own, edgeRequestId: requestId } : { requestId };
}

function toRequest(event: APIGatewayProxyEventV2): Request {
  const { http } = event.requestContext;
  const headers = event.headers ?? {};
  const token = bearerToken(headers["authorization"]);
  return {
    method: http.method,
    path: event.rawPath,
    route: event.routeKey,
    pathParameters: event.pathParameters ?? {},
    fields: () => ({ ...(token !== undefined && { token }), ...parseBody(bodyOf(event), headers["content-type"]) }),
    address: http.sourceIp,
    userAgent: clean(headers["user-agent"] ?? ""),
    headers,
    answerBy: Date.now() + LIMITS.requestTime,
  };
}

/** What a client sends is shown to people: without control characters, and not too long. */
const clean = (userAgent: string): string =>
  userAgent
    .replace(/[^\x20-\x7e]/g, " ")
    .replace(/ +/g, " ")
    .trim()
    .slice(0, LIMITS.userAgentCharacters);

/** API Gateway hands forms over in base64, and JSON as it is. What is no text is malformed, and ends nothing. */
const bodyOf = ({ body, isBase64Encoded }: APIGatewayProxyEventV2): Buffer =>
  Buffer.from(String(body ?? ""), isBase64Encoded ? "base64" : "utf8");

/** RFC 6750; the name of the scheme ignores case (RFC 9110, 11.1). */
const bearerToken = (authorization: string | undefined): string | undefined =>
  /^bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];

async function withinTime<T>(work: () => Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Unavailable("the request took too long")), LIMITS.requestTime);
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The public form of an error. */
export function toGoTalkError(error: unknown): GoTalkError {
  if (error instanceof GoTalkError) return error;
  return new GoTalkError("internal_error", { cause: error });
}

const COMMON_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function toResult(
  { status, body, json = body === undefined ? undefined : JSON.stringify(body) }: Reply,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  const headers = { ...COMMON_HEADERS, "x-request-id": requestId };
  if (json === undefined) return { statusCode: status, headers };
  return { statusCode: status, headers: { ...headers, "content-type": "application/json" }, body: json };
}

/** RFC 9457, with a stable `code` for programs and the request's id to find it in the log. */
export function toProblem(error: GoTalkError, requestId: string): APIGatewayProxyStructuredResultV2 {
  const { status, code, title, message, retryAfter, headers, members } = error;
  return {
    statusCode: status,
    headers: {
      ...COMMON_HEADERS,
      ...headers,
      "x-request-id": requestId,
      "content-type": "application/problem+json",
      ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    },
    body: JSON.stringify({
      type: "about:blank",
      title,
      status,
      detail: message,
      code,
      requestId,
      ...members,
    }),
  };
}
