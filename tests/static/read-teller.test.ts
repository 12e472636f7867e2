import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Client } from "../../lib/client/index.ts";
import { ReadTeller } from "../../static/src/chat/readTeller.ts";
import type { OwnChanges } from "../../static/src/storage/own-changes.ts";
import type { Line } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const readUpTo = (second: number) => ({ sentAt: new Date(second * SECOND).toISOString(), id: "bob/1" });
const lineAt = (second: number): Line => ({ peerId: "bob", name: "bob", unread: 0, readHere: readUpTo(second) });

let stored: readonly Line[];
let told: OwnChanges[];
let sent: unknown[];
let life: AbortController;
let page: EventTarget;
let document: EventTarget & { visibilityState: string };

beforeEach(() => {
  vi.useFakeTimers();
  [stored, told, sent] = [[], [], []];
  life = new AbortController();
  page = new EventTarget();
  document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", document);
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
});
afterEach(() => {
  life.abort();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function makeTeller(): ReadTeller {
  const client = {
    session: { id: "alice" },
    newMessageId: () => "own-1",
    send: async (message: unknown) => void sent.push(message),
  };
  return new ReadTeller({
    client: client as unknown as Client,
    database: { getAll: async () => stored } as unknown as Database,
    life: life.signal,
    async tellOwn(changes) {
      told.push(changes);
      stored = [];
    },
  });
}

/** A teller, and what it is told of once it is stored. */
function setUp(): (second: number) => void {
  const teller = makeTeller();
  return (second) => {
    stored = [lineAt(second)];
    teller.add(lineAt(second));
  };
}

it("tells of ten minutes of talk, in which a message is read each 2 seconds, with a message for ten of them", async () => {
  const read = setUp();
  for (let second = 2; second <= 600; second += 2) {
    read(second);
    await vi.advanceTimersByTimeAsync(2 * SECOND);
  }
  expect(told.length).toBeGreaterThan(25);
  expect(told.length).toBeLessThanOrEqual(31);
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(told.at(-1)).toEqual({ bob: { readUpTo: readUpTo(600) } });
  const end = told.length;
  await vi.advanceTimersByTimeAsync(10 * MINUTE);
  expect(told).toHaveLength(end);
});

it("tells soon of what is read after a while", async () => {
  const read = setUp();
  await vi.advanceTimersByTimeAsync(MINUTE);
  read(1);
  await vi.advanceTimersByTimeAsync(2 * SECOND);
  expect(told).toEqual([{ bob: { readUpTo: readUpTo(1) } }]);
});

it("tells at once when the tab is hidden, and of nothing twice", async () => {
  const read = setUp();
  read(1);
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([{ bob: { readUpTo: readUpTo(1) } }]);
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(told).toHaveLength(1);
});

it("tells by a request alone when the page is left: nothing else has time", () => {
  const read = setUp();
  read(1);
  page.dispatchEvent(new Event("pagehide"));
  const content = JSON.stringify({ bob: { readUpTo: readUpTo(1) } });
  expect(sent).toEqual([{ to: "alice", messageId: "own-1", type: "own", content }]);
  page.dispatchEvent(new Event("pagehide"));
  expect(sent).toHaveLength(1);
});

it("tells nothing when a tab is shown, and nothing before its time", async () => {
  const read = setUp();
  read(1);
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(2 * SECOND - 1);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toHaveLength(1);
});

it("tells nothing when a tab is hidden or left in which nothing was read", async () => {
  setUp();
  stored = [lineAt(1)];
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  page.dispatchEvent(new Event("pagehide"));
  await vi.advanceTimersByTimeAsync(0);
  expect([told, sent]).toEqual([[], []]);
});

it("tells nothing of a conversation of which nothing is to be told", async () => {
  const teller = makeTeller();
  await vi.advanceTimersByTimeAsync(MINUTE);
  teller.add({ peerId: "bob", name: "bob", unread: 0 });
  page.dispatchEvent(new Event("pagehide"));
  expect(sent).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

it("waits 20 seconds after it has told something, and not after it has found nothing to tell", async () => {
  const read = setUp();
  await vi.advanceTimersByTimeAsync(2 * SECOND);
  read(1);
  await vi.advanceTimersByTimeAsync(2 * SECOND);
  expect(told).toHaveLength(1);
  read(2);
  await vi.advanceTimersByTimeAsync(20 * SECOND - 1);
  expect(told).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toHaveLength(2);
});

it("waits as long after it was told because the tab was hidden", async () => {
  const read = setUp();
  read(1);
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(SECOND);
  read(2);
  await vi.advanceTimersByTimeAsync(19 * SECOND - 1);
  expect(told).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toHaveLength(2);
});

it("tells nothing once more when the page is left after all was told", async () => {
  const read = setUp();
  read(1);
  await vi.advanceTimersByTimeAsync(2 * SECOND);
  expect(told).toHaveLength(1);
  page.dispatchEvent(new Event("pagehide"));
  expect(sent).toEqual([]);
});

it("ends with the session", async () => {
  const read = setUp();
  read(1);
  life.abort();
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  page.dispatchEvent(new Event("pagehide"));
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect([told, sent]).toEqual([[], []]);
});

it("tells what the page before has left untold", async () => {
  stored = [lineAt(7)];
  setUp();
  await vi.advanceTimersByTimeAsync(2 * SECOND);
  expect(told).toEqual([{ bob: { readUpTo: readUpTo(7) } }]);
});
