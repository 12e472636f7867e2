import { beforeEach, describe, expect, it } from "vitest";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { conversationsOf } from "../../static/src/storage/conversations.ts";
import { outboxOf, setStatus } from "../../static/src/storage/outbox.ts";
import type { QueuedMessage, StoredMessage } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { moveToHistory } from "../../static/src/storage/sent.ts";
import { ME, text, toPerson } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";
import { newTab, type Tab } from "../support/page/tab.ts";

const USER = { id: ME, username: ME };
const HOUR = 3_600_000;

let database: Database;
/** Two tabs: the clock of the second one is an hour behind. */
let right: Tab;
let behind: Tab;
beforeEach(async () => {
  database = await newDatabase();
  await storeBatch(database, ME, [text("1", ME, toPerson("bob"))], { receipt: "receipt-1", recent: [] });
  const options = { database, ownId: ME, peerId: "bob" };
  [right, behind] = [newTab(options), newTab({ ...options, behind: HOUR })];
});

const message = async (): Promise<StoredMessage> =>
  (await database.getAllFromIndex("messages", "messageId", "1"))[0] ?? expect.fail("it is not stored");

/** Sends what waits, in order. */
async function sendAll(): Promise<void> {
  for (const waiting of await outboxOf(database)) await sendOne(waiting);
}

const sendOne = (waiting: QueuedMessage) =>
  moveToHistory(database, USER, waiting, { ...waiting, sentAt: new Date().toISOString() });

describe("what a tab says whose clock is an hour behind", () => {
  it("is the last text of a message", async () => {
    await right.writing.say("edit", await message(), "one");
    await sendAll();
    await behind.writing.say("edit", await message(), "two");
    await sendAll();
    expect((await message()).content).toBe("two");
  });

  it("is the last text also where the one before it still waits", async () => {
    await right.writing.say("edit", await message(), "one");
    await behind.shown();
    await behind.writing.say("edit", await message(), "two");
    await sendAll();
    expect((await message()).content).toBe("two");
  });

  it("takes a reaction back", async () => {
    await right.writing.say("reaction", await message(), "👍");
    await sendAll();
    await behind.writing.say("reaction", await message(), "");
    await sendAll();
    expect((await message()).reactions?.[ME]?.emoji).toBe("");
  });

  it("unmutes what was muted", async () => {
    const isMuted = async () => (await conversationsOf(database)).map(({ settings }) => settings.isMuted);
    await right.writing.tellOwn({ bob: { muted: true } });
    expect(await isMuted()).toEqual([true]);
    await sendAll();
    await behind.writing.tellOwn({ bob: { muted: false } });
    expect(await isMuted()).toEqual([false]);
  });

  it("is the last text where it is sent as a new message, since it is not known whether it arrived", async () => {
    await behind.writing.say("edit", await message(), "unknown");
    const [unknown] = await outboxOf(database);
    if (unknown === undefined) expect.fail("the outbox is empty");
    await setStatus(database, unknown, { status: "unknown", problem: "Not known" });
    await right.writing.say("edit", await message(), "meanwhile");
    await sendOne((await outboxOf(database))[1] ?? expect.fail("it does not wait"));
    expect((await message()).content).toBe("meanwhile");
    await behind.writing.retry(await outboxOf(database));
    const [again] = await outboxOf(database);
    expect(again).toMatchObject({ status: "pending", mayHaveArrived: false });
    expect(again?.messageId).not.toBe(unknown.messageId);
    await sendAll();
    expect((await message()).content).toBe("unknown");
  });
});
