import type { Server } from "node:http";
import { passUpgrades, type Upgrades } from "./live-upgrades.ts";
import { unusedPort } from "./port.ts";

const PATH = "/live";

/** The WebSocket side of the local stack. */
export interface LiveSide {
  /** Serves WebSocket connections on the HTTP server's port too. */
  serveOn(server: Server): void;
  stop(): void;
}

/**
 * Prepares serverless-offline's WebSocket and Lambda servers, which nobody outside has to know, and tells the functions
 * where connections are managed.
 *
 * @param settings of serverless-offline; gets the ports
 * @param environment of the functions; gets where connections are managed
 */
export async function prepareLive(
  host: string,
  settings: Record<string, unknown>,
  environment: Record<string, unknown>,
): Promise<LiveSide> {
  const [websocketPort, lambdaPort] = await twoUnusedPorts(host);
  Object.assign(settings, { websocketPort, lambdaPort });
  environment["LIVE_ENDPOINT"] = `http://${host}:${websocketPort}`;

  let upgrades: Upgrades | undefined;
  return {
    serveOn: (server) => {
      upgrades = passUpgrades(server, PATH, { port: websocketPort, host });
    },
    stop: () => upgrades?.close(),
  };
}

/** serverless-offline does not tell which port it got when it asks for any. */
async function twoUnusedPorts(host: string): Promise<[number, number]> {
  const first = await unusedPort(host);
  for (;;) {
    const second = await unusedPort(host);
    if (second !== first) return [first, second];
  }
}
