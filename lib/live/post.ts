import type { LiveGateway } from "./live-gateway.ts";

/**
 * Sends a frame to a connection. Each call has a file of its own: a Lambda function has the right to what its bundle contains.
 *
 * @param frame Its text, see `textOf`.
 * @returns Whether the connection still exists.
 */
export const post = (
  gateway: LiveGateway,
  connectionId: string,
  frame: string,
  abortSignal?: AbortSignal,
): Promise<boolean> => gateway({ method: "POST", connectionId, frame, abortSignal });
