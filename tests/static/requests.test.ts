import { beforeEach, expect, it } from "vitest";
import type { Message } from "../../lib/client/index.ts";
import { isRequest } from "../../static/src/chat/requests.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { deleteConversation } from "../../static/src/storage/conversation-deletion.ts";
import { conversationsOf, ensureConversation } from "../../static/src/storage/conversations.ts";
import { changeGroup } from "../../static/src/storage/groups.ts";
import { deleteHere } from "../../static/src/storage/own-deletion.ts";
import type { KnownGroup } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { untoldIn } from "../../static/src/storage/untold.ts";
import { groupEvent, ME, own, text, toGroup, toPerson } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";

const GROUP = "g-0123456789abcdefghijkl";
const ADDED = { version: 2, event: "added", member: { id: ME, username: "me" } };

let database: Database;
beforeEach(async () => {
  database = await newDatabase();
});

const put = (...messages: Message[]) => storeBatch(database, ME, messages, { receipt: "r", recent: [] });
const requests = async () => {
  const all = await conversationsOf(database);
  return all.filter(isRequest).map(({ peerId }) => peerId);
};

it("a conversation is a request until the user has written in it, on any device, or has accepted it", async () => {
  await put(text("1", "bob"), text("2", "carol"), text("3", "dave"));
  expect((await requests()).sort()).toEqual(["bob", "carol", "dave"]);
  await put(text("4", ME, toPerson("bob")), own("5", { carol: { accepted: true } }));
  expect(await requests()).toEqual(["dave"]);
});

it("a conversation that the user has begun is none before somebody writes", async () => {
  await ensureConversation(database, { id: "bob", username: "bob" });
  expect(await requests()).toEqual([]);
});

it("a conversation stays a request after its only message is deleted here", async () => {
  await put(text("1", "bob"), groupEvent("2", "eve", GROUP, ADDED));
  for (const message of await database.getAll("messages")) await deleteHere(database, message, ME);
  expect((await requests()).sort()).toEqual(["bob", GROUP]);
});

it("of a stranger's message that is deleted here nothing is told, also after the request is accepted", async () => {
  await put(text("1", "bob"), text("2", "bob"), text("3", "carol"), own("4", { carol: { accepted: true } }));
  for (const id of ["bob/1", "carol/3"]) {
    await deleteHere(database, (await database.get("messages", id)) ?? expect.fail("not there"), ME);
  }
  expect((await untoldIn(database)).map(({ id }) => id)).toEqual(["bob/2", "carol/3"]);
});

it("a group is a request if the person who has added the user is nobody whom the user has accepted", async () => {
  await put(groupEvent("1", "eve", GROUP, ADDED), text("2", "bob", toGroup(GROUP)));
  expect(await requests()).toEqual([GROUP]);
  // That a member is known says nothing of the one who has added the user.
  await put(text("3", ME, toPerson("bob")));
  expect(await requests()).toEqual([GROUP]);
  await put(own("4", { eve: { accepted: true } }), text("5", "eve"));
  expect(await requests()).toEqual([]);
});

it("a group is none if a person whom the user knows has made it, whoever else is added, or if the user has made it", async () => {
  await put(
    text("1", ME, toPerson("bob")),
    groupEvent("2", "bob", GROUP, { version: 1, event: "created", name: "Us" }),
  );
  await put(groupEvent("3", "eve", GROUP, { version: 3, event: "added", member: { id: "dave", username: "dave" } }));
  const mine = "g-0123456789abcdefghijkm";
  await put(groupEvent("4", ME, mine, { version: 1, event: "created", name: "Mine" }));
  expect(await requests()).toEqual([]);
});

it("a group that the user has left stays a request when they are added again", async () => {
  const left = { version: 3, event: "left", member: { id: ME, username: "me" } };
  await put(groupEvent("1", "eve", GROUP, ADDED), groupEvent("2", ME, GROUP, left));
  await put(groupEvent("3", "eve", GROUP, { ...ADDED, version: 4 }));
  expect(await requests()).toEqual([GROUP]);
});

it("a group is a request of the person who has added the user last, in whatever order that is told", async () => {
  await put(text("1", ME, toPerson("bob")));
  await put(groupEvent("3", "eve", GROUP, { ...ADDED, version: 4 }));
  await put(groupEvent("2", "bob", GROUP, ADDED));
  expect(await requests()).toEqual([GROUP]);
});

it("a group is a request though the person who has added the user has written, too, as long as they are not accepted", async () => {
  await put(text("1", "eve"), groupEvent("2", "eve", GROUP, ADDED));
  expect((await requests()).sort()).toEqual(["eve", GROUP]);
});

it("a friend's group is none after the conversation with the friend is deleted here, also one of later", async () => {
  await put(text("1", ME, toPerson("bob")), groupEvent("2", "bob", GROUP, ADDED));
  await deleteConversation(database, "bob", ME);
  expect(await requests()).toEqual([]);
  const later = "g-0123456789abcdefghijkn";
  const { conversations } = await put(groupEvent("3", "bob", later, ADDED));
  expect(conversations.filter(isRequest)).toEqual([]);
  expect(await requests()).toEqual([]);
});

it("a group is none any more once the person who has added the user is accepted, on whichever device, and says so at once", async () => {
  await put(groupEvent("1", "eve", GROUP, ADDED));
  const { conversations } = await put(own("2", { eve: { accepted: true } }));
  expect(conversations.map((one) => [one.peerId, isRequest(one)])).toEqual([[GROUP, false]]);
  expect(await requests()).toEqual([]);
});

it("a message deleted here of a friend's group does not make it a request", async () => {
  await put(text("1", ME, toPerson("bob")), groupEvent("2", "bob", GROUP, ADDED), text("3", "dan", toGroup(GROUP)));
  const message = (await database.getAllFromIndex("messages", "messageId", "3"))[0] ?? expect.fail("not there");
  const { conversations } = await deleteHere(database, message, ME);
  expect(conversations.map(isRequest)).toEqual([false]);
});

it("a group of which no message came here is a request until it is accepted, unless the user has made or joined it here", async () => {
  const mine = "g-0123456789abcdefghijkm";
  const known = (groupId: string): KnownGroup => ({ groupId, name: "Us", version: 1, members: [] });
  await changeGroup(database, GROUP, () => known(GROUP));
  await changeGroup(database, mine, () => known(mine), true);
  expect(await requests()).toEqual([GROUP]);
  await put(text("1", "dan", toGroup(mine)), own("2", { [GROUP]: { accepted: true } }));
  expect(await requests()).toEqual([]);
});
