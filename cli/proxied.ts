import { fetch as fetchBy, ProxyAgent, WebSocket as WebSocketBy } from "undici";

/** How the client reaches the server. */
export interface Network {
  readonly fetch: typeof fetch;
  readonly WebSocket: typeof WebSocket;
}

/**
 * Makes requests and WebSockets that go through a proxy. Node's own fetch supports `HTTP_PROXY` only from version 24
 * on, and its WebSocket supports no proxy. Both are made of undici.
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
