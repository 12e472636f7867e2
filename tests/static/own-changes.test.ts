import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Message, MessageIds, newMessageId, type OwnChange } from "../../lib/client/index.ts";
import { markTried, renew } from "../../static/src/storage/attempts.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { conversationsOf, markRead } from "../../static/src/storage/conversations.ts";
import { enqueue, outboxOf, outgoingFrom, setStatus } from "../../static/src/storage/outbox.ts";
import { type OwnChanges, storeOwnChanges, untoldReading } from "../../static/src/storage/own-changes.ts";
import type { Conversation, QueuedMessage, Stored } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { moveToHistory } from "../../static/src/storage/sent.ts";
import { deletion, ME, own, text } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";

const USER = { id: ME, username: "me" };
const STATE = { receipt: "receipt-1", recent: [] };

let database: Database;
beforeEach(async () => {
  vi.stubGlobal("navigator", { onLine: false });
  database = await newDatabase();
});
afterEach(() => vi.unstubAllGlobals());

const put = (...messages: Message[]): Promise<Stored> => storeBatch(database, ME, messages, STATE);
const tell = (changes: OwnChanges, newId: (after?: string) => string = newMessageId) =>
  storeOwnChanges(database, USER, changes, newId);
const lineOf = async (peerId: string): Promise<Conversation | undefined> =>
  (await conversationsOf(database)).find((one) => one.peerId === peerId);
/** What the outbox has to say. */
const told = async (): Promise<unknown[]> => (await outboxOf(database)).map(({ content }) => JSON.parse(content));
const upTo = (message: Message) => ({ sentAt: message.sentAt, id: `${message.senderId}/${message.messageId}` });
const firstQueued = async (): Promise<QueuedMessage> => {
  const [first] = await outboxOf(database);
  if (first === undefined) throw new Error("the outbox is empty");
  return first;
};

