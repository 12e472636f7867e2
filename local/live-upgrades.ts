import type { IncomingMessage, Server } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** The connections that were passed on. */
export interface Upgrades {
  /** Cuts them. */
  close(): void;
}

/**
 * Passes the WebSocket connections to one path of a server on to another server, so that one port serves both.
 * Requests to upgrade anything else (curl offers HTTP/2 that way) stay ordinary requests.
 */
export function passUpgrades(server: Server, path: string, target: { port: number; host: string }): Upgrades {
  const open = new Set<Duplex>();
  Object.assign(server, { shouldUpgradeCallback: ({ url = "" }: IncomingMessage) => url.split("?")[0] === path });
  server.on("upgrade", (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const upstream = connect(target);
    const cut = (): void => {
      open.delete(client);
      client.destroy();
      upstream.destroy();
    };
    open.add(client);
    for (const socket of [client, upstream]) socket.on("error", cut).on("close", cut);
    upstream.setNoDelay(true);
    upstream.write(headOf(request));
    upstream.write(head);
    upstream.pipe(client);
    client.pipe(upstream);
  });
  return {
    close: () => {
      for (const client of open) client.destroy();
    },
  };
}

/** The request's line and headers as they came. */
function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const headers = Array.from(
    { length: rawHeaders.length / 2 },
    (_, i) => `${rawHeaders[2 * i]}: ${rawHeaders[2 * i + 1]}`,
  );
  return [`${method} ${url} HTTP/${httpVersion}`, ...headers, "", ""].join("\r\n");
}
