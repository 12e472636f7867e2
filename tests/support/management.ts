import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** How one connection takes what is told to it. */
export type Fate = "there" | "gone" | "broken" | "hanging";

/** A call of the management API. */
interface Told {
  readonly method: string | undefined;
  readonly connectionId: string;
  readonly body: string;
}

/** An endpoint for the management of connections whose fates are set. */
export interface Management {
  readonly endpoint: string;
  readonly fates: Map<string, Fate>;
  /** The calls since the last time that this was asked. */
  take(): Told[];
  close(): Promise<void>;
}

export async function startManagement(): Promise<Management> {
  const fates = new Map<string, Fate>();
  let told: Told[] = [];
  const server = createServer(async (request, response) => {
    const connectionId = decodeURIComponent(/\/@connections\/([^/]+)$/.exec(request.url ?? "")?.[1] ?? "");
    told.push({ method: request.method, connectionId, body: await text(request) });
    answer(response, fates.get(connectionId) ?? "gone");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fates,
    take: () => {
      const taken = told;
      told = [];
      return taken;
    },
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** As API Gateway does. */
function answer(response: ServerResponse, fate: Fate): void {
  if (fate === "there") response.writeHead(200).end();
  if (fate === "gone") response.writeHead(410, { "x-amzn-errortype": "GoneException" }).end();
  if (fate === "broken") response.writeHead(500, { "content-type": "application/json" }).end('{"message":"oh"}');
}