describe("what the person does with a conversation", () => {
  it("holds here at once, and goes out in one quiet message to oneself", async () => {
    await put(text("1", "bob"));
    const [stored, queued] = await tell({ bob: { muted: true, pinned: true } });
    expect(stored.conversations).toMatchObject([{ peerId: "bob", settings: { isMuted: true, isPinned: true } }]);
    expect(stored).toMatchObject({ messages: [], news: [] });
    expect(await lineOf("bob")).toMatchObject({ settings: { isMuted: true, isPinned: true, isArchived: false } });
    expect(queued).toEqual(await outboxOf(database));
    expect(queued).toMatchObject([{ peerId: ME, type: "own", mayHaveArrived: false }]);
    expect(await told()).toEqual([{ bob: { muted: true, pinned: true } }]);
    // No conversation with oneself begins, and nothing of it is in the history.
    expect((await conversationsOf(database)).map(({ peerId }) => peerId)).toEqual(["bob"]);
    expect(await database.count("messages")).toBe(1);
  });

  it("that holds already is not told", async () => {
    await put(text("1", "bob"));
    expect((await tell({ bob: { muted: false } }))[1]).toEqual([]);
    await tell({ bob: { muted: true } });
    expect((await tell({ bob: { muted: true } }))[1]).toEqual([]);
    expect(await told()).toEqual([{ bob: { muted: true } }]);
  });

  it("that holds already changes nothing of what waits", async () => {
    await put(text("1", "bob"));
    await tell({ bob: { muted: true, readUpTo: upTo(text("1", "bob")) } });
    const before = await outboxOf(database);
    expect(await tell({ bob: { muted: true } })).toEqual([{ messages: [], news: [], conversations: [] }, []]);
    expect(await outboxOf(database)).toEqual(before);
  });

  it("leaves what else waits for oneself: a note, and what was refused", async () => {
    await put(text("1", "bob"));
    await enqueue(database, { peerId: ME, content: '{"bob":{"muted":false}}', messageId: newMessageId() }, []);
    await tell({ bob: { pinned: true } });
    const [note, refused] = await outboxOf(database);
    if (refused === undefined) throw new Error("nothing was refused");
    await setStatus(database, refused, { status: "failed", mayHaveArrived: false });
    await tell({ bob: { muted: true, pinned: false } });
    const [first, second, third] = await outboxOf(database);
    expect([first, second]).toEqual([note, { ...refused, status: "failed" }]);
    expect(JSON.parse(third?.content ?? "")).toEqual({ bob: { muted: true, pinned: false } });
  });

  it("takes along how far was read, and of several places the furthest", async () => {
    const [one, two] = [text("1", "bob"), text("2", "bob")];
    await put(one, two);
    const waits = (messageId: string, readUpTo: ReturnType<typeof upTo>) => ({
      ...outgoingFrom({ peerId: ME, type: "own", content: JSON.stringify({ bob: { readUpTo } }), messageId }),
      mayHaveArrived: false,
    });
    for (const place of [two, one]) await database.add("outbox", waits(newMessageId(), upTo(place)));
    await tell({ bob: { muted: true } });
    expect(await told()).toEqual([{ bob: { muted: true, readUpTo: upTo(two) } }]);
  });

  it("goes out with how far was read now, where what waits says nothing of that", async () => {
    await put(text("1", "bob"));
    await tell({ bob: { muted: true } });
    await tell({ bob: { readUpTo: upTo(text("1", "bob")) } });
    expect(await told()).toEqual([{ bob: { muted: true } }, { bob: { readUpTo: upTo(text("1", "bob")) } }]);
  });

  it("takes the place of what waits and was not tried; the last word counts", async () => {
    await put(text("1", "bob"), text("2", "carol"));
    await tell({ bob: { muted: true, archived: true } });
    await tell({ carol: { pinned: true } });
    await tell({ bob: { muted: false } });
    expect(await told()).toEqual([{ bob: { archived: true } }, { carol: { pinned: true } }, { bob: { muted: false } }]);
    // Each value counts by the message that tells it, here as everywhere.
    const { muted, archived } = (await database.get("folded", "bob"))?.own ?? {};
    const ids = (await outboxOf(database)).map(({ messageId }) => messageId);
    expect([archived?.messageId, muted?.messageId]).toEqual([ids[0], ids[2]]);
    await tell({ bob: { archived: false }, carol: { pinned: false } });
    expect(await told()).toEqual([{ bob: { muted: false } }, { bob: { archived: false }, carol: { pinned: false } }]);
    await markTried(database, await firstQueued());
    await tell({ bob: { muted: true } });
    expect(await told()).toEqual([
      { bob: { muted: false } },
      { bob: { archived: false }, carol: { pinned: false } },
      { bob: { muted: true } },
    ]);
  });

  it("goes out with how far was read before, of all that waits", async () => {
    const [near, far] = [upTo(text("1", "bob")), upTo(text("2", "bob"))];
    await tell({ bob: { readUpTo: near }, carol: { readUpTo: far } });
    await tell({ bob: { readUpTo: far, pinned: true } });
    await tell({ carol: { muted: true } });
    expect(await told()).toEqual([
      { bob: { pinned: true } },
      { carol: { muted: true, readUpTo: far }, bob: { readUpTo: far } },
    ]);
  });

  it("does not outlast what another device says after it, whatever is done here then", async () => {
    await put(text("1", "bob"));
    await tell({ bob: { muted: true } });
    const unmuted = own(newMessageId(), { bob: { muted: false } });
    await tell({ bob: { pinned: true } });
    const waiting = (await outboxOf(database)).map((one) => own(one.messageId, JSON.parse(one.content)));
    await put(unmuted);
    const settings = { isMuted: false, isPinned: true };
    expect(await lineOf("bob")).toMatchObject({ settings });
    // The other devices see the same.
    database = await newDatabase();
    await put(text("1", "bob"), unmuted, ...waiting);
    expect(await lineOf("bob")).toMatchObject({ settings });
  });

  it("counts though the clock is an hour behind the one that said the last word", async () => {
    const behind = new MessageIds({ now: () => Date.now() - 3_600_000 });
    const before = [text("1", "bob"), own(newMessageId(), { bob: { muted: true } })];
    await put(...before);
    const [{ conversations }] = await tell({ bob: { muted: false, pinned: true } }, (after) => behind.next(after));
    const settings = { isMuted: false, isPinned: true };
    expect(conversations).toMatchObject([{ settings }]);
    const waiting = (await outboxOf(database)).map((one) => own(one.messageId, JSON.parse(one.content)));
    database = await newDatabase();
    await put(...before, ...waiting);
    expect(await lineOf("bob")).toMatchObject({ settings });
  });

  it("goes out in several messages where it is too much for one", async () => {
    const far = { sentAt: "2026-01-01T00:00:00.000Z", id: `${"s".repeat(36)}/${"m".repeat(36)}` };
    const all = { readUpTo: far, archivedUpTo: far, accepted: true, muted: true, pinned: true, archived: true };
    const ids = Array.from({ length: 70 }, (_, index) => String(index).padStart(36, "c"));
    const [, queued] = await tell(Object.fromEntries(ids.map((id) => [id, all satisfies OwnChange])));
    expect(queued).toHaveLength(3);
    expect(Math.max(...queued.map(({ content }) => content.length))).toBeLessThan(16_384);
    expect(Object.keys(Object.assign({}, ...(await told())))).toEqual(ids);
  });

  it("counts by the id under which it goes out, and not by one that was ahead", async () => {
    await put(text("1", "bob"));
    await tell({ bob: { muted: true } }, () => "ff000000-0000-7000-8000-000000000000");
    const first = await firstQueued();
    const ids = { messageId: newMessageId(), isToFollow: () => true, next: newMessageId };
    await renew(database, first, ids);
    await moveToHistory(database, USER, await firstQueued(), {
      ...{ messageId: ids.messageId, status: "sent", sentAt: "2026-01-01T00:00:00.000Z" },
    });
    await put(own(newMessageId(), { bob: { muted: false } }));
    expect(await lineOf("bob")).toMatchObject({ settings: { isMuted: false } });
  });

  it("leaves no trace once it is sent", async () => {
    await put(text("1", "bob"));
    await tell({ bob: { muted: true } });
    const first = await firstQueued();
    const stored = await moveToHistory(database, USER, first, {
      ...{ messageId: first.messageId, status: "sent", sentAt: "2026-01-01T00:00:00.000Z" },
    });
    expect(stored).toMatchObject({ messages: [], news: [], conversations: [], sent: first.sequence });
    expect(await outboxOf(database)).toEqual([]);
    expect((await conversationsOf(database)).map(({ peerId }) => peerId)).toEqual(["bob"]);
  });
});

