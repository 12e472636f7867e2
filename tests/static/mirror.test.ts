import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Mirror, type Snapshot } from "../../static/src/chat/mirror.ts";
import type { Conversation, QueuedMessage, StoredMessage } from "../../static/src/storage/records.ts";
import { eventually } from "../support/eventually.ts";

const message = (id: string): StoredMessage => ({
  id: `bob/${id}`,
  messageId: id,
  conversationId: "bob",
  peerId: "bob",
  senderName: "bob",
  senderId: "bob",
  content: id,
  sentAt: `2026-01-01T00:00:0${id}.000Z`,
});

const conversation = (peerId: string, unread: number, second = 0): Conversation => ({
  peerId,
  name: peerId,
  unread,
  last: { id: `${peerId}/1`, sentAt: `2026-01-01T00:00:0${second}.000Z`, content: "hi", isOwn: false },
  settings: { isAccepted: true, isMuted: false, isPinned: false, isArchived: false },
  isGroup: false,
  hadMessage: true,
});

const queued = (sequence: number): QueuedMessage => ({
  sequence,
  peerId: "bob",
  messageId: `id-${sequence}`,
  content: "hi",
  writtenAt: "2026-01-01T00:00:00.000Z",
  status: "pending",
});

interface Stored {
  readonly conversations?: readonly Conversation[];
  readonly outbox?: readonly QueuedMessage[];
}

/** A mirror of a storage that answers each read when the test says so. */
function setUp() {
  const reads: PromiseWithResolvers<Snapshot>[] = [];
  const life = new AbortController();
  const shown: string[][] = [];
  const mirror = new Mirror({
    read: () => {
      const read = Promise.withResolvers<Snapshot>();
      reads.push(read);
      return read.promise;
    },
    onChanged: ({ messages }) => void shown.push(messages.map(({ content }) => content)),
    life: life.signal,
  });
  /** Answers the read with this number, counted from 0. */
  const answer = async (index: number, { conversations = [], outbox = [] }: Stored) => {
    await eventually(() => expect(reads.length).toBeGreaterThan(index));
    reads[index]?.resolve([conversations, outbox]);
  };
  const fail = async (index: number) => {
    await eventually(() => expect(reads.length).toBeGreaterThan(index));
    reads[index]?.reject(new DOMException("Lost", "InvalidStateError"));
  };
  return { mirror, reads, shown, life, answer, fail };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

it("shows what it reads, and the messages that another tab has stored", async () => {
  const { mirror, shown, answer } = setUp();
  expect(mirror.conversations.value).toBeUndefined();
  const refreshed = mirror.refresh({ messages: [message("1")], news: [] });
  await answer(0, { conversations: [conversation("bob", 1)], outbox: [queued(1)] });
  await refreshed;
  expect(mirror.conversations.value).toEqual([conversation("bob", 1)]);
  expect(mirror.outbox.value).toEqual([queued(1)]);
  expect(shown).toEqual([["1"]]);
});

it("reads once more if this tab stores something during the read", async () => {
  const { mirror, reads, answer } = setUp();
  const refreshed = mirror.refresh();
  await eventually(() => expect(reads).toHaveLength(1));
  mirror.addQueued(queued(7));
  await answer(0, { outbox: [] });
  await answer(1, { outbox: [queued(7), queued(8)] });
  await refreshed;
  expect(reads).toHaveLength(2);
  expect(mirror.outbox.value).toEqual([queued(7), queued(8)]);
});

it("never shows a result that is older than what this tab has stored", async () => {
  const { mirror, reads, answer } = setUp();
  void mirror.refresh();
  await eventually(() => expect(reads).toHaveLength(1));
  mirror.addQueued(queued(7));
  await answer(0, { outbox: [] });
  await eventually(() => expect(reads).toHaveLength(2));
  expect(mirror.outbox.value).toEqual([queued(7)]);
});

it("reads one after the other", async () => {
  const { mirror, reads, answer } = setUp();
  void mirror.refresh();
  const last = mirror.refresh();
  await eventually(() => expect(reads).toHaveLength(1));
  await turn();
  expect(reads).toHaveLength(1);
  await answer(0, { conversations: [conversation("bob", 1)] });
  await answer(1, { conversations: [conversation("bob", 2)] });
  await last;
  expect(mirror.conversations.value).toEqual([conversation("bob", 2)]);
});

it("keeps the view while the storage fails, and then shows the messages that it missed", async () => {
  const { mirror, shown, answer, fail } = setUp();
  const first = mirror.refresh();
  await answer(0, { conversations: [conversation("bob", 1)] });
  await first;
  const failed = mirror.refresh({ messages: [message("1")], news: [] });
  await fail(1);
  await failed;
  expect(mirror.conversations.value).toEqual([conversation("bob", 1)]);
  const last = mirror.refresh({ messages: [message("2")], news: [] });
  await answer(2, { conversations: [conversation("bob", 3)] });
  await last;
  expect(shown).toEqual([[], ["1", "2"]]);
});

it("repeats a failed read by itself, 5 seconds later", async () => {
  const { mirror, reads, shown, answer, fail } = setUp();
  const failed = mirror.refresh({ messages: [message("1")], news: [] });
  await fail(0);
  await failed;
  vi.advanceTimersByTime(4_999);
  await turn();
  expect(reads).toHaveLength(1);
  vi.advanceTimersByTime(1);
  await answer(1, {});
  await mirror.refreshed;
  expect(shown).toEqual([["1"]]);
});

it("adds what this tab has stored without a read: the newest conversation first, and what was sent leaves the outbox", async () => {
  const { mirror, reads, shown, answer } = setUp();
  const refreshed = mirror.refresh();
  await answer(0, {
    conversations: [conversation("carol", 0, 2), conversation("bob", 0, 1)],
    outbox: [queued(1), queued(2)],
  });
  await refreshed;
  mirror.add({ messages: [message("3")], news: [], conversations: [conversation("bob", 1, 3)], sent: 1 });
  expect(mirror.conversations.value).toEqual([conversation("bob", 1, 3), conversation("carol", 0, 2)]);
  expect(mirror.outbox.value).toEqual([queued(2)]);
  expect(shown.at(-1)).toEqual(["3"]);
  expect(reads).toHaveLength(1);
});

it("reads nothing any more once its tab is done", async () => {
  const { mirror, reads, life } = setUp();
  life.abort();
  await mirror.refresh();
  expect(reads).toEqual([]);
});
