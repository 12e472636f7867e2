import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
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

/** Stands before a server. WebSockets do not get through, so pages poll. */
export async function startDeployment(target: string): Promise<Deployment> {
  let isNew = false;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "GET", url = "/", headers } = request;
    const { host: _, connection: __, "if-none-match": ___, ...rest } = headers;
    const isPost = method === "POST";
    const from = await fetch(target + url.replace("/assets/new-", "/assets/index-"), {
      method,
      headers: rest as Record<string, string>,
      ...(isPost && { body: await text(request) }),
    });
    const type = from.headers.get("content-type") ?? "";
    const policy = from.headers.get("content-security-policy");
    response.writeHead(from.status, {
      "content-type": type,
      "cache-control": "no-cache",
      ...(policy !== null && { "content-security-policy": policy }),
    });
    if (!isNew || isPost || !/html|javascript/.test(type)) {
      response.end(Buffer.from(await from.arrayBuffer()));
      return;
    }
    // Of the worker's list only the script is renamed; the page comes in its new form.
    const renamed = (await from.text()).replace(/index-(?=[\w-]+\.js)/g, "new-");
    const isList = url === "/worker.js";
    const changed = isList ? renamed.replace(/[0-9a-f]{32}/g, (tag) => [...tag].reverse().join("")) : renamed;
    response.end(url.startsWith("/assets/new-") ? changed + NEW : changed);
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