describe("what was done on another device", () => {
  it("holds here too, whatever came first", async () => {
    await put(own("5", { bob: { muted: true } }));
    expect(await conversationsOf(database)).toEqual([]);
    const { conversations } = await put(text("1", "bob"));
    expect(conversations).toMatchObject([{ settings: { isMuted: true } }]);
    const later = await put(own("6", { bob: { muted: false, pinned: true } }));
    expect(later.conversations).toMatchObject([{ settings: { isMuted: false, isPinned: true } }]);
  });

  it("counts for nothing if somebody else says it", async () => {
    await put(text("1", "bob"), own("5", { bob: { muted: true, readUpTo: upTo(text("1", "bob")) } }, "bob"));
    expect(await lineOf("bob")).toMatchObject({ unread: 1, settings: { isMuted: false } });
  });

  it("is read here as far as it was read there", async () => {
    const [one, two, three] = [text("1", "bob"), text("2", "bob"), text("3", "bob")];
    await put(one, two, three, text("4", ME, { toId: "bob", toName: "bob" }));
    const { conversations } = await put(own("5", { bob: { readUpTo: upTo(one) } }));
    expect(conversations).toMatchObject([{ unread: 2, unreadFrom: upTo(two) }]);
    await put(deletion("6", "bob", "2"));
    expect(await lineOf("bob")).toMatchObject({ unread: 1 });
    await put(own("7", { bob: { readUpTo: upTo(three) } }));
    const line = await lineOf("bob");
    expect(line).toMatchObject({ unread: 0 });
    expect(line).not.toHaveProperty("unreadFrom");
  });

  it("is neither unread nor news if the word of it comes before, or in the same batch", async () => {
    const [one, two, three] = [text("1", "bob"), text("2", "bob"), text("3", "bob")];
    const { news } = await put(one, two, own("5", { bob: { readUpTo: upTo(one) } }));
    expect(news).toEqual(["bob/2"]);
    expect(await lineOf("bob")).toMatchObject({ unread: 1, unreadFrom: upTo(two) });
    await put(own("6", { bob: { readUpTo: upTo(three) } }));
    expect((await put(three)).news).toEqual([]);
    expect(await lineOf("bob")).toMatchObject({ unread: 0 });
  });
});

describe("what was read here", () => {
  const read = () => markRead(database, "bob", ME);

  it("is to be told once, up to the newest message of somebody else", async () => {
    const [one, two] = [text("1", "bob"), text("2", "bob")];
    await put(one, two, text("3", ME, { toId: "bob", toName: "bob" }));
    expect(await untoldReading(database)).toEqual({});
    expect(await read()).toMatchObject({ unread: 0, readHere: upTo(two) });
    expect(await untoldReading(database)).toEqual({ bob: { readUpTo: upTo(two) } });
    await tell(await untoldReading(database));
    expect(await told()).toEqual([{ bob: { readUpTo: upTo(two) } }]);
    expect(await untoldReading(database)).toEqual({});
    expect(await read()).toBeUndefined();
  });

  it("is not told where another device has read as far", async () => {
    await put(text("1", "bob"));
    await read();
    await put(own("5", { bob: { readUpTo: upTo(text("2", "bob")) } }));
    expect(await untoldReading(database)).toEqual({});
  });

  it("is not told while something that came late lies before it", async () => {
    await put(text("3", "bob"));
    await read();
    await put(text("2", "bob"));
    expect(await lineOf("bob")).toMatchObject({ unread: 1 });
    expect(await untoldReading(database)).toEqual({});
    await read();
    expect(await untoldReading(database)).toEqual({ bob: { readUpTo: upTo(text("3", "bob")) } });
  });
});
