import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Users } from "../../lib/accounts/users.ts";
import { type Api, bearer, type Call, find, json } from "../support/api.ts";
import {
  type Chooser,
  type DatabaseFault,
  type DatabaseGate,
  type DatabaseRequest,
  startDatabaseGate,
} from "../support/database-gate.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { makeFunctions } from "../support/functions.ts";
import { claimOf, logIn, newUsername, PASSWORD, type Person } from "../support/logins.ts";
import { freePort } from "../support/ports.ts";
import { expectProblem } from "../support/problems.ts";
import { gatedFunctions, somebody } from "./gated.ts";

/** Lambda ends a function after this time, in milliseconds (`timeout` in serverless.yml). */
const LAMBDA_TIMEOUT = 10_000;

/** A call of each route that would succeed. */
const everyRoute = ({ token, id, username }: Person): Call[] => [
  json("/register", { username: newUsername(), password: PASSWORD }),
  json("/login", { username, password: PASSWORD }),
  find(username, token),
  json("/send", { token, id, sendToId: id, content: "x" }),
  json("/sync", { token, id }),
  bearer(token, { method: "GET", path: "/sessions" }),
  bearer(token, { method: "DELETE", path: `/sessions/${"x".repeat(22)}` }),
  bearer(token, { method: "GET", path: "/blocks" }),
  bearer(token, { method: "DELETE", path: `/blocks/${id}` }),
  json("/password", { token, id, password: PASSWORD, newPassword: PASSWORD }),
  json("/logout", { token, id }),
];

const isPut = ({ operation }: DatabaseRequest): boolean => operation === "PutItem";
const claimsName = (request: DatabaseRequest): boolean => isPut(request) && request.text.includes("passwordHash");
const makesProfile = (request: DatabaseRequest): boolean => isPut(request) && request.text.includes('"profile"');

