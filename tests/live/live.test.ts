import { randomBytes, randomUUID } from "node:crypto";
import type { APIGatewayProxyWebsocketEventV2 } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Sessions } from "../../lib/accounts/sessions.ts";
import { MessageStore } from "../../lib/channel/message-store.ts";
import { Sending } from "../../lib/channel/sending.ts";
import { WaitingCheck } from "../../lib/channel/waiting-check.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { signBy } from "../../lib/database/aws-calls.ts";
import type { Database } from "../../lib/database/database.ts";
import { Connections } from "../../lib/live/connections.ts";
import { hangUpBy } from "../../lib/live/hang-up.ts";
import { Listeners } from "../../lib/live/listeners.ts";
import { serveLive } from "../../lib/live/live-events.ts";
import { createGateway, type LiveGateway } from "../../lib/live/live-gateway.ts";
import { LiveProtocol } from "../../lib/live/live-protocol.ts";
import { Typing } from "../../lib/live/typing.ts";
import { TypingPermits } from "../../lib/live/typing-permits.ts";
import { AddressLimit } from "../../lib/rates/address-limit.ts";
import { channelKey } from "../../lib/runtime/ids.ts";
import { SessionCheck } from "../../lib/tokens/session-check.ts";
import { type Caller, Tokens } from "../../lib/tokens/tokens.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { forgeries, RETIRED } from "../support/forgeries.ts";
import { type Management, startManagement } from "../support/management.ts";
import { widenLimits } from "../support/wide-limits.ts";

const ORIGIN_SECRET = "what CloudFront adds";
const NOW = Date.parse("2026-01-01T00:00:00Z");

let engine: TestEngine;
let management: Management;
let gateway: LiveGateway;
let now: number;
const REQUEST_ID = "JKJaXmPLvHcESHA=";
let connectionId: string;

