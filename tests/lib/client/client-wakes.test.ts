import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Batch, Client, type ClientOptions, type ConnectionState } from "../../../lib/client/index.ts";
import { fakeSockets } from "../../support/fake-socket.ts";
import { problemText } from "../../support/problem-text.ts";
import { message, session } from "../../support/received.ts";
import { settle, VirtualTime } from "../../support/virtual-time.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const EMPTY: Batch = { messages: [], receipt: "next", more: false };
/** A receiver with its surroundings in the test's hand. */
function setUp(options: Partial<ClientOptions> = {}) {
  const time = new VirtualTime();
  const sockets = fakeSockets();
  const states: ConnectionState[] = [];
  const syncs: number[] = [];
  const answers: Response[] = [];
  let isUp = true;
  const network: typeof fetch = async () => {
    if (!isUp) throw new TypeError("fetch failed");
    syncs.push(time.now());
    return answers.shift() ?? Response.json(EMPTY);
  };
  const client = new Client({
    url: "https://example.org",
    session,
    timing: time,
    fetch: network,
    WebSocket: sockets.WebSocket,
    ...options,
  });
  const controller = new AbortController();
  const inbox = client.receive({ signal: controller.signal, onConnection: (state) => void states.push(state) });
  const received: string[] = [];
  const run = async () => {
    for await (const { messageId } of inbox) received.push(messageId);
  };
  const done = run();
  done.catch(() => undefined);
  onTestFinished(() => controller.abort());
  return {
    ...{ time, sockets: sockets.all, states, syncs, answers, inbox, controller, received, done, client },
    network: (up: boolean) => {
      isUp = up;
    },
    /** The socket that is open now, or being opened. */
    socket: () => {
      const socket = sockets.all.at(-1);
      if (socket === undefined) throw new Error("no socket was opened");
      return socket;
    },
    /** How many syncs the work leads to at once, without the time going on. */
    syncsOf: async (work: () => void) => {
      await settle();
      const before = syncs.length;
      work();
      await settle();
      return syncs.length - before;
    },
  };
}

afterEach(() => void vi.unstubAllGlobals());

