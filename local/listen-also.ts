import { once } from "node:events";
import type { Server } from "node:http";
import { createServer, type Server as NetServer } from "node:net";
import { isNotHere } from "./addresses.ts";
import { boundConnections } from "./guard.ts";

/**
 * Takes the connections to further addresses for a server that listens on the port already. Addresses that this machine
 * does not have are left out.
 *
 * @returns a function that takes no more of them
 */
export async function listenAlso(server: Server, port: number, addresses: readonly string[]): Promise<() => void> {
  const others: NetServer[] = [];
  for (const host of addresses) {
    const other = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit("connection", socket));
    try {
      await once(other.listen({ port, host, exclusive: true }), "listening");
      boundConnections(other);
      others.push(other);
    } catch (error) {
      if (!isNotHere(error)) throw error;
    }
  }
  return () => {
    for (const other of others) other.close();
  };
}