beforeAll(async () => {
  widenLimits();
  engine = await startEngine();
  management = await startManagement();
  gateway = createGateway(management.endpoint, signBy(engine.client));
});
afterAll(async () => {
  await management.close();
  await engine.stop();
});
beforeEach(() => {
  now = NOW;
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

/** All of it on one database, and a clock that stands still. */
function setUp(database: Database = engine.client) {
  const accountsTable = { database, name: engine.tables.accounts };
  const connections = new Connections(accountsTable, () => now);
  const listeners = new Listeners(accountsTable, () => now);
  const sessions = new Sessions(accountsTable, () => now);
  const sessionCheck = new SessionCheck(accountsTable, () => now);
  const waiting = new WaitingCheck(database, engine.tables.channels, () => now);
  const addressLimit = new AddressLimit(LIMITS.address, ORIGIN_SECRET, () => now);
  const typing = new Typing({ permits: new TypingPermits(accountsTable), listeners, gateway, now: () => now });
  const live = new LiveProtocol({
    ...{ tokens, sessionCheck, connections, addressLimit, gateway, waiting, typing },
    now: () => now,
  });
  return {
    connections,
    listeners,
    sessions,
    live,
    handler: serveLive(live, undefined, ["chat.example"]),
    hangUp: hangUpBy(listeners, gateway),
  };
}

/** A frame of a connection that is new. */
const frame = (body: Buffer) => ({ connectionId, body, age: 0, requestId: REQUEST_ID });

type Parts = ReturnType<typeof setUp>;

/** The database, and what is asked of it. A stale one knows nothing unless it is read consistently. */
function counting({ stale = false } = {}) {
  const calls: { name: string; consistent: boolean }[] = [];
  const send = async (...call: Parameters<Database["send"]>) => {
    const { ConsistentRead: consistent = false } = call[0].input as { ConsistentRead?: boolean };
    calls.push({ name: call[0].constructor.name, consistent });
    return stale && !consistent ? {} : engine.client.send(...call);
  };
  return { database: { send } as Database, calls };
}

async function logIn(sessions: Sessions): Promise<{ caller: Caller; proof: Buffer }> {
  const userId = randomUUID();
  const { sessionId, expiresAt } = await sessions.start(userId);
  const caller = { userId, username: "bob", sessionId };
  return { caller, proof: Buffer.from(JSON.stringify({ token: await tokens.issue(caller, expiresAt), id: userId })) };
}

const CONNECTED_AT = 1_764_531_592_022;

/** @param age of the connection, in milliseconds. */
const event = (eventType: string, body?: string, age = 0) =>
  ({
    requestContext: {
      connectionId,
      eventType,
      requestId: REQUEST_ID,
      connectedAt: CONNECTED_AT,
      requestTimeEpoch: CONNECTED_AT + age,
    },
    body,
    isBase64Encoded: false,
  }) as APIGatewayProxyWebsocketEventV2;

const READY = { statusCode: 200, body: '{"type":"ready"}' };

const told = () => management.take().map(({ method, body }) => `${method} ${body}`.trim());

describe("a connection that has not proven itself", () => {
  const PING = '{"type":"ping"}';
  const LATE = LIMITS.live.proofTime;

  it("costs nothing while it is silent: neither a call of the database, nor one of the gateway, nor time", async () => {
    const { database, calls } = counting();
    expect(await setUp(database).handler(event("CONNECT"))).toEqual({ statusCode: 200 });
    expect([calls, told()]).toEqual([[], []]);
  });

  it("is answered its pings for 10 seconds, and nothing is read for them", async () => {
    const { database, calls } = counting();
    const { handler } = setUp(database);
    expect(await handler(event("MESSAGE", PING, LATE - 1))).toEqual({ statusCode: 200, body: '{"type":"pong"}' });
    expect([calls, told()]).toEqual([[], []]);
  });

  it.each([
    ["a ping", async () => PING],
    ["a proof that is right", async ({ sessions }: Parts) => String((await logIn(sessions)).proof)],
    ["no frame of ours", async () => "hello"],
  ])("is told why and closed by %s after that, and is not stored", async (_, frameOf) => {
    const parts = setUp();
    expect(await parts.handler(event("MESSAGE", await frameOf(parts), LATE))).toEqual({ statusCode: 200 });
    const [error = "", closed] = told();
    expect(JSON.parse(error.replace("POST ", ""))).toEqual({
      type: "error",
      code: "invalid_request",
      detail: 'The connection did not prove itself within 10 seconds. Connect again, and send {"token", "id"} first.',
      requestId: REQUEST_ID,
    });
    expect(closed).toBe("DELETE");
    expect(await parts.connections.holderOf(connectionId, true)).toBeUndefined();
  });

  it("is closed as well when nobody can say how old it is", async () => {
    await setUp().handler(event("MESSAGE", PING, Number.NaN));
    expect(told()).toEqual([expect.stringContaining("did not prove itself"), "DELETE"]);
  });

  it("that is gone when it is to be closed is no error", async () => {
    management.fates.set(connectionId, "gone");
    expect(await setUp().handler(event("MESSAGE", PING, LATE))).toEqual({ statusCode: 200 });
    expect(told()).toEqual([expect.stringContaining("POST"), "DELETE"]);
  });
});

describe("a connection that a browser opens", () => {
  const open = (headers: Record<string, string>) => setUp().handler({ ...event("CONNECT"), headers });
  const Host = "API.example.com";

  it.each([
    ["another site", { Host, Origin: "https://evil.example" }],
    ["another site, in whatever case the headers come", { host: Host, ORIGIN: "https://evil.example" }],
    ["a sandboxed frame", { Host, Origin: "null" }],
    ["another site, by its other header", { Host, "Sec-Fetch-Site": "cross-site" }],
  ])("for a page of %s is refused", async (_, headers) => {
    expect(await open(headers)).toEqual({ statusCode: 403 });
  });

  it.each([
    ["the page", { Host, Origin: "https://chat.example" }],
    ["the host that is asked", { Host, Origin: "http://api.example.com" }],
    ["a program", { Host }],
  ])("for %s is taken", async (_, headers) => {
    expect(await open(headers)).toEqual({ statusCode: 200 });
  });
});

describe("a connection that has proven itself", () => {
  const ping = (age: number) => event("MESSAGE", '{"type":"ping"}', age);
  const PONG = { statusCode: 200, body: '{"type":"pong"}' };

  const LOOK = { name: "QueryCommand", consistent: false };
  const WAITING = { statusCode: 200, body: '{"type":"pong","waiting":true}' };
  const send = (channel: string) =>
    new Sending(new MessageStore(engine.client, engine.tables.channels), () => now).send(
      { senderId: randomUUID(), senderName: "alice", content: "Hello" },
      [{ channel }],
    );

  it("is answered its pings for as long as it lives, with a look at the channel by the function that saw its proof", async () => {
    const { database, calls } = counting();
    const { handler, sessions } = setUp(database);
    const { proof } = await logIn(sessions);
    await handler(event("MESSAGE", String(proof)));
    calls.length = 0;
    for (const age of [300_000, 7_000_000]) {
      now = NOW + age;
      expect(await handler(ping(age))).toEqual(PONG);
    }
    expect([calls, told()]).toEqual([[LOOK, LOOK], []]);
  });

  it("is told with its next ping that a message waits, whose wake was lost", async () => {
    const { handler, sessions } = setUp();
    const { caller, proof } = await logIn(sessions);
    await handler(event("MESSAGE", String(proof)));
    await send(caller.userId);
    now += 300_000;
    expect(await handler(ping(300_000))).toEqual(WAITING);
    // By any other running function as well.
    expect(await setUp().handler(ping(301_000))).toEqual(WAITING);
  });

  it("is told of what waits on its own device's channel, and of no other's", async () => {
    const { handler, sessions, listeners } = setUp();
    const [userId, device] = [randomUUID(), { device: "a-device", channel: "a-channel" }];
    const { sessionId, expiresAt } = await sessions.start(userId, device);
    const caller = { userId, username: "bob", sessionId, deviceId: device.device, channel: device.channel };
    const proof = { token: await tokens.issue(caller, expiresAt), id: userId };
    await handler(event("MESSAGE", JSON.stringify(proof)));
    expect(await listeners.list(userId, true)).toEqual([
      { connectionId, sessionId, deviceId: "a-device", channel: "a-channel" },
    ]);
    await send(userId);
    for (const { handler: any } of [{ handler }, setUp()]) expect(await any(ping(300_000))).toEqual(PONG);
    await send(channelKey(userId, device.channel));
    for (const { handler: any } of [{ handler }, setUp()]) expect(await any(ping(300_000))).toEqual(WAITING);
  });

  it("is held no longer than its session lasts", async () => {
    const { handler, sessions, listeners, connections } = setUp();
    const begun = now;
    const { caller, proof } = await logIn(sessions);
    now += LIMITS.session - 60_000;
    await handler(event("MESSAGE", String(proof)));
    expect(await listeners.list(caller.userId, true)).toHaveLength(1);
    expect(await connections.holderOf(connectionId, true)).toMatchObject({ userId: caller.userId });
    now = begun + LIMITS.session + 1_000;
    expect(await listeners.list(caller.userId, true)).toEqual([]);
    expect(await connections.holderOf(connectionId, true)).toBeUndefined();
  });

  it("does not prove itself by a token from before its session moved to another device", async () => {
    const { handler, sessions, listeners } = setUp();
    const { caller, proof } = await logIn(sessions);
    await sessions.move(caller, "shared", { device: "a-device", channel: undefined, seen: 0 });
    await handler(event("MESSAGE", String(proof)));
    expect(told()).toEqual([expect.stringContaining('"code":"invalid_token"'), "DELETE"]);
    expect(await listeners.list(caller.userId, true)).toEqual([]);
  });

  it("is answered past the rate of its user's looks as well, and is told of what waits when there is room again", async () => {
    const { database, calls } = counting();
    const { handler, sessions } = setUp(database);
    const { caller, proof } = await logIn(sessions);
    const { burst, perSecond } = LIMITS.live.checks;
    await send(caller.userId);
    const ids = Array.from({ length: burst + 1 }, (_, index) => `${index}=`);
    for (const id of ids) {
      connectionId = id;
      await handler(event("MESSAGE", String(proof)));
    }
    calls.length = 0;
    const answers = [];
    for (const id of ids) {
      connectionId = id;
      answers.push(await handler(ping(300_000)));
    }
    expect(answers).toEqual([...Array(burst).fill(WAITING), PONG]);
    expect(calls).toEqual(Array(burst).fill(LOOK));
    now += 1_000 / perSecond;
    expect(await handler(ping(300_000))).toEqual(WAITING);
  });

  it.each([
    ["fails", async () => Promise.reject(Object.assign(new Error("down"), { code: "ECONNRESET" }))],
    ["is not valid", async () => Promise.reject(new RangeError("a defect"))],
  ])("is answered its ping though the look at the channel %s", async (_, fault) => {
    vi.spyOn(console, "warn").mockImplementationOnce(() => {});
    const { connections, sessions } = setUp();
    await connections.add(connectionId, (await logIn(sessions)).caller);
    const send = async (...call: Parameters<Database["send"]>) =>
      call[0].constructor.name === "QueryCommand" ? fault() : engine.client.send(...call);
    expect(await setUp({ send } as Database).handler(ping(300_000))).toEqual(PONG);
    expect(told()).toEqual([]);
  });

  it("costs any other running function half a read unit more, once", async () => {
    const { sessions, handler: first } = setUp();
    await first(event("MESSAGE", String((await logIn(sessions)).proof)));
    const { database, calls } = counting();
    const { handler } = setUp(database);
    for (const age of [300_000, 600_000]) expect(await handler(ping(age))).toEqual(PONG);
    expect(calls).toEqual([{ name: "GetItemCommand", consistent: false }, LOOK, LOOK]);
  });

  it("that was stored a moment ago is found by a consistent read", async () => {
    const { connections, sessions } = setUp();
    await connections.add(connectionId, (await logIn(sessions)).caller);
    const { database, calls } = counting({ stale: true });
    expect(await setUp(database).handler(ping(300_000))).toEqual(PONG);
    expect(calls.map(({ name, consistent }) => `${name} ${consistent}`)).toEqual([
      "GetItemCommand false",
      "GetItemCommand true",
      "QueryCommand false",
    ]);
  });

  it("is not closed because the database is out of reach", async () => {
    vi.spyOn(console, "warn").mockImplementationOnce(() => {});
    const send = async () => Promise.reject(Object.assign(new Error("down"), { code: "ECONNRESET" }));
    const { handler } = setUp({ send } as unknown as Database);
    expect(await handler(ping(300_000))).toEqual(PONG);
    expect(told()).toEqual([]);
  });

  it("may prove itself anew at any time", async () => {
    const { handler, sessions } = setUp();
    const proof = String((await logIn(sessions)).proof);
    await handler(event("MESSAGE", proof));
    expect(await handler(event("MESSAGE", proof, 300_000))).toEqual(READY);
  });

  it("and is woken no more, as its user has too many, is answered its pings", async () => {
    const { connections, listeners, sessions } = setUp();
    const { caller } = await logIn(sessions);
    await connections.add(connectionId, caller);
    for (let index = 0; index < LIMITS.live.connections; index++) {
      now += 1_000;
      await connections.add(`${index}=`, caller);
    }
    await connections.removeSurplus(caller.userId);
    expect((await listeners.list(caller.userId, true)).map((one) => one.connectionId)).not.toContain(connectionId);
    expect(await setUp().handler(ping(300_000))).toEqual(PONG);
  });

  it("and has ended is remembered no more", async () => {
    const { handler, sessions } = setUp();
    await handler(event("MESSAGE", String((await logIn(sessions)).proof)));
    await handler(event("DISCONNECT"));
    await handler(ping(300_000));
    expect(told()).toEqual([expect.stringContaining("did not prove itself"), "DELETE"]);
  });

  it("is not remembered for ever: the one that was quiet the longest goes first", async () => {
    const reads: string[] = [];
    // Of an engine that holds every connection: ten thousand are too many to be stored.
    const send = async ({ input }: { input: { Key?: { owner: { S: string } } } }) => {
      if (input.Key === undefined) return { Items: [] };
      reads.push(input.Key.owner.S);
      return { Item: { userId: { S: "bob" }, expiresAt: { N: "9999999999" } } };
    };
    const { handler } = setUp({ send } as unknown as Database);
    const pingOn = (id: string) => {
      connectionId = id;
      return handler(ping(300_000));
    };
    for (let index = 0; index < LIMITS.live.provenKept; index++) await pingOn(`${index}=`);
    await pingOn("0=");
    await pingOn("new=");
    reads.length = 0;
    for (const id of ["0=", "2=", "1="]) await pingOn(id);
    expect(reads).toEqual(["connection#1="]);
  });
});

describe("an address from which come frames that prove nothing", () => {
  const { burst, perSecond, frame: tokensOfFrame } = LIMITS.address;
  const MOST = burst / tokensOfFrame;
  const JUNK = '{"token":"no token","id":"nobody"}';
  const CLOUDFRONT = "198.51.100.1";

  /** Opens a connection; from the client's own address, or through CloudFront. */
  const open = ({ handler }: Parts, client: string, through = false) => {
    connectionId = `${randomUUID()}=`;
    management.fates.set(connectionId, "there");
    const headers = { "X-Forwarded-For": client, ...(through && { "X-GoTalk-Origin": ORIGIN_SECRET }) };
    const { requestContext, ...connect } = event("CONNECT");
    const identity = { sourceIp: through ? CLOUDFRONT : client };
    return handler({ ...connect, headers, requestContext: { ...requestContext, identity } } as never);
  };

  /** So many junk proofs, each over a connection of its own. */
  const flood = async (parts: Parts, client: string, count: number, through = false) => {
    const codes = new Set<string>();
    for (let shown = 0; shown < count; shown++) {
      expect(await open(parts, client, through)).toEqual({ statusCode: 200 });
      await parts.handler(event("MESSAGE", JUNK));
      for (const line of told()) codes.add(/"code":"(\w+)"/.exec(line)?.[1] ?? line);
      await parts.handler(event("DISCONNECT"));
    }
    return [...codes];
  };

  it("is let in no more past its rate, which costs no call, and is so again after a while; others are let in", async () => {
    const { database, calls } = counting();
    const parts = setUp(database);
    expect(await flood(parts, "203.0.113.7", MOST)).toEqual(["invalid_token", "DELETE"]);
    calls.length = 0;
    expect(await open(parts, "203.0.113.7")).toEqual({ statusCode: 429 });
    expect([calls, told()]).toEqual([[], []]);
    expect(await open(parts, "203.0.113.8")).toEqual({ statusCode: 200 });
    now += (1_000 * tokensOfFrame) / perSecond;
    expect(await open(parts, "203.0.113.7")).toEqual({ statusCode: 200 });
  });

  it("is the one that CloudFront wrote down, where it comes through CloudFront", async () => {
    const parts = setUp();
    await flood(parts, "203.0.113.7", MOST, true);
    expect(await open(parts, "203.0.113.7", true)).toEqual({ statusCode: 429 });
    expect(await open(parts, "203.0.113.8", true)).toEqual({ statusCode: 200 });
  });

  it("is listened to no more over connections that are open and have proven nothing, right proofs included", async () => {
    const { database, calls } = counting();
    const parts = setUp(database);
    const { proof } = await logIn(parts.sessions);
    await open(parts, "203.0.113.7");
    const early = connectionId;
    await flood(parts, "203.0.113.7", MOST);
    connectionId = early;
    calls.length = 0;
    expect(await parts.handler(event("MESSAGE", String(proof)))).toEqual({ statusCode: 200 });
    expect([calls, told()]).toEqual([[], [expect.stringContaining('"code":"too_many_requests"'), "DELETE"]]);
  });

  it("keeps no connection out that has proven itself, and proofs that are right take nothing off it", async () => {
    const parts = setUp();
    const { proof } = await logIn(parts.sessions);
    for (let shown = 0; shown < 20; shown++) {
      await open(parts, "203.0.113.7");
      expect(await parts.handler(event("MESSAGE", String(proof)))).toEqual(READY);
    }
    const proven = connectionId;
    await flood(parts, "203.0.113.7", MOST);
    connectionId = proven;
    expect(await parts.handler(event("MESSAGE", '{"type":"ping"}'))).toEqual({
      statusCode: 200,
      body: '{"type":"pong"}',
    });
  });

  it("is counted by the pings of connections that prove nothing, too", async () => {
    const parts = setUp();
    for (let asked = 0; asked < MOST; asked++) {
      await open(parts, "203.0.113.7");
      expect(await parts.handler(event("MESSAGE", '{"type":"ping"}'))).toMatchObject({ body: '{"type":"pong"}' });
    }
    expect(await open(parts, "203.0.113.7")).toEqual({ statusCode: 429 });
  });

  it("is counted by what says that a user is typing over connections that prove nothing, and nothing is read for it", async () => {
    const { database, calls } = counting();
    const parts = setUp(database);
    const frame = JSON.stringify({ type: "typing", toId: randomUUID() });
    for (let said = 0; said < MOST; said++) {
      await open(parts, "203.0.113.7");
      expect(await parts.handler(event("MESSAGE", frame))).toEqual({ statusCode: 200 });
    }
    expect([calls, told()]).toEqual([[], []]);
    expect(await open(parts, "203.0.113.7")).toEqual({ statusCode: 429 });
  });

  it("is not counted by the pings of a connection that has proven itself to another function, nor are they refused", async () => {
    const parts = setUp();
    const { proof } = await logIn(parts.sessions);
    await open(parts, "203.0.113.7");
    expect(await setUp().handler(event("MESSAGE", String(proof)))).toEqual(READY);
    const proven = connectionId;
    await flood(parts, "203.0.113.7", MOST - 1);
    connectionId = proven;
    for (let minute = 5; minute < 30; minute += 5)
      expect(await parts.handler(event("MESSAGE", '{"type":"ping"}', minute * 60_000))).toMatchObject({
        statusCode: 200,
        body: '{"type":"pong"}',
      });
    expect(await open(parts, "203.0.113.7")).toEqual({ statusCode: 200 });
  });

  it("is not counted by the pings of connections that nobody can look up", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    let isDown = false;
    const send = async (...call: Parameters<Database["send"]>) =>
      isDown ? Promise.reject(Object.assign(new Error("down"), { code: "ECONNRESET" })) : engine.client.send(...call);
    const parts = setUp({ send } as Database);
    await flood(parts, "203.0.113.7", MOST - 1);
    await open(parts, "203.0.113.7");
    isDown = true;
    expect(await parts.handler(event("MESSAGE", '{"type":"ping"}', 300_000))).toMatchObject({
      body: '{"type":"pong"}',
    });
    expect(await open(parts, "203.0.113.7")).toEqual({ statusCode: 200 });
  });

  it("causes no write by any of them", async () => {
    const { database, calls } = counting();
    await flood(setUp(database), "203.0.113.7", 3);
    // A look at the end of each, whether another function has stored it.
    expect(calls).toEqual(Array(3).fill({ name: "GetItemCommand", consistent: true }));
  });
});

describe("an event that is not of API Gateway", () => {
  it.each<[string, object]>([
    ["the watch that a version before this one queued", { watch: { connectionId: "watched=", looks: [1, 2] } }],
    ["nothing", {}],
    ["an event of another kind", { requestContext: { connectionId: "watched=", eventType: "WATCH" } }],
    ["a watch beside no type", { requestContext: {}, watch: { connectionId: "watched=", looks: [1] } }],
  ])("is ignored: %s", async (_, strange) => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const { database, calls } = counting();
    const { handler } = setUp(database);
    expect(await handler(strange as APIGatewayProxyWebsocketEventV2)).toEqual({ statusCode: 400 });
    expect([calls, told()]).toEqual([[], []]);
  });
});

