import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WakeSocket } from "../../../lib/client/wake-socket.ts";
import { type FakeSocket, fakeSockets } from "../../support/fake-socket.ts";
import { settle, VirtualTime } from "../../support/virtual-time.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const message = {
  ...{ messageId: "1", senderId: "alice", senderName: "alice", content: "Hello" },
  ...{ sentAt: "then", redelivered: false },
};

const typist = { senderId: "alice", senderName: "alice", toId: "me" };

let time: VirtualTime;
let sockets: FakeSocket[];
/** What the host was told, in its order. */
let told: string[];
let wakeSocket: WakeSocket;
let life: AbortController;

beforeEach(async () => {
  // Each wait is half of what it may be.
  time = new VirtualTime();
  const fakes = fakeSockets();
  sockets = fakes.all;
  told = [];
  life = new AbortController();
  wakeSocket = new WakeSocket({
    url: "wss://example.org/live",
    WebSocket: fakes.WebSocket,
    timing: time,
    proof: () => ({ token: "secret", id: "me" }),
    onUp: () => void told.push("up"),
    onDown: (wasUp) => void told.push(wasUp ? "down" : "not up"),
    onWake: () => void told.push("wake"),
    onPreview: ({ messageId }) => void told.push(`preview ${messageId}`),
    onTyping: ({ senderId }) => void told.push(`typing ${senderId}`),
  });
  const run = wakeSocket.run(life.signal);
  onTestFinished(async () => {
    life.abort();
    await run;
  });
  await settle();
});

const socket = (): FakeSocket => sockets.at(-1) ?? expect.fail("no socket was opened");

/** What happens within the socket takes no time. */
async function meet(work: (socket: FakeSocket) => void): Promise<void> {
  work(socket());
  await settle();
}

/** Milliseconds until another socket is opened. */
async function untilNext(): Promise<number> {
  const [begun, before] = [time.now(), sockets.length];
  while (sockets.length === before) await time.advance(SECOND / 4);
  return time.now() - begun;
}

describe("the wait for a connection", () => {
  it("is 10 seconds, from the beginning until the proof is accepted", async () => {
    await meet((one) => one.onopen?.());
    await time.advance(10 * SECOND - 1);
    expect([socket().isClosed, told]).toEqual([false, []]);
    await time.advance(1);
    expect([socket().isClosed, told]).toEqual([true, ["not up"]]);
  });

  it("ends at once when the server refuses the proof", async () => {
    await meet((one) => one.say({ type: "error", code: "invalid_token" }));
    expect([socket().isClosed, told]).toEqual([true, ["not up"]]);
  });
});

describe("the wait between two connections", () => {
  it("is a second at most, then twice as long with each failure, up to a minute", async () => {
    const waits: number[] = [];
    for (let failures = 0; failures < 8; failures++) {
      await meet((one) => one.end());
      waits.push(await untilNext());
    }
    expect(waits.map((wait) => (2 * wait) / SECOND)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it.each([
    [MINUTE - 1, 8],
    [MINUTE, 1],
  ])("after a connection of %i ms is %i s at most: it begins anew after a minute", async (lived, seconds) => {
    for (let failures = 0; failures < 3; failures++) {
      await meet((one) => one.end());
      await untilNext();
    }
    await meet((one) => one.accept());
    await time.advance(lived);
    await meet((one) => one.end());
    expect((2 * (await untilNext())) / SECOND).toBe(seconds);
  });

  it("is cut short by a retry, and not by one that came before it", async () => {
    await meet((one) => one.accept());
    wakeSocket.retry();
    await meet((one) => one.end());
    expect(sockets).toHaveLength(1);
    wakeSocket.retry();
    await settle();
    expect(sockets).toHaveLength(2);
  });
});

describe("frames", () => {
  beforeEach(async () => {
    await meet((one) => one.accept());
    told.length = 0;
  });

  it.each<[object, string[]]>([
    [{ type: "wake" }, ["wake"]],
    [{ type: "message", message }, ["preview 1"]],
    [{ type: "message", message: {} }, ["wake"]],
    [{ type: "pong", waiting: true }, ["wake"]],
    [{ type: "pong" }, []],
    // What belongs to another type of frame counts for nothing.
    [{ type: "wake", message }, ["wake"]],
    [{ type: "ready", waiting: true }, []],
    [{ type: "later", waiting: true, message }, []],
    [{ type: "typing", ...typist }, ["typing alice"]],
    [{ type: "later", ...typist }, []],
  ])("%j: %j", async (frame, expected) => {
    await meet((one) => one.say(frame));
    expect(told).toEqual(expected);
  });

  it("that say of an error end the connection at once", async () => {
    await meet((one) => one.say({ type: "error", code: "internal" }));
    expect([socket().isClosed, told]).toEqual([true, ["down"]]);
  });
});

it("hears that the user types once it is up, and nothing before", async () => {
  const typing = () => socket().sent.filter(({ type }) => type === "typing");
  await meet((one) => one.onopen?.());
  wakeSocket.type("bob");
  expect(typing()).toEqual([]);
  await meet((one) => one.say({ type: "ready" }));
  wakeSocket.type("bob");
  expect(typing()).toEqual([{ type: "typing", toId: "bob" }]);
});

describe("a connection", () => {
  beforeEach(() => meet((one) => one.accept()));

  const pings = (): number => socket().sent.filter(({ type }) => type === "ping").length;

  it("is asked every 5 minutes whether it is there, and has 10 seconds to answer", async () => {
    await time.advance(10 * SECOND + 5 * MINUTE - 1);
    expect(pings()).toBe(0);
    await time.advance(1);
    expect(pings()).toBe(1);
    await time.advance(10 * SECOND + 5 * MINUTE - 1);
    expect(pings()).toBe(1);
    socket().isWell = false;
    await time.advance(1);
    expect(pings()).toBe(2);
    await time.advance(10 * SECOND - 1);
    expect(socket().isClosed).toBe(false);
    await time.advance(1);
    expect([socket().isClosed, told.at(-1)]).toEqual([true, "down"]);
  });

  it("is there if anything of goTalk comes instead of the answer", async () => {
    await time.advance(10 * SECOND + 5 * MINUTE - 1);
    socket().isWell = false;
    await time.advance(1);
    await meet((one) => one.say({ type: "message", message }));
    await time.advance(MINUTE);
    expect(socket().isClosed).toBe(false);
  });

  it("is asked nothing any more once it has ended", async () => {
    const [first] = sockets;
    await meet((one) => one.end());
    await time.advance(10 * MINUTE);
    expect(first?.sent.filter(({ type }) => type === "ping")).toEqual([]);
  });

  it("is renewed by the first ping after 105 minutes: a tenth sooner than after 110, by half a chance", async () => {
    await time.advance(104 * MINUTE);
    expect(socket().isClosed).toBe(false);
    await time.advance(6 * MINUTE);
    expect(sockets[0]?.isClosed).toBe(true);
  });

  it("is closed at the end, of which nothing is told", async () => {
    life.abort();
    await settle();
    expect([socket().isClosed, told]).toEqual([true, ["up"]]);
    await time.advance(MINUTE);
    expect(sockets).toHaveLength(1);
  });
});
