import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { holds } from "../../lib/database.ts";
import type { Account } from "./gotalk.ts";
import type { Call } from "./recorder.ts";
import type { Item } from "./units.ts";

/** Calls for the twin, and which of them have to have ended before each begins. */
export type Plan = readonly { readonly call: Call; readonly input: unknown; readonly after: readonly number[] }[];

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
    const made: Promise<number>[] = [];
    for (const { call, input, after } of plan) {
      const isFirst = after.length === 0;
      const earlier = after.map((index) => made[index]);
      made.push(isFirst ? this.#make(call, input) : Promise.all(earlier).then(() => this.#make(call, input)));
    }
    const found = await Promise.all(made);
    const time = performance.now() - startedAt;

    for (const [index, { call }] of plan.entries()) {
      const { items, command } = call;
      if (items === found[index]) continue;
      throw new Error(`${command} returned ${found[index]} items for the twin, and not ${items}`);
    }
    return time;
  }

  /** @returns How many items a query found. */
  async #make({ command }: Call, input: unknown): Promise<number> {
    const database = this.#database;
    switch (command) {
      case "BatchGetItemCommand":
        await database.send(new BatchGetItemCommand(input as never));
        return 0;
      case "BatchWriteItemCommand":
        await database.send(new BatchWriteItemCommand(input as never));
        return 0;
      case "DeleteItemCommand":
        await database.send(new DeleteItemCommand(input as never));
        return 0;
      case "GetItemCommand":
        await database.send(new GetItemCommand(input as never));
        return 0;
      case "PutItemCommand":
        await database.send(new PutItemCommand(input as never));
        return 0;
      case "UpdateItemCommand":
        // The lease of a sender who sends without a pause. Whether its bucket is full by now, so that the condition does
        // not hold, makes no difference to the time.
        await holds(database.send(new UpdateItemCommand(input as never)));
        return 0;
      case "QueryCommand":
        return (await database.send(new QueryCommand(input as never))).Count ?? 0;
      default:
        throw new Error(`the benchmark cannot repeat a ${command}`);
    }
  }

  #retarget(value: unknown): unknown {
    if (typeof value === "string") return value.replaceAll(this.#original, this.#id);
    if (Array.isArray(value)) return value.map((element) => this.#retarget(element));
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, this.#retarget(element)]));
  }
}
