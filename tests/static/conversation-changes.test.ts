import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Message, newMessageId, type OwnChange } from "../../lib/client/index.ts";
import { archiving, muting } from "../../static/src/chat/conversationChanges.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { conversationsOf, ensureConversation } from "../../static/src/storage/conversations.ts";
import { storeOwnChanges } from "../../static/src/storage/own-changes.ts";
import type { Conversation } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { edit, ME, own, text } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";

const STATE = { receipt: "receipt-1", recent: [] };

let database: Database;
beforeEach(async () => {
  vi.stubGlobal("navigator", { onLine: false });
  database = await newDatabase();
});
afterEach(() => vi.unstubAllGlobals());

const put = (...messages: Message[]) => storeBatch(database, ME, messages, STATE);
const bob = async (): Promise<Conversation> => {
  const [conversation] = await conversationsOf(database);
  if (conversation === undefined) throw new Error("there is no conversation");
  return conversation;
};
const change = async (of: (conversation: Conversation) => OwnChange): Promise<void> => {
  await storeOwnChanges(database, { id: ME, username: "me" }, { bob: of(await bob()) }, newMessageId);
};
const settings = async () => {
  const { isArchived, isMuted } = (await bob()).settings;
  return { isArchived, isMuted };
};

describe("an archived conversation", () => {
  beforeEach(async () => {
    await put(text("1", "bob"));
    await change((one) => archiving(one, true));
  });

  it("stays archived whatever is said of what it has, and comes back when it goes on", async () => {
    await put(edit("2", "bob", "1"));
    expect(await settings()).toMatchObject({ isArchived: true });
    const { conversations } = await put(text("3", "bob"));
    expect(conversations).toMatchObject([{ settings: { isArchived: false } }]);
    expect(await settings()).toMatchObject({ isArchived: false });
    await change((one) => archiving(one, true));
    expect(await settings()).toMatchObject({ isArchived: true });
    await change((one) => archiving(one, false));
    expect(await settings()).toMatchObject({ isArchived: false });
  });

  it("stays where it is if it is muted, also once it is not muted any more", async () => {
    await change((one) => muting(one, true));
    await put(text("3", "bob"));
    expect(await settings()).toEqual({ isArchived: true, isMuted: true });
    await change((one) => muting(one, false));
    expect(await settings()).toEqual({ isArchived: true, isMuted: false });
    await put(text("4", "bob"));
    expect(await settings()).toEqual({ isArchived: false, isMuted: false });
  });

  it("is told as a whole when it is archived once more: one part does not count without the other", async () => {
    const before = { sentAt: "2026-01-01T00:00:00.000Z", id: "bob/0" };
    await put(own(newMessageId(), { bob: { archived: true, archivedUpTo: before } }));
    await database.clear("outbox");
    await put(text("3", "bob"));
    await change((one) => archiving(one, true));
    const [queued] = await database.getAll("outbox");
    const last = { sentAt: text("3", "bob").sentAt, id: "bob/3" };
    expect(JSON.parse(queued?.content ?? "")).toEqual({ bob: { archived: true, archivedUpTo: last } });
  });

  it("that has come back stays there when it is muted", async () => {
    await put(text("3", "bob"));
    await change((one) => muting(one, true));
    expect(await settings()).toEqual({ isArchived: false, isMuted: true });
  });
});

it("an archived conversation without a message comes back with the first one", async () => {
  await ensureConversation(database, { id: "bob", username: "bob" });
  await change((one) => archiving(one, true));
  expect(await settings()).toMatchObject({ isArchived: true });
  await put(text("1", "bob"));
  expect(await settings()).toMatchObject({ isArchived: false });
});

it("an archived conversation is told with the place up to which it is archived, and one that is brought back without", async () => {
  await ensureConversation(database, { id: "bob", username: "bob" });
  const beginning = { sentAt: "1970-01-01T00:00:00.000Z", id: "" };
  expect(archiving(await bob(), true)).toEqual({ archived: true, archivedUpTo: beginning });
  await put(text("1", "bob"));
  const last = { sentAt: text("1", "bob").sentAt, id: "bob/1" };
  expect(archiving(await bob(), true)).toEqual({ archived: true, archivedUpTo: last });
  expect(archiving(await bob(), false)).toEqual({ archived: false });
  expect(muting(await bob(), true)).toEqual({ muted: true, archived: false });
});

it("a conversation that is muted tells nothing else, unless the place has changed up to which it is archived", async () => {
  const told = async () => {
    const [queued] = await database.getAll("outbox");
    await database.clear("outbox");
    return JSON.parse(queued?.content ?? "") as unknown;
  };
  await put(text("1", "bob"));
  await change((one) => muting(one, true));
  expect(await told()).toEqual({ bob: { muted: true } });
  await change((one) => archiving(one, true));
  await database.clear("outbox");
  await put(text("3", "bob"));
  await change((one) => muting(one, false));
  const archivedUpTo = { sentAt: text("3", "bob").sentAt, id: "bob/3" };
  expect(await told()).toEqual({ bob: { muted: false, archived: true, archivedUpTo } });
});
