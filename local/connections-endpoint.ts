import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { listenPrivately } from "./private-server.ts";
import type { WebSocketApi } from "./websocket-api.ts";

const CONNECTION = /\/@connections\/([\w-]+)$/;

/** API Gateway's management of WebSocket connections, for the functions alone. */
export interface ConnectionsEndpoint {
  /** Its URL, for the SDK. */
  readonly url: string;
  stop(): void;
}

/**
 * Starts it: POST sends to a connection, DELETE closes it, and 410 says that it is gone.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
export async function startConnectionsEndpoint(api: WebSocketApi): Promise<ConnectionsEndpoint> {
  const server: Server = createServer(async (request, response) => {
    const status = await manage(api, request).catch(() => 400);
    response.writeHead(status).end();
  });
  const url = await listenPrivately(server);
  return {
    url,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @returns The HTTP status. */
async function manage(api: WebSocketApi, request: IncomingMessage): Promise<number> {
  const id = CONNECTION.exec(decodeURIComponent(request.url ?? ""))?.[1];
  if (id === undefined) return 404;
  if (request.method === "POST") return api.send(id, await text(request)) ? 200 : 410;
  if (request.method === "DELETE") return api.close(id) ? 204 : 410;
  return 405;
}
