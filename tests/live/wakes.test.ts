import { beforeEach, describe, expect, it, vi } from "vitest";
import { hangUpBy } from "../../lib/live/hang-up.ts";
import type { Connection, Listeners } from "../../lib/live/listeners.ts";
import type { LiveGateway } from "../../lib/live/live-gateway.ts";
import { Wakes } from "../../lib/live/wakes.ts";

const SECOND = 1_000;

let asked: AbortSignal[];
let counted: Record<string, number>[];

/** Never answers, and remembers whom it was asked to hurry by. */
const hang = (signal: AbortSignal | undefined) =>
  new Promise<never>(() => {
    if (signal) asked.push(signal);
  });

const gateway = { send: (_: unknown, { abortSignal }: { abortSignal?: AbortSignal }) => hang(abortSignal) };

/** Where these listen. */
function listenersOf(list: () => Promise<Connection[]>): Listeners {
  const listeners: Pick<Listeners, "list" | "remove"> = { list, remove: async () => {} };
  return listeners as Listeners;
}

/** Wakes through a gateway that hangs, where these listen. */
function wakesOf(list: () => Promise<Connection[]>): Wakes {
  return new Wakes(listenersOf(list), gateway as LiveGateway, (name, value) => counted.push({ [name]: value ?? 1 }));
}

const one = async () => [{ connectionId: "one=", sessionId: "session" }];

/** How long it takes, on a clock that goes as fast as it can. */
async function timeOf(work: () => Promise<void>): Promise<number> {
  const start = Date.now();
  const end = work().then(() => Date.now());
  await vi.runAllTimersAsync();
  return (await end) - start;
}

beforeEach(() => {
  asked = [];
  counted = [];
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.useFakeTimers();
  return () => {
    vi.useRealTimers();
  };
});

describe("with a gateway that hangs", () => {
  it("the first send that wakes somebody is answered within a second, all others within 300 ms", async () => {
    const wakes = wakesOf(one);
    expect(await timeOf(wakes.prepare("bob"))).toBe(1 * SECOND);
    expect(await timeOf(wakes.prepare("bob"))).toBe(300);
    expect(await timeOf(wakes.prepare("carol"))).toBe(300);
    expect(asked.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });

  it("a send that wakes somebody after a pause may have to connect anew, and has a second for it", async () => {
    const wakes = wakesOf(one);
    await timeOf(wakes.prepare("bob"));
    await vi.advanceTimersByTimeAsync(4 * SECOND - 1);
    expect(await timeOf(wakes.prepare("bob"))).toBe(300);
    await vi.advanceTimersByTimeAsync(5 * SECOND);
    expect(await timeOf(wakes.prepare("bob"))).toBe(1 * SECOND);
  });

  it("the bound is for all connections together, and each of them counts as not woken", async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ connectionId: `${index}=`, sessionId: "session" }));
    expect(await timeOf(wakesOf(async () => many).prepare("bob"))).toBe(1 * SECOND);
    expect(counted).toEqual([{ WakeSuccesses: 0 }, { WakeFailures: 50 }]);
  });

  it("a send to somebody who does not listen waits for nobody, and leaves the first one its time", async () => {
    let listening: Connection[] = [];
    const wakes = wakesOf(async () => listening);
    expect(await timeOf(wakes.prepare("bob"))).toBe(0);
    listening = await one();
    expect(await timeOf(wakes.prepare("bob"))).toBe(1 * SECOND);
  });

  it("a session ends within a second", async () => {
    const hangUp = hangUpBy(listenersOf(one), gateway as LiveGateway);
    expect(await timeOf(() => hangUp("bob", () => true))).toBe(1 * SECOND);
    expect(asked.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

it("a look at the connections that hangs holds the answer up no longer", async () => {
  const wakes = wakesOf(() => new Promise(() => {}));
  expect(await timeOf(wakes.prepare("bob"))).toBe(1 * SECOND);
  expect(counted).toEqual([{ WakeSuccesses: 0 }, { WakeFailures: 1 }]);
});
