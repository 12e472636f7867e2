import { NodeHttpHandler, type NodeHttpHandlerOptions } from "@smithy/node-http-handler";

/** How long a client of an AWS service may try. Times are in milliseconds. */
interface Bounds {
  readonly connectTime: number;
  /** For one attempt. */
  readonly attemptTime: number;
  readonly attempts: number;
}

/**
 * The part of a client's configuration that bounds it. The SDK's own defaults wait for an answer without an end, which
 * then is Lambda's timeout.
 */
export function boundedBy({ connectTime, attemptTime, attempts }: Bounds) {
  const options: NodeHttpHandlerOptions = {
    connectionTimeout: connectTime,
    requestTimeout: attemptTime,
    throwOnRequestTimeout: true,
  };
  return { maxAttempts: attempts, requestHandler: new NodeHttpHandler(options) };
}