describe("the connection", () => {
  it("is proven by its first frame, and never by its URL", async () => {
    const { socket } = setUp();
    socket().onopen?.();
    expect(socket().url).toBe("wss://example.org/live");
    expect(socket().sent).toEqual([{ token: "secret", id: "me" }]);
  });

  it("is told of: connecting, live, and then whatever becomes of it", async () => {
    const { socket, time, states, inbox, network } = setUp();
    expect(inbox.connection).toBe("connecting");
    await settle();
    socket().accept();
    expect(states).toEqual(["live"]);
    socket().end();
    await settle();
    expect(states).toEqual(["live", "connecting"]);
    await time.advance(2 * SECOND);
    socket().end();
    await settle();
    expect(states.at(-1)).toBe("polling");
    network(false);
    await time.advance(5 * SECOND);
    expect(states.at(-1)).toBe("offline");
    network(true);
    inbox.wake();
    await settle();
    expect(states.at(-1)).toBe("polling");
    socket().accept();
    expect(states).toEqual(["live", "connecting", "polling", "offline", "polling", "live"]);
    expect(inbox.connection).toBe("live");
  });

  it.each<[string, Partial<ClientOptions>]>([
    ["it is not wanted", { live: false }],
    ["nobody knows where it is", { url: "" }],
  ])("is not made when %s: then it polls", async (_, options) => {
    const { sockets, inbox, time, syncs } = setUp(options);
    await time.advance(MINUTE);
    expect(sockets).toEqual([]);
    expect(inbox.connection).toBe("polling");
    expect(syncs.length).toBeGreaterThan(12);
  });

  it.each([
    ["http://localhost:9000/", undefined, "ws://localhost:9000/live"],
    ["https://example.org/api", undefined, "wss://example.org/api/live"],
    ["", "https://example.org", "wss://example.org/live"],
    ["https://example.org", "wss://other.example.org/dev", "wss://other.example.org/dev"],
  ])("is made beside %s", async (url, other, expected) => {
    if (url === "") vi.stubGlobal("location", { origin: other });
    const { socket } = setUp({ url, ...(url !== "" && { live: other }) });
    expect(socket().url).toBe(expected);
  });

  it.each([
    ["https://api.example.org", "wss://live.example.org/live", "wss://live.example.org/live"],
    ["http://localhost:9000", "ws://localhost:9001/live", "ws://localhost:9001/live"],
    ["http://localhost:9000", "wss://live.example.org/live", "wss://live.example.org/live"],
    ["http://localhost:9000", "https://live.example.org/live", "ws://localhost:9000/live"],
    ["http://localhost:9000", "nowhere", "ws://localhost:9000/live"],
    // The token goes there: what is encrypted leads to nothing that is not.
    ["https://api.example.org", "ws://live.example.org/live", "wss://api.example.org/live"],
    ["https://api.example.org", "https://live.example.org/live", "wss://api.example.org/live"],
    ["https://api.example.org", "nowhere", "wss://api.example.org/live"],
    // Such an address says nothing of what is encrypted.
    ["/api", "wss://live.example.org/live", "wss://live.example.org/live"],
    ["/api", "ws://live.example.org/live", "/api/live"],
    ["/http", "ws://live.example.org/live", "/http/live"],
    ["HTTPS://api.example.org", "https://live.example.org/live", "HTTPS://api.example.org/live"],
  ])("of %s is made where the login says, %s", (url, live, expected) => {
    const { socket } = setUp({ url, session: { ...session, live } });
    expect(socket().url).toBe(expected);
  });

  it("is made where the program says, whatever the login does", () => {
    const { socket } = setUp({
      live: "wss://mine.example.org/live",
      session: { ...session, live: "wss://other.example.org" },
    });
    expect(socket().url).toBe("wss://mine.example.org/live");
  });

  it.each([
    ["ends with the last message", { follow: false }],
    ["has ended before it began", { signal: AbortSignal.abort() }],
  ])("is not made for a loop that %s", async (_, options) => {
    const { client, sockets, controller, done } = setUp();
    controller.abort();
    await done;
    const before = sockets.length;
    const inbox = client.receive(options);
    for await (const _message of inbox);
    expect(sockets.length).toBe(before);
  });

  it("that the page's policy forbids leaves it polling", async () => {
    class Forbidden {
      constructor() {
        throw new DOMException("insecure", "SecurityError");
      }
    }
    const { inbox, time, syncs } = setUp({ WebSocket: Forbidden as unknown as typeof WebSocket });
    await time.advance(MINUTE);
    expect(inbox.connection).toBe("polling");
    expect(syncs.length).toBeGreaterThan(12);
  });
});

describe("frames of another server", () => {
  it("wake nobody before the proof was accepted, and keep it polling", async () => {
    const { socket, syncsOf, inbox, time } = setUp();
    await settle();
    socket().onopen?.();
    for (const frame of [
      { type: "connected" },
      { type: "wake" },
      { type: "message", message: message("1") },
      { type: "pong", waiting: true },
      ["ready"],
      "ready",
    ]) {
      expect(await syncsOf(() => socket().say(frame as object))).toBe(0);
    }
    await time.advance(11 * SECOND);
    expect(inbox.connection).toBe("polling");
  });

  it("are no answer to a ping", async () => {
    const { socket, sockets, time } = setUp();
    await settle();
    const first = socket();
    first.accept();
    first.isWell = false;
    for (let seconds = 0; seconds < 400; seconds += 5) {
      first.say({ type: "ping" });
      await time.advance(5 * SECOND);
    }
    expect(first.isClosed).toBe(true);
    expect(sockets.length).toBeGreaterThan(1);
  });
});

