import { once } from "node:events";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";

/** A running DynamoDB engine. */
export interface Engine {
  /** Its URL, for the SDK. */
  readonly endpoint: string;
  /** Where its data is, for a person. */
  readonly data: string;
  /** Ends what was begun, and closes the files. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded engine on a free port of this machine only.
 *
 * @param path the folder of its files; without one everything is kept in memory
 */
export async function startDynalite(path?: string): Promise<Engine> {
  const server = dynalite({ createTableMs: 0, ...(path !== undefined && { path }) });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    data: path ?? "in memory",
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeIdleConnections();
      }),
  };
}
