import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Call } from "../tests/support/capacity/recorder.ts";
import type { Item } from "../tests/support/capacity/units.ts";
import type { Account } from "./gotalk.ts";

/** Calls for the twin, and which of them have to have ended before each begins. */
export type Plan = readonly { readonly call: Call; readonly input: unknown; readonly after: readonly number[] }[];

type Outcome = Pick<Call, "items" | "isRefused" | "attempts">;

/**
 * A second channel that is always in the same state as that of `original`, or some steps behind it: every call that was
 * made for the original is made again for the twin, with nothing of goTalk in between.
 */
export class Twin {
  readonly #database: DynamoDBClient;
  readonly #original: string;
  readonly #id: string;

  /** @param id A user id that nobody has. */
  constructor(database: DynamoDBClient, original: Account, id: string) {
    this.#database = database;
    this.#original = original.id;
    this.#id = id;
  }

  /** Gives the twin the profile and the session of the original, from the calls of its registration and login. */
  async copyAccount(calls: readonly Call[]): Promise<void> {
    const owner = `user#${this.#original}`;
    const isOwn = ({ command, input }: Call): boolean =>
      command === "PutItemCommand" && (input["Item"] as Item)["owner"]?.S === owner;
    await this.run(this.plan(calls.filter(isOwn)));
  }

  /** Prepares to make the calls again: those that overlapped at once, the others one after the other. */
  plan(calls: readonly Call[]): Plan {
    const inOrder = calls.toSorted((one, other) => one.startedAt - other.startedAt);
    return inOrder.map((call) => ({
      call,
      input: this.#retarget(call.input),
      after: inOrder.flatMap(({ endedAt }, index) => (endedAt <= call.startedAt ? [index] : [])),
    }));
  }

  /**
   * @returns Milliseconds.
   * @throws {Error} A call went another way than on the original, so that the times could not be compared.
   */
  async run(plan: Plan): Promise<number> {
    const startedAt = performance.now();
    const made: Promise<Outcome>[] = [];
    for (const { call, input, after } of plan) {
      const isFirst = after.length === 0;
      const earlier = after.map((index) => made[index]);
      made.push(isFirst ? this.#make(call, input) : Promise.all(earlier).then(() => this.#make(call, input)));
    }
    const found = await Promise.all(made);
    const time = performance.now() - startedAt;

    for (const [index, { call }] of plan.entries()) {
      const outcome = found[index];
      if (outcome !== undefined) expectSame(call, outcome);
    }
    return time;
  }

  async #make({ command }: Call, input: unknown): Promise<Outcome> {
    try {
      const { Count = 0, $metadata } = await this.#database.send(commandOf(command, input as never) as QueryCommand);
      return { items: Count, isRefused: false, attempts: $metadata.attempts ?? 1 };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { items: 0, isRefused: true, attempts: error.$metadata.attempts ?? 1 };
    }
  }

  #retarget(value: unknown): unknown {
    if (typeof value === "string") return value.replaceAll(this.#original, this.#id);
    if (Array.isArray(value)) return value.map((element) => this.#retarget(element));
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, this.#retarget(element)]));
  }
}

function commandOf(command: string, input: never) {
  switch (command) {
    case "BatchGetItemCommand":
      return new BatchGetItemCommand(input);
    case "BatchWriteItemCommand":
      return new BatchWriteItemCommand(input);
    case "DeleteItemCommand":
      return new DeleteItemCommand(input);
    case "GetItemCommand":
      return new GetItemCommand(input);
    case "PutItemCommand":
      return new PutItemCommand(input);
    case "QueryCommand":
      return new QueryCommand(input);
    case "UpdateItemCommand":
      return new UpdateItemCommand(input);
    default:
      throw new Error(`the benchmark cannot repeat a ${command}`);
  }
}

function expectSame(call: Call, outcome: Outcome): void {
  const { command, items, isRefused, attempts } = call;
  if (outcome.items !== items) {
    throw new Error(`${command} found ${outcome.items} items for the twin, and not ${items}`);
  }
  // Whether a sender's bucket has room, or a count is the first one, is a matter of when it is asked; not so of items.
  const dependsOnTime = command === "UpdateItemCommand";
  // On a busy machine an attempt may be given up that applied all the same: then the next one is refused.
  const isCertain = attempts === 1 && outcome.attempts === 1;
  if (outcome.isRefused !== isRefused && isCertain && !dependsOnTime) {
    throw new Error(`${command} was ${isRefused ? "refused" : "taken"}, but not so for the twin`);
  }
}