describe("a wake", () => {
  it("leads to a sync at once, and so do the beginning and the end of a connection", async () => {
    const { socket, syncsOf } = setUp();
    expect(await syncsOf(() => socket().accept())).toBe(1);
    expect(await syncsOf(() => socket().say({ type: "wake" }))).toBe(1);
    expect(await syncsOf(() => socket().say({ type: "pong" }))).toBe(0);
    // It bears the message itself, which the sync brings all the same.
    expect(await syncsOf(() => socket().say({ type: "message", message: message("1") }))).toBe(1);
    expect(await syncsOf(() => socket().say({ type: "nonsense" }))).toBe(0);
    expect(await syncsOf(() => socket().onmessage?.({ data: "no JSON" }))).toBe(0);
    expect(await syncsOf(() => socket().end())).toBe(1);
  });

  it("that comes during a sync leads to another one after it, and many lead to one", async () => {
    const { socket, syncsOf } = setUp();
    await syncsOf(() => socket().accept());
    const syncs = await syncsOf(() => {
      for (let i = 0; i < 10; i++) socket().say({ type: "wake" });
    });
    expect(syncs).toBeGreaterThanOrEqual(1);
    expect(syncs).toBeLessThanOrEqual(2);
  });

  it("that is lost delays the message by 5 minutes at most, and by seconds where people talk", async () => {
    const { socket, time, answers, received, syncsOf } = setUp();
    await syncsOf(() => socket().accept());
    await time.advance(HOUR);
    answers.push(Response.json({ ...EMPTY, messages: [message("1")] }));
    const lost = time.now();
    while (received.length === 0) await time.advance(SECOND);
    expect(time.now() - lost).toBeLessThanOrEqual(5 * MINUTE);
    answers.push(Response.json({ ...EMPTY, messages: [message("2")] }));
    await time.advance(5 * SECOND);
    expect(received).toEqual(["1", "2"]);
  });

  it("is what it waits for: without one it asks seldom", async () => {
    const { socket, time, syncs } = setUp();
    await settle();
    socket().accept();
    await time.advance(20 * MINUTE);
    const before = syncs.length;
    await time.advance(20 * MINUTE);
    expect(syncs.length - before).toBeGreaterThanOrEqual(4);
    expect(syncs.length - before).toBeLessThanOrEqual(6);
  });

  it("that is lost is found by the next ping, if its answer says that something waits", async () => {
    const { socket, time, syncs } = setUp();
    await settle();
    socket().accept();
    await time.advance(MINUTE);
    socket().waits = true;
    const pinged = () => socket().sent.filter(({ type }) => type === "ping").length;
    const before = pinged();
    while (pinged() === before) await time.advance(SECOND);
    expect(time.now() - (syncs.at(-1) ?? 0)).toBeLessThanOrEqual(SECOND);
  });

  it.each([{ type: "pong" }, { type: "pong", waiting: false }, { type: "pong", waiting: "yes" }])(
    "is not what a pong is that says nothing of it: %j",
    async (pong) => {
      const { socket, syncsOf } = setUp();
      await syncsOf(() => socket().accept());
      expect(await syncsOf(() => socket().say(pong))).toBe(0);
      expect(await syncsOf(() => socket().say({ type: "pong", waiting: true }))).toBe(1);
    },
  );
});

