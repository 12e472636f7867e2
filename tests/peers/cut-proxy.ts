import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * Where a connection is cut, seen from a chunk of bytes that carries a message:
 * - `before`: the chunk does not arrive
 * - `middle`: half of the chunk arrives
 * - `answer`: the chunk arrives, and what the other side answers does not
 * - `later`: three more chunks pass in either direction, and the next one does not
 */
export type Cut = "before" | "middle" | "answer" | "later";

export const CUTS: readonly Cut[] = ["before", "middle", "answer", "later"];

/** What passes of the chunk with the message. */
const FIRST_SHARE: Readonly<Record<Cut, number>> = { before: 0, middle: 0.5, answer: 1, later: 1 };
const PASS_BEFORE_LATER = 3;

/** A TCP proxy for any protocol that carries the content of messages as it is. */
export interface CutProxy {
  readonly port: number;
  /** Cuts the connection of the next message. Resolves when it is cut. */
  cut(kind: Cut): Promise<void>;
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

interface Route {
  /** The port of the server, on the loopback address. */
  readonly port: number;
  /** The side that messages come from. */
  readonly from: "client" | "server";
  /** Bytes that are in each message and in nothing else. */
  readonly marker: string;
}

/** Starts a proxy on a free port of the loopback address. While its server is down, connections are cut. */
export async function startCutProxy(route: Route): Promise<CutProxy> {
  const open = new Set<Socket>();
  let armed: Doom | undefined;
  const arm = (): Doom | undefined => {
    const doom = armed;
    armed = undefined;
    return doom;
  };
  const server = createServer((client) => {
    open.add(client);
    client.on("close", () => open.delete(client));
    relay(client, connect(route.port, "localhost"), route, arm);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut: (kind) =>
      new Promise((struck) => {
        armed = { kind, struck };
      }),
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const client of open) client.destroy();
      await closed;
    },
  };
}

/** What waits for a connection. */
interface Doom {
  readonly kind: Cut;
  readonly struck: () => void;
}

function relay(client: Socket, server: Socket, { from, marker }: Route, arm: () => Doom | undefined): void {
  let doom: Doom | undefined;
  let passed = 0;
  let isOver = false;
  const cut = (): void => {
    isOver = true;
    client.destroy();
    server.destroy();
    doom?.struck();
  };
  /** What passes of a chunk: 1 is all of it. If it is less, the connection is cut. */
  const shareOf = (chunk: Buffer, isDelivery: boolean): number => {
    if (doom !== undefined) {
      const passes = doom.kind === "answer" ? isDelivery : passed++ < PASS_BEFORE_LATER;
      return passes ? 1 : 0;
    }
    if (isDelivery && chunk.includes(marker)) doom = arm();
    return doom === undefined ? 1 : FIRST_SHARE[doom.kind];
  };
  const pass = (source: Socket, target: Socket, isDelivery: boolean): void => {
    source.on("data", (chunk) => {
      if (isOver) return;
      const bytes = Math.ceil(chunk.length * shareOf(chunk, isDelivery));
      isOver = bytes < chunk.length;
      if (bytes === 0) cut();
      else target.write(chunk.subarray(0, bytes), isOver ? cut : undefined);
    });
    source.setNoDelay(true);
    source.on("error", cut);
    source.on("close", cut);
  };
  pass(client, server, from === "client");
  pass(server, client, from === "server");
}
