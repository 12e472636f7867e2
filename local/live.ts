import type { Server } from "node:http";
import { startConnectionsEndpoint } from "./connections-endpoint.ts";
import type { Invoke } from "./lambda.ts";
import { handleUpgrades } from "./live-upgrades.ts";
import { WebSocketApi } from "./websocket-api.ts";

const PATH = "/live";

/** The WebSocket side of the local stack. */
export interface LiveSide {
  /** Serves WebSocket connections on the HTTP server's port too. */
  serveOn(server: Server): void;
  stop(): void;
}

type Functions = Record<string, { events?: Record<string, unknown>[] }>;

/**
 * Prepares the WebSocket API, and tells the functions where its connections are managed. serverless-offline's own is left
 * out: a malformed frame ends its process, it bounds nothing, and its port is open to everybody.
 *
 * @param functions as declared; loses the events of the WebSocket API
 * @param environment of the functions; gets where connections are managed
 */
export async function prepareLive(
  functions: Functions,
  environment: Record<string, unknown>,
  invoke: Invoke,
): Promise<LiveSide> {
  const key = removeWebSocketEvents(functions);
  const api = new WebSocketApi((event) => invoke(key, event));
  const endpoint = await startConnectionsEndpoint(api);
  environment["LIVE_ENDPOINT"] = endpoint.url;
  return {
    serveOn: (server) => handleUpgrades(server, PATH, (...request) => api.upgrade(...request)),
    stop: () => {
      api.stop();
      endpoint.stop();
    },
  };
}

/** The name of the function that all routes of the WebSocket API belong to. */
function removeWebSocketEvents(functions: Functions): string {
  for (const [key, definition] of Object.entries(functions)) {
    const { events = [] } = definition;
    const others = events.filter((event) => !("websocket" in event));
    if (others.length === events.length) continue;
    definition.events = others;
    return key;
  }
  throw new Error("serverless.yml declares no WebSocket API");
}
