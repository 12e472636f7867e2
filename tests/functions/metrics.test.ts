import { randomUUID } from "node:crypto";
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Connections } from "../../lib/live/connections.ts";
import { Meter } from "../../lib/runtime/meter.ts";
import { METRICS } from "../../lib/runtime/metrics.ts";
import { type Api, json } from "../support/api.ts";
import { type DatabaseGate, startDatabaseGate } from "../support/database-gate.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { claimOf, newPerson, newUsername, PASSWORD, type Person } from "../support/logins.ts";
import { type Management, startManagement } from "../support/management.ts";

const SERVICE = "gotalk-test";

/** The embedded metric format, as far as it is used. */
interface Document {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** The functions as they are on AWS: what they count goes to their output. */
describe.each(engines)("metrics ($name)", ({ start }) => {
  let engine: TestEngine;
  let gate: DatabaseGate;
  let management: Management;
  let functions: MadeFunctions;
  let api: Api;
  let ann: Person;
  let lines: string[];
  let units: { ReadUnits: number; WriteUnits: number };

  beforeAll(async () => {
    engine = await start();
    management = await startManagement();
    gate = await startDatabaseGate(engine.endpoint, ({ operation }, text) => {
      const { ConsumedCapacity = [] } = JSON.parse(text) as { ConsumedCapacity?: ConsumedCapacity | [] };
      const kind = /Get|Query/.test(operation) ? "ReadUnits" : "WriteUnits";
      for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat()) units[kind] += CapacityUnits;
    });
    units = { ReadUnits: 0, WriteUnits: 0 };
    lines = [];
    record();
    vi.stubEnv("POWERTOOLS_DEV", undefined);
    functions = await makeFunctions(engine, { endpoint: gate.endpoint, liveEndpoint: management.endpoint });
    vi.unstubAllEnvs();
    api = eventsApi(functions);
    ann = await newPerson(api);
  });
  afterAll(async () => {
    await management?.close();
    await gate?.close();
    await engine?.stop();
  });
  beforeEach(() => {
    record();
    printLeftovers();
  });
  afterEach(() => {
    gate.harm(() => "pass");
    vi.restoreAllMocks();
  });

  /** What was counted before is no part of the next line. */
  function printLeftovers(): void {
    const { meter } = functions.foundation;
    meter.count("MessagesReceived");
    meter.publish();
    units = { ReadUnits: 0, WriteUnits: 0 };
    lines = [];
  }

  function record(): void {
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, "write").mockImplementation((chunk) => {
        lines.push(...String(chunk).trim().split("\n"));
        return true;
      });
    }
  }

  /** The values of the one document that was printed, once its form is looked at; `{}` when nothing was printed. */
  function counted(): Record<string, unknown> {
    const printed = lines.map((line) => JSON.parse(line) as Document).filter((line) => "_aws" in line);
    lines = [];
    expect(printed.length).toBeLessThanOrEqual(1);
    const [document] = printed;
    if (document === undefined) return {};
    const { _aws, service, ...values } = document;
    expect(service).toBe(SERVICE);
    expect(Math.abs(_aws.Timestamp - Date.now())).toBeLessThan(60_000);
    const units: Record<string, string> = METRICS;
    expect(_aws.CloudWatchMetrics).toEqual([
      {
        Namespace: "goTalk",
        Dimensions: [["service"]],
        Metrics: Object.keys(values).map((Name) => ({ Name, Unit: units[Name] })),
      },
    ]);
    for (const value of Object.values(values)) expect(value).toEqual(expect.any(Number));
    return values;
  }

  const ofDatabase = () => Object.fromEntries(Object.entries(units).filter(([, value]) => value > 0));
  const send = (content = "x", person = ann) =>
    api(json("/send", { ...claimOf(person), sendToId: person.id, content }));

  async function connect(fates: readonly ("there" | "gone" | "broken" | "hanging")[]): Promise<void> {
    const connections = new Connections(functions.foundation.accountsTable, Date.now);
    for (const fate of fates) {
      const connectionId = randomUUID();
      management.fates.set(connectionId, fate);
      await connections.add(connectionId, { userId: ann.id, sessionId: "session" });
    }
    printLeftovers();
  }

  it("of a send and of the syncs that follow it are what the engine charged, and what became of it", async () => {
    expect((await send()).status).toBe(202);
    expect(units.WriteUnits).toBe(1);
    expect(counted()).toEqual({ MessagesReceived: 1, ...ofDatabase() });

    units = { ReadUnits: 0, WriteUnits: 0 };
    const { body } = await api(json("/sync", { ...claimOf(ann), ack: ann.receipt }));
    expect(counted()).toEqual({ MessagesDelivered: 1, ...ofDatabase() });

    units = { ReadUnits: 0, WriteUnits: 0 };
    await api(json("/sync", { ...claimOf(ann), ack: ann.receipt }));
    expect(counted()).toEqual({ MessagesRedelivered: 1, RedeliveryAge: expect.any(Number), ...ofDatabase() });

    units = { ReadUnits: 0, WriteUnits: 0 };
    await api(json("/sync", { ...claimOf(ann), ack: body["receipt"] }));
    expect(units.WriteUnits).toBeGreaterThanOrEqual(2);
    expect(counted()).toEqual({ MessagesSettled: 1, ...ofDatabase() });
  });

  it("of a batch command are those of the whole batch", async () => {
    for (let sent = 0; sent < 30; sent++) await send();
    lines = [];
    units = { ReadUnits: 0, WriteUnits: 0 };
    await api(json("/sync", claimOf(ann)));
    expect(units.WriteUnits).toBeGreaterThanOrEqual(31);
    expect(counted()).toEqual({ MessagesDelivered: 30, MessagesSettled: 30, ...ofDatabase() });
  });

  it("tell of wakes by what became of each connection", async () => {
    await connect(["there", "there", "gone", "broken"]);
    await send();
    expect(counted()).toMatchObject({ WakeSuccesses: 2, WakeFailures: 1 });
    await connect(["hanging"]);
    await send();
    expect(counted()).toMatchObject({ WakeSuccesses: 2, WakeFailures: 2 });
  });

  it("tell of a wake that fails since nobody knows whom to wake", async () => {
    gate.harm(({ operation }) => (operation === "Query" ? "reject" : "pass"));
    expect((await send()).status).toBe(202);
    expect(counted()).toMatchObject({ MessagesReceived: 1, WakeFailures: 1 });
  });

  it("of pushes are printed by the function that makes them", async () => {
    const target = { userId: ann.id, deviceId: "d", sessionId: "s", channel: ann.id };
    const message = { messageId: uuidv7(), senderId: ann.id, senderName: ann.username, sentAt: 0 };
    // It is too old to be told to anybody.
    const event = { push: { message, targets: [target, target], tries: 0 } };
    await functions.push(event, { awsRequestId: "r", invokedFunctionArn: "arn" } as never);
    expect(counted()).toEqual({ PushFailures: 2 });
  });

  it("tell of logins that fail, for whatever reason, and of no others", async () => {
    const login = (username: string, password: string) => api(json("/login", { username, password }));
    const { username } = await newPerson(api);
    lines = [];
    await login(username, PASSWORD);
    expect(counted()).not.toHaveProperty("LoginFailures");
    for (let failure = 0; failure < 10; failure++) await login(username, "not the password");
    lines = [];
    expect((await login(username, PASSWORD)).status).toBe(429);
    expect(counted()).toMatchObject({ LoginFailures: 1 });
    expect((await login(newUsername(), PASSWORD)).status).toBe(401);
    expect(counted()).toMatchObject({ LoginFailures: 1 });
    expect((await login(username, "short")).status).toBe(400);
    expect(counted()).toEqual({});
  });

  it("are not printed where nothing was counted", async () => {
    await api(json("/sync", { token: "none", id: ann.id }));
    await api({ method: "GET", path: "/nothing" });
    expect(lines).toEqual([]);
  });

  it("are not printed for a sync that finds nothing: what it cost is in the next line", async () => {
    const bob = await newPerson(api);
    printLeftovers();
    for (let asked = 0; asked < 3; asked++) await api(json("/sync", { ...claimOf(bob), ack: bob.receipt }));
    expect(units.ReadUnits).toBeGreaterThan(1);
    expect(lines).toEqual([]);
    await send("x", bob);
    expect(counted()).toEqual({ MessagesReceived: 1, ...ofDatabase() });
  });

  it("are those of a request that fails as well, in the next line", async () => {
    const bob = await newPerson(api);
    printLeftovers();
    gate.harm(({ operation }) => (operation === "PutItem" ? "reject" : "pass"));
    expect((await send("x", bob)).status).toBe(500);
    expect(counted()).toEqual({});
    gate.harm(() => "pass");
    await send("x", bob);
    expect(counted()).toEqual({ MessagesReceived: 1, ...ofDatabase() });
  });

  it("are printed by themselves once they are 1,000 units", async () => {
    const { meter } = functions.foundation;
    meter.count("WriteUnits", 999.5);
    meter.count("ReadUnits", 999.5);
    meter.publish();
    expect(lines).toEqual([]);
    meter.count("ReadUnits", 0.5);
    meter.publish();
    expect(counted()).toEqual({ WriteUnits: 999.5, ReadUnits: 1_000 });
    meter.publish();
    expect(lines).toEqual([]);
  });
});

it("nothing is printed in development", () => {
  const meter = new Meter();
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const print = vi.spyOn(console, "log").mockReturnValue();
  meter.count("MessagesReceived");
  meter.publish();
  expect(write).not.toHaveBeenCalled();
  expect(print).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});
