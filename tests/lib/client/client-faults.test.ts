import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { Client, NetworkError, type Session } from "../../../lib/client/index.ts";
import { testTiming } from "../../support/client-servers.ts";
import { type Fault, startFaultProxy } from "../../support/fault-proxy.ts";

const session: Session = { token: "token", id: "me", username: "me", receipt: "login", expiresAt: "never" };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server that counts the attempts of each message, behind a proxy that plays the faults and then none. */
async function setUp(...faults: Fault[]) {
  const attempts = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { messageId, content } = JSON.parse(Buffer.concat(chunks).toString());
    attempts.set(messageId, (attempts.get(messageId) ?? 0) + 1);
    const body = { status: "received", messageId, sentAt: content };
    response.writeHead(202, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startFaultProxy({
    port: (server.address() as AddressInfo).port,
    next: () => faults.shift() ?? "none",
  });
  closing.push(proxy.close, () => server.close());
  const timing = testTiming();
  return { attempts, proxy, server, client: new Client({ url: proxy.url, session, timing }) };
}

it.each<[Fault, number]>([
  ["none", 1],
  ["before", 1],
  ["after", 2],
  ["middle", 2],
  [{ delay: 5 }, 1],
])("a send with the fault %j reaches the server so often: %i", async (fault, expected) => {
  const { client, attempts, proxy } = await setUp("none", fault);
  await client.send({ to: "you", content: "first", messageId: randomUUID() });
  const messageId = randomUUID();
  // Larger than one TCP segment, and so more than one chunk.
  const content = "x".repeat(200_000);
  const answer = await client.send({ to: "you", content, messageId });
  expect(answer).toEqual({ status: "received", messageId, sentAt: content });
  expect(attempts.get(messageId)).toBe(expected);
  expect(proxy.requests()).toBe(fault === "none" || typeof fault === "object" ? 2 : 3);
});

it("a server that is down is a network fault, and one that is back is reached", async () => {
  const { client, server, attempts } = await setUp();
  const { port } = server.address() as AddressInfo;
  server.close();
  server.closeAllConnections();
  const messageId = randomUUID();
  const faults: unknown[] = [];
  const onRetry = (error: unknown) => {
    faults.push(error);
    if (faults.length === 2) server.listen(port, "127.0.0.1");
  };
  await client.send({ to: "you", content: "hi", messageId, onRetry });
  expect(faults.length).toBeGreaterThanOrEqual(2);
  expect(faults[0]).toBeInstanceOf(NetworkError);
  expect(attempts.get(messageId)).toBe(1);
});

it("a proxy that is closed cuts what is under way", async () => {
  const { client, proxy } = await setUp({ delay: 60_000 });
  const sync = client.sync();
  const outcome = expect(sync).rejects.toThrow(NetworkError);
  while (proxy.requests() === 0) await new Promise(setImmediate);
  await proxy.close();
  closing.shift();
  await outcome;
});
