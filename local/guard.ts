import { randomUUID } from "node:crypto";
import { type IncomingMessage, type RequestListener, type Server, STATUS_CODES } from "node:http";
import type { Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import { toProblem } from "../lib/http/http.ts";
import type { GoTalkError } from "../lib/runtime/errors.ts";

/** How many connections may be open at once, at each address: far below the files that a process may have open. */
const MOST_CONNECTIONS = 2_000;

/**
 * Within what time the headers and the whole of a request must have come, in milliseconds. A file of 25 MB may come over a slow
 * network; a request of the API has 10 s for its body, as hapi bounds it.
 */
const HEADERS_TIME = 10_000;
const REQUEST_TIME = 600_000;

type Rule = (request: IncomingMessage) => GoTalkError | undefined;

/** Answers what a rule refuses by itself, as the API does. What listens to the server already sees nothing of it. */
export function guard(server: Server, rule: Rule): void {
  for (const name of ["request", "checkContinue"] as const) {
    const serve = server.listeners(name) as RequestListener[];
    server.removeAllListeners(name);
    server.on(name, (request, response) => {
      const refusal = rule(request);
      if (refusal === undefined) {
        for (const listener of serve) listener(request, response);
        return;
      }
      const { statusCode, headers, body } = toProblem(refusal, randomUUID());
      // What is left of the request is not read.
      response.writeHead(Number(statusCode), { ...(headers as Record<string, string>), connection: "close" }).end(body);
    });
  }
  const upgrade = server.listeners("upgrade") as ((request: IncomingMessage, socket: Duplex, head: Buffer) => void)[];
  server.removeAllListeners("upgrade");
  server.on("upgrade", (request, socket, head) => {
    const refusal = rule(request);
    if (refusal === undefined) for (const listener of upgrade) listener(request, socket, head);
    else refuseUpgrade(socket, refusal);
  });
}

function refuseUpgrade(socket: Duplex, refusal: GoTalkError): void {
  const { statusCode = 403, headers = {}, body = "" } = toProblem(refusal, randomUUID());
  const lines = Object.entries({ ...headers, connection: "close", "content-length": Buffer.byteLength(body) });
  const head = [`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`, ...lines.map((line) => line.join(": "))];
  socket.on("error", () => socket.destroy());
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** Keeps clients from using up what this process has: connections, and the time that they stay open. */
export function bound(server: Server): void {
  server.headersTimeout = HEADERS_TIME;
  server.requestTimeout = REQUEST_TIME;
  boundConnections(server);
}

/** Takes so many connections, and survives one that cannot be taken as too many files are open. */
export function boundConnections(server: NetServer): void {
  server.maxConnections = MOST_CONNECTIONS;
  server.on("error", () => {});
}
