import { once } from "node:events";
import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import { type Answer, answerOf } from "./api.ts";

interface Options {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/** A request with any header: `fetch` leaves Host and others to itself. */
export async function ask(url: string, { method = "GET", headers = {}, body }: Options = {}): Promise<Answer> {
  const asked = request(url, { method, headers, agent: false }).end(body);
  const upgraded = once(asked, "upgrade").then((answer) => {
    answer[1].destroy();
    return answer;
  });
  const [response] = (await Promise.race([once(asked, "response"), upgraded])) as [IncomingMessage];
  const headersOf = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]));
  return answerOf(response.statusCode ?? 0, headersOf, response.statusCode === 101 ? "" : await text(response));
}

/** A connection on which a test writes bytes as it likes. It ends with the test. */
export async function wireTo(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** The headers of a request to upgrade to a WebSocket. */
export const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-key": Buffer.alloc(16, "k").toString("base64"),
  "sec-websocket-version": "13",
};
