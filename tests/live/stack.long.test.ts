import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventually } from "../support/eventually.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { heard } from "../support/heard.ts";
import { type ClientPerson, newcomer } from "../support/people.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { patiently } from "../support/taking.ts";
import { connect, listen, type Wire } from "../support/wire.ts";

const MOST_ATTEMPTS = 5;
/** How long a connection may take to be closed whose session has ended, if it is closed at all. */
const CLOSING_MS = 15_000;

let engine: TestEngine;
let stack: Stack;
const start = (): Promise<Stack> => startStack({ env: { AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint } });

beforeAll(async () => {
  engine = await startEngine();
  stack = await start();
});
afterAll(async () => {
  await stack.stop();
  await engine.stop();
});

/** The records of the user's connections, and those that name the user as a holder. */
async function stored({ id }: ClientPerson): Promise<string[]> {
  const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: engine.tables.accounts }));
  return Items.flatMap(({ owner, record, userId }) => {
    if (owner?.S === `user#${id}` && record?.S?.startsWith("connection#")) return [`user ${record.S}`];
    return userId?.S === id && record?.S === "holder" ? [`holder ${owner?.S}`] : [];
  });
}

const send = (from: ClientPerson, to: ClientPerson) => from.client.send({ to: to.id, content: "Hello" });

/** Sends until each of the connections is woken: a wake has little time, and on a busy machine it may be given up. */
async function wake(from: ClientPerson, to: ClientPerson, ...wires: Wire[]): Promise<void> {
  for (let asleep = wires; asleep.length > 0; asleep = asleep.filter(({ unheard }) => unheard.length === 0)) {
    await send(from, to);
    await Promise.race([sleep(2_000), Promise.all(wires.map(({ arrival }) => arrival()))]);
  }
  for (const wire of wires) {
    expect(wire.unheard[0]).toEqual({ type: "wake" });
    wire.unheard.length = 0;
  }
}

describe("that a user is typing", () => {
  it("reaches the connections of the other side, and is not answered", async () => {
    const [alice, bob] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
    const [hers, his] = await Promise.all([listen(stack.url, alice.session), listen(stack.url, bob.session)]);
    // What takes too long on a busy machine is dropped, and so is what comes within 3 seconds.
    while (his.unheard.length === 0) {
      hers.say({ type: "typing", toId: bob.id });
      await Promise.race([sleep(3_100), his.arrival()]);
    }
    expect(his.unheard[0]).toEqual({ type: "typing", senderId: alice.id });
    hers.say({ type: "ping" });
    expect(await hers.next()).toEqual({ type: "pong" });
  });
});

describe("a ping", () => {
  it("is told whether messages wait, until they are fetched", async () => {
    const [alice, bob] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
    const wire = await listen(stack.url, bob.session);
    const ping = async () => {
      wire.say({ type: "ping" });
      let answer = await wire.next();
      while (answer["type"] === "wake") answer = await wire.next();
      return answer;
    };
    expect(await ping()).toEqual({ type: "pong" });
    await send(alice, bob);
    // The look has little time, and without it the answer says nothing.
    let told = await ping();
    for (let asked = 1; told["waiting"] === undefined && asked < MOST_ATTEMPTS; asked++) told = await ping();
    expect(told).toEqual({ type: "pong", waiting: true });
    const { receipt } = await patiently(() => bob.client.sync({ ack: bob.session.receipt }));
    // They are out, to this client.
    expect(await ping()).toEqual({ type: "pong" });
    await patiently(() => bob.client.sync({ ack: receipt }));
    expect(await ping()).toEqual({ type: "pong" });
  });
});

/** What a connection is told whose first frame this is, once it is closed. There is little time to tell it, so it is said anew. */
async function refusalOf(frame: object | string | Uint8Array<ArrayBuffer>): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const wire = await connect(stack.url);
    wire.say(frame);
    const answer = await heard(wire);
    await wire.closed;
    if (answer !== undefined || attempt === MOST_ATTEMPTS) return answer;
  }
}

