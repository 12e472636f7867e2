import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Page } from "playwright-core";

/** A TCP relay before a server, which keeps every byte that is sent to it. */
export interface Recorder {
  readonly url: string;
  /** All that clients have sent so far: requests with their headers and bodies. What goes over WebSockets is masked in it. */
  sent(): Buffer;
  close(): Promise<void>;
}

export async function startRecorder(port: number): Promise<Recorder> {
  const chunks: Buffer[] = [];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const target = connect(port, "127.0.0.1");
    const cut = () => {
      client.destroy();
      target.destroy();
    };
    client.on("data", (chunk) => chunks.push(chunk));
    client.pipe(target);
    target.pipe(client);
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on("error", cut);
      socket.on("close", () => {
        open.delete(socket);
        cut();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    sent: () => Buffer.concat(chunks),
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** What a page says over its WebSockets, from now on. */
export function framesFrom(page: Page): readonly string[] {
  const frames: string[] = [];
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => frames.push(String(payload))));
  return frames;
}
