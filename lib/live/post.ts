import type { LiveGateway } from "./live-gateway.ts";

/**
 * Sends a frame to a connection. Apart from `close.ts`, so that a Lambda function that only sends contains nothing that closes, and
 * its role need not grant it.
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
