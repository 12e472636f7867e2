import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { Client, type ConnectionState, NetworkError } from "../../../lib/client/index.ts";
import { type Act, done, json, problem, scripted, session, testTiming } from "../../support/client-servers.ts";
import { problemText } from "../../support/problem-text.ts";

/*
 * What stands between a client and the API answers on its own account: captive portals, proxies, gateways, another
 * program on the same port. Nothing of it is the API's word.
 */

const credentials = { username: "alice", password: "correct horse" };
const listed = {
  sessionId: "s",
  createdAt: "2026-01-01T00:00:00.000Z",
  expiresAt: "2026-02-01T00:00:00.000Z",
  userAgent: "",
  current: false,
};
const device = { deviceId: "d", name: "", userAgent: "", lastSeen: "2026-01-01", current: false, shared: true };
const user = (username: string) => ({ id: "id-2", username });
const MESSAGE_ID = "0198c0de-0000-7000-8000-000000000000";
const sent = { status: "received", messageId: MESSAGE_ID, sentAt: listed.createdAt };
const batch = { messages: [], receipt: "receipt-1", more: false };

async function receiveAll(client: Client): Promise<unknown[]> {
  const messages = [];
  for await (const message of client.receive({ follow: false })) messages.push(message);
  return messages;
}

/** Each method of the client, with the API's answer to it. */
const METHODS: readonly (readonly [string, (client: Client) => Promise<unknown>, Act])[] = [
  ["register", (client) => client.register(credentials), json(201, user("alice"))],
  ["login", (client) => client.login(credentials), json(200, session)],
  ["logout", (client) => client.logout(), done],
  ["changePassword", (client) => client.changePassword({ password: "a", newPassword: "b" }), done],
  ["deleteAccount", (client) => client.deleteAccount("a"), done],
  ["sessions", (client) => client.sessions(), json(200, { sessions: [listed] })],
  ["endSession", (client) => client.endSession("s"), done],
  ["devices", (client) => client.devices(), json(200, { devices: [device] })],
  ["removeDevice", (client) => client.removeDevice("d"), done],
  [
    "moveToOwnDevice",
    (client) => client.moveToOwnDevice({ deviceName: "Laptop" }),
    json(200, { ...session, deviceId: "d" }),
  ],
  ["blocks", (client) => client.blocks(), json(200, { blocks: [user("bob")] })],
  ["block", (client) => client.block("id-2"), done],
  ["unblock", (client) => client.unblock("id-2"), done],
  ["find", (client) => client.find("Bob"), json(200, user("bob"))],
  ["send", (client) => client.send({ to: "id-2", content: "x", messageId: MESSAGE_ID }), json(202, sent)],
  ["sync", (client) => client.sync(), json(200, batch)],
  ["receive", receiveAll, json(200, batch)],
];

const page =
  (status: number, headers: Record<string, string> = {}): Act =>
  (response) =>
    response.writeHead(status, { "content-type": "text/html", ...headers }).end("<h1>Welcome to our network</h1>");

const plain =
  (status: number, headers: Record<string, string> = {}): Act =>
  (response) =>
    response.writeHead(status, headers).end();

/** As our own, but that header or status are another's. */
const altered =
  (alter: (head: { status: number; headers: Record<string, string> }) => void): Act =>
  (response, request) => {
    const own = METHODS.find(([name]) => name === request.headers["x-test-method"])?.[2];
    const original = response.writeHead.bind(response);
    response.writeHead = ((status: number, headers: Record<string, string> = {}) => {
      const head = { status, headers: { ...headers } };
      alter(head);
      return original(head.status, head.headers);
    }) as typeof response.writeHead;
    own?.(response, request, { messageId: MESSAGE_ID });
  };

/** A problem of another service. */
const theirProblem = (members: object): Act =>
  json(401, { title: "No", status: 401, ...members }, { "content-type": "application/problem+json" });

