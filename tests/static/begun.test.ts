import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { draftFor, editDraft, replyDraft } from "../../static/src/storage/drafts.ts";
import type { StoredMessage } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { eventually } from "../support/eventually.ts";
import { ME, text, toPerson } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";
import { newTab, type Tab } from "../support/page/tab.ts";

const bob = toPerson("bob");

let database: Database;
let theirs: StoredMessage;
let mine: StoredMessage;
let other: StoredMessage;
beforeEach(async () => {
  database = await newDatabase();
  const messages = [text("1", "bob"), text("2", ME, bob), text("3", ME, bob)];
  const stored = (await storeBatch(database, ME, messages, { receipt: "receipt-1", recent: [] })).messages;
  const [one, two, three] = stored.toSorted((a, b) => (a.messageId < b.messageId ? -1 : 1));
  if (one === undefined || two === undefined || three === undefined) expect.fail("not all is stored");
  [theirs, mine, other] = [one, two, three];
});

const open = (on = database): Tab => newTab({ database: on, ownId: ME, peerId: "bob" });
const replyIn = ({ timeline }: Tab) => timeline.replyTo.value?.id;
const editIn = ({ timeline }: Tab) =>
  timeline.editing.value && [timeline.editing.value.message.id, timeline.editing.value.text];

/** A storage in which the reads of messages wait until they are let go. */
function slow() {
  const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const reads: Promise<unknown>[] = [];
  const get = async (...values: Parameters<Database["get"]>) => {
    if (values[0] === "messages") {
      asked.resolve();
      await held.promise;
    }
    const read = database.get(...values);
    reads.push(read);
    return read;
  };
  /** Settles when what was asked for is read, and what waited for it has gone on. */
  const read = async () => {
    await turn();
    await Promise.all(reads);
    await turn();
  };
  const proxy = new Proxy(database, {
    get: (target, name) => {
      const value = name === "get" ? get : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { database: proxy, asked: asked.promise, letGo: () => held.resolve(), read };
}

describe("a reply that was begun in one tab", () => {
  it("shows in the others, and ends in all of them when it is sent", async () => {
    const [here, there] = [open(), open()];
    here.begun.reply(here.timeline, theirs);
    await eventually(() => expect(replyIn(there)).toBe(theirs.id));
    await here.writing.send("bob", "An answer", theirs.messageId);
    await eventually(() => expect(replyIn(there)).toBeUndefined());
    const later = open();
    await later.begun.goOn(later.timeline);
    expect(replyIn(later)).toBeUndefined();
  });

  it("ends in all of them when it is cancelled", async () => {
    const [here, there] = [open(), open()];
    here.begun.reply(here.timeline, theirs);
    await eventually(() => expect(replyIn(there)).toBe(theirs.id));
    there.begun.reply(there.timeline, undefined);
    await eventually(() => expect(replyIn(here)).toBeUndefined());
    expect(await draftFor(database, replyDraft("bob"))).toBe("");
  });

  it("goes on in a tab that opens later, unless it is sent while the message is being read", async () => {
    const here = open();
    here.begun.reply(here.timeline, theirs);
    await eventually(async () => expect(await draftFor(database, replyDraft("bob"))).toBe(theirs.id));
    const there = open();
    await there.begun.goOn(there.timeline);
    expect(replyIn(there)).toBe(theirs.id);
    const storage = slow();
    const late = open(storage.database);
    const goingOn = late.begun.goOn(late.timeline);
    await storage.asked;
    await here.writing.send("bob", "An answer", theirs.messageId);
    storage.letGo();
    await goingOn;
    expect(replyIn(late)).toBeUndefined();
  });

  it("ends though the message was still being read in another tab", async () => {
    const storage = slow();
    const [here, there] = [open(), open(storage.database)];
    there.timeline.replyTo.value = mine;
    here.begun.reply(here.timeline, theirs);
    await storage.asked;
    await here.writing.send("bob", "An answer", theirs.messageId);
    await eventually(() => expect(replyIn(there)).toBeUndefined());
    const shown: unknown[] = [];
    there.timeline.replyTo.subscribe((message) => shown.push(message));
    storage.letGo();
    await storage.read();
    expect(shown).toEqual([undefined]);
  });
});

describe("an edit that was begun in one tab", () => {
  async function twice(): Promise<[here: Tab, there: Tab]> {
    const [here, there] = [open(), open()];
    here.begun.edit(here.timeline, mine);
    await here.begun.keepEdit(here.timeline, mine, "So far");
    await there.begun.goOn(there.timeline);
    expect(editIn(there)).toEqual([mine.id, "So far"]);
    return [here, there];
  }

  it("goes on in a tab that opens later, and ends there when it is sent", async () => {
    const [here, there] = await twice();
    await here.writing.say("edit", mine, "All of it");
    await eventually(() => expect(editIn(there)).toBeUndefined());
    expect(await draftFor(database, editDraft("bob"))).toBe("");
  });

  it("stays in a tab in which something was typed since, and is stored again", async () => {
    const [here, there] = await twice();
    await there.begun.keepEdit(there.timeline, mine, "So far, and further");
    await here.writing.say("edit", mine, "All of it");
    await eventually(async () =>
      expect(await draftFor(database, editDraft("bob"))).toBe(`${mine.id}\nSo far, and further`),
    );
    expect(editIn(there)).toEqual([mine.id, "So far, and further"]);
  });

  it("stays where another message is edited, or something else is said about it", async () => {
    const [here, there] = await twice();
    await here.writing.say("edit", other, "Another one");
    await here.writing.say("reaction", mine, "👍");
    here.begun.reply(here.timeline, theirs);
    await eventually(() => expect(replyIn(there)).toBe(theirs.id));
    expect(editIn(there)).toEqual([mine.id, "So far"]);
  });
});
