import { beforeEach, expect, it } from "vitest";
import { inboxState, storeBatch } from "../../static/src/storage/batches.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import type { StateValue } from "../../static/src/storage/stores.ts";
import { newDatabase } from "../support/page/database.ts";

const STATE = { receipt: "receipt-1", recent: ["sender/message"] };

let database: Database;
beforeEach(async () => {
  database = await newDatabase();
});

it("there is no chain of receipts before the first batch, and it goes on where the last one has left it", async () => {
  expect(await inboxState(database)).toBeUndefined();
  await storeBatch(database, "me", [], STATE);
  expect(await inboxState(database)).toEqual(STATE);
});

it.each<[string, unknown]>([
  ["has no receipt", { recent: [] }],
  ["has no ids", { receipt: "receipt-1" }],
  ["has no list of ids", { receipt: "receipt-1", recent: "sender/message" }],
  ["is no record", "receipt-1"],
])("the chain of receipts begins anew where the record %s", async (_, record) => {
  await database.put("state", record as StateValue, "inbox");
  expect(await inboxState(database)).toBeUndefined();
});
