import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { CapacityMeter } from "./meter.ts";
import { type Call, Recorder, roundTrips, waitOf } from "./recorder.ts";
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

  it("finds the longest chain of calls one after the other", () => {
    expect(roundTrips([])).toBe(0);
    expect(roundTrips([call(0, 2), call(0, 1)])).toBe(1);
    expect(roundTrips([call(0, 5), call(0, 1), call(1, 2), call(2, 3), call(6, 7)])).toBe(4);
  });

  it("adds up the time in which calls were under way, and overlapping ones once", () => {
    expect(waitOf([])).toBe(0);
    expect(waitOf([call(6, 7), call(0, 2), call(1, 4), call(2, 3)])).toBe(5);
  });

  it("records nothing outside of its work", async () => {
    const recorder = new Recorder(new DynamoDBClient({ region: "us-east-1" }));
    expect(await recorder.record(async () => "done")).toEqual({ result: "done", calls: [] });
  });
});
