import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** A request to an AWS service. */
interface AwsRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** A stand-in of Lambda's and the scheduler's endpoints: it keeps what it is asked for, and answers when it is told to. */
export interface AwsStandIn {
  readonly url: string;
  readonly requests: AwsRequest[];
  /** Connections that were opened. */
  readonly connections: () => number;
  /** Resolves when there are so many requests. */
  until(count: number): Promise<void>;
  /** How requests are answered from now on; `undefined` leaves them without an answer. */
  answer(status: number | undefined): void;
  close(): Promise<void>;
}

export async function startAwsStandIn(): Promise<AwsStandIn> {
  const requests: AwsRequest[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let status: number | undefined = 202;
  let opened = 0;
  const server = createServer(async (request, response: ServerResponse) => {
    const { method = "", url: path = "", headers } = request;
    const body = await json(request).catch(() => undefined);
    requests.push({ method, path, headers, body });
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
    if (status !== undefined) response.writeHead(status).end("{}");
  });
  server.on("connection", () => {
    opened += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => opened,
    until: async (count) => {
      if (requests.length >= count) return;
      await new Promise<void>((resolve) => {
        waiting.push({ count, resolve });
      });
    },
    answer: (next) => {
      status = next;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
