import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request of the SDK. */
export interface Call {
  readonly method: string;
  /** Not decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Reply {
  readonly status: number;
  /** Of the content. */
  readonly type: string;
  readonly body: string;
}

/** Of an operation of a service that speaks JSON; undefined for any other call. */
export const jsonOperation = ({ headers }: Call): string | undefined =>
  String(headers["x-amz-target"] ?? "").split(".")[1];

export const xml = (body: string, status = 200): Reply => ({ status, type: "application/xml", body });

/** An error of a service that speaks XML and has no wrapping of its own, as S3. */
export const xmlError = (status: number, code: string): Reply => xml(`<Error><Code>${code}</Code></Error>`, status);

/** A server that answers in place of AWS, and what a client of the SDK is made with to talk to it. */
export async function startStandIn(answer: (call: Call) => Reply | Promise<Reply>) {
  const server = createServer(async (request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://aws");
    const { method = "", headers } = request;
    const { status, type, body } = await answer({ method, path, query, headers, body: await buffer(request) });
    response.writeHead(status, { "content-type": type });
    // S3 answers HEAD and 204 without a body, and Node refuses one.
    response.end(method === "HEAD" || status === 204 ? undefined : body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    config: {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      forcePathStyle: true,
      region: "eu-central-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    },
    stop: (): void => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export type StandIn = Awaited<ReturnType<typeof startStandIn>>;
