import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { reason, StartError } from "../stack/start-error.ts";
import { addressesOf, isNotHere } from "./addresses.ts";

const HIGHEST_PORT = 65_535;

/** Below the ports that systems give to outgoing connections: Linux begins at 32,768, others at 49,152. */
const UNUSED = { from: 10_240, to: 32_768 };

/**
 * Reads a port number and makes sure that it is free, before anything is started or built.
 *
 * @param host where it shall be free; without one on both loopback addresses
 * @throws {StartError} when it is no port, or taken, or when this machine does not have the host
 */
export async function freePort(value: unknown, host?: string): Promise<number> {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > HIGHEST_PORT) {
    throw new StartError(`PORT=${String(value)} is no port. Choose a number from 1 to ${HIGHEST_PORT}.`);
  }
  try {
    for (const [index, address] of addressesOf(host).entries()) {
      await probe(port, address).catch((error) => {
        if (index === 0 || !isNotHere(error)) throw error;
      });
    }
  } catch (error) {
    throw new StartError(explain(error, port, host), { cause: error });
  }
  return port;
}

/** What looking up the name of a host fails with. */
const UNKNOWN_NAME = ["ENOTFOUND", "EAI_AGAIN"];

function explain(error: unknown, port: number, host?: string): string {
  const why = reason(error);
  if (why === "EADDRINUSE") return `Port ${port} is in use. Stop what listens there, or choose another port with PORT.`;
  if (host !== undefined && (isNotHere(error) || UNKNOWN_NAME.includes(why))) {
    return `This machine has no address ${host} (${why}). Give --host one of its addresses or names, or 0.0.0.0 for all.`;
  }
  return `Port ${port} cannot be used (${why}). Choose another port with PORT.`;
}

/**
 * A free port, for a server that listens on it later. Systems give ports of this range to no connection.
 *
 * @throws {Error} when nothing can listen on this host
 */
export async function unusedPort(host: string): Promise<number> {
  for (;;) {
    const port = randomInt(UNUSED.from, UNUSED.to);
    try {
      await probe(port, host);
      return port;
    } catch (error) {
      if (reason(error) !== "EADDRINUSE") throw error;
    }
  }
}

/** Listens on the port for a moment. */
async function probe(port: number, host: string): Promise<void> {
  // A client that already waits for the stack may connect here. It must not keep the probe open.
  const server = createServer((socket) => socket.destroy());
  server.listen({ port, host, exclusive: true });
  await once(server, "listening");
  server.close();
  await once(server, "close");
}
