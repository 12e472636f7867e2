import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * What happens to one HTTP request:
 * - `none`: it passes
 * - `before`: the connection is cut, and the server never sees the request
 * - `after`: the connection is cut when the server has answered, and the client sees nothing of the answer
 * - `middle`: the connection is cut half-way through the answer
 * - `never`: the request is held back until the connection ends, as on a network that is gone without a word
 * - `{ delay }`: the request is held back for so many milliseconds
 * - `{ cut }`: the request passes, and the connection is cut so many milliseconds later, however far the server has come
 */
export type Fault =
  | "none"
  | "before"
  | "after"
  | "middle"
  | "never"
  | { readonly delay: number }
  | { readonly cut: number };

/** A TCP proxy in front of an HTTP/1.1 server, which harms requests. */
export interface FaultProxy {
  readonly port: number;
  readonly url: string;
  /** Requests seen so far. */
  readonly requests: () => number;
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

interface Target {
  readonly port: number;
  readonly host?: string;
  /** Chooses the fault of a request by its beginning, which holds its headers; called once for each request. */
  next(head: string): Fault;
  /** Called with the beginning of each request that the server gets, which holds its headers. */
  passed?(head: string): void;
}

/**
 * Starts a proxy on a free port of the loopback address. While its target is down, connections are cut.
 *
 * It tells requests apart by whose turn it is to talk, which holds for clients that do not pipeline (no browser does,
 * nor Node's fetch).
 */
export async function startFaultProxy({
  port: targetPort,
  host = "127.0.0.1",
  next,
  passed = () => {},
}: Target): Promise<FaultProxy> {
  const open = new Set<Socket>();
  let requests = 0;
  const server = createServer((client) => {
    open.add(client);
    client.on("close", () => open.delete(client));
    const count = (head: string): Fault => {
      requests++;
      return next(head);
    };
    relay(client, connect(targetPort, host), count, passed);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const client of open) client.destroy();
      await closed;
    },
  };
}

/** Joins the two sockets, with one fault for each turn of the client. */
function relay(client: Socket, target: Socket, next: (head: string) => Fault, passed: (head: string) => void): void {
  let fault: Fault = "none";
  let isAnswering = true;
  let held = Promise.resolve();
  const cut = () => {
    client.destroy();
    target.destroy();
  };

  client.on("data", (chunk) => {
    const isFirst = isAnswering;
    if (isFirst) {
      isAnswering = false;
      fault = next(chunk.toString("latin1"));
      if (fault === "never") held = new Promise(() => {});
      if (typeof fault === "object" && "delay" in fault) held = after(fault.delay);
      if (typeof fault === "object" && "cut" in fault) void after(fault.cut).then(cut);
    }
    if (fault === "before") return cut();
    // Later chunks of a request that is held back must not overtake its first one.
    void held.then(() => target.write(chunk, (error) => void (isFirst && !error && passed(chunk.toString("latin1")))));
  });
  target.on("data", (chunk) => {
    isAnswering = true;
    if (fault === "after") return cut();
    if (fault === "middle") return client.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), cut);
    client.write(chunk);
  });
  for (const socket of [client, target]) {
    socket.setNoDelay(true);
    socket.on("error", cut);
    socket.on("close", cut);
  }
}

const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
