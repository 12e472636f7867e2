import { Logger } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";

type Level = "info" | "warn" | "error";

const logger = new Logger();

/**
 * Lets each line from now on bear the ids of the invocation that begins; the X-Ray trace is added by Powertools.
 *
 * @param requestId What the client is told.
 * @param edgeRequestId API Gateway's own id, where the client brought one.
 */
export function beginLog(context: Context | undefined, requestId: string | undefined, edgeRequestId?: string): void {
  if (context) logger.addContext(context);
  logger.resetKeys();
  logger.appendKeys({ requestId, edgeRequestId });
}

/**
 * One line of JSON, which CloudWatch indexes. Never hand it a password, a token, a key or a message's content.
 *
 * @param cause An error; its name, message, stack and causes are logged, and nothing else of it: the SDK's errors may
 * hold the item that was in the way.
 */
export function log(
  level: Level,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): void {
  logger[level](message, { ...fields, ...(cause !== undefined && { cause: describe(cause) }) });
}

function describe(cause: unknown): unknown {
  if (!(cause instanceof Error)) return String(cause);
  return {
    name: cause.name,
    message: cause.message,
    stack: cause.stack,
    ...(cause.cause !== undefined && { cause: describe(cause.cause) }),
  };
}
