import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import type { Handler } from "../../lib/http/http.ts";
import { type Answer, type Api, answerOf, type Call } from "./api.ts";
import { plant, plantFieldsOf } from "./suite-output.ts";

/** The functions by their names in `serverless.yml`. */
export type Functions = Readonly<Record<"send" | "sync" | "accounts" | "files" | "push" | "fallback", Handler>>;

export interface EventOptions {
  /** The client's IP address. */
  readonly address?: string;
  /** Whether the body is handed over in base64. Without it, as API Gateway does: anything but JSON and text. */
  readonly base64?: boolean;
}

/** Where requests come from, unless it is said. */
export const ADDRESS = "203.0.113.7";

const FUNCTION_OF: Readonly<Record<string, keyof Functions>> = {
  "POST /send": "send",
  "POST /sync": "sync",
  "POST /register": "accounts",
  "POST /login": "accounts",
  "POST /logout": "accounts",
  "POST /password": "accounts",
  "POST /account/delete": "accounts",
  "GET /sessions": "accounts",
  "DELETE /sessions/{sessionId}": "accounts",
  "GET /users/{username}": "accounts",
  "POST /devices": "accounts",
  "GET /devices": "accounts",
  "DELETE /devices/{deviceId}": "accounts",
  "GET /push": "push",
  "PUT /push": "push",
  "DELETE /push": "push",
  "GET /blocks": "accounts",
  "PUT /blocks/{userId}": "accounts",
  "DELETE /blocks/{userId}": "accounts",
  "POST /groups": "accounts",
  "GET /groups": "accounts",
  "GET /groups/{groupId}": "accounts",
  "PATCH /groups/{groupId}": "accounts",
  "PUT /groups/{groupId}/members/{userId}": "accounts",
  "DELETE /groups/{groupId}/members/{userId}": "accounts",
  "POST /groups/{groupId}/invite": "accounts",
  "POST /groups/join": "accounts",
  "POST /files": "files",
  "GET /files/{fileId}": "files",
};

let events = 0;
/** The routes with parameters. A path that a route without any takes is that route's. */
const TEMPLATES = Object.keys(FUNCTION_OF)
  .filter((routeKey) => routeKey.includes("{"))
  .map((routeKey) => ({
    routeKey,
    names: [...routeKey.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name),
    pattern: new RegExp(`^${routeKey.replaceAll(/\{\w+\}/g, "([^/]+)")}$`),
  }));

/** The route that takes a call, and its parameters as they were written. */
function routeOf({ method, path }: Call): { routeKey: string; parameters: Record<string, string> | undefined } {
  const written = `${method} ${path}`;
  if (FUNCTION_OF[written]) return { routeKey: written, parameters: undefined };
  for (const { routeKey, names, pattern } of TEMPLATES) {
    const [, ...values] = pattern.exec(written) ?? [];
    if (values.length === 0) continue;
    const parameters = Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(values[at] ?? "")]));
    return { routeKey, parameters };
  }
  return { routeKey: "$default", parameters: undefined };
}

/**
 * The event that an HTTP API makes of a call (payload format 2.0).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function toEvent(call: Call, { address = ADDRESS, base64 }: EventOptions = {}): APIGatewayProxyEventV2 {
  const { method, path, headers = {}, body } = call;
  const { routeKey, parameters } = routeOf(call);
  const isBase64Encoded = base64 ?? !/^(application\/json|text\/)/.test(headers["content-type"] ?? "");
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: "",
    headers: { host: "api.example.com", "user-agent": "test", ...headers },
    requestContext: {
      accountId: "123456789012",
      apiId: "abcdefghij",
      domainName: "api.example.com",
      domainPrefix: "api",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: address, userAgent: "test" },
      requestId: `JKJaXmPL${String(++events).padStart(8, "0")}=`,
      routeKey,
      stage: "$default",
      time: "12/Mar/2026:19:03:58 +0000",
      timeEpoch: 1_773_342_238_000,
    },
    ...(parameters && { pathParameters: parameters }),
    ...(body && { body: body.toString(isBase64Encoded ? "base64" : "utf8") }),
    isBase64Encoded: body !== undefined && isBase64Encoded,
  };
}

export const functionOf = ({ routeKey }: APIGatewayProxyEventV2): keyof Functions =>
  FUNCTION_OF[routeKey] ?? "fallback";

let requests = 0;

const newContext = (): Context => ({
  awsRequestId: `request-${++requests}`,
  callbackWaitsForEmptyEventLoop: true,
  functionName: "gotalk",
  functionVersion: "$LATEST",
  invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:gotalk",
  memoryLimitInMB: "512",
  logGroupName: "/aws/lambda/gotalk",
  logStreamName: "2026/03/12/[$LATEST]0123456789abcdef",
  getRemainingTimeInMillis: () => 10_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
});

/** Hands an event to a handler, as Lambda does. */
export async function invoke(handler: Handler, event: APIGatewayProxyEventV2): Promise<Answer> {
  const { statusCode = 0, headers = {}, body = "" } = await handler(event, newContext());
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return answerOf(statusCode, Object.fromEntries(named), body);
}

/** The API without HTTP: each call becomes an event for the function that takes its route. */
export function eventsApi(functions: Functions, options: EventOptions = {}): Api {
  return async (call) => {
    plantFieldsOf(call.body);
    const event = toEvent(call, options);
    const answer = await invoke(functions[functionOf(event)], event);
    plant("token", answer.body["token"]);
    return answer;
  };
}
