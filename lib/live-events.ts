import type { APIGatewayProxyStructuredResultV2, APIGatewayProxyWebsocketEventV2, Context } from "aws-lambda";
import type { Live } from "./live.ts";
import type { Watch } from "./live-watch.ts";
import { beginLog, log } from "./log.ts";
import type { Meter } from "./meter.ts";

/*
 * The only file that knows API Gateway's WebSocket events.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
 */

/** What the function itself sends to be invoked later. No event of API Gateway has this field. */
interface WatchEvent {
  readonly watch: Watch;
}

export type LiveHandler = (
  event: APIGatewayProxyWebsocketEventV2 | WatchEvent,
  context?: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

const DONE: APIGatewayProxyStructuredResultV2 = { statusCode: 200 };

/**
 * Makes a Lambda handler of it. A body that it returns is the answer to the frame that came.
 *
 * @param meter Publishes what was counted; without one nothing is.
 */
export function serveLive(live: Live, meter?: Meter): LiveHandler {
  return async (event, context) => {
    beginLog(context, "watch" in event ? undefined : event.requestContext.requestId);
    try {
      return await handle(live, event);
    } finally {
      meter?.publish();
    }
  };
}

async function handle(
  live: Live,
  event: APIGatewayProxyWebsocketEventV2 | WatchEvent,
): Promise<APIGatewayProxyStructuredResultV2> {
  if ("watch" in event) {
    await live.watch(event.watch);
    return DONE;
  }
  const { connectionId, eventType, requestId } = event.requestContext;
  try {
    // By the type of the event: a client may name any route in a frame.
    if (eventType === "CONNECT") await live.connect(connectionId);
    if (eventType === "DISCONNECT") await live.disconnect(connectionId);
    const frame = eventType === "MESSAGE" ? await live.receive(connectionId, bodyOf(event), requestId) : undefined;
    return { ...DONE, ...(frame && { body: JSON.stringify(frame) }) };
  } catch (error) {
    log("error", `the event ${eventType} of a connection failed`, {}, error);
    return { statusCode: 503 };
  }
}

const bodyOf = ({ body = "", isBase64Encoded }: APIGatewayProxyWebsocketEventV2): Buffer =>
  Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