describe("the first frame", () => {
  it("proves whose connection it is: from then on it is woken, and stored in two places", async () => {
    const [alice, bob] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
    let wire: Wire;
    let begun: number;
    // A connection has 10 seconds to prove itself.
    do {
      begun = performance.now();
      wire = await connect(stack.url);
      await send(alice, bob);
    } while (performance.now() - begun > 8_000);
    wire.say({ token: bob.session.token, id: bob.id });
    // The earlier message woke nobody.
    expect(await wire.next()).toEqual({ type: "ready" });
    expect(await stored(bob)).toHaveLength(2);

    await wake(alice, bob, wire);
    expect(await stored(alice)).toEqual([]);

    await wire.close();
    await eventually(async () => expect(await stored(bob)).toEqual([]));
  });

  it.each<[string, (bob: ClientPerson, alice: ClientPerson) => object | string | Uint8Array<ArrayBuffer>, string]>([
    ["no token of ours", ({ id }) => ({ token: "x", id }), "invalid_token"],
    ["no token", ({ id }) => ({ id }), "invalid_token"],
    ["another's id", ({ session }, { id }) => ({ token: session.token, id }), "forbidden"],
    ["no fields", () => ({}), "invalid_request"],
    ["no object", () => "null", "invalid_request"],
    ["no JSON", () => "hello", "invalid_request"],
    ["no text", () => new Uint8Array([0xff, 0x00]), "invalid_request"],
    ["the name of a route", () => ({ action: "$disconnect" }), "invalid_request"],
    ["another's route", () => ({ action: "$connect", type: "wake" }), "invalid_request"],
  ])("with %s is refused with the problem's code, and closes the connection", async (_, frame, code) => {
    const [alice, bob] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
    expect(await refusalOf(frame(bob, alice))).toEqual({
      type: "error",
      code,
      detail: expect.stringMatching(/\w/),
      requestId: expect.stringMatching(/\w/),
    });
    expect([...(await stored(bob)), ...(await stored(alice))]).toEqual([]);
  });

  it("of a session that has ended is refused, and leaves nothing", async () => {
    const bob = await newcomer(stack.url);
    await bob.client.logout();
    const refusal = await refusalOf({ token: bob.session.token, id: bob.id });
    expect(refusal).toMatchObject({ type: "error", code: "invalid_token" });
    await eventually(async () => expect(await stored(bob)).toEqual([]));
  });

  /** Connections that say nothing, a ping now and then, and the proof. Undefined: the machine was too busy to tell. */
  async function waitUntilOverdue(bob: ClientPerson) {
    const begun = Date.now();
    const [silent, pinging, proven] = await Promise.all([
      connect(stack.url),
      connect(stack.url),
      listen(stack.url, bob.session),
    ]);
    const said: unknown[] = [];
    do {
      await sleep(500);
      pinging.say({ type: "ping" });
      said.push(await heard(pinging));
      if (said.length === 1 && Date.now() - begun > LIMITS.live.proofTime) return undefined;
    } while (JSON.stringify(said.at(-1)) === '{"type":"pong"}');
    await pinging.closed;
    const elapsed = Date.now() - begun;
    // Nothing waits for a connection that says nothing.
    expect(silent.unheard).toEqual([]);
    silent.say({ token: bob.session.token, id: bob.id });
    const refusal = await heard(silent);
    await silent.closed;
    return said.at(-1) === undefined || refusal === undefined ? undefined : { said, elapsed, refusal, proven };
  }

  it("that never comes: once 10 seconds are over a ping closes the connection, and a proven one stays", async () => {
    const bob = await newcomer(stack.url);
    let overdue = await waitUntilOverdue(bob);
    for (let tries = 1; overdue === undefined && tries < MOST_ATTEMPTS; tries++) overdue = await waitUntilOverdue(bob);
    if (overdue === undefined) throw new Error("no connection was told why it is closed");
    const { said, elapsed, refusal, proven } = overdue;
    expect(said.at(-1)).toMatchObject({ type: "error", code: "invalid_request" });
    expect(said.length).toBeGreaterThan(1);
    expect(elapsed).toBeGreaterThanOrEqual(LIMITS.live.proofTime);
    expect(refusal).toMatchObject({ type: "error", code: "invalid_request" });

    proven.say({ type: "ping" });
    expect(await proven.next()).toEqual({ type: "pong" });
  });
});

