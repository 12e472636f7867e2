import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server that can be cut, as a network is that goes and comes back. */
export interface NetworkSwitch {
  readonly url: string;
  /** Cuts all connections, and takes no new ones until it is on again. */
  turn(isOn: boolean): void;
  close(): Promise<void>;
}

/** Opens a port that leads to a server on this machine. */
export async function startSwitch(target: string): Promise<NetworkSwitch> {
  const open = new Set<Socket>();
  let isOn = true;
  const server = createServer((client) => {
    if (!isOn) return client.destroy();
    const { hostname: host, port } = new URL(target);
    const upstream = connect({ host, port: Number(port) });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.on("error", () => one.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
    return undefined;
  });
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  server.listen(0, "localhost");
  await once(server, "listening");
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    turn(value) {
      isOn = value;
      if (!isOn) cut();
    },
    async close() {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}
