import { once } from "node:events";
import { createServer } from "node:net";
import { reason, StartError } from "./start-error.ts";

const HIGHEST_PORT = 65_535;

/**
 * Reads a port number and makes sure that it is free, before anything is started or built.
 *
 * @throws {StartError} when it is no port, or taken
 */
export async function freePort(value: unknown, host: string): Promise<number> {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > HIGHEST_PORT) {
    throw new StartError(`PORT=${String(value)} is no port. Choose a number from 1 to ${HIGHEST_PORT}.`);
  }
  // Whoever already waits for the stack may get through to the probe, and must not keep it open.
  const probe = createServer((socket) => socket.destroy());
  try {
    probe.listen({ port, host, exclusive: true });
    await once(probe, "listening");
  } catch (error) {
    throw new StartError(
      reason(error) === "EADDRINUSE"
        ? `Port ${port} is in use. Stop what listens there, or choose another port with PORT.`
        : `Port ${port} cannot be used (${reason(error)}). Choose another port with PORT.`,
      { cause: error },
    );
  }
  probe.close();
  await once(probe, "close");
  return port;
}