/** What others answer. */
const FOREIGN: readonly (readonly [string, Act])[] = [
  ["HTML with 200", page(200)],
  ["HTML with 201", page(201)],
  ["HTML with 202", page(202)],
  ["an empty 200", plain(200)],
  ["an empty 200 that calls itself JSON", plain(200, { "content-type": "application/json" })],
  ["an empty 204", plain(204)],
  ["an empty 204 with a request id of its own", plain(204, { "x-request-id": "6b1f" })],
  ["an empty 205", plain(205)],
  ["JSON of another API with 200", json(200, { id: "7", username: "mallory", token: "x", status: "ok" })],
  ["JSON of another API with 201", json(201, { id: 7, username: "alice" })],
  ["JSON of another API with 202", json(202, { status: "received", messageId: "m", sentAt: "now" })],
  [
    "our lists without what tells their items apart",
    json(200, {
      sessions: [{ sessionId: "s", createdAt: "then", expiresAt: "later" }],
      devices: [{ deviceId: "d", lastSeen: "then" }],
      blocks: [{ id: "1" }],
      messages: [{ messageId: "m", senderId: "s", senderName: "n", content: "c", sentAt: "now" }],
      receipt: "r",
      more: false,
    }),
  ],
  ["a batch that does not say whether there is more", json(200, { messages: [], receipt: "r" })],
  [
    "another API's lists",
    json(200, { sessions: [{ id: 1 }], devices: [{}], blocks: [{ id: 1 }], messages: [{}], receipt: "r" }),
  ],
  ["our answer with 203", altered((head) => Object.assign(head, { status: 203 }))],
  ["HTML with 400", page(400)],
  ["HTML with 401", page(401, { "www-authenticate": "Negotiate" })],
  ["HTML with 403", page(403)],
  ["HTML with 404", page(404)],
  ["HTML with 409", page(409)],
  ["HTML with 413", page(413)],
  ["HTML with 502", page(502)],
  ["HTML with 511", page(511)],
  ["nothing with 401", plain(401)],
  ["API Gateway's 401", json(401, { message: "Unauthorized" })],
  ["API Gateway's 403", json(403, { message: "Forbidden" })],
  ["API Gateway's 404", json(404, { message: "Not Found" })],
  ["API Gateway's 413", json(413, { message: "Request Entity Too Large" })],
  ["API Gateway's 429", json(429, { message: "Too Many Requests" })],
  ["API Gateway's 500", json(500, { message: "Internal Server Error" })],
  ["API Gateway's 503", json(503, { message: "Service Unavailable" })],
  ["API Gateway's 504", json(504, { message: "Endpoint request timed out" })],
  [
    "another service's problem",
    json(401, { title: "No", status: 401 }, { "content-type": "application/problem+json" }),
  ],
  ["another service's problem with a code", theirProblem({ code: "unauthorized" })],
  ["another service's problem with an id", theirProblem({ requestId: "1" })],
  ["another service's problem with both", theirProblem({ code: "sso_required", requestId: "1" })],
  ["a problem with 200", problem(200, "invalid_token")],
  ["a code that is no problem", json(401, { code: "invalid_token", status: 401, requestId: "r" })],
  [
    "a problem under another status",
    (response) =>
      response.writeHead(404, { "content-type": "application/problem+json" }).end(problemText(401, "invalid_token")),
  ],
];

const AS_HTML: (typeof FOREIGN)[number] = [
  "our answer as HTML",
  altered(({ headers }) => Object.assign(headers, { "content-type": "text/html" })),
];

const OF_ANOTHER_REQUEST: (typeof FOREIGN)[number] = [
  "our answer to another request",
  altered(({ headers }) => Object.assign(headers, { "x-request-id": "6b1f" })),
];

/** A fetch that tells the server which method is under test. */
const telling =
  (method: string): typeof fetch =>
  (input, init) =>
    fetch(input, { ...init, headers: { ...(init?.headers as Record<string, string>), "x-test-method": method } });

async function setUp(method: string, acts: readonly Act[], giveUpAfter = 0) {
  const { url, seen } = await scripted(...acts);
  const timing = testTiming();
  const client = new Client({ url, timing, session, live: false, fetch: telling(method), retry: { giveUpAfter } });
  return { client, seen, timing };
}

