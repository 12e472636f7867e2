import { expect, it } from "vitest";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { tellsRead, tellsReadIn } from "../../static/src/storage/settings.ts";
import { ME, own } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";

it("people are told what was read until the user says otherwise on any device, and again once they take that back", async () => {
  const database = await newDatabase();
  const says = async (messageId: string, hidesRead: unknown) => {
    await storeBatch(database, ME, [own(messageId, { [ME]: { hidesRead } })], { receipt: "r", recent: [] });
    return tellsReadIn(database, ME);
  };
  expect(await tellsReadIn(database, ME)).toBe(true);
  expect(await says("1", true)).toBe(false);
  expect(await tellsReadIn(database, "bob")).toBe(true);
  expect(await says("2", false)).toBe(true);
});

it("a conversation of which nothing is known hides nothing", () => {
  expect([tellsRead(undefined), tellsRead({ id: ME }), tellsRead({ id: ME, own: {} })]).toEqual([true, true, true]);
});
