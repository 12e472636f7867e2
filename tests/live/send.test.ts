import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { Connections } from "../../lib/live/connections.ts";
import { Listeners } from "../../lib/live/listeners.ts";
import { type Api, json } from "../support/api.ts";
import { Recorder, roundTrips } from "../support/capacity/recorder.ts";
import { type DatabaseGate, startDatabaseGate } from "../support/database-gate.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { claimOf, newPerson, type Person } from "../support/logins.ts";
import { type Fate, type Management, startManagement } from "../support/management.ts";
import { messageIdAt } from "../support/message-ids.ts";

const WAKE = '{"type":"wake"}';

let engine: TestEngine;
let gate: DatabaseGate;
let management: Management;
let functions: MadeFunctions;
let api: Api;
let recorder: Recorder;
let connections: Connections;
let listeners: Listeners;
let alice: Person;
let bob: Person;

/** Starts the functions as a process of their own would. */
async function start(liveEndpoint: string | undefined): Promise<void> {
  functions = await makeFunctions(engine, { endpoint: gate.endpoint, ...(liveEndpoint && { liveEndpoint }) });
  api = eventsApi(functions);
  recorder = new Recorder(functions.foundation.database);
  alice = await newPerson(api);
}

beforeAll(async () => {
  engine = await startEngine();
  gate = await startDatabaseGate(engine.endpoint);
  management = await startManagement();
  connections = new Connections(engine.accounts, Date.now);
  listeners = new Listeners(engine.accounts, Date.now);
  await start(management.endpoint);
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterAll(async () => {
  await management.close();
  await gate.close();
  await engine.stop();
});
beforeEach(async () => {
  gate.harm(() => "pass");
  bob = await newPerson(api);
  management.take();
});

/** Gives somebody connections, which take what is told to them in these ways. */
async function connect({ id }: Person, sessionId: string, ...fates: Fate[]): Promise<string[]> {
  const ids = fates.map((fate) => {
    // As API Gateway's look: they are no part of a path as they are.
    const connectionId = `${randomUUID().slice(0, 8)}/+=`;
    management.fates.set(connectionId, fate);
    return connectionId;
  });
  for (const connectionId of ids) await connections.add(connectionId, { userId: id, sessionId });
  return ids;
}

/** Somebody whose session has ended. */
async function logOut() {
  const person = await newPerson(api);
  await api(json("/logout", claimOf(person)));
  return claimOf(person);
}

const sessionOf = async ({ token }: Person): Promise<string> =>
  (await functions.foundation.tokens.open(token)).sessionId;

const send = () => api(json("/send", { ...claimOf(alice), sendToId: bob.id, content: "Hello" }));
const sync = () => api(json("/sync", claimOf(bob)));
const held = async ({ id }: Person): Promise<string[]> =>
  (await listeners.list(id, true)).map(({ connectionId }) => connectionId).sort();

/** The message was taken, and is there. */
async function expectSent(answer: Awaited<ReturnType<typeof send>>): Promise<void> {
  expect(answer.status).toBe(202);
  expect((await sync()).body["messages"]).toMatchObject([{ content: "Hello", messageId: answer.body["messageId"] }]);
}

const READS_AND_WRITE = ["BatchGetItemCommand", "GetItemCommand", "PutItemCommand", "QueryCommand"];

describe("what a send costs", () => {
  it.each([0, 1, 5])(
    "is the same with %s connections of the receiver: two round trips, one write unit",
    async (count) => {
      const ids = await connect(bob, "session", ...Array<Fate>(count).fill("there"));
      await connect(alice, "session", "there");
      const { calls } = await recorder.inRounds(send);
      expect(calls.map(({ command }) => command).sort()).toEqual(READS_AND_WRITE);
      expect(roundTrips(calls)).toBe(2);
      expect(calls.reduce((sum, { units }) => sum + units.write, 0)).toBe(1);
      // The session, both profiles and the block, all consistent; and the connections.
      expect(calls.reduce((sum, { units }) => sum + units.read, 0)).toBe(4.5);
      const told = management.take();
      expect(told.map(({ connectionId }) => connectionId).sort()).toEqual(ids.toSorted());
      expect(told.every(({ method, body }) => method === "POST" && body === WAKE)).toBe(true);
    },
  );

  it("has no part for connections where there is no endpoint for them", async () => {
    onTestFinished(() => start(management.endpoint));
    await start(undefined);
    bob = await newPerson(api);
    await connect(bob, "session", "there");
    const { result, calls } = await recorder.record(send);
    expect(calls.map(({ command }) => command)).not.toContain("QueryCommand");
    await expectSent(result);
    expect(management.take()).toEqual([]);
  });
});

describe("a wake", () => {
  it("forgets the receiver's connections that are gone, and no others", async () => {
    const [there, , broken] = await connect(bob, "session", "there", "gone", "broken", "gone");
    const own = await connect(alice, "session", "gone");
    await expectSent(await send());
    expect(await held(bob)).toEqual([there, broken].toSorted());
    expect(await held(alice)).toEqual(expect.arrayContaining(own));
  });

  it.each<Fate>(["hanging", "broken"])("that finds a connection %s reaches the others all the same", async (fate) => {
    const ids = await connect(bob, "session", fate, "there", fate, "there");
    await expectSent(await send());
    expect(management.take().map(({ connectionId }) => connectionId)).toEqual(expect.arrayContaining(ids));
    expect(await held(bob)).toEqual(ids.toSorted());
  });

  it("leaves out a connection that has expired", async () => {
    const before = () => Date.now() - LIMITS.live.kept - 2_000;
    await connect(bob, "session", "there");
    for (const connectionId of await held(bob)) {
      const past = new Connections(engine.accounts, before);
      await past.add(connectionId, { userId: bob.id, sessionId: "session" });
    }
    await expectSent(await send());
    expect(management.take()).toEqual([]);
  });

  it("reaches a connection beside as many expired ones as there may be connections, and so does a logout", async () => {
    const before = () => Date.now() - LIMITS.live.kept - 2_000;
    const past = new Connections(engine.accounts, before);
    const { id: userId } = bob;
    for (let index = 0; index < LIMITS.live.connections; index++) {
      await past.add(`+${index}`, { userId, sessionId: "session" });
    }
    const [connectionId] = await connect(bob, await sessionOf(bob), "there");
    const { calls } = await recorder.inRounds(send);
    expect(roundTrips(calls)).toBe(2);
    expect(management.take()).toMatchObject([{ method: "POST", connectionId }]);
    await api(json("/logout", claimOf(bob)));
    expect(management.take()).toMatchObject([{ method: "DELETE", connectionId }]);
  });

  it.each(["hang", "reject", "throttle", "cut"] as const)(
    "whose look at the connections meets the fault %s leaves the answer as it is",
    async (fault) => {
      await connect(bob, "session", "there");
      gate.harm(({ operation, text }) => (operation === "Query" && text.includes("begins_with") ? fault : "pass"));
      await expectSent(await send());
    },
  );

  it("is for what is stored, and not for what could not be", async () => {
    vi.spyOn(console, "error").mockImplementationOnce(() => {});
    await connect(bob, "session", "there");
    gate.harm(({ operation }) => (operation === "PutItem" ? "reject" : "pass"));
    expect((await send()).status).toBe(500);
    expect(management.take()).toEqual([]);
  });

  describe("is not for a repeat", () => {
    /** Sends the same again, and again. */
    const repeated = () => {
      const message = { ...claimOf(alice), sendToId: bob.id, content: "Hello", messageId: messageIdAt(0) };
      return () => api(json("/send", message));
    };
    const batch = async (fields = {}) => (await api(json("/sync", { ...claimOf(bob), ...fields }))).body;

    it("while the message waits, while it is out, or when it is delivered and deleted", async () => {
      await connect(bob, "session", "there");
      const again = repeated();
      await again();
      expect(management.take()).toHaveLength(1);
      await again();
      const { receipt, messages } = await batch({ ack: bob.receipt });
      expect(messages).toHaveLength(1);
      await again();
      expect(await batch({ ack: receipt })).toMatchObject({ messages: [] });
      await again();
      await again();
      expect(management.take()).toEqual([]);
      expect(await batch({ ack: receipt })).toMatchObject({ messages: [] });
    });

    it("and costs one cheap read more, beside the write, where somebody listens", async () => {
      await connect(bob, "session", "there");
      const again = repeated();
      const { calls } = await recorder.inRounds(again);
      expect(calls.map(({ command }) => command).sort()).toEqual([...READS_AND_WRITE, "GetItemCommand"].sort());
      expect(roundTrips(calls)).toBe(2);
      expect(calls.reduce((sum, { units }) => sum + units.read, 0)).toBe(5);
      bob = await newPerson(api);
      const { calls: unheard } = await recorder.record(repeated());
      expect(unheard.map(({ command }) => command).sort()).toEqual(READS_AND_WRITE);
    });

    it.each(["hang", "reject", "throttle", "cut"] as const)(
      "whose look at the head meets the fault %s, which leaves the answer as it is",
      async (fault) => {
        await connect(bob, "session", "there");
        gate.harm(({ operation, text }) => (operation === "GetItem" && text.includes("#head") ? fault : "pass"));
        await expectSent(await repeated()());
      },
    );

    it("but for a message of which the head cannot be read: a wake too many does no harm", async () => {
      await connect(bob, "session", "there");
      gate.harm(({ operation, text }) => (operation === "GetItem" && text.includes("#head") ? "reject" : "pass"));
      await expectSent(await repeated()());
      expect(management.take()).toHaveLength(1);
    });

    it("but for a message whose write was repeated by the database client alone", async () => {
      await connect(bob, "session", "there");
      let isFirst = true;
      gate.harm(({ operation, text }) => {
        const isLost = isFirst && operation === "PutItem" && text.includes('"content"');
        if (isLost) isFirst = false;
        return isLost ? "lose" : "pass";
      });
      await expectSent(await repeated()());
      expect(isFirst).toBe(false);
      expect(management.take()).toHaveLength(1);
    });
  });

  it.each(["pass", "reject"] as const)(
    "is not for a message that was refused (the look at the connections: %s)",
    async (fault) => {
      await connect(bob, "session", "there");
      const { token, id } = await logOut();
      gate.harm(({ operation }) => (operation === "Query" ? fault : "pass"));
      const answer = await api(json("/send", { ...claimOf(alice), id: bob.id, sendToId: bob.id, content: "Hello" }));
      expect(answer.status).toBe(403);
      const unproven = await api(json("/send", { token, id, sendToId: bob.id, content: "Hello" }));
      expect(unproven.status).toBe(401);
      expect(management.take()).toEqual([]);
    },
  );
});

describe("a logout", () => {
  const end = (person: Person) => api(json("/logout", claimOf(person)));

  it("closes and forgets the connections of its session", async () => {
    const mine = await connect(bob, await sessionOf(bob), "there", "gone");
    const others = await connect(bob, "another", "there");
    expect((await end(bob)).status).toBe(204);
    const told = management.take();
    expect(told.map(({ method, connectionId }) => `${method} ${connectionId}`).sort()).toEqual(
      mine.map((id) => `DELETE ${id}`).sort(),
    );
    expect(await held(bob)).toEqual(others);
  });

  it.each<Fate>(["hanging", "broken"])("ends the session, though a connection is %s", async (fate) => {
    await connect(bob, await sessionOf(bob), fate);
    expect((await end(bob)).status).toBe(204);
    expect((await sync()).status).toBe(401);
    expect(await held(bob)).toEqual([]);
  });
});

describe("without a management endpoint that answers", () => {
  it("a message is sent", async () => {
    await connect(bob, "session", "there");
    await management.close();
    await expectSent(await send());
  });
});
