import { EventEmitter, once } from "node:events";
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { CapacityMeter } from "./meter.ts";
import { type Call, Recorder, type RoundCall, roundTrips, waitOf } from "./recorder.ts";
import { itemSize, NO_UNITS, readUnits, writeUnits } from "./units.ts";

const channels = "gotalk-dev-channels";
const item = (bytes: number) => {
  const keys = { receiverId: { S: "r" }, position: { S: "p" } };
  return { ...keys, content: { S: "x".repeat(bytes - itemSize({ ...keys, content: { S: "" } })) } };
};

describe("DynamoDB's rules", () => {
  it("sizes an item by the UTF-8 of its names and values, and a number by its digits", () => {
    expect(itemSize({ a: { S: "é" } })).toBe(3);
    expect(itemSize({ ab: { N: "1732356000000" } })).toBe(2 + 1 + 4);
    expect(itemSize({ a: { B: new Uint8Array(10) } })).toBe(11);
    expect(itemSize({ a: { BOOL: true } })).toBe(2);
    expect(itemSize({ a: { L: [{ S: "bc" }, { BOOL: true }] } })).toBe(1 + 3 + (1 + 2) + (1 + 1));
    expect(itemSize({ a: { M: { b: { S: "cd" } } } })).toBe(1 + 3 + (1 + 1 + 2));
  });

  it("charges a write by the KB, and for nothing as for one", () => {
    expect(writeUnits()).toBe(1);
    expect(writeUnits(1_024)).toBe(1);
    expect(writeUnits(1_025)).toBe(2);
    expect(writeUnits(500, 3_000)).toBe(3);
  });

  it("charges a read by 4 KB, half where it need not be consistent", () => {
    expect(readUnits(0, true)).toBe(1);
    expect(readUnits(4_097, true)).toBe(2);
    expect(readUnits(4_097, false)).toBe(1);
    expect(readUnits(0, undefined)).toBe(0.5);
  });
});

describe("the meter", () => {
  it("charges an overwrite and a delete by the item that was there", () => {
    const meter = new CapacityMeter();
    const put = (bytes: number, output: object | undefined) =>
      meter.measure("PutItemCommand", { TableName: channels, Item: item(bytes) }, output);
    expect(put(3_000, {})).toEqual({ read: 0, write: 3 });
    expect(put(2_000, {})).toEqual({ read: 0, write: 3 });
    const conditionFailed = undefined;
    expect(put(5_000, conditionFailed)).toEqual({ read: 0, write: 5 });
    const { content: _, ...Key } = item(100);
    const deletion = { RequestItems: { [channels]: [{ DeleteRequest: { Key } }] } };
    expect(meter.measure("BatchWriteItemCommand", deletion, {})).toEqual({ read: 0, write: 2 });
    expect(meter.measure("BatchWriteItemCommand", deletion, {})).toEqual({ read: 0, write: 1 });
  });
});

describe("the recorder", () => {
  const call = (startedAt: number, endedAt: number): Call => ({
    command: "GetItemCommand",
    input: {},
    startedAt,
    endedAt,
    units: NO_UNITS,
    engineUnits: NO_UNITS,
    bytes: { sent: 0, received: 0 },
    items: 0,
    isRefused: false,
    attempts: 1,
  });

  it("adds up the time in which calls were under way, and overlapping ones once", () => {
    expect(waitOf([])).toBe(0);
    expect(waitOf([call(6, 7), call(0, 2), call(1, 4), call(2, 3)])).toBe(5);
  });

  describe("in rounds", () => {
    /** A database that answers a call when it is told to. */
    function slowDatabase() {
      const waiting = new Map<string, () => void>();
      const begun = new EventEmitter();
      const handle = async ({ body }: { body: Uint8Array }) => {
        const table = JSON.parse(new TextDecoder().decode(body)).TableName as string;
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.set(table, resolve);
        begun.emit(table);
        await promise;
        return { response: { statusCode: 200, headers: {}, body: Readable.from("{}") } };
      };
      const client = new DynamoDBClient({
        region: "us-east-1",
        credentials: { accessKeyId: "a", secretAccessKey: "a" },
        requestHandler: { handle } as never,
      });
      const get = (name: string) => client.send(new GetItemCommand({ TableName: name, Key: { id: { S: "1" } } }));
      const answer = async (name: string) => {
        if (!waiting.has(name)) await once(begun, name);
        waiting.get(name)?.();
      };
      return { recorder: new Recorder(client), get, answer };
    }

    const roundsOf = (calls: readonly RoundCall[]) =>
      Object.fromEntries(calls.map(({ input, round }) => [input["TableName"], round]));

    it("has those in one round that need no answer of each other, however late one is answered", async () => {
      const { recorder, get, answer } = slowDatabase();
      const recording = recorder.inRounds(async () => {
        const [first, second] = [get("first"), get("second")];
        const third = first.then(() => get("third"));
        await Promise.all([third, Promise.all([first, second]).then(() => get("fourth"))]);
      });
      await answer("first");
      await turn();
      await answer("second");
      // On a clock the third would be over before the fourth begins, and so look like a round of its own.
      await answer("third");
      await answer("fourth");
      const { calls } = await recording;
      expect(roundsOf(calls)).toEqual({ first: 1, second: 1, third: 2, fourth: 2 });
      expect(roundTrips(calls)).toBe(2);
    });

    it("goes on until nothing more begins: a call may come some turns after the others are answered", async () => {
      const { recorder, get, answer } = slowDatabase();
      const firstIsAnswered = Promise.withResolvers<void>();
      const recording = recorder.inRounds(async () => {
        const third = get("first").then(() => get("third"));
        await firstIsAnswered.promise;
        await turn();
        await Promise.all([third, get("late").then(() => get("fourth"))]);
      });
      await answer("first");
      firstIsAnswered.resolve();
      for (let passed = 0; passed < 30; passed++) await turn();
      for (const name of ["late", "third", "fourth"]) await answer(name);
      const { calls } = await recording;
      expect(roundsOf(calls)).toEqual({ first: 1, late: 1, third: 2, fourth: 2 });
    });

    it("has as many as calls wait for each other", async () => {
      const { recorder, get, answer } = slowDatabase();
      const recording = recorder.inRounds(async () => {
        await Promise.all([get("first").then(() => get("second")), get("beside")]);
        await get("third");
      });
      for (const name of ["beside", "first", "second", "third"]) await answer(name);
      const { calls } = await recording;
      expect(roundsOf(calls)).toEqual({ first: 1, beside: 1, second: 2, third: 3 });
      expect(roundTrips(calls)).toBe(3);
      expect(roundTrips([])).toBe(0);
    });
  });

  it("records calls of a kind that a client with cached middleware has made before", async () => {
    const handle = async () => ({ response: { statusCode: 200, headers: {}, body: Readable.from("{}") } });
    const client = new DynamoDBClient({
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "a" },
      requestHandler: { handle } as never,
      cacheMiddleware: true,
    });
    const get = () => client.send(new GetItemCommand({ TableName: channels, Key: { id: { S: "1" } } }));
    await get();
    const recorder = new Recorder(client);
    expect((await recorder.record(get)).calls).toHaveLength(1);
  });

  it("records nothing outside of its work", async () => {
    const recorder = new Recorder(new DynamoDBClient({ region: "us-east-1" }));
    expect(await recorder.record(async () => "done")).toEqual({ result: "done", calls: [] });
  });
});