describe("a frame", () => {
  it("is answered by what the handler returns", async () => {
    const { handler } = setUp();
    expect(await handler(event("MESSAGE", '{"type":"ping"}'))).toEqual({ statusCode: 200, body: '{"type":"pong"}' });
  });

  it("with a forged token is refused by one and the same error, and closes the connection", async () => {
    now = Date.now();
    const { handler, sessions, connections, listeners } = setUp();
    const { caller, proof } = await logIn(sessions);
    const { token, id } = JSON.parse(proof.toString()) as { token: string; id: string };
    const owner = { id, username: caller.username, token };
    const codes: Record<string, string[]> = {};
    const details = new Set<string>();
    for (const [what, forged] of Object.entries(await forgeries(owner, tokenKey))) {
      connectionId = `${randomUUID()}=`;
      management.fates.set(connectionId, "there");
      const frame = JSON.stringify({ token: forged, id });
      expect(await handler(event("MESSAGE", frame)), what).toEqual({ statusCode: 200 });
      const [error = "", closed] = told();
      const { code, detail } = JSON.parse(error.replace("POST ", ""));
      codes[code] = [...(codes[code] ?? []), what];
      if (code === "invalid_token") details.add(detail);
      expect(closed, what).toBe("DELETE");
      expect(await connections.holderOf(connectionId, true), what).toBeUndefined();
    }
    expect(Object.keys(codes).sort()).toEqual(["invalid_token", "too_large"]);
    expect(codes["invalid_token"]?.length).toBeGreaterThan(20);
    expect(codes["too_large"]).toEqual(["1 MB long"]);
    expect([...details]).toHaveLength(1);
    expect(await listeners.list(id, true)).toEqual([]);

    expect(await handler(event("MESSAGE", proof.toString()))).toEqual(READY);
  });

  it("is one proof too many past the rate of its user: it is stored nowhere, and closes its connection alone", async () => {
    const { database, calls } = counting();
    const { live, sessions, listeners } = setUp(database);
    const { caller, proof } = await logIn(sessions);
    const { burst, perSecond } = LIMITS.live.proofs;
    const prove = (id: string) => live.receive({ ...frame(proof), connectionId: id });
    for (let taken = 0; taken < burst; taken++) expect(await prove(`${taken % 10}=`)).toEqual({ type: "ready" });
    calls.length = 0;
    expect(await prove(connectionId)).toBeUndefined();
    expect(told()).toEqual([expect.stringContaining('"code":"too_many_requests"'), "DELETE"]);
    // To forget the connection, if it is stored.
    expect(calls).toEqual([{ name: "GetItemCommand", consistent: true }]);
    expect(await listeners.list(caller.userId, true)).toHaveLength(10);
    const another = await logIn(sessions);
    expect(await live.receive({ ...frame(another.proof), connectionId: "another=" })).toEqual({ type: "ready" });
    now += 1_000 / perSecond;
    expect(await prove("later=")).toEqual({ type: "ready" });
  });

  it("with a token of an ended session takes nothing off its user's rate after the first time", async () => {
    const { live, sessions } = setUp();
    const { caller, proof } = await logIn(sessions);
    const { sessionId, expiresAt } = await sessions.start(caller.userId);
    const token = await tokens.issue({ ...caller, sessionId }, expiresAt);
    const ended = Buffer.from(JSON.stringify({ token, id: caller.userId }));
    await sessions.end({ ...caller, sessionId });
    const { burst } = LIMITS.live.proofs;
    const prove = (id: string, body: Buffer) => live.receive({ ...frame(body), connectionId: id });
    for (let shown = 0; shown < burst; shown++) expect(await prove(`ended ${shown}=`, ended)).toBeUndefined();
    told();
    for (let taken = 1; taken < burst; taken++) expect(await prove(`${taken % 10}=`, proof)).toEqual({ type: "ready" });
  });

  it("is one too many past the rate of its connection, which is closed; others are answered", async () => {
    const { live, sessions, listeners } = setUp();
    const { caller, proof } = await logIn(sessions);
    const ping = Buffer.from('{"type":"ping"}');
    const { burst, perSecond } = LIMITS.live.frames;
    expect(await live.receive(frame(proof))).toEqual({ type: "ready" });
    for (let taken = 1; taken < burst; taken++) {
      expect(await live.receive(frame(ping))).toEqual({ type: "pong" });
    }
    expect(told()).toEqual([]);
    expect(await live.receive(frame(ping))).toBeUndefined();
    expect(told()).toEqual([expect.stringContaining('"code":"too_many_requests"'), "DELETE"]);
    expect(await listeners.list(caller.userId, true)).toEqual([]);
    expect(await live.receive({ ...frame(ping), connectionId: "another=" })).toEqual({ type: "pong" });
    now += 1_000 / perSecond;
    expect(await live.receive(frame(ping))).toEqual({ type: "pong" });
  });

  it("of a client that pings every 10 s is never one too many", async () => {
    const { live } = setUp();
    const ping = Buffer.from('{"type":"ping"}');
    for (let pings = 0; pings < 1_000; pings++) {
      expect(await live.receive(frame(ping))).toEqual({ type: "pong" });
      now += 10_000;
    }
  });

  it("of a proven connection that proves something else ends it", async () => {
    const { handler, sessions, listeners } = setUp();
    const { caller, proof } = await logIn(sessions);
    await handler(event("MESSAGE", String(proof)));
    expect(await handler(event("MESSAGE", '{"token":"x","id":"y"}'))).toEqual({ statusCode: 200 });
    expect(told()).toEqual([expect.stringContaining('"code":"invalid_token"'), "DELETE"]);
    expect(await listeners.list(caller.userId, true)).toEqual([]);
  });

  it("that proves one connection too many has the oldest forgotten, and not closed", async () => {
    const { handler, sessions, connections, listeners } = setUp();
    const { caller, proof } = await logIn(sessions);
    const ids = Array.from({ length: LIMITS.live.connections }, (_, index) => `${index}=`);
    for (const id of ids) {
      await connections.add(id, caller);
      now += 1_000;
    }
    expect(await handler(event("MESSAGE", String(proof)))).toEqual(READY);
    const left = (await listeners.list(caller.userId, true)).map((connection) => connection.connectionId);
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
    expect(await setUp({ send } as Database).handler(event("MESSAGE", String(proof)))).toEqual({ statusCode: 200 });
    const [error = "", closed] = told();
    expect(JSON.parse(error.replace("POST ", ""))).toMatchObject({ type: "error", code: "unavailable" });
    expect(error).not.toContain("secret");
    expect(closed).toBe("DELETE");
  });
});

