import { beforeEach, expect, it } from "vitest";
import type { Message } from "../../lib/client/index.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { deleteHere } from "../../static/src/storage/own-deletion.ts";
import type { Stored } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { untoldIn } from "../../static/src/storage/untold.ts";
import { deletion, ME, own, text, toGroup, toPerson } from "../support/messages.ts";
import { newDatabase, refusePuts } from "../support/page/database.ts";

const GROUP = "g-0123456789abcdefghijkl";

let database: Database;
beforeEach(async () => {
  database = await newDatabase();
});

const put = (...messages: Message[]) => storeBatch(database, ME, messages, { receipt: "r", recent: [] });
const messageWith = async (id: string) => (await database.get("messages", id)) ?? expect.fail("not there");
const deleteIt = async (id: string): Promise<Stored> => deleteHere(database, await messageWith(id), ME);
const shown = async () => (await database.getAllFromIndex("messages", "timeline")).map(({ id }) => id);

it("takes the text and the place of a message, and keeps its record, so that a repeat does not bring it back", async () => {
  await put(text("1", "bob"), text("2", "bob"));
  const { messages, news } = await deleteIt("bob/1");
  expect([messages, news]).toEqual([[await messageWith("bob/1")], []]);
  const record = await messageWith("bob/1");
  expect(record).toMatchObject({ content: "", deletedHere: true });
  expect(record).not.toHaveProperty("peerId");
  await put(text("1", "bob"));
  expect(await shown()).toEqual(["bob/2"]);
});

it("changes the line: what the list shows, and what is unread", async () => {
  await put(text("1", "bob"), text("2", "bob"), text("3", "carol", { sentAt: "2027-01-01T00:00:00.000Z" }));
  const { conversations } = await deleteIt("bob/2");
  expect(conversations).toMatchObject([{ peerId: "bob", unread: 1, last: { id: "bob/1" }, isGroup: false }]);
  expect(await database.get("conversations", "bob")).toMatchObject({ unread: 1, last: { id: "bob/1" } });
  expect((await deleteIt("bob/1")).conversations).toMatchObject([{ peerId: "bob", unread: 0 }]);
  const line = await database.get("conversations", "bob");
  expect(line).toMatchObject({ unread: 0 });
  expect(line).not.toHaveProperty("last");
  expect(await database.get("conversations", "carol")).toMatchObject({ unread: 1, last: { id: "carol/3" } });
});

it("shows nothing of another conversation once its only message is deleted", async () => {
  await put(text("1", "bob"), text("2", "carol"));
  expect((await deleteIt("carol/2")).conversations[0]).not.toHaveProperty("last");
});

it("leaves the line of a message that is not the last one, and of an own one, as unread as it was", async () => {
  await put(text("1", ME, toPerson("bob")), text("2", "bob"));
  expect((await deleteIt("me/1")).conversations).toMatchObject([{ unread: 1, last: { id: "bob/2" } }]);
});

it("shows the line with the settings of its conversation", async () => {
  await put(text("1", "bob"), own("2", { bob: { muted: true } }));
  expect((await deleteIt("bob/1")).conversations).toMatchObject([{ settings: { isMuted: true } }]);
});

it("does nothing twice, and nothing where there is nothing", async () => {
  await put(text("1", "bob"));
  const message = await messageWith("bob/1");
  await deleteIt("bob/1");
  const nothing = { messages: [], news: [], conversations: [] };
  expect(await deleteHere(database, message, ME)).toEqual(nothing);
  await database.delete("messages", "bob/1");
  expect(await deleteHere(database, message, ME)).toEqual(nothing);
  expect(await database.count("messages")).toBe(0);
});

it("works where the conversation has no line, or a damaged one", async () => {
  await put(text("1", "bob"), text("2", "carol"));
  await database.delete("conversations", "bob");
  await database.put("conversations", { peerId: "carol" } as never);
  expect((await deleteIt("bob/1")).conversations).toEqual([]);
  expect((await deleteIt("carol/2")).conversations).toEqual([]);
  expect(await shown()).toEqual([]);
});

it("tells a stranger nothing of the message, and a member of a group and somebody who is known what is to be told", async () => {
  await put(
    ...[text("1", "bob"), text("2", "carol"), text("3", "dave", toGroup(GROUP))],
    own("4", { carol: { accepted: true } }),
  );
  for (const id of ["bob/1", "carol/2", "dave/3"]) await deleteIt(id);
  expect((await database.getAll("untold")).map(({ id }) => id)).toEqual(["carol/2", "dave/3"]);
  expect((await untoldIn(database)).map(({ id }) => id)).toEqual(["carol/2"]);
});

it("counts a message no less because it was deleted for everyone before", async () => {
  await put(text("1", "bob"), text("2", "bob"), deletion("3", "bob", "2"));
  expect((await deleteIt("bob/2")).conversations).toMatchObject([{ unread: 1, last: { id: "bob/1" } }]);
});

it.each(["messages", "conversations"])("is all or nothing where the storage refuses %s", async (store) => {
  await put(text("1", "bob"));
  refusePuts(store);
  await expect(deleteIt("bob/1")).rejects.toThrow("refused");
  expect(await shown()).toEqual(["bob/1"]);
  expect(await database.get("conversations", "bob")).toMatchObject({ unread: 1, last: { id: "bob/1" } });
});
