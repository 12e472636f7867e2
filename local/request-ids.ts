import { randomUUID } from "node:crypto";

/**
 * Gives an event of the HTTP API an id of its own, as API Gateway does; serverless-offline gives all the same. Other
 * events stay as they are.
 */
export function withRequestId(event: unknown): unknown {
  const { version, requestContext } = (event ?? {}) as { version?: string; requestContext?: object };
  if (version !== "2.0" || requestContext === undefined) return event;
  return { ...(event as object), requestContext: { ...requestContext, requestId: randomUUID() } };
}