describe("a logout in the midst of a proof", () => {
  const END = LIMITS.session - LIMITS.live.kept / 2;

  /** The logout comes before one of the proof's commands, and runs to its end. A session about to end is held for less time. */
  it.each([
    ["the session has just begun", 0],
    ["the session is about to end", END],
  ])("leaves no connection, whichever command it comes before: %s", async (_, age) => {
    for (let at = 0; ; at++) {
      const { sessions, hangUp, listeners } = setUp();
      now = NOW;
      const { caller, proof } = await logIn(sessions);
      now = NOW + age;
      told();
      let commands = 0;
      const send = async (...call: Parameters<Database["send"]>) => {
        if (commands++ === at) {
          await sessions.end(caller);
          await hangUp(caller.userId, ({ sessionId }) => sessionId === caller.sessionId);
        }
        return engine.client.send(...call);
      };
      await setUp({ send } as Database).handler(event("MESSAGE", String(proof)));
      if (commands <= at) return expect(at).toBeGreaterThanOrEqual(5);
      expect(await listeners.list(caller.userId, true), `before command ${at}`).toEqual([]);
      expect(told(), `before command ${at}`).toContain("DELETE");
    }
  });

  it("after it closes the connection", async () => {
    const { sessions, hangUp, listeners, handler } = setUp();
    const { caller, proof } = await logIn(sessions);
    expect(await handler(event("MESSAGE", String(proof)))).toEqual(READY);
    await sessions.end(caller);
    await hangUp(caller.userId, ({ sessionId }) => sessionId === caller.sessionId);
    expect(await listeners.list(caller.userId, true)).toEqual([]);
    expect(told()).toEqual(["DELETE"]);
  });
});
