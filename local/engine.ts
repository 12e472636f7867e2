import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";
import { readDirectly } from "./direct-reads.ts";
import { type EngineLine, lineTo } from "./engine-line.ts";
import { letIteratorsReturn } from "./iterators.ts";

/** A running DynamoDB engine. */
export interface Engine {
  /** Its URL, for the SDK. */
  readonly endpoint: string;
  /** Where its data is, for a person. */
  readonly data: string;
  /** Leads there without the network. Only an engine of this process has one. */
  readonly line?: EngineLine;
  /** Ends what was begun, and closes the files. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded engine on a free port of this machine only.
 *
 * @param path the folder of its files; without one everything is kept in memory
 * @param listen makes its server listen, and answers with the URL; without it the engine serves each request that comes
 */
export async function startDynalite(path?: string, listen = listenOpenly): Promise<Engine> {
  letIteratorsReturn();
  readDirectly();
  const server = dynalite({ createTableMs: 0, ...(path !== undefined && { path }) });
  // dynalite throws the error of a request that is cut off in its body, which would end this process.
  server.on("request", (request) => request.removeAllListeners("error").on("error", () => {}));
  const line = lineTo(server);
  return {
    endpoint: await listen(server),
    data: path ?? "in memory",
    line,
    stop: async () => {
      await line.close();
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeIdleConnections();
      });
    },
  };
}

/** Makes a server listen on a free port of this machine only, and answers with its URL. */
export async function listenOpenly(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
