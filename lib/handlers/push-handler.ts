import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import type { PushDelivery } from "../push/push-delivery.ts";
import { isPushEvent, type PushEvent } from "../push/push-event.ts";
import { beginLog } from "../runtime/log.ts";
import { type GuardServices, serveRoutes } from "./guarded.ts";
import { type PushRouteServices, pushRoutes } from "./push-routes.ts";

export interface PushServices extends PushRouteServices, GuardServices {
  readonly pushDelivery: PushDelivery;
}

export type PushHandler = (
  event: APIGatewayProxyEventV2 | PushEvent,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Lambda keeps no answer to what is handed over. */
const DONE: APIGatewayProxyStructuredResultV2 = { statusCode: 204 };

/**
 * Makes the handler of the function `push`: it takes what `send` hands over, and the routes by which a device wants to be told. They are
 * here and not in `accounts`, so that one function alone has the key that push services know the server by.
 */
export function makePush(services: PushServices): PushHandler {
  const { pushDelivery, meter } = services;
  const api = serveRoutes(services, pushRoutes(services));
  return async (event, context) => {
    if (!isPushEvent(event)) return api(event, context);
    beginLog(context, context.awsRequestId);
    try {
      await pushDelivery.deliver(event, context.invokedFunctionArn);
      return DONE;
    } finally {
      meter.publish();
    }
  };
}
