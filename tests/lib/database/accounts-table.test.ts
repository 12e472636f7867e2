import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sessionKey, userOwner } from "../../../lib/database/account-keys.ts";
import { type AccountsTable, expressionsOf } from "../../../lib/database/accounts-table.ts";
import type { Database } from "../../../lib/database/database.ts";
import { deleteRecord, deleteRecords } from "../../../lib/database/delete-record.ts";
import { findRecords } from "../../../lib/database/find-records.ts";
import { getRecord } from "../../../lib/database/get-record.ts";
import { getRecords } from "../../../lib/database/get-records.ts";
import { putRecord } from "../../../lib/database/put-record.ts";
import { updateRecord } from "../../../lib/database/update-record.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";

interface Attributes {
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
  readonly bytes: Uint8Array;
  readonly list: readonly { readonly name?: string | undefined; readonly from: number }[];
  readonly absent: string | undefined;
}

const CONSISTENT = { consistent: true };

describe.each(engines)("the accounts table ($name)", ({ start }) => {
  let engine: TestEngine;
  let table: AccountsTable;
  let users = 0;

  beforeAll(async () => {
    engine = await start("here");
    table = engine.accounts;
  });
  afterAll(() => engine?.stop());

  const newKey = () => sessionKey(`user ${users++}`, "one");

  it("gives a record back as it was put, without what is undefined", async () => {
    const key = newKey();
    const bytes = Uint8Array.from(randomBytes(32));
    const attributes = { text: "a text", number: 1.5, flag: true, bytes, list: [{ name: undefined, from: 0 }] };
    expect(await putRecord(table, { ...key, ...attributes, absent: undefined })).toBe(true);
    const found = await getRecord<Attributes>(table, key, CONSISTENT);
    expect(found).toEqual({ ...key, ...attributes, list: [{ from: 0 }] });
    expect(Object.keys(found ?? {})).not.toContain("absent");
    expect(await getRecord(table, newKey(), CONSISTENT)).toBeUndefined();
  });

  it("writes attributes whose names are no words", async () => {
    const key = newKey();
    const name = "number/a-b_c";
    await putRecord(table, { ...key, [name]: 1 });
    const names = { "#first": name };
    const change = { update: "SET #first = :next", condition: "#first = :seen AND attribute_exists(#owner)", names };
    expect(await updateRecord(table, key, { ...change, values: { next: 2, seen: 1 } })).toBe(true);
    expect(await updateRecord(table, key, { ...change, values: { next: 3, seen: 1 } })).toBe(false);
    expect(await getRecord(table, key, CONSISTENT)).toEqual({ ...key, [name]: 2 });
  });

  it("writes only where the condition holds, and says whether it did", async () => {
    const key = newKey();
    const isNew = { condition: "attribute_not_exists(#owner)" };
    expect(await putRecord(table, { ...key, number: 1 }, isNew)).toBe(true);
    expect(await putRecord(table, { ...key, number: 2 }, isNew)).toBe(false);
    const change = { update: "SET #number = :next", condition: "#number = :seen" };
    expect(await updateRecord(table, key, { ...change, values: { next: 2, seen: 1 } })).toBe(true);
    expect(await updateRecord(table, key, { ...change, values: { next: 3, seen: 1 } })).toBe(false);
    expect(await deleteRecord(table, key, { condition: "#number = :seen", values: { seen: 1 } })).toBe(false);
    expect(await getRecord(table, key, CONSISTENT)).toEqual({ ...key, number: 2 });
  });

  it("deletes one record or many, whether or not they exist", async () => {
    const [one, two] = [newKey(), newKey()];
    await putRecord(table, { ...one, number: 1 });
    await putRecord(table, { ...two, number: 2 });
    expect(await deleteRecord(table, one)).toBe(true);
    await deleteRecords(table, [one, two]);
    expect(await deleteRecord(table, two)).toBe(true);
    expect(await getRecords(table, [one, two])).toEqual([]);
  });

  it("finds all records of an owner that begin with a prefix, in their order, also past DynamoDB's page", async () => {
    const filler = "x".repeat(300_000);
    const keys = ["one", "three", "two"].map((id) => sessionKey("many", id));
    for (const key of keys) await putRecord(table, { ...key, filler });
    for (const id of ["four", "five"]) await putRecord(table, { ...sessionKey("many", id), filler });
    await putRecord(table, { owner: userOwner("many"), record: "profile" });
    const found = await findRecords(table, { owner: userOwner("many"), prefix: "session#", consistent: true });
    expect(found.map(({ record }) => record)).toEqual(
      ["five", "four", "one", "three", "two"].map((id) => `session#${id}`),
    );
  });
});

describe("the accounts table of a database that fails", () => {
  const failing = (error: Error): AccountsTable => ({
    database: { send: () => Promise.reject(error) } as unknown as Database,
    name: "accounts",
  });
  const key = sessionKey("ann", "one");
  const operations: readonly [string, (table: AccountsTable) => Promise<unknown>][] = [
    ["getRecord", (table) => getRecord(table, key, CONSISTENT)],
    ["getRecords", (table) => getRecords(table, [key])],
    ["putRecord", (table) => putRecord(table, { ...key })],
    [
      "updateRecord",
      (table) => updateRecord(table, key, { update: "SET a = :a", condition: "b = :a", values: { a: 1 } }),
    ],
    ["deleteRecord", (table) => deleteRecord(table, key)],
    ["deleteRecords", (table) => deleteRecords(table, [key])],
    ["findRecords", (table) => findRecords(table, { owner: "user#ann", prefix: "session#", consistent: true })],
  ];

  it.each(operations)("is unavailable to %s while it is throttled, and hides no defect", async (_, operation) => {
    const throttled = Object.assign(new Error(), { name: "ThrottlingException" });
    await expect(operation(failing(throttled))).rejects.toThrow(Unavailable);
    await expect(operation(failing(new RangeError("a defect")))).rejects.toThrow(RangeError);
  });
});

describe("the expressions of a write", () => {
  it("name what stands behind a number sign, once, and leave out what is undefined", () => {
    expect(
      expressionsOf({
        update: "SET #owner = :a",
        condition: "#owner = :a OR #record = :a",
        values: { a: "x", b: undefined },
      }),
    ).toEqual({
      UpdateExpression: "SET #owner = :a",
      ConditionExpression: "#owner = :a OR #record = :a",
      ExpressionAttributeNames: { "#owner": "owner", "#record": "record" },
      ExpressionAttributeValues: { ":a": { S: "x" } },
    });
  });

  it("have neither names nor values where there are none", () => {
    expect(expressionsOf({ condition: "attribute_exists(a)" })).toEqual({ ConditionExpression: "attribute_exists(a)" });
  });
});
