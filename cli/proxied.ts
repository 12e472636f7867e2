import { fetch as fetchBy, ProxyAgent, WebSocket as WebSocketBy } from "undici";

/** The two ways in which the client reaches the server. */
export interface Network {
  readonly fetch: typeof fetch;
  readonly WebSocket: typeof WebSocket;
}

/**
 * Requests and WebSockets that go through a proxy. Node's own fetch does not know `HTTP_PROXY` before version 24, and its
 * WebSocket takes no proxy at all. undici is what Node's own are made of.
 *
 * @param proxy its URL
 */
export function proxied(proxy: string): Network {
  const dispatcher = new ProxyAgent(proxy);
  class ProxiedWebSocket extends WebSocketBy {
    constructor(url: string | URL) {
      super(url, { dispatcher });
    }
  }
  return {
    fetch: ((input: string, init: object) => fetchBy(input, { ...init, dispatcher })) as unknown as typeof fetch,
    WebSocket: ProxiedWebSocket as unknown as typeof WebSocket,
  };
}
