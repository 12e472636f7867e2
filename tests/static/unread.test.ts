import { beforeEach, expect, it } from "vitest";
import type { Message } from "../../lib/client/index.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { incomingTransaction } from "../../static/src/storage/incoming.ts";
import type { Line, Position } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { isReadAt, withReadUpTo } from "../../static/src/storage/unread.ts";
import { ME, text, toPerson } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";

const placeOf = ({ sentAt, senderId, messageId }: Message): Position => ({ sentAt, id: `${senderId}/${messageId}` });
const MESSAGES = [text("1", "bob"), text("2", "bob"), text("3", ME, toPerson("bob")), text("4", "bob")];
const [FIRST, SECOND, MINE, FOURTH] = MESSAGES.map(placeOf) as [Position, Position, Position, Position];

let database: Database;
beforeEach(async () => {
  database = await newDatabase();
  await storeBatch(database, ME, [...MESSAGES, text("5", "carol")], { receipt: "r", recent: [] });
});

const line = (more: Partial<Line> = {}): Line => ({
  ...{ peerId: "bob", name: "bob", unread: 3, unreadFrom: FIRST },
  ...more,
});
const readUpTo = (before: Line, position: Position) =>
  withReadUpTo(incomingTransaction(database), before, position, ME);

it("what is unread begins behind what was read", async () => {
  expect(await readUpTo(line(), FIRST)).toEqual(line({ unread: 2, unreadFrom: SECOND }));
  expect(await readUpTo(line(), SECOND)).toEqual(line({ unread: 1, unreadFrom: FOURTH }));
  expect(await readUpTo(line(), MINE)).toEqual(line({ unread: 1, unreadFrom: FOURTH }));
  const { unreadFrom: _, ...read } = line({ unread: 0 });
  expect(await readUpTo(line(), FOURTH)).toEqual(read);
});

it("no more is unread than before", async () => {
  expect(await readUpTo(line({ unread: 1 }), FIRST)).toEqual(line({ unread: 1, unreadFrom: SECOND }));
});

it.each<[string, Line, Position]>([
  ["nothing is unread", line({ unread: 0, unreadFrom: FIRST }), FOURTH],
  ["it is not known where that begins", line({ unreadFrom: undefined }), FOURTH],
  ["what is unread begins later", line({ unreadFrom: SECOND }), FIRST],
  ["this device has read further", line({ unread: 0, unreadFrom: undefined, readHere: FOURTH }), SECOND],
])("the line stays the same object where %s", async (_, before, position) => {
  expect(await readUpTo(before, position)).toBe(before);
});

it("what was read here is told no more once another device has read as far", async () => {
  const { readHere: _, ...told } = line({ unread: 0, unreadFrom: undefined, readHere: SECOND });
  expect(await readUpTo({ ...told, readHere: SECOND }, SECOND)).toEqual(told);
});

it("a message is read up to its own place and up to any later one", () => {
  expect([isReadAt(SECOND, SECOND), isReadAt(SECOND, FOURTH), isReadAt(SECOND, FIRST)]).toEqual([true, true, false]);
  expect(isReadAt(SECOND, undefined)).toBe(false);
});