beforeAll(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterAll(() => {
  vi.restoreAllMocks();
});

describe("a database behind a bad network", () => {
  let engine: TestEngine;
  let gate: DatabaseGate;
  let api: Api;
  let ann: Person;

  const gated = gatedFunctions();
  beforeEach(() => {
    ({ engine, gate, api, ann } = gated);
  });

  it("is tried again, so that nobody sees a fault that passes", async () => {
    const options = { endpoint: gate.endpoint, bounds: "real", pauses: false } as const;
    const hasty = eventsApi(await makeFunctions(engine, options));
    for (const fault of ["throttle", "fail", "cut"] as const) {
      const calls = everyRoute(await logIn(hasty, ann.username));
      const harmed = new Set<string>();
      gate.harm(({ operation, text }) => {
        const known = harmed.size;
        return harmed.add(operation + text).size > known ? fault : "pass";
      });
      // One after the other: a login while the password is being changed is refused, and the last call is the logout.
      for (const call of calls) {
        const answer = await hasty(call);
        expect(answer.status, answer.text).toBeLessThan(300);
      }
      expect(harmed.size).toBeGreaterThan(10);
    }
  });

  it.each(["throttle", "fail", "cut"] as const)(
    "is tried again by the client as it is deployed, which pauses first (%s)",
    async (fault) => {
      const calls = [json("/send", { ...claimOf(ann), sendToId: ann.id, content: "x" }), json("/sync", claimOf(ann))];
      for (const call of calls) {
        const attempts = new Map<string, number>();
        gate.harm(({ operation, text }) => {
          const earlier = attempts.get(operation + text) ?? 0;
          attempts.set(operation + text, earlier + 1);
          return earlier === 0 ? fault : "pass";
        });
        const answer = await api(call);
        expect(answer.status, answer.text).toBeLessThan(300);
        // What is done as far as the time goes may end after its first attempt.
        expect(Math.max(...attempts.values())).toBe(2);
      }
    },
  );

  it("is tried again when it does not answer in time", async () => {
    await api(json("/send", { ...claimOf(ann), sendToId: ann.id, content: "late" }));
    gate.harm(onceOnly("hang", ({ operation }) => operation === "Query"));
    expect((await api(json("/sync", claimOf(ann)))).body["messages"]).toMatchObject([{ content: "late" }]);
  });

  it.each(["throttle", "fail", "cut"] as const)("is 503 with Retry-After on every route (%s)", async (fault) => {
    gate.harm(() => fault);
    for (const answer of await Promise.all(everyRoute(ann).map(api))) {
      expectProblem(answer, 503, "unavailable");
      expect(answer.headers["retry-after"]).toBe("1");
      expect(answer.text).not.toContain("internal text");
    }
  });

  it("is 500 without the database's text where it calls a request of ours not valid", async () => {
    gate.harm(() => "reject");
    for (const call of everyRoute(ann)) {
      const answer = await api(call);
      expectProblem(answer, 500, "internal_error");
      expect(answer.text).not.toMatch(/internal text|ValidationException/);
    }
  });

  it.each([
    ["the profile's answer", makesProfile],
    ["the claim's answer", claimsName],
  ])("registers all the same when %s is lost", async (_, matches) => {
    const username = newUsername();
    gate.harm(onceOnly("lose", matches));
    const registered = await api(json("/register", { username, password: PASSWORD }));
    expect(registered.status).toBe(201);
    const { id } = await logIn(api, username);
    expect(id).toBe(registered.body["id"]);
    expect((await api(json("/send", { ...claimOf(ann), sendToId: id, content: "x" }))).status).toBe(202);
  });

  it("leaves a user who can log in and be sent to when every answer to the claim is lost", async () => {
    const username = newUsername();
    gate.harm((request) => (claimsName(request) ? "lose" : "pass"));
    expectProblem(await api(json("/register", { username, password: PASSWORD })), 503, "unavailable");
    const { id } = await logIn(api, username);
    expect((await api(json("/send", { ...claimOf(ann), sendToId: id, content: "x" }))).status).toBe(202);
  });

  it("refuses a name that was taken between the look and the claim, and leaves no user behind", async () => {
    const username = newUsername();
    const rivals = new Users(engine.accounts, Date.now);
    let owner: { S: string } | undefined;
    let rival: string | undefined;
    gate.harm(async (request): Promise<DatabaseFault> => {
      if (makesProfile(request)) owner = JSON.parse(request.text).Item.owner;
      if (claimsName(request)) rival ??= (await rivals.create(username, "a hash")).id;
      return "pass";
    });
    expectProblem(await api(json("/register", { username, password: PASSWORD })), 409, "username_taken");
    expect(owner).toEqual({ S: expect.stringMatching(/^user#/) });
    const { Item } = await engine.client.send(
      new GetItemCommand({
        TableName: engine.tables.accounts,
        Key: { owner: owner ?? { S: "" }, record: { S: "profile" } },
        ConsistentRead: true,
      }),
    );
    expect(Item).toBeUndefined();
    expect((await api(find(username, ann.token))).body["id"]).toBe(rival);
  });

  it("stores a message once when the answer is lost", async () => {
    gate.harm(onceOnly("lose", isPut));
    expect((await api(json("/send", { ...claimOf(ann), sendToId: ann.id, content: "once" }))).status).toBe(202);
    gate.harm(() => "pass");
    expect((await api(json("/sync", claimOf(ann)))).body["messages"]).toMatchObject([{ content: "once" }]);
  });

  it("delivers a message once when the sender was told 503 and tried again", async () => {
    const call = json("/send", { ...claimOf(ann), sendToId: ann.id, content: "again", messageId: uuidv7() });
    gate.harm((request) => (isPut(request) ? "lose" : "pass"));
    expectProblem(await api(call), 503, "unavailable");
    gate.harm(() => "pass");
    expect((await api(call)).body).toMatchObject({ status: "received" });
    expect((await api(json("/sync", claimOf(ann)))).body["messages"]).toMatchObject([{ content: "again" }]);
    expect((await api(json("/sync", claimOf(ann)))).body["messages"]).toEqual([]);
  });

  it("ends a session though the answer to its end is lost", async () => {
    gate.harm(onceOnly("lose", ({ operation }) => operation === "DeleteItem"));
    expect((await api(json("/logout", claimOf(ann)))).status).toBe(204);
    expectProblem(await api(json("/sync", claimOf(ann))), 401, "invalid_token");
  });

  it("hands nothing out to a session that has ended, though a cheap read still shows it", async () => {
    const bob = await somebody(api);
    await api(json("/send", { ...claimOf(ann), sendToId: bob.id, content: "not for you" }));
    await api(json("/logout", claimOf(bob)));
    gate.harm(({ operation, text }) => {
      const isCheapLook =
        operation === "GetItem" && text.includes("session#") && !text.includes('"ConsistentRead":true');
      return isCheapLook ? { stale: { Item: { expiresAt: { N: "9999999999" } } } } : "pass";
    });
    for (const fields of [claimOf(bob), { ...claimOf(bob), ack: bob.receipt }]) {
      expectProblem(await api(json("/sync", fields)), 401, "invalid_token");
    }
    gate.harm(() => "pass");
    const again = await logIn(api, bob.username);
    expect((await api(json("/sync", claimOf(again)))).body["messages"]).toMatchObject([
      { content: "not for you", redelivered: false },
    ]);
  });
});

// They wait for what never comes, so they wait at the same time: each has a database of its own.
describe.concurrent("a database that is too slow", () => {
  it("answers every route 503 well before Lambda's timeout when it never answers", async ({ onTestFinished }) => {
    const { gate, api, ann, end } = await ownFunctions();
    onTestFinished(end);
    gate.harm(() => "hang");
    // A timer of this process, whose timers fire in their order however late: it sees nothing of what else the machine does.
    const late = sleep(0.8 * LAMBDA_TIMEOUT, "too late" as const, { ref: false });
    const answers = await Promise.race([Promise.all(everyRoute(ann).map(api)), late]);
    if (answers === "too late") throw new Error("they were answered too late");
    for (const answer of answers) {
      expectProblem(answer, 503, "unavailable");
      expect(answer.headers["retry-after"]).toBe("1");
    }
  });

  it("answers 503 before Lambda's timeout when each call is slow, and there are many", async ({ onTestFinished }) => {
    const { gate, api, ann, end } = await ownFunctions();
    onTestFinished(end);
    gate.harm(async (): Promise<DatabaseFault> => {
      await new Promise((resolve) => setTimeout(resolve, 900));
      return "throttle";
    });
    const answers = await Promise.all(everyRoute(ann).map(api));
    for (const answer of answers) expectProblem(answer, 503, "unavailable");
  });

  it.for(["refuses connections", "accepts connections and says nothing"])(
    "is 503 where it is gone and its port %s",
    async (what) => {
      const { port, api, ann, end } = await ownFunctions();
      await end();

      const sockets = new Set<Socket>();
      const silent = createServer((socket) => sockets.add(socket));
      if (what.startsWith("accepts")) await once(silent.listen(port, "127.0.0.1"), "listening");
      const answers = await Promise.all(everyRoute(ann).map(api));
      for (const answer of answers) expectProblem(answer, 503, "unavailable");
      expect(sockets.size > 0).toBe(what.startsWith("accepts"));
      for (const socket of sockets) socket.destroy();
      silent.close();
    },
  );
});

/** The functions behind a gate to a database that no other test has. */
async function ownFunctions() {
  const engine = await startEngine();
  // One that no other process gets once it is free again.
  const port = await freePort();
  const gate = await startDatabaseGate(engine.endpoint, undefined, port);
  const api = eventsApi(await makeFunctions(engine, { endpoint: gate.endpoint, bounds: "real" }));
  const end = async () => {
    await gate.close();
    await engine.stop();
  };
  return { gate, port, api, ann: await somebody(api), end };
}

/** Harms the first request that matches; the others pass. */
function onceOnly(fault: DatabaseFault, matches: (request: DatabaseRequest) => boolean): Chooser {
  let done = false;
  return (request) => {
    if (done || !matches(request)) return "pass";
    done = true;
    return fault;
  };
}
