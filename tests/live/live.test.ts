import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { LambdaClient } from "@aws-sdk/client-lambda";
import type { APIGatewayProxyWebsocketEventV2 } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Connections } from "../../lib/connections.ts";
import type { Database } from "../../lib/database.ts";
import { hangUpBy } from "../../lib/hang-up.ts";
import { LIMITS } from "../../lib/limits.ts";
import { Live } from "../../lib/live.ts";
import { serveLive } from "../../lib/live-events.ts";
import { createGateway, type LiveGateway } from "../../lib/live-gateway.ts";
import { type StartWatch, startWatchBy, type Watch } from "../../lib/live-watch.ts";
import { Sessions } from "../../lib/sessions.ts";
import { type Caller, Tokens } from "../../lib/tokens.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { forgeries, RETIRED } from "../support/forgeries.ts";
import { type Management, startManagement } from "./management.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const [FIRST_LOOK, LAST_LOOK] = LIMITS.live.looks;

let engine: TestEngine;
let management: Management;
let gateway: LiveGateway;
let now: number;
const REQUEST_ID = "JKJaXmPLvHcESHA=";
let sleeps: number[];
let watches: Watch[];
let connectionId: string;

beforeAll(async () => {
  Object.assign(process.env, { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" });
  engine = await (engines[0] as (typeof engines)[number]).start();
  management = await startManagement();
  gateway = createGateway(management.endpoint);
});
afterAll(async () => {
  await management.close();
  await engine.stop();
});
beforeEach(() => {
  now = NOW;
  sleeps = [];
  watches = [];
  connectionId = `${randomUUID()}=`;
  management.fates.set(connectionId, "there");
  management.take();
});

const tokenKey = randomBytes(32);
const ring = [RETIRED, { bytes: tokenKey, from: 0 }];
const tokens = new Tokens(
  async () => ring,
  () => now,
);

/** All of it on one database, and a clock that stands still but for what is slept. */
function setUp(database: Database = engine.client, startWatch: StartWatch = async (watch) => void watches.push(watch)) {
  const connections = new Connections(database, engine.tables.accounts, () => now);
  const sessions = new Sessions(database, engine.tables.accounts, () => now);
  const sleep = async (milliseconds: number) => {
    sleeps.push(milliseconds);
    now += milliseconds;
  };
  const live = new Live({ tokens, sessions, connections, gateway, startWatch, now: () => now, sleep });
  return { connections, sessions, live, handler: serveLive(live), hangUp: hangUpBy(connections, gateway) };
}

async function logIn(sessions: Sessions): Promise<{ caller: Caller; proof: Buffer }> {
  const userId = randomUUID();
  const { sessionId, expiresAt } = await sessions.start(userId);
  const caller = { userId, username: "bob", sessionId };
  return { caller, proof: Buffer.from(JSON.stringify({ token: await tokens.issue(caller, expiresAt), id: userId })) };
}

const event = (eventType: string, body?: string) =>
  ({
    requestContext: { connectionId, eventType, requestId: REQUEST_ID },
    body,
    isBase64Encoded: false,
  }) as APIGatewayProxyWebsocketEventV2;

const told = () => management.take().map(({ method, body }) => `${method} ${body}`.trim());

describe("the watch over a new connection", () => {
  it("is started when it connects, and looks soon and once more", async () => {
    const { handler } = setUp();
    expect(await handler(event("CONNECT"))).toEqual({ statusCode: 200 });
    expect(watches).toEqual([{ connectionId, looks: [NOW + FIRST_LOOK, NOW + LAST_LOOK] }]);
  });

  it("that cannot be started refuses the connection", async () => {
    vi.spyOn(console, "error").mockImplementationOnce(() => {});
    const { handler } = setUp(engine.client, () => Promise.reject(new Error("throttled")));
    expect(await handler(event("CONNECT"))).toEqual({ statusCode: 503 });
  });

  it("closes it at the last look, and not before", async () => {
    const { handler } = setUp();
    await handler(event("CONNECT"));
    for (let watch = watches.shift(); watch; watch = watches.shift()) {
      expect(told()).toEqual([]);
      await handler({ watch });
    }
    expect(sleeps).toEqual([FIRST_LOOK, LAST_LOOK - FIRST_LOOK]);
    expect(told()).toEqual(["DELETE"]);
  });

  it("ends at the first look that finds it proven", async () => {
    const { handler, live, sessions } = setUp();
    await handler(event("CONNECT"));
    const { proof } = await logIn(sessions);
    expect(await live.receive(connectionId, proof, REQUEST_ID)).toEqual({ type: "ready" });
    await handler({ watch: watches.shift() as Watch });
    expect([watches, told()]).toEqual([[], []]);
  });

  it("that comes late does not wait any longer", async () => {
    const { live } = setUp();
    await live.watch({ connectionId, looks: [NOW - 5_000] });
    expect(sleeps).toEqual([0]);
    expect(told()).toEqual(["DELETE"]);
  });

  it("has nothing to do for a connection that is gone", async () => {
    management.fates.set(connectionId, "gone");
    await setUp().live.watch({ connectionId, looks: [NOW] });
    expect(told()).toEqual(["DELETE"]);
  });

  it("is another, asynchronous invocation of the function", async () => {
    const seen: unknown[] = [];
    const server = createServer(async (request, response) => {
      const payload = JSON.parse(await text(request));
      seen.push({ url: request.url, type: request.headers["x-amz-invocation-type"], payload });
      response.writeHead(202).end();
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const lambda = new LambdaClient({ endpoint });
    onTestFinished(() => lambda.destroy());
    const watch = { connectionId, looks: [1, 2] };
    await startWatchBy(lambda, "gotalk-dev-live")(watch);
    expect(seen).toEqual([
      { url: "/2015-03-31/functions/gotalk-dev-live/invocations", type: "Event", payload: { watch } },
    ]);
  });
});

describe("a frame", () => {
  it("is answered by what the handler returns", async () => {
    const { handler } = setUp();
    expect(await handler(event("MESSAGE", '{"type":"ping"}'))).toEqual({ statusCode: 200, body: '{"type":"pong"}' });
  });

  it("with a forged token is refused by one and the same error, and closes the connection", async () => {
    now = Date.now();
    const { handler, sessions, connections } = setUp();
    const { caller, proof } = await logIn(sessions);
    const { token, id } = JSON.parse(proof.toString()) as { token: string; id: string };
    const owner = { id, username: caller.username, token };
    const codes: Record<string, string[]> = {};
    const details = new Set<string>();
    for (const [what, forged] of Object.entries(await forgeries(owner, tokenKey))) {
      const frame = JSON.stringify({ token: forged, id });
      expect(await handler(event("MESSAGE", frame)), what).toEqual({ statusCode: 200 });
      const [error = "", closed] = told();
      const { code, detail } = JSON.parse(error.replace("POST ", ""));
      codes[code] = [...(codes[code] ?? []), what];
      if (code === "invalid_token") details.add(detail);
      expect(closed, what).toBe("DELETE");
      expect(await connections.isHeld(connectionId), what).toBe(false);
    }
    expect(Object.keys(codes).sort()).toEqual(["invalid_token", "too_large"]);
    expect(codes["invalid_token"]?.length).toBeGreaterThan(20);
    expect(codes["too_large"]).toEqual(["1 MB long"]);
    expect([...details]).toHaveLength(1);
    expect(await connections.of(id, true)).toEqual([]);

    expect(await handler(event("MESSAGE", proof.toString()))).toEqual({ statusCode: 200, body: '{"type":"ready"}' });
  });

  it("of a proven connection that proves something else ends it", async () => {
    const { live, sessions, connections } = setUp();
    const { caller, proof } = await logIn(sessions);
    await live.receive(connectionId, proof, REQUEST_ID);
    expect(await live.receive(connectionId, Buffer.from('{"token":"x","id":"y"}'), REQUEST_ID)).toBeUndefined();
    expect(told()).toEqual([expect.stringContaining('"code":"invalid_token"'), "DELETE"]);
    expect(await connections.of(caller.userId, true)).toEqual([]);
  });

  it("that proves one connection too many has the oldest forgotten, and not closed", async () => {
    const { live, sessions, connections } = setUp();
    const { caller, proof } = await logIn(sessions);
    const ids = Array.from({ length: LIMITS.live.connections }, (_, index) => `${index}=`);
    for (const id of ids) {
      await connections.add(id, caller);
      now += 1_000;
    }
    expect(await live.receive(connectionId, proof, REQUEST_ID)).toEqual({ type: "ready" });
    const left = (await connections.of(caller.userId, true)).map((connection) => connection.connectionId);
    expect(left.toSorted()).toEqual([...ids.slice(1), connectionId].toSorted());
    expect(told()).toEqual([]);
  });

  it("that is refused is told the id that the log has of it", async () => {
    const { handler } = setUp();
    expect(await handler(event("MESSAGE", "hello"))).toEqual({ statusCode: 200 });
    const [error = "", closed] = told();
    expect(JSON.parse(error.replace("POST ", ""))).toMatchObject({ code: "invalid_request", requestId: REQUEST_ID });
    expect(closed).toBe("DELETE");
  });

  it("is refused as unavailable when the database is, and shows nothing of why", async () => {
    vi.spyOn(console, "error").mockImplementationOnce(() => {});
    const { sessions } = setUp();
    const { proof } = await logIn(sessions);
    let faults = 1;
    const send = async (...call: Parameters<Database["send"]>) => {
      if (faults-- > 0) throw Object.assign(new Error("secret"), { code: "ECONNRESET" });
      return engine.client.send(...call);
    };
    expect(await setUp({ send } as Database).live.receive(connectionId, proof, REQUEST_ID)).toBeUndefined();
    const [error = "", closed] = told();
    expect(JSON.parse(error.replace("POST ", ""))).toMatchObject({ type: "error", code: "unavailable" });
    expect(error).not.toContain("secret");
    expect(closed).toBe("DELETE");
  });
});

describe("a logout in the midst of a proof", () => {
  /** At which of the proof's commands the logout comes, and runs to its end. */
  it.each(["PutItemCommand", "GetItemCommand"])("before its %s leaves no connection", async (command) => {
    const { sessions, hangUp, connections } = setUp();
    const { caller, proof } = await logIn(sessions);
    let hasLoggedOut = false;
    const send = async (...call: Parameters<Database["send"]>) => {
      if (!hasLoggedOut && call[0].constructor.name === command) {
        hasLoggedOut = true;
        await sessions.end(caller);
        await hangUp(caller.userId, (sessionId) => sessionId === caller.sessionId);
      }
      return engine.client.send(...call);
    };
    await setUp({ send } as Database).live.receive(connectionId, proof, REQUEST_ID);
    expect(hasLoggedOut).toBe(true);
    expect(await connections.of(caller.userId, true)).toEqual([]);
    expect(told()).toContain("DELETE");
  });

  it("after it closes the connection", async () => {
    const { sessions, hangUp, connections, live } = setUp();
    const { caller, proof } = await logIn(sessions);
    expect(await live.receive(connectionId, proof, REQUEST_ID)).toEqual({ type: "ready" });
    await sessions.end(caller);
    await hangUp(caller.userId, (sessionId) => sessionId === caller.sessionId);
    expect(await connections.of(caller.userId, true)).toEqual([]);
    expect(told()).toEqual(["DELETE"]);
  });
});
