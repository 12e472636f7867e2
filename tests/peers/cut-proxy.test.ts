import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startCutProxy } from "./cut-proxy.ts";

const MARKER = "message";

/** A client and a server with the proxy between them; each keeps what it has got. */
async function connected(from: "client" | "server") {
  let atServer = "";
  let atClient = "";
  const listener = createServer();
  listener.listen(0, "localhost");
  await once(listener, "listening");
  const proxy = await startCutProxy({ port: (listener.address() as AddressInfo).port, from, marker: MARKER });
  const client = connect(proxy.port, "127.0.0.1");
  const [server] = (await once(listener, "connection")) as [Socket];
  onTestFinished(async () => {
    await proxy.close();
    client.destroy();
    server.destroy();
    listener.close();
  });
  client.on("data", (chunk) => {
    atClient += chunk;
  });
  server.on("data", (chunk) => {
    atServer += chunk;
  });
  return {
    proxy,
    listener,
    client,
    server,
    seen: () => ({ atClient, atServer }),
    /** Says something, and waits until the other side has it. */
    async say(source: Socket, target: Socket, text: string) {
      const heard = once(target, "data");
      source.write(text);
      await heard;
    },
    ended: Promise.all([once(client, "close"), once(server, "close")]),
  };
}

it.each([
  ["before", { atServer: "hello", atClient: "" }],
  ["middle", { atServer: "hellomess", atClient: "" }],
] as const)("cuts a sender's connection %s a message", async (kind, expected) => {
  const { proxy, client, server, say, ended, seen } = await connected("client");
  const struck = proxy.cut(kind);
  await say(client, server, "hello");
  client.write(MARKER);
  await Promise.all([struck, ended]);
  expect(seen()).toEqual(expected);
});

it("cuts a sender's connection when its message is answered", async () => {
  const { proxy, client, server, say, ended, seen } = await connected("client");
  const struck = proxy.cut("answer");
  await say(server, client, "hello");
  await say(client, server, MARKER);
  await say(client, server, "more");
  server.write("received");
  await Promise.all([struck, ended]);
  expect(seen()).toEqual({ atServer: `${MARKER}more`, atClient: "hello" });
});

it("cuts a receiver's connection later, after three more chunks", async () => {
  const { proxy, client, server, say, ended, seen } = await connected("server");
  const struck = proxy.cut("later");
  await say(client, server, MARKER);
  await say(server, client, MARKER);
  await say(client, server, "1");
  await say(server, client, "2");
  await say(client, server, "3");
  server.write("4");
  await Promise.all([struck, ended]);
  expect(seen()).toEqual({ atServer: `${MARKER}13`, atClient: `${MARKER}2` });
});

it("strikes one message, and lets the next connection pass", async () => {
  const { proxy, listener, server, say, ended } = await connected("server");
  const struck = proxy.cut("before");
  server.write(MARKER);
  await Promise.all([struck, ended]);
  const nextClient = connect(proxy.port, "127.0.0.1");
  const [nextServer] = (await once(listener, "connection")) as [Socket];
  onTestFinished(() => void nextClient.destroy());
  await say(nextServer, nextClient, MARKER);
  await say(nextClient, nextServer, "received");
});
