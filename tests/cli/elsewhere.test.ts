import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { newUsername, PASSWORD } from "../support/logins.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { Computer } from "../support/terminal-client.ts";

/*
 * A deployment without CloudFront has two hosts: the API's, and the WebSocket API's, which a login names.
 */

let stack: SharedStack;
let live: FaultProxy;
let api: Server;
/** What came to the WebSocket's host, and the handshakes that came to the API's, where there is none. */
const [atLive, misled]: [string[], string[]] = [[], []];

beforeAll(async () => {
  stack = await sharedStack();
  live = await startFaultProxy({ port: stack.port, next: () => "none", passed: (head) => atLive.push(head) });
  api = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const sent = Object.entries(headers).filter(([name]) => /^(content-type|authorization|x-request-id)$/.test(name));
    const body = method === "POST" ? new Uint8Array(await buffer(request)) : null;
    const answer = await fetch(stack.url + url, {
      method,
      body,
      headers: sent.map(([name, value]) => [name, String(value)]),
    });
    let text = await answer.text();
    if (url === "/login" && answer.ok)
      text = JSON.stringify({ ...JSON.parse(text), live: `${live.url.replace("http", "ws")}/live` });
    const kept = [...answer.headers].filter(([name]) => /^(content-type|x-request-id)$/.test(name));
    response.writeHead(answer.status, Object.fromEntries(kept)).end(text);
  });
  api.on("upgrade", ({ url = "" }, socket) => {
    misled.push(url);
    socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
  });
  await once(api.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  api.closeAllConnections();
  api.close();
  await live.close();
});

it("a terminal logs in at the API's address, and is woken over the WebSocket that the login names", async () => {
  const here = new Computer(stack.url);
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const [alice, bob] = [await new Computer(stack.url).newcomer(), newUsername()];
  const at = ["--url", url];
  expect(await here.run([...at, "register", bob], `${PASSWORD}\n`)).toMatchObject({ code: 0, stderr: "" });
  expect(await here.run([...at, "login", bob], `${PASSWORD}\n`)).toMatchObject({ code: 0, stderr: "" });

  const following = here.start(["--url", url, "receive", "--json"]);
  await eventually(() => expect(atLive.some((head) => head.startsWith("GET /live "))).toBe(true));
  await alice.client.send({ to: (await alice.client.find(bob)).id, content: "Are you there?" });
  await eventually(() => expect(following.stdout()).toContain("Are you there?"));
  following.child.kill("SIGTERM");
  expect(await following.ended).toMatchObject({ signal: "SIGTERM", stderr: "" });
  expect(misled).toEqual([]);
});