describe("keeping it", () => {
  it("takes a ping within each 10 minutes, and a new one before 2 hours are over", async () => {
    const { sockets, socket, time } = setUp();
    await settle();
    const begun = time.now();
    socket().accept();
    await time.advance(95 * MINUTE);
    expect(sockets).toHaveLength(1);
    const pings = socket().sent.filter(({ type }) => type === "ping");
    expect(pings.length).toBeGreaterThanOrEqual(10);

    while (sockets.length === 1) await time.advance(MINUTE);
    expect(time.now() - begun).toBeLessThan(2 * HOUR);
    expect(sockets[0]?.isClosed).toBe(true);
  });

  it("gives it up when a ping is not answered", async () => {
    const { sockets, socket, time } = setUp();
    await settle();
    socket().accept();
    socket().isWell = false;
    await time.advance(6 * MINUTE);
    expect(sockets[0]?.isClosed).toBe(true);
    expect(sockets.length).toBeGreaterThan(1);
  });

  it.each([
    ["never gets through", () => {}],
    ["is refused", (socket: ReturnType<ReturnType<typeof setUp>["socket"]>) => socket.end()],
    [
      "is not believed",
      (socket: ReturnType<ReturnType<typeof setUp>["socket"]>) => socket.say({ type: "error", code: "invalid_token" }),
    ],
    [
      "is closed again at once",
      (socket: ReturnType<ReturnType<typeof setUp>["socket"]>) => {
        socket.accept();
        socket.end();
      },
    ],
  ])("that %s is tried again and again, but ever more seldom", async (_, meet) => {
    const { sockets, time } = setUp();
    const met = new Set<object>();
    const perTenMinutes: number[] = [];
    for (const _period of [1, 2]) {
      const before = sockets.length;
      for (let passed = 0; passed < 10 * MINUTE; passed += SECOND) {
        const socket = sockets.at(-1);
        if (socket && !met.has(socket)) meet(socket);
        if (socket) met.add(socket);
        await time.advance(SECOND);
      }
      perTenMinutes.push(sockets.length - before);
    }
    const [first = 0, second = 0] = perTenMinutes;
    expect(second).toBeGreaterThanOrEqual(10);
    expect(second).toBeLessThan(first);
    expect(sockets.filter(({ isClosed }) => !isClosed).length).toBeLessThanOrEqual(1);
  });

  it("is tried at once on a wake from outside: the network is back, or somebody pressed a button", async () => {
    const { sockets, socket, time, inbox } = setUp();
    for (let attempts = 0; attempts < 8; attempts++) {
      socket().end();
      await time.advance(MINUTE);
    }
    const before = sockets.length;
    socket().end();
    await settle();
    inbox.wake();
    await settle();
    expect(sockets.length).toBe(before + 1);
  });
});

describe("the end of the loop", () => {
  it.each<[string, (receiver: ReturnType<typeof setUp>) => void]>([
    ["by the signal", ({ controller }) => controller.abort()],
    [
      "by a session that has ended",
      ({ answers, inbox }) => {
        const headers = { "content-type": "application/problem+json" };
        answers.push(new Response(problemText(401, "invalid_token"), { status: 401, headers }));
        inbox.wake();
      },
    ],
  ])("%s closes the connection, and makes no other", async (_, end) => {
    const receiver = setUp();
    const { socket, sockets, time, done, syncs } = receiver;
    await settle();
    socket().accept();
    await settle();
    end(receiver);
    await done.catch(() => undefined);
    await settle();
    expect(socket().isClosed).toBe(true);
    const before = syncs.length;
    await time.advance(HOUR);
    expect([sockets.length, syncs.length]).toEqual([1, before]);
    expect(time.sleepers).toBe(0);
  });

  it("leaves no listener on the signal", async () => {
    const { client, answers, controller, done } = setUp();
    controller.abort();
    await done;
    answers.push(Response.json({ ...EMPTY, messages: [message("1")] }));
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    for await (const _ of client.receive({ signal })) break;
    await settle();
    expect(added.mock.calls.length).toBeGreaterThan(0);
    expect(removed.mock.calls).toEqual(expect.arrayContaining(added.mock.calls));
  });

  it("by break closes the connection", async () => {
    const { client, sockets, answers, controller, done } = setUp();
    controller.abort();
    await done;
    answers.push(Response.json({ ...EMPTY, messages: [message("1")] }));
    for await (const _ of client.receive()) break;
    await settle();
    expect(sockets.at(-1)?.isClosed).toBe(true);
  });

  it("by the signal while a message is in hand closes the connection", async () => {
    const { client, sockets, answers, controller, done } = setUp();
    controller.abort();
    await done;
    answers.push(Response.json({ ...EMPTY, messages: [message("1")] }));
    const signal = new AbortController();
    const messages = client.receive({ signal: signal.signal })[Symbol.asyncIterator]();
    await messages.next();
    signal.abort();
    await settle();
    expect(sockets.at(-1)?.isClosed).toBe(true);
  });
});
