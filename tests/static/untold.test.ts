import { beforeEach, describe, expect, it } from "vitest";
import { keyOf, type Message } from "../../lib/client/index.ts";
import { storeBatch, storePreview } from "../../static/src/storage/batches.ts";
import { storeOwnChanges } from "../../static/src/storage/own-changes.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { deleteUntold, keepSecret, markSeen, markTold, unseenIn, untoldIn } from "../../static/src/storage/untold.ts";
import { edit, file, groupEvent, ME, own, text, toGroup, toPerson, unknown } from "../support/messages.ts";
import { newDatabase, refusePuts } from "../support/page/database.ts";

const GROUP = "g-0123456789abcdefghijkl";

let database: Database;
beforeEach(async () => {
  database = await newDatabase();
});

const put = (...messages: Message[]) => storeBatch(database, ME, messages, { receipt: "r", recent: [] });

/** What is to be told now, by the ids of messages. */
const toTell = async (): Promise<Record<string, string | undefined>> =>
  Object.fromEntries((await untoldIn(database)).map(({ messageId, toTell: what }) => [messageId, what]));

describe("what senders are to be told", () => {
  it("begins with the message, in one moment with it, by a sync or by a preview, and once", async () => {
    await put(text("1", "bob"), file("2", "bob"));
    await storePreview(database, ME, text("3", "bob"));
    expect(await toTell()).toEqual({ 1: "delivered", 2: "delivered", 3: "delivered" });
    await markTold(database, ["bob/3"], "delivered");
    await put(text("3", "bob"));
    expect(await toTell()).toEqual({ 1: "delivered", 2: "delivered" });
    refusePuts("untold");
    await expect(put(text("4", "bob"))).rejects.toThrow();
    expect(await database.get("messages", "bob/4")).toBeUndefined();
  });

  it("is nothing of what has no receipts: what is one's own, quiet or of a group's server, and texts of the first clients", async () => {
    const { type: _, ...first } = text("1", "bob");
    const mine = text("2", ME, toPerson("bob"));
    await put(
      first,
      mine,
      edit("3", "bob", "1"),
      own("4", {}),
      groupEvent("5", "bob", GROUP, { version: 1, event: "created" }),
    );
    await put(unknown("6", "bob", { quiet: true }));
    expect(await database.getAll("untold")).toEqual([]);
  });

  it("is of a message to a group that it was read, and never that it was delivered", async () => {
    const message = text("1", "bob", toGroup(GROUP));
    await put(message);
    expect(await toTell()).toEqual({});
    expect(await unseenIn(database, GROUP)).toEqual([keyOf(message)]);
    expect(await markSeen(database, [keyOf(message)], true)).toBe(true);
    expect(await toTell()).toEqual({ 1: "read" });
  });

  it("is that it was read in place of that it was delivered, until it is told", async () => {
    await put(text("1", "bob"), text("2", "bob"));
    expect(await markSeen(database, ["bob/1", "bob/none"], true)).toBe(true);
    expect(await markSeen(database, ["bob/none"], true)).toBe(false);
    expect(await unseenIn(database, "bob")).toEqual(["bob/2"]);
    // It was read while the receipt of its delivery was on its way.
    await markTold(database, ["bob/1", "bob/2"], "delivered");
    expect(await toTell()).toEqual({ 1: "read" });
    await markTold(database, ["bob/1"], "read");
    expect(await toTell()).toEqual({});
    expect(await markSeen(database, ["bob/1"], true)).toBe(false);
    expect((await database.getAll("untold")).map(({ id }) => id)).toEqual(["bob/2"]);
  });

  it("is not what was read while nobody is to know it, also later", async () => {
    await put(text("1", "bob"), text("2", "bob"), text("3", "bob"), text("4", "bob", toGroup(GROUP)));
    await markTold(database, ["bob/2"], "delivered");
    expect(await markSeen(database, ["bob/1", "bob/2", "bob/4"], false)).toBe(false);
    expect(await unseenIn(database, "bob")).toEqual(["bob/3"]);
    await markSeen(database, ["bob/1", "bob/2", "bob/4"], true);
    expect(await toTell()).toEqual({ 1: "delivered", 3: "delivered" });
    await markTold(database, ["bob/1"], "delivered");
    expect((await database.getAll("untold")).map(({ id }) => id)).toEqual(["bob/3"]);
  });

  it("is taken back where the person wants nobody to know before it was told", async () => {
    await put(text("1", "bob"), text("2", "bob", toGroup(GROUP)));
    await markSeen(database, ["bob/1", "bob/2"], true);
    await keepSecret(database, ["bob/1", "bob/2"]);
    expect(await toTell()).toEqual({ 1: "delivered" });
    await markSeen(database, ["bob/1"], true);
    expect(await toTell()).toEqual({ 1: "delivered" });
  });

  it("is not that it was read where another device has read it, which tells that itself", async () => {
    const { sentAt } = text("2", "bob");
    await put(text("0", "bob"), text("1", "bob"));
    // What was on the screen here is told from here.
    await markSeen(database, ["bob/0"], true);
    await put(own("8", { bob: { readUpTo: null } }), own("9", { bob: { readUpTo: { sentAt, id: "bob/2" } } }));
    await put(text("2", "bob"), text("3", "bob"));
    expect(await unseenIn(database, "bob")).toEqual(["bob/3"]);
    await markSeen(database, ["bob/1", "bob/2"], true);
    expect(await toTell()).toEqual({ 0: "read", 1: "delivered", 2: "delivered", 3: "delivered" });
  });

  it("changes by what another device has read only up to there, and not where it was on the screen here", async () => {
    await put(text("1", "bob"), text("2", "bob"), text("3", "bob"));
    await markSeen(database, ["bob/1"], true);
    const { sentAt } = text("2", "bob");
    await put(own("9", { bob: { readUpTo: { sentAt, id: "bob/2" } } }));
    const records = (await database.getAll("untold")).map(({ id, toTell: what, isSeen }) => [id, what, isSeen]);
    expect(records).toEqual([
      ["bob/1", "read", undefined],
      ["bob/2", "delivered", true],
      ["bob/3", "delivered", undefined],
    ]);
  });

  it("stays where somebody else says what was read, or a message of another type does", async () => {
    await put(text("1", "bob"));
    const changes = { bob: { readUpTo: { sentAt: text("1", "bob").sentAt, id: "bob/1" } } };
    await put(own("8", changes, "bob"), text("9", ME, { content: JSON.stringify(changes), ...toPerson("bob") }));
    expect(await unseenIn(database, "bob")).toEqual(["bob/1"]);
  });

  it("is nothing of a message to a group that another device has read before it came here", async () => {
    const message = text("1", "bob", toGroup(GROUP));
    await put(own("9", { [GROUP]: { readUpTo: { sentAt: message.sentAt, id: "bob/1" } } }));
    await put(message);
    expect(await database.getAll("untold")).toEqual([]);
  });

  it("is that it was read although this device has told its own others up to where it has read, and hears that back", async () => {
    await put(text("1", "bob"), text("2", "bob"));
    const changes = { bob: { readUpTo: { sentAt: text("2", "bob").sentAt, id: "bob/2" } } };
    await storeOwnChanges(database, { id: ME, username: "me" }, changes, () => "9");
    await put(own("9", changes));
    expect(await unseenIn(database, "bob")).toEqual(["bob/1", "bob/2"]);
  });

  it("is forgotten where nobody is to be told", async () => {
    await put(text("1", "bob"));
    await deleteUntold(database, ["bob/1"]);
    expect(await database.getAll("untold")).toEqual([]);
  });
});
