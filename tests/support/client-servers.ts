import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { Session, Timing } from "../../lib/client/index.ts";
import { problemText } from "./problem-text.ts";

/** The session that the client under test has from the start. */
export const session: Session = {
  token: "token-1",
  id: "id-1",
  username: "alice",
  receipt: "receipt-0",
  expiresAt: "2026-02-01T00:00:00.000Z",
};

/** A request as a scripted server saw it. */
export interface Seen {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: { readonly messageId?: string; readonly ack?: string };
}

/** Answers one request, whose body has been read. */
export type Act = (response: ServerResponse, request: IncomingMessage, body?: Seen["body"]) => void;

/** A JSON answer. */
export const json =
  (status: number, body: object, headers: Record<string, string> = {}): Act =>
  (response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

/** An RFC 9457 problem. */
export const problem =
  (status: number, code: string, headers: Record<string, string> = {}, more: object = {}): Act =>
  (response) =>
    response
      .writeHead(status, { "content-type": "application/problem+json", ...headers })
      .end(problemText(status, code, more));

/** The API's 204: it bears the id of its request. */
export const done: Act = (response, request) =>
  response.writeHead(204, { "x-request-id": String(request.headers["x-request-id"]) }).end();

/** The connection is cut without an answer. */
export const cut: Act = (response) => response.destroy();

/** The connection is cut within the answer's body. */
export const halfBody: Act = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"messages":[', () => response.destroy());
};

/** Never answers. */
export const silence: Act = () => {};

/** A server that plays its script, one act for each request, and the last one again and again. */
export async function scripted(...acts: Act[]): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const url = await serving((response, request, body) => {
    const act = acts[Math.min(seen.length, acts.length - 1)] ?? silence;
    seen.push({ method: request.method, path: request.url, authorization: request.headers.authorization, body });
    act(response, request, body);
  });
  return { url, seen };
}

/** A server that answers by the path of a request, with a status and JSON. */
export const answering = async (
  answer: (path: string, body: Seen["body"]) => readonly [status: number, body: object],
): Promise<{ url: string }> => ({
  url: await serving((response, request, body) => json(...answer(String(request.url), body))(response, request)),
});

type Serve = (response: ServerResponse, request: IncomingMessage, body: Seen["body"]) => void;

/** @returns the URL of a server that is there until the test is over */
async function serving(serve: Serve): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    serve(response, request, text === "" ? {} : JSON.parse(text));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A clock that stands still but for what is slept, which takes no time, and whose chance is always the same. */
export function testTiming(chance = 0.5): Timing & { readonly sleeps: number[]; onSleep?: () => void } {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => now,
    random: () => chance,
    async sleep(milliseconds) {
      sleeps.push(milliseconds);
      now += milliseconds;
      this.onSleep?.();
    },
  };
}
