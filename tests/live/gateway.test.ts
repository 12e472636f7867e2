import { readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { signBy } from "../../lib/database/aws-calls.ts";
import { createDatabase } from "../../lib/database/database.ts";
import { close } from "../../lib/live/close.ts";
import type { Connection, Listeners } from "../../lib/live/listeners.ts";
import { WAKE } from "../../lib/live/live-frames.ts";
import { createGateway, type LiveGateway } from "../../lib/live/live-gateway.ts";
import { post } from "../../lib/live/post.ts";
import { Wakes } from "../../lib/live/wakes.ts";
import { isSigned } from "../support/signed.ts";

/** What becomes of a request, by how many the server has had on that connection, from 0, and in all. */
type Answering = (response: ServerResponse, onConnection: number, inAll: number) => void;

let server: Server;
let endpoint: string;
let answering: Answering;
let asked: string[];

const REGION = "eu-central-1";
const CREDENTIALS = { accessKeyId: "id", secretAccessKey: "secret", sessionToken: "session" };
const sign = signBy(createDatabase(() => {}, { region: REGION, credentials: CREDENTIALS }));

/** How much longer everything may take than in a function: a busy machine is slow, too. */
const SLOWNESS = 5;

beforeAll(() => {
  const { gateway, firstWakeTime } = LIMITS.live;
  const { connectTime, attemptTime } = gateway;
  Object.assign(LIMITS.live, { firstWakeTime: SLOWNESS * firstWakeTime });
  Object.assign(LIMITS.live.gateway, { connectTime: SLOWNESS * connectTime, attemptTime: SLOWNESS * attemptTime });
});
beforeEach(async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  asked = [];
  const onConnection = new WeakMap<Socket, number>();
  server = createServer((request: IncomingMessage, response) => {
    const before = onConnection.get(request.socket) ?? 0;
    onConnection.set(request.socket, before + 1);
    asked.push(`${request.method} ${before}`);
    request.resume();
    request.on("end", () => answering(response, before, asked.length - 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/live`;
});
afterEach(() => {
  vi.restoreAllMocks();
  server.closeAllConnections();
  server.close();
});

const isThere: Answering = (response) => response.writeHead(200).end();

/** As a connection is that was closed while the function was frozen: that shows when it is used again. */
const isReset: Answering = (response, onConnection) =>
  onConnection === 0 ? response.writeHead(200).end() : response.destroy();

/** The same where something in between has forgotten the connection: nobody says so. */
const isForgotten: Answering = (response, onConnection) => {
  if (onConnection === 0) response.writeHead(200).end();
};

describe.each([
  ["reset", isReset],
  ["forgotten", isForgotten],
])("a connection to the gateway that was %s while nobody used it", (_, fault) => {
  beforeEach(() => {
    answering = fault;
  });

  it("loses no frame, and no order to close: the second attempt goes over another one", async () => {
    const gateway = createGateway(endpoint, sign);
    expect(await post(gateway, "one=", WAKE)).toBe(true);
    expect(await post(gateway, "one=", WAKE)).toBe(true);
    expect(asked).toEqual(["POST 0", "POST 1", "POST 0"]);
    await close(gateway, "one=");
    expect(asked.slice(3)).toEqual(["DELETE 1", "DELETE 0"]);
  });

  it("loses no wake, though the answer to the send waits for a second at most", async () => {
    const one: Connection[] = [{ connectionId: "one=", sessionId: "session", deviceId: "shared" }];
    const listeners: Pick<Listeners, "list" | "remove"> = { list: async () => one, remove: async () => {} };
    const counted: Record<string, number> = {};
    let now = Date.now();
    const wakes = new Wakes(
      listeners as Listeners,
      createGateway(endpoint, sign),
      (name, value = 1) => {
        counted[name] = (counted[name] ?? 0) + value;
      },
      () => now,
    );
    await wakes.prepare("bob", async () => false)(() => WAKE);
    now += 10_000;
    await wakes.prepare("bob", async () => false)(() => WAKE);
    expect(counted).toEqual({ WakeSuccesses: 2, WakeFailures: 0 });
  });
});

describe("the gateway's client", () => {
  it("gives up after two attempts, whatever it meets, without being told to", async () => {
    for (const fault of [() => {}, (response) => response.destroy()] satisfies Answering[]) {
      asked = [];
      answering = fault;
      await expect(post(createGateway(endpoint, sign), "one=", WAKE)).rejects.toThrow();
      expect(asked).toEqual(["POST 0", "POST 0"]);
    }
  });

  it.each([429, 500, 502, 503, 504])(
    "tries again what is answered %i, and fails if that is all it gets",
    async (status) => {
      answering = (response, _, inAll) => response.writeHead(inAll === 0 ? status : 200).end();
      const gateway = createGateway(endpoint, sign);
      expect(await post(gateway, "one=", WAKE)).toBe(true);
      answering = (response) => response.writeHead(status).end();
      await expect(close(gateway, "one=")).rejects.toThrow(`API Gateway answered ${status}`);
      expect(asked).toEqual(["POST 0", "POST 1", "DELETE 2", "DELETE 3"]);
    },
  );

  it("does not try again what is refused", async () => {
    answering = (response) => response.writeHead(403).end();
    await expect(post(createGateway(endpoint, sign), "one=", WAKE)).rejects.toThrow("API Gateway answered 403");
    expect(asked).toEqual(["POST 0"]);
  });

  it("is given up by its signal, and not tried again", async () => {
    const scope = new AbortController();
    answering = () => scope.abort();
    await expect(post(createGateway(endpoint, sign), "one=", WAKE, scope.signal)).rejects.toThrow(/abort/i);
    expect(asked).toEqual(["POST 0"]);
  });

  it("repeats nothing that was answered", async () => {
    answering = isThere;
    const gateway = createGateway(endpoint, sign);
    await post(gateway, "one=", WAKE);
    answering = (response) => response.writeHead(410, { "x-amzn-errortype": "GoneException" }).end();
    expect(await post(gateway, "one=", WAKE)).toBe(false);
    await close(gateway, "one=");
    expect(asked).toEqual(["POST 0", "POST 1", "DELETE 2"]);
  });
});

describe("a call of the gateway", () => {
  const ID = "L0SM9cOFvHcCIhw=";

  it.each([
    ["a frame", "POST", WAKE, (gateway: LiveGateway) => post(gateway, ID, WAKE)],
    ["an order to close", "DELETE", "", (gateway: LiveGateway) => close(gateway, ID)],
  ] as const)("brings %s as API Gateway takes it, signed with the function's own credentials", async (...named) => {
    const [, method, body, call] = named;
    const arrived: { call: string; body: string; isSigned: boolean }[] = [];
    server.removeAllListeners("request");
    server.on("request", async (request: IncomingMessage, response: ServerResponse) => {
      const told = await text(request);
      const signer = { service: "execute-api", region: REGION, credentials: CREDENTIALS };
      arrived.push({
        call: `${request.method} ${request.url}`,
        body: told,
        isSigned: await isSigned(request, told, signer),
      });
      response.end();
    });
    await call(createGateway(endpoint, sign));
    expect(arrived).toEqual([{ call: `${method} /live/@connections/L0SM9cOFvHcCIhw%3D`, body, isSigned: true }]);
  });
});

/** The SDK's own, or one that goTalk makes of the SDK's parts. */
const CLIENT = /new \w+Client\(|requestHandler\.handle\(/g;

it("every client of AWS in a function is bounded in attempts and times", () => {
  const folder = new URL("../../lib/", import.meta.url);
  const making = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .toSorted()
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [name, readFileSync(new URL(name, folder), "utf8")] as const)
    .filter(([, code]) => code.match(CLIENT) !== null);
  expect(making.map(([name]) => name)).toEqual(["database/database.ts", "live/live-gateway.ts"]);
  for (const [name, code] of making) {
    expect(code.match(CLIENT), name).toHaveLength(1);
    expect(code, name).toMatch(/boundedBy\(LIMITS\.[\w.]+\)/);
  }
});
