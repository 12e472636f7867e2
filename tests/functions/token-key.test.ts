import { setImmediate } from "node:timers/promises";
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../lib/contract/limits.ts";
import { tokenKeyKey } from "../../lib/database/account-keys.ts";
import { toItem } from "../../lib/database/accounts-table.ts";
import { type Api, json } from "../support/api.ts";
import { type DatabaseFault, type DatabaseGate, startDatabaseGate } from "../support/database-gate.ts";
import { startEngine, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { makeFunctions } from "../support/functions.ts";
import { claimOf, newPerson } from "../support/logins.ts";

/** What is asked about the token key. */
const isOfKey = (text: string): boolean => text.includes('"token-key"');

describe("a function that starts, and finds no token key in its environment", () => {
  let engine: TestEngine;
  let gate: DatabaseGate;
  let asked: string[];
  let fault: DatabaseFault | Promise<DatabaseFault>;

  beforeAll(async () => {
    engine = await startEngine();
    gate = await startDatabaseGate(engine.endpoint);
    gate.harm(({ operation, text }) => {
      if (!isOfKey(text)) return "pass";
      asked.push(operation);
      return fault;
    });
  });
  afterAll(async () => {
    await gate?.close();
    await engine?.stop();
  });
  beforeEach(async () => {
    asked = [];
    fault = "pass";
    await engine.client.send(new DeleteItemCommand({ TableName: engine.tables.accounts, Key: toItem(tokenKeyKey()) }));
    vi.spyOn(console, "warn").mockImplementation(() => {});
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Starts the functions as one process would, without the key that tests give them. */
  const start = async (): Promise<Api> =>
    eventsApi(await makeFunctions(engine, { endpoint: gate.endpoint, settings: { TOKEN_KEY: "" } }));

  it("has it before the first request, which asks for it no more", async () => {
    const api = await start();
    expect(asked).toEqual(["GetItem", "PutItem"]);
    asked = [];
    const ann = await newPerson(api);
    expect((await api(json("/sync", claimOf(ann)))).status).toBe(200);
    expect(asked).toEqual([]);
    await start();
    expect(asked).toEqual(["GetItem"]);
  });

  it.each<DatabaseFault>(["reject", "throttle", "cut"])(
    "starts though the read meets the fault %s, and the first request reads it",
    async (met) => {
      fault = met;
      const api = await start();
      expect(asked).toContain("GetItem");
      fault = "pass";
      asked = [];
      const ann = await newPerson(api);
      expect((await api(json("/sync", claimOf(ann)))).status).toBe(200);
      expect(asked).toEqual(["GetItem", "PutItem"]);
    },
  );

  it.each<[string, DatabaseFault, number, number]>([
    ["is answered by it", "pass", 200, 1],
    ["is 503 where it fails, and the next one reads anew", "throttle", 503, LIMITS.database.attempts],
  ])(
    "starts though the read hangs; a first request waits for this read, and %s",
    async (_, outcome, status, attempts) => {
      const ann = await newPerson(await start());
      asked = [];
      const read = Promise.withResolvers<DatabaseFault>();
      fault = read.promise;
      const api = await start();
      const early = api(json("/sync", claimOf(ann)));
      // What it does before it needs the key waits for nothing.
      await setImmediate();
      fault = outcome;
      read.resolve(outcome);
      expect((await early).status).toBe(status);
      expect(asked).toEqual(Array.from({ length: attempts }, () => "GetItem"));
      fault = "pass";
      expect((await api(json("/sync", claimOf(ann)))).status).toBe(200);
    },
  );
});
