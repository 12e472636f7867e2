/** What the server sends over a WebSocket. Each is one small JSON object; none ever carries a message. */
export type Frame =
  /** The proof holds: from now on this connection is woken. */
  | { readonly type: "ready" }
  /** The answer to `{"type":"ping"}`. With `waiting` a wake may have been lost: sync. */
  | { readonly type: "pong"; readonly waiting?: true }
  /** Something may wait on the channel: sync. */
  | { readonly type: "wake" }
  /**
   * The proof does not hold, or the frame is none: the connection is closed. `code`, `detail` and `requestId` are as in the
   * problems of the HTTP API.
   */
  | { readonly type: "error"; readonly code: string; readonly detail: string; readonly requestId: string };
