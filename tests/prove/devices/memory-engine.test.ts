import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { engines, startEngine, type TestEngine } from "../../support/engines.ts";
import { useSeed } from "../../support/seed.ts";
import type { Asked } from "../wire.ts";
import { memoryEngine } from "./memory-engine.ts";
import { proveDevices } from "./prove-devices.ts";

vi.hoisted(() => {
  process.env["POWERTOOLS_LOG_LEVEL"] = "SILENT";
});

const seed = useSeed();
let real: TestEngine;
beforeAll(async () => {
  real = await startEngine(engines[0]?.name);
});
afterAll(() => real.stop());

/** What a command answers; or how it failed. dynalite does not name the item in its way. */
async function outcomeOf(engine: TestEngine, command: Asked): Promise<object> {
  try {
    return await engine.client.send(command as never);
  } catch (error) {
    return { failed: (error as Error).name };
  }
}

/** Each command goes to both. */
function twin(differences: string[]): { engine: TestEngine; count: () => number } {
  const memory = memoryEngine();
  let count = 0;
  const send = async (command: Asked): Promise<unknown> => {
    count++;
    const [ours, theirs] = await Promise.all([outcomeOf(memory, command), outcomeOf(real, command)]);
    if (!isDeepStrictEqual(plain(ours), plain(theirs))) {
      differences.push(`${command.constructor.name} ${JSON.stringify([command.input, ours, theirs])}`);
    }
    if ("failed" in ours) return memory.client.send(command as never);
    return ours;
  };
  return { engine: { ...memory, client: { send } as never }, count: () => count };
}

/** Without what the system does not read, and in one form: bytes of one class, and what a batch has read in one order. */
function plain({ ScannedCount: _, Responses, ...output }: Output): unknown {
  const found = Object.entries(Responses ?? {}).map(([table, items]) => [table, items.map(asText).toSorted()]);
  return { ...JSON.parse(asText(output)), ...(Responses && { Responses: found }) };
}

interface Output {
  readonly ScannedCount?: number;
  readonly Responses?: Readonly<Record<string, readonly object[]>>;
}

const asText = (value: object): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, key, one) {
    const before = this[key];
    return before instanceof Uint8Array ? Buffer.from(before).toString("hex") : isRecord(one) ? sorted(one) : one;
  });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const sorted = (record: Record<string, unknown>): object =>
  Object.fromEntries(Object.entries(record).toSorted(([one], [other]) => (one < other ? -1 : 1)));

it("the engine in memory answers as an engine does, command by command", async () => {
  const differences: string[] = [];
  const { engine, count } = twin(differences);
  const details = await proveDevices(engine, { numRuns: 20, seed, endOnFailure: true });
  expect(details.errorInstance).toBeFalsy();
  expect(differences.slice(0, 3)).toEqual([]);
  expect(count()).toBeGreaterThan(1_000);
});

it("fails at what it does not understand", () => {
  const send = (command: object) => memoryEngine().client.send(command as never);
  return expect(send({ input: {} })).rejects.toThrow("not understood");
});
