import { AsyncLocalStorage } from "node:async_hooks";
import { ConditionalCheckFailedException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CapacityMeter, type Input } from "./meter.ts";
import { forgetResolved } from "./resolved.ts";
import { Rounds } from "./rounds.ts";
import { type Item, NO_UNITS, type Units } from "./units.ts";

/** One call of the database. */
export interface Call {
  /** Such as `PutItemCommand`. */
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** By DynamoDB's documentation. */
  readonly units: Units;
  /** By the engine's own account, its `ConsumedCapacity`. */
  readonly engineUnits: Units;
  /** Of the bodies. */
  readonly bytes: { readonly sent: number; readonly received: number };
  /** Items that a query found, returned or only counted. */
  readonly items: number;
  /** Its condition did not hold. */
  readonly isRefused: boolean;
  /** Of the SDK: after a second one nobody knows whether the first applied. */
  readonly attempts: number;
}

/** A call, and the round trip that it was a part of, from 1. */
export interface RoundCall extends Call {
  readonly round: number;
}

/** What is recorded at the moment. */
interface Recording {
  readonly note: (call: Call, round: number) => void;
  /** Without it no answer is held back. */
  readonly rounds?: Rounds;
}

interface Capacity {
  readonly CapacityUnits?: number;
}

interface Metadata {
  readonly attempts?: number | undefined;
}

interface Output {
  readonly $metadata: Metadata;
  readonly Items?: readonly Item[];
  readonly Count?: number;
  readonly ConsumedCapacity?: Capacity | Capacity[];
}

/** Writes down every call of one SDK client. */
export class Recorder {
  readonly #meter = new CapacityMeter();
  readonly #current = new AsyncLocalStorage<Recording>();
  /** Asks the engine for its own account, which costs it time; off where time is measured. */
  asksForUnits = true;

  constructor(client: DynamoDBClient) {
    const bytes = new WeakMap<object, { sent: number; received: number }>();
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        bytes.set(args.input, { sent: lengthOf(args.request), received: lengthOf(result.response) });
        return result;
      },
      { step: "deserialize", name: "countBytes", priority: "low" },
    );
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const command = context.commandName ?? "";
        const input = { ...args.input, ...(this.asksForUnits && { ReturnConsumedCapacity: "TOTAL" as const }) };
        const recording = this.#current.getStore();
        const make = async (round: number) => {
          const startedAt = performance.now();
          const note = (output: Output | undefined, { attempts = 1 }: Metadata): void => {
            const call = {
              command,
              input: args.input as Call["input"],
              startedAt,
              endedAt: performance.now(),
              units: this.#meter.measure(command, args.input as Input, output),
              engineUnits: unitsOf(command, output?.ConsumedCapacity),
              bytes: bytes.get(input) ?? { sent: 0, received: 0 },
              items: output?.Count ?? 0,
              isRefused: output === undefined,
              attempts,
            };
            recording?.note(call, round);
          };
          try {
            const result = await next({ ...args, input });
            const output = result.output as Output;
            note(output, output.$metadata);
            return result;
          } catch (error) {
            if (error instanceof ConditionalCheckFailedException) note(undefined, error.$metadata);
            throw error;
          }
        };
        return recording?.rounds ? recording.rounds.hold(make) : make(0);
      },
      { step: "initialize", name: "recordCall" },
    );
    forgetResolved(client);
  }

  /** The calls that `work` makes, in the order in which they end. Their times are those that it takes without a recorder. */
  async record<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly calls: readonly Call[] }> {
    const calls: Call[] = [];
    const result = await this.#current.run({ note: (call) => calls.push(call) }, work);
    return { result, calls };
  }

  /** The same in rounds, see {@link Rounds}: its times mean nothing. */
  async inRounds<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly calls: readonly RoundCall[] }> {
    const calls: RoundCall[] = [];
    const note = (call: Call, round: number) => calls.push({ ...call, round });
    const result = await this.#current.run({ note, rounds: new Rounds() }, work);
    return { result, calls };
  }
}

function unitsOf(command: string, capacity: Capacity | Capacity[] | undefined): Units {
  const total = [capacity ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  const reads = ["GetItemCommand", "BatchGetItemCommand", "QueryCommand"].includes(command);
  return { ...NO_UNITS, [reads ? "read" : "write"]: total };
}

/** Of the body of an HTTP request or answer, by its header. */
function lengthOf(message: unknown): number {
  const { headers = {} } = message as { headers?: Record<string, string> };
  return Number(headers["content-length"] ?? 0);
}

/** How many answers one after the other the calls waited for. */
export const roundTrips = (calls: readonly RoundCall[]): number => new Set(calls.map(({ round }) => round)).size;

/** Milliseconds during which at least one of the calls was under way. */
export function waitOf(calls: readonly Call[]): number {
  let wait = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { startedAt, endedAt } of calls.toSorted((one, other) => one.startedAt - other.startedAt)) {
    wait += Math.max(0, endedAt - Math.max(startedAt, end));
    end = Math.max(end, endedAt);
  }
  return wait;
}
