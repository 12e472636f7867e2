import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { json } from "./api.ts";
import { type DatabaseGate, startDatabaseGate } from "./database-gate.ts";
import { startEngine, type TestEngine } from "./engines.ts";
import { eventsApi } from "./events.ts";
import { makeFunctions } from "./functions.ts";
import { claimOf, newPerson } from "./logins.ts";

let engine: TestEngine;
let gate: DatabaseGate;
beforeAll(async () => {
  engine = await startEngine();
  gate = await startDatabaseGate(engine.endpoint);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await gate.close();
  await engine.stop();
});

it("functions under test make the same calls whatever chance says", async () => {
  const chance = vi.spyOn(Math, "random");
  const operations: string[] = [];
  const api = eventsApi(await makeFunctions(engine, { endpoint: gate.endpoint }));
  const ann = await newPerson(api);
  gate.harm(({ operation }) => {
    operations.push(operation);
    return "pass";
  });
  // The product's parts took this `Math.random` as they were made, and ask it at each send.
  const callsAt = async (value: number): Promise<string[]> => {
    chance.mockReturnValue(value);
    const asked = chance.mock.calls.length;
    operations.length = 0;
    expect((await api(json("/send", { ...claimOf(ann), sendToId: ann.id, content: "x" }))).status).toBe(202);
    expect(chance.mock.calls.length).toBeGreaterThan(asked);
    return operations.toSorted();
  };
  // A millionth is less than the chance of a count by the default bound.
  expect(await callsAt(1e-6)).toEqual(await callsAt(1 - Number.EPSILON));
});
