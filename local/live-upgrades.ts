import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

type Handle = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * Passes the requests to upgrade one path on. Those to upgrade anything else (curl offers HTTP/2 that way) stay ordinary
 * requests.
 */
export function handleUpgrades(server: Server, path: string, handle: Handle): void {
  Object.assign(server, { shouldUpgradeCallback: ({ url = "" }: IncomingMessage) => url.split("?")[0] === path });
  server.on("upgrade", handle);
}
