import { describe, expect, it, onTestFinished } from "vitest";
import { type Batch, Client, type ReceiveOptions } from "../../../lib/client/index.ts";
import { fakeSockets } from "../../support/fake-socket.ts";
import { message, session } from "../../support/received.ts";
import { settle, VirtualTime } from "../../support/virtual-time.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const EMPTY: Batch = { messages: [], receipt: "next", more: false };
const MESSAGE = message("1");

/** An inbox with its surroundings in the test's hand. Its loop is not begun. */
function setUp(options: ReceiveOptions = {}) {
  const time = new VirtualTime();
  const sockets = fakeSockets();
  const syncs: number[] = [];
  const answers: (Batch | Error)[] = [];
  const client = new Client({
    ...{ url: "https://example.org", session, timing: time, WebSocket: sockets.WebSocket },
    // It knows of no signal, as a program's own may not.
    fetch: async () => {
      syncs.push(time.now());
      const answer = answers.shift() ?? EMPTY;
      if (answer instanceof Error) throw answer;
      return Response.json(answer);
    },
  });
  const inbox = client.receive(options);
  const loop = inbox[Symbol.asyncIterator]();
  /** How many syncs the work leads to at once, without the time going on. */
  const syncsOf = async (work: () => unknown): Promise<number> => {
    await settle();
    const before = syncs.length;
    work();
    await settle();
    return syncs.length - before;
  };
  /** Milliseconds from the last sync to the next one. */
  const untilSync = async (): Promise<number> => {
    const [begun = 0] = syncs.slice(-1);
    const before = syncs.length;
    while (syncs.length === before) await time.advance(SECOND / 10);
    return (syncs[before] ?? 0) - begun;
  };
  const socket = () => sockets.all.at(-1) ?? expect.fail("no socket was opened");
  return { time, syncs, answers, inbox, loop, socket, sockets: sockets.all, syncsOf, untilSync };
}

/** The same, and the loop runs. */
function setUpRunning() {
  const controller = new AbortController();
  const receiver = setUp({ signal: controller.signal });
  const done = receiver.loop.next();
  onTestFinished(async () => {
    controller.abort();
    await done;
  });
  return { ...receiver, controller, done };
}

describe("a wake that comes before a sync", () => {
  it("is done with by that sync: before the first one", async () => {
    const { inbox, loop, syncsOf } = setUp();
    inbox.wake();
    expect(await syncsOf(() => void loop.next())).toBe(1);
  });

  it("is done with by that sync: while a message is in hand, and more wait", async () => {
    const { answers, inbox, loop, syncsOf } = setUp();
    answers.push({ ...EMPTY, messages: [MESSAGE], more: true });
    await loop.next();
    inbox.wake();
    expect(await syncsOf(() => void loop.next())).toBe(1);
  });
});

describe("a WebSocket", () => {
  it("that cannot be had changes nothing for a loop that polls", async () => {
    const { time, socket, sockets, syncsOf, untilSync, inbox } = setUpRunning();
    await settle();
    expect(await syncsOf(() => socket().end())).toBe(0);
    expect(inbox.connection).toBe("polling");
    const before = sockets.length;
    while (sockets.length === before) await time.advance(SECOND / 10);
    await time.advance(5 * SECOND);
    expect(await syncsOf(() => socket().end())).toBe(0);
    expect(await untilSync()).toBeGreaterThan(2 * SECOND);
  });

  it("that is lost makes the loop poll, as often in the beginning as if it had just begun", async () => {
    const { time, socket, syncsOf, untilSync } = setUpRunning();
    expect(await syncsOf(() => socket().accept())).toBe(1);
    await time.advance(60 * MINUTE);
    expect(await syncsOf(() => socket().end())).toBe(1);
    expect(await untilSync()).toBeLessThan(SECOND / 4);
  });
});

describe("a sync that fails", () => {
  it("is repeated by a loop without a signal, too", async () => {
    const { time, answers, loop } = setUp();
    answers.push(new TypeError("fetch failed"), { ...EMPTY, messages: [MESSAGE] });
    const next = loop.next();
    await time.advance(MINUTE);
    expect(await next).toEqual({ done: false, value: MESSAGE });
    await loop.return();
  });

  it("is not repeated once the loop is to end", async () => {
    const { answers, syncs, controller, done } = setUpRunning();
    answers.push(new TypeError("fetch failed"));
    await settle();
    controller.abort();
    expect(await done).toEqual({ done: true, value: undefined });
    expect(syncs).toHaveLength(1);
  });
});
