import { once } from "node:events";
import type { Server } from "node:http";
import { createServer, type Server as NetServer } from "node:net";
import { boundConnections } from "./guard.ts";
import { reason } from "./start-error.ts";

/** `localhost` may be either, and browsers try both. */
const LOOPBACK: readonly string[] = ["127.0.0.1", "::1"];

/** What listening fails with where a machine does not have the address, or not the protocol. */
const NOT_HERE = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/** Where a stack listens: both loopback addresses, unless a host was chosen. The first of them must exist. */
export const addressesOf = (host: string | undefined): readonly string[] =>
  host === undefined || host === "localhost" ? LOOPBACK : [host];

export const isNotHere = (error: unknown): boolean => NOT_HERE.includes(reason(error));

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
