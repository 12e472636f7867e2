import { LIMITS } from "../contract/limits.ts";

/** What the server sends over a WebSocket. Each is one JSON object. */
export type Frame =
  /** The proof holds: from now on this connection is woken. */
  | { readonly type: "ready" }
  /** The answer to `{"type":"ping"}`. With `waiting` a wake may have been lost: sync. */
  | { readonly type: "pong"; readonly waiting?: true }
  /** Something may wait on the channel: sync. */
  | { readonly type: "wake" }
  /**
   * A preview: a wake that bears the message, as a sync will hand it out. It settles nothing, and may be lost, doubled or out
   * of order.
   */
  | { readonly type: "message"; readonly message: object }
  /** A user is typing to this one, or in the group `toId`. */
  | { readonly type: "typing"; readonly senderId: string; readonly toId?: string }
  /**
   * The proof does not hold, or the frame is none: the connection is closed. `code`, `detail` and `requestId` are as in the
   * problems of the HTTP API.
   */
  | { readonly type: "error"; readonly code: string; readonly detail: string; readonly requestId: string };

/** A frame as it goes over the wire. */
export const textOf = (frame: Frame): string => JSON.stringify(frame);

export const WAKE = textOf({ type: "wake" });

/**
 * The preview of a message.
 *
 * @param message As a sync answers it.
 * @returns `undefined` if its frame has more than `LIMITS.live.previewBytes`.
 */
export function previewOf(message: object): string | undefined {
  const text = textOf({ type: "message", message });
  return Buffer.byteLength(text) <= LIMITS.live.previewBytes ? text : undefined;
}