describe("wakes", () => {
  it("reach each of the receiver's connections, and nobody else's", async () => {
    const [alice, bob] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
    const elsewhere = (await bob.elsewhere()).session ?? bob.session;
    const [one, other, sender] = await Promise.all([
      listen(stack.url, bob.session),
      listen(stack.url, elsewhere),
      listen(stack.url, alice.session),
    ]);
    await wake(alice, bob, one, other);
    expect(sender.unheard).toEqual([]);

    await one.close();
    await wake(alice, bob, other);
    await wake(bob, alice, sender);
  });

  it("find a connection gone that was cut without a word: it is forgotten", async () => {
    const bob = await newcomer(stack.url);
    const proxy = await startFaultProxy({ port: stack.port, host: "localhost", next: () => "none" });
    const wire = await listen(proxy.url, bob.session);
    expect(await stored(bob)).toHaveLength(2);
    await proxy.close();
    await wire.closed;
    await eventually(async () => expect(await stored(bob)).toEqual([]));
  });

  it("remove the receiver's connections that died with the whole stack, and not the sender's", async () => {
    const [alice, bob] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
    await Promise.all([
      listen(stack.url, bob.session),
      listen(stack.url, bob.session),
      listen(stack.url, alice.session),
    ]);
    await stack.kill();
    stack = await startStack({
      data: stack.data,
      port: stack.port,
      env: { AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint },
    });
    const wire = await listen(stack.url, bob.session);
    expect([await stored(bob), await stored(alice)].map(({ length }) => length)).toEqual([6, 2]);

    await wake(alice, bob, wire);
    // Those that are gone are found one by one, as far as a wake has time.
    await eventually(async () => {
      if ((await stored(bob)).length > 2) await send(alice, bob);
      expect(await stored(bob)).toHaveLength(2);
    });
    expect(await stored(alice)).toHaveLength(2);
  });
});

/** Somebody with two connections of one session, and one of another. */
async function listener() {
  const bob = await newcomer(stack.url);
  const elsewhere = (await bob.elsewhere()).session ?? bob.session;
  const [mine, alsoMine, other] = await Promise.all([
    listen(stack.url, bob.session),
    listen(stack.url, bob.session),
    listen(stack.url, elsewhere),
  ]);
  return { bob, mine, alsoMine, other };
}

type Listener = Awaited<ReturnType<typeof listener>>;

/**
 * Somebody to whom it happens that sessions end. On a busy machine the time to close their connections may be over: then it happens to
 * somebody else.
 *
 * @returns once those connections are closed
 */
async function ended(end: (one: Listener) => Promise<readonly Wire[]>): Promise<Listener> {
  for (let attempt = 1; ; attempt++) {
    const one = await listener();
    const all = Promise.all((await end(one)).map(({ closed }) => closed)).then(() => true);
    const areClosed = await Promise.race([all, sleep(CLOSING_MS).then(() => false)]);
    if (areClosed) return one;
    expect(attempt, "nobody's connections are closed").toBeLessThan(MOST_ATTEMPTS);
  }
}

describe("a logout", () => {
  it("closes the connections of its session, and those of another session of the same user stay", async () => {
    const alice = await newcomer(stack.url);
    const { bob, other } = await ended(async ({ bob, mine, alsoMine }) => {
      await bob.client.logout();
      return [mine, alsoMine];
    });
    expect(await stored(bob)).toHaveLength(2);
    await wake(alice, bob, other);
  });
});

describe("sessions that end by other means", () => {
  it("by another password: their connections are closed, and those of the session that asked are not", async () => {
    const alice = await newcomer(stack.url);
    const { bob, mine, alsoMine } = await ended(async ({ bob, other }) => {
      await bob.client.changePassword({ password: bob.password, newPassword: "another password" });
      return [other];
    });
    expect(await stored(bob)).toHaveLength(4);
    await wake(alice, bob, mine, alsoMine);
  });

  it("by hand, from another one: their connections are closed", async () => {
    const { bob, mine } = await ended(async ({ bob, other }) => {
      const another = (await bob.client.sessions()).find(({ current }) => !current);
      await bob.client.endSession(another?.sessionId ?? "");
      return [other];
    });
    expect(await stored(bob)).toHaveLength(4);
    expect(mine.unheard).toEqual([]);
  });

  it("by the deletion of the account: all connections are closed, and nothing of them is left", async () => {
    const { bob } = await ended(async ({ bob, mine, alsoMine, other }) => {
      await bob.client.deleteAccount(bob.password);
      return [mine, alsoMine, other];
    });
    expect(await stored(bob)).toEqual([]);
    expect(bob.client.session).toBeUndefined();
  });
});

describe("the one port", () => {
  it("serves a second stack beside the first, each with its own connections", async () => {
    const second = await start();
    onTestFinished(async () => void (await second.stop()));
    const [alice, bob] = await Promise.all([newcomer(second.url), newcomer(second.url)]);
    const wire = await listen(second.url, bob.session);
    await wake(alice, bob, wire);
  });

  it("takes a request to upgrade anything but /live for the request that it is", async () => {
    // As curl offers HTTP/2; fetch cannot.
    const asked = request(`${stack.url}/sync`, { headers: { connection: "Upgrade", upgrade: "h2c" } }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(405);
  });
});
