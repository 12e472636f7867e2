import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, request as startRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A server whose page is replaced by a newer version while people use it. */
export interface Deployment {
  readonly url: string;
  /** From now on the page is another one, whose script has another name; it calls itself `new`. */
  deploy(): void;
  close(): Promise<void>;
}

const NEW = "document.documentElement.lang = 'en-new';";

/** Headers of an answer that hold for the bytes on one connection, and not for what is passed on. */
const OF_CONNECTION = ["connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding", "etag"];

/** Stands before a server, and passes the host on that the browser asked. WebSockets do not get through, so pages poll. */
export async function startDeployment(target: string): Promise<Deployment> {
  let isNew = false;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "GET", url = "/", headers } = request;
    const { "if-none-match": _, ...asked } = headers;
    const path = url.replace("/assets/new", "/assets/");
    const passed = startRequest(target + path, { method, headers: { ...asked, "accept-encoding": "identity" } });
    request.pipe(passed);
    const [from] = (await once(passed, "response")) as [IncomingMessage];
    const type = from.headers["content-type"] ?? "";
    const kept = Object.entries(from.headers).filter(([name]) => !OF_CONNECTION.includes(name));
    response.writeHead(from.statusCode ?? 502, { ...Object.fromEntries(kept), "cache-control": "no-cache" });
    if (!isNew || method === "POST" || !/html|javascript/.test(type)) {
      from.pipe(response);
      return;
    }
    // All scripts are renamed, as they name each other. An old part would load an old script.
    const renamed = (await text(from)).replace(/(?<=assets\/|\.\/)[\w-]+\.js/g, "new$&");
    const isList = url === "/worker.js";
    const changed = isList ? renamed.replace(/[0-9a-f]{32}/g, (tag) => [...tag].reverse().join("")) : renamed;
    response.end(url.startsWith("/assets/newindex-") ? changed + NEW : changed);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    deploy() {
      isNew = true;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