describe.each(METHODS)("%s", (name, call, own) => {
  it("succeeds by the API's answer", async () => {
    const { client, seen } = await setUp(name, [own]);
    await call(client);
    expect(seen).toHaveLength(1);
  });

  // An answer with a body is known by that, and one without by the id of its request.
  const others = [...FOREIGN, own === done ? OF_ANOTHER_REQUEST : AS_HTML];

  it.each(others)("does not take %s for the API's word", async (_, act) => {
    const { client, seen } = await setUp(name, [act]);
    const outcome = await call(client).then(
      () => "done",
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(NetworkError);
    expect(outcome).toMatchObject({ status: expect.any(Number), cause: expect.any(SyntaxError) });
    expect(client.session).toBe(session);
    expect(seen).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])("follows no redirect by %i, and shows the token to no other", async (status) => {
    const loginPage = await scripted(page(200));
    const redirect = plain(status, { location: `${loginPage.url}/login` });
    const { client } = await setUp(name, [redirect]);
    await expect(call(client)).rejects.toMatchObject({ name: "NetworkError", status });
    expect(loginPage.seen).toEqual([]);
    expect(client.session).toBe(session);
  });

  it("is tried again behind a login page, and succeeds once the network lets it through", async () => {
    const acts = [page(200), plain(302, { location: "/login" }), page(511), own];
    const { client, seen } = await setUp(name, acts, 30_000);
    const isTriedOnce = name === "sync";
    if (isTriedOnce) await expect(call(client)).rejects.toThrow(NetworkError);
    else await call(client);
    expect(seen).toHaveLength(isTriedOnce ? 1 : acts.length);
  });
});

it.each(["soon", -5, {}, null])("a batch that asks to wait for %j is not the API's", async (retryAfter) => {
  const { client } = await setUp("sync", [json(200, { ...batch, retryAfter })]);
  await expect(client.sync()).rejects.toMatchObject({ name: "NetworkError", status: 200 });
});

describe("the size of an answer", () => {
  it("is bounded: a stream that never ends is left, and is not the API's word", async () => {
    const left = Promise.withResolvers<void>();
    const endless: Act = (response) => {
      response.writeHead(200, { "content-type": "application/json" }).on("close", left.resolve);
      const part = " ".repeat(1024 * 1024);
      const write = (): void => void response.write(part, (error) => (error ? undefined : write()));
      write();
    };
    const { client } = await setUp("sync", [endless]);
    await expect(client.sync()).rejects.toMatchObject({ name: "NetworkError", status: 200 });
    await left.promise;
  });

  it("may be all that API Gateway passes on, in parts that end within a character", async () => {
    const content = "👋".repeat(2_400_000);
    const bytes = Buffer.from(JSON.stringify({ ...batch, receipt: content }));
    const inParts: Act = (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      for (let from = 0; from < bytes.length; from += 999_999) response.write(bytes.subarray(from, from + 999_999));
      response.end();
    };
    const { client } = await setUp("sync", [inParts]);
    const { receipt } = await client.sync();
    expect(receipt === content).toBe(true);
  });
});

describe("a gateway", () => {
  it.each([408, 429, 500, 502, 503, 504])("that answers %i is waited for", async (status) => {
    const { client, seen } = await setUp("login", [json(status, { message: "Not now" }), json(200, session)], 30_000);
    await client.login(credentials);
    expect(seen).toHaveLength(2);
  });

  const ofFirewall = (): Act => {
    const { CustomResponseBodies, Rules } = parse(readFileSync("deploy/firewall.yml", "utf8")).Resources.WebAcl
      .Properties;
    const { ResponseCode, ResponseHeaders } = Rules[0].Action.Block.CustomResponse;
    const headers = Object.fromEntries(ResponseHeaders.map(({ Name, Value }: Record<string, string>) => [Name, Value]));
    return (response) =>
      response
        .writeHead(ResponseCode, { ...headers, "content-type": "application/json" })
        .end(CustomResponseBodies.problem.Content);
  };

  it("that is the deployment's firewall says for the API that there were too many requests", async () => {
    const login = await setUp("login", [ofFirewall()], 90_000);
    const refusal = { name: "ProblemError", status: 429, code: "too_many_requests", retryAfter: 60 };
    await expect(login.client.login(credentials)).rejects.toMatchObject(refusal);
    expect(login.timing.sleeps).toEqual([]);
    const { client, timing } = await setUp("send", [ofFirewall(), json(202, sent)], 90_000);
    await client.send({ to: "id-2", content: "x", messageId: MESSAGE_ID });
    expect(timing.sleeps).toEqual([60_100]);
  });

  it.each([
    ["7", 7_000],
    ["86400", 60_000],
  ])("that asks for %s seconds is left alone for %i ms: it may be a login page", async (asked, waited) => {
    const { client, timing } = await setUp("send", [page(503, { "retry-after": asked }), json(202, sent)], 90_000);
    await client.send({ to: "id-2", content: "x", messageId: MESSAGE_ID });
    expect(timing.sleeps).toEqual([waited + 100]);
  });

  it.each<[number, RegExp]>([
    [200, /^Something between you and the server answered GET \/users\/bob, not goTalk\. .*login page/],
    [404, /Otherwise check the server's address\.$/],
    [511, /login page/],
    [503, /^A gateway in front of the server answered GET \/users\/bob with HTTP 503\.$/],
  ])("that answers %i is told of in words that say what to do", async (status, words) => {
    const { client } = await setUp("find", [page(status)]);
    await expect(client.find("bob")).rejects.toThrow(words);
  });

  it("that wants a login of its own is a network fault: fetch shows no 407 to anybody", async () => {
    const { client } = await setUp("find", [page(407, { "proxy-authenticate": "Basic" })]);
    await expect(client.find("bob")).rejects.toMatchObject({ name: "NetworkError", status: undefined });
  });

  it("does not hide what the API itself says", async () => {
    const { client } = await setUp("find", [page(200), problem(404, "unknown_user")], 30_000);
    await expect(client.find("bob")).rejects.toMatchObject({ name: "ProblemError", code: "unknown_user" });
  });
});

it("a WebSocket follows no redirect either, so that the proof reaches no other server", async () => {
  const [api, loginPage] = await Promise.all([scripted(json(200, batch)), scripted(page(200))]);
  const refused = Promise.withResolvers<void>();
  const gate = createServer((socket) => {
    socket.once("data", () => {
      socket.end(`HTTP/1.1 302 Found\r\nlocation: ${loginPage.url}/live\r\ncontent-length: 0\r\n\r\n`);
      refused.resolve();
    });
  }).listen(0, "127.0.0.1");
  await once(gate, "listening");
  onTestFinished(() => void gate.close());
  const live = `ws://127.0.0.1:${(gate.address() as AddressInfo).port}/live`;
  const states: ConnectionState[] = [];
  const end = new AbortController();
  const inbox = new Client({ url: api.url, session, live }).receive({
    signal: end.signal,
    onConnection: (state) => {
      states.push(state);
      end.abort();
    },
  });
  for await (const _ of inbox);
  await refused.promise;
  expect(states).toEqual(["polling"]);
  expect(loginPage.seen).toEqual([]);
});
