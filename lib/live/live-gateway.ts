import {
  ApiGatewayManagementApiClient,
  type ApiGatewayManagementApiClientConfig,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";
import { LIMITS } from "../contract/limits.ts";
import { boundedBy } from "../database/client-bounds.ts";

/*
 * API Gateway's management of WebSocket connections: what to tell them, and to close them. Functions and no class, so that
 * a Lambda function that only tells contains nothing that closes, and its role need not grant it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */

export type LiveGateway = Pick<ApiGatewayManagementApiClient, "send">;

/** What is left out is read from the SDK's own environment variables. */
type Place = Pick<ApiGatewayManagementApiClientConfig, "region" | "credentials">;

/**
 * Tries twice, without a pause. The connections that a client keeps open may be dead once Lambda has frozen the function
 * for a while, which shows only when one is used. Both commands may be repeated: a frame that arrives twice does no harm,
 * and a connection that is closed twice is closed.
 */
export function createGateway(endpoint: string, place: Place = {}): LiveGateway {
  const { maxAttempts, requestHandler } = boundedBy(LIMITS.live.gateway);
  const retryStrategy = new ConfiguredRetryStrategy(maxAttempts, 0);
  return new ApiGatewayManagementApiClient({ ...place, endpoint, retryStrategy, requestHandler });
}

/**
 * @param frame Its text, see `textOf`.
 * @returns Whether the connection still exists.
 */
export function post(
  gateway: LiveGateway,
  connectionId: string,
  frame: string,
  abortSignal?: AbortSignal,
): Promise<boolean> {
  const command = new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame });
  return exists(gateway.send(command, { ...(abortSignal && { abortSignal }) }));
}

/** There is nothing to do if it is closed. */
export async function close(gateway: LiveGateway, connectionId: string, abortSignal?: AbortSignal): Promise<void> {
  const command = new DeleteConnectionCommand({ ConnectionId: connectionId });
  await exists(gateway.send(command, { ...(abortSignal && { abortSignal }) }));
}

async function exists(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

const GONE = 410;

/** The SDK's errors have their status in `$metadata`; an error that has a `statusCode` is of the SDK before v3. */
function isGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return error.name === "GoneException" || $metadata?.httpStatusCode === GONE;
}
