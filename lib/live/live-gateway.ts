import { once } from "node:events";
import { HttpRequest } from "@smithy/core/protocols";
import { LIMITS } from "../contract/limits.ts";
import type { Sign } from "../database/aws-calls.ts";
import { boundedBy } from "../database/client-bounds.ts";
import { isTransient } from "../database/transient.ts";

/** A call about one connection. */
interface ConnectionCall {
  readonly method: "POST" | "DELETE";
  readonly connectionId: string;
  /** What the connection is told. */
  readonly frame?: string;
  /** Gives the call up. */
  readonly abortSignal?: AbortSignal | undefined;
}

/**
 * API Gateway's management of WebSocket connections. What to call is in `post.ts` and `close.ts`.
 *
 * @returns Whether the connection still exists.
 */
export type LiveGateway = (call: ConnectionCall) => Promise<boolean>;

const GONE = 410;

/**
 * Tries twice, without a pause. The connections that a client keeps open may be dead once Lambda has frozen the function
 * for a while, which shows only when one is used. Both calls may be repeated: a frame that arrives twice does no harm,
 * and a connection that is closed twice is closed.
 *
 * A message to a group is a call for each connection of its members. So they go to the network without the SDK's client, whose
 * middleware takes longer than all the rest.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 *
 * @param endpoint The URL of the WebSocket API's stage.
 */
export function createGateway(endpoint: string, sign: Sign): LiveGateway {
  const { maxAttempts, requestHandler } = boundedBy(LIMITS.live.gateway);
  return async ({ method, connectionId, frame = "", abortSignal }) => {
    const url = new URL(`${endpoint}/@connections/${encodeURIComponent(connectionId)}`);
    const headers = await sign({ service: "execute-api", method, url, body: frame });
    const { protocol, hostname, port, pathname: path } = url;
    const place = { protocol, hostname, path, ...(port && { port: Number(port) }) };
    const request = new HttpRequest({ ...place, method, headers, body: frame });
    return tryUpTo(maxAttempts, async () => {
      const { response } = await requestHandler.handle(request, { ...(abortSignal && { abortSignal }) });
      // Its connection is free for the next call once it is read to its end.
      await once(response.body.resume(), "end");
      return existsBy(response.statusCode);
    });
  };
}

async function tryUpTo<T>(attempts: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (attempts <= 1 || !(error instanceof Error && isTransient(error))) throw error;
    return tryUpTo(attempts - 1, work);
  }
}

/** @throws {Error} The call was refused, or failed. */
function existsBy(httpStatusCode: number): boolean {
  if (httpStatusCode === GONE) return false;
  if (httpStatusCode < 300) return true;
  const error = new Error(`API Gateway answered ${httpStatusCode} to a call about a connection`);
  throw Object.assign(error, { $metadata: { httpStatusCode } });
}
