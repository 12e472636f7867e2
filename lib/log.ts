type Level = "info" | "warn" | "error";

/**
 * One line of JSON, which CloudWatch indexes. Never hand it a password, a token, a key or a message's content.
 *
 * @param cause An error; its name, message and causes are logged, nothing else of it.
 */
export function log(
  level: Level,
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): void {
  console[level](JSON.stringify({ level, message, ...fields, ...(cause !== undefined && { cause: describe(cause) }) }));
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
