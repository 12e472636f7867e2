import type {
  APIGatewayProxyEvent,
  APIGatewayProxyStructuredResultV2,
  APIGatewayProxyWebsocketEventV2,
  Context,
} from "aws-lambda";
import { isCrossSite } from "../http/cross-site.ts";
import { GoTalkError } from "../runtime/errors.ts";
import { beginLog, log } from "../runtime/log.ts";
import type { Meter } from "../runtime/meter.ts";
import type { LiveProtocol } from "./live-protocol.ts";

/*
 * The only file that knows API Gateway's WebSocket events.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
 */

/**
 * The event of a new connection has the headers of its handshake, and says where it comes from. The type, which is of all
 * events, does not have them.
 */
type LiveEvent = APIGatewayProxyWebsocketEventV2 &
  Partial<Pick<APIGatewayProxyEvent, "headers">> & {
    readonly requestContext: { readonly identity?: { readonly sourceIp: string } };
  };

export type LiveHandler = (event: LiveEvent, context?: Context) => Promise<APIGatewayProxyStructuredResultV2>;

const DONE: APIGatewayProxyStructuredResultV2 = { statusCode: 200 };
const BAD_REQUEST: APIGatewayProxyStructuredResultV2 = { statusCode: 400 };
const FORBIDDEN: APIGatewayProxyStructuredResultV2 = { statusCode: 403 };
const TOO_MANY: APIGatewayProxyStructuredResultV2 = { statusCode: 429 };
const UNAVAILABLE: APIGatewayProxyStructuredResultV2 = { statusCode: 503 };

/**
 * Makes a Lambda handler of it. A body that it returns is the answer to the frame that came.
 *
 * @param meter Publishes what was counted; without one nothing is.
 * @param ownHosts Where the page is served, beside the host that is asked.
 */
export function serveLive(live: LiveProtocol, meter?: Meter, ownHosts: readonly string[] = []): LiveHandler {
  return async (event, context) => {
    beginLog(context, event.requestContext?.requestId);
    try {
      return await handle(live, ownHosts, event);
    } finally {
      meter?.publish();
    }
  };
}

async function handle(
  live: LiveProtocol,
  ownHosts: readonly string[],
  event: Partial<LiveEvent>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { requestContext } = event;
  // Such an event is not API Gateway's. A version before this one queued invocations of its own, which may still come. An
  // error would have Lambda repeat them.
  if (requestContext === undefined) {
    log("warn", "an event was ignored that is not of API Gateway", {});
    return BAD_REQUEST;
  }
  const { connectionId, eventType, requestId, connectedAt, requestTimeEpoch } = requestContext;
  try {
    // By the type of the event: a client may name any route in a frame.
    if (eventType === "CONNECT") {
      const headers = namesInLowerCase(event);
      if (!isOwn(headers, ownHosts)) return FORBIDDEN;
      live.connect(connectionId, { address: requestContext.identity?.sourceIp ?? "", headers });
      return DONE;
    }
    if (eventType === "DISCONNECT") {
      await live.disconnect(connectionId);
      return DONE;
    }
    if (eventType !== "MESSAGE") return BAD_REQUEST;
    // Both times are API Gateway's: a function that starts slowly makes no connection older.
    const age = requestTimeEpoch - connectedAt;
    const frame = await live.receive({ connectionId, body: bodyOf(event), age, requestId });
    return { ...DONE, ...(frame && { body: JSON.stringify(frame) }) };
  } catch (error) {
    if (error instanceof GoTalkError && error.status === 429) return TOO_MANY;
    log("error", `the event ${eventType} of a connection failed`, {}, error);
    return UNAVAILABLE;
  }
}

/** Unlike an HTTP API, a WebSocket API passes the names on as they were written. */
const namesInLowerCase = ({ headers = {} }: Partial<LiveEvent>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Browsers let any page open a WebSocket anywhere: they only say, in the handshake, which one does. */
const isOwn = (headers: Record<string, string | undefined>, ownHosts: readonly string[]): boolean =>
  !isCrossSite(headers, [...ownHosts, (headers["host"] ?? "").toLowerCase()]);

const bodyOf = ({ body = "", isBase64Encoded = false }: Partial<APIGatewayProxyWebsocketEventV2>): Buffer =>
  Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
