import { describe, expect, it, onTestFinished } from "vitest";
import { type Batch, Client, type Message, type ReceiveOptions } from "../../../lib/client/index.ts";
import { fakeSockets } from "../../support/fake-socket.ts";
import { message, session } from "../../support/received.ts";
import { settle, VirtualTime } from "../../support/virtual-time.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A receiver that is connected, with its surroundings in the test's hand. */
async function setUp(options: ReceiveOptions = {}) {
  const time = new VirtualTime();
  const sockets = fakeSockets();
  const syncs: number[] = [];
  const requests: RequestInit[] = [];
  const shown: string[] = [];
  const received: string[] = [];
  const waiting: Message[] = [];
  let receipts = 0;
  const network: typeof fetch = async (_, init = {}) => {
    syncs.push(time.now());
    requests.push(init);
    const messages = waiting.splice(0);
    const receipt = messages.length > 0 ? `receipt-${++receipts}` : JSON.parse(String(init.body)).ack;
    return Response.json({ messages, receipt, more: false } satisfies Batch);
  };
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const client = new Client({
    url: "https://example.org",
    session,
    timing: time,
    fetch: network,
    WebSocket: sockets.WebSocket,
  });
  const inbox = client.receive({
    signal: controller.signal,
    onPreview: ({ messageId }) => void shown.push(messageId),
    ...options,
  });
  const run = async () => {
    for await (const { messageId } of inbox) {
      received.push(messageId);
      if (messageId === "last") break;
    }
  };
  void run();
  await settle();
  const socket = () => sockets.all.at(-1) ?? expect.fail("no socket was opened");
  socket().accept();
  // A receiver that polls rarely, and has just done so.
  await time.advance(20 * MINUTE);
  syncs.length = 0;
  while (syncs.length === 0) await time.advance(SECOND);
  syncs.length = 0;
  return {
    ...{ time, syncs, requests, shown, received, waiting, inbox, socket, controller },
    /** The server stores a message, and says so in a frame. */
    arrive: async (one: Message) => {
      waiting.push(one);
      socket().say({ type: "message", message: one });
      await settle();
    },
    say: async (frame: object) => {
      socket().say(frame);
      await settle();
    },
  };
}

describe("a preview", () => {
  it("is shown at once, without a request, and settled by one sync with all that come within 5 seconds", async () => {
    const { arrive, shown, received, syncs, time } = await setUp();
    const begun = time.now();
    await arrive(message("1"));
    await time.advance(2 * SECOND);
    await arrive(message("2"));
    await time.advance(2.9 * SECOND);
    await arrive(message("3"));
    expect([shown, received, syncs]).toEqual([["1", "2", "3"], [], []]);
    await time.advance(0.2 * SECOND);
    expect(syncs).toEqual([begun + 5 * SECOND]);
    expect(received).toEqual(["1", "2", "3"]);
  });

  it("after a sync has its own 5 seconds", async () => {
    const { arrive, syncs, time } = await setUp();
    await arrive(message("1"));
    await time.advance(5 * SECOND);
    expect(syncs).toHaveLength(1);
    await time.advance(1 * SECOND);
    await arrive(message("2"));
    const begun = time.now();
    await time.advance(10 * SECOND);
    expect(syncs[1]).toBe(begun + 5 * SECOND);
  });

  it("is settled by any sync before that, and by no other one", async () => {
    const { arrive, say, syncs, received, time } = await setUp();
    await arrive(message("1"));
    await time.advance(4 * SECOND);
    await say({ type: "wake" });
    expect([syncs.length, received]).toEqual([1, ["1"]]);
    await time.advance(4 * SECOND);
    expect(syncs).toHaveLength(1);
  });

  it("is settled at once when the program may be stopped, by a request that outlives the page", async () => {
    const { arrive, inbox, syncs, requests, received, time } = await setUp();
    inbox.settle();
    await settle();
    expect(syncs).toEqual([]);
    await arrive(message("1"));
    inbox.settle();
    await settle();
    expect([syncs, received]).toEqual([[time.now()], ["1"]]);
    expect(requests.at(-1)?.keepalive).toBe(true);
    inbox.settle();
    await settle();
    expect(syncs).toHaveLength(1);
  });

  it("that comes twice, or after its sync, changes nothing", async () => {
    const { arrive, say, shown, syncs, received, time } = await setUp();
    const one = message("1");
    await arrive(one);
    await say({ type: "message", message: one });
    await time.advance(5 * SECOND);
    await say({ type: "message", message: one });
    await time.advance(4 * SECOND);
    expect([shown, received, syncs.length]).toEqual([["1"], ["1"], 1]);
  });

  it("is one of a sender: another one's message of the same id is another message", async () => {
    const { arrive, shown } = await setUp();
    await arrive(message("1"));
    await arrive(message("1", { senderId: "carol" }));
    expect(shown).toEqual(["1", "1"]);
  });

  it("that is lost comes by the sync for the next one", async () => {
    const { arrive, waiting, received, time } = await setUp();
    waiting.push(message("1"));
    await arrive(message("2"));
    await time.advance(5 * SECOND);
    expect(received).toEqual(["1", "2"]);
  });

  it("that is the last one, and lost, comes within 10 seconds", async () => {
    const { arrive, waiting, received, time } = await setUp();
    await arrive(message("1"));
    await time.advance(5 * SECOND);
    waiting.push(message("2"));
    await time.advance(10 * SECOND);
    expect(received).toEqual(["1", "2"]);
  });

  it("is asked for at once when the connection drops", async () => {
    const { arrive, socket, syncs, received } = await setUp();
    await arrive(message("1"));
    socket().end();
    await settle();
    expect([syncs.length, received]).toEqual([1, ["1"]]);
  });

  it("that cannot be shown is asked for at once, and the next one is shown", async () => {
    const shown: string[] = [];
    const onPreview = async ({ messageId }: Message) => {
      if (messageId === "1") throw new Error("the storage is full");
      shown.push(messageId);
    };
    const { arrive, syncs, received } = await setUp({ onPreview });
    await arrive(message("1"));
    expect([syncs.length, received]).toEqual([1, ["1"]]);
    await arrive(message("2"));
    expect([syncs.length, shown]).toEqual([1, ["2"]]);
  });

  it("waits until the one before is shown", async () => {
    const events: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const onPreview = async ({ messageId }: Message) => {
      events.push(`begin ${messageId}`);
      if (messageId === "1") await promise;
      events.push(`end ${messageId}`);
    };
    const { arrive } = await setUp({ onPreview });
    await arrive(message("1"));
    await arrive(message("2"));
    expect(events).toEqual(["begin 1"]);
    resolve();
    await settle();
    expect(events).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
  });

  it.each<[string, unknown]>([
    ["no message", undefined],
    ["a text", "Hello"],
    ["an array", [message("1")]],
    ["no id", { ...message("1"), messageId: "" }],
    ["no sender", { ...message("1"), senderId: 7 }],
    ["no content", { ...message("1"), content: null }],
    ["no flag", { ...message("1"), redelivered: undefined }],
    ["a receiver that is none", { ...message("1"), toId: {} }],
  ])("with %s is a wake", async (_, garbled) => {
    const { say, shown, syncs } = await setUp();
    await say({ type: "message", message: garbled });
    expect([shown, syncs.length]).toEqual([[], 1]);
  });

  it("before the proof was accepted is none", async () => {
    const { socket, shown, syncs, time } = await setUp();
    socket().end();
    await time.advance(2 * SECOND);
    syncs.length = 0;
    socket().onopen?.();
    socket().say({ type: "message", message: message("1") });
    await settle();
    expect([shown, syncs]).toEqual([[], []]);
  });

  it("of an own copy is a wake, unless own copies are asked for", async () => {
    const own = message("1", { senderId: "me", toId: "alice", toName: "alice" });
    const unasked = await setUp();
    await unasked.arrive(own);
    expect([unasked.shown, unasked.syncs.length]).toEqual([[], 1]);
    const asked = await setUp({ ownCopies: true });
    await asked.arrive(own);
    expect([asked.shown, asked.syncs.length]).toEqual([["1"], 0]);
  });

  it("is a wake for a program that does not ask for previews, and its message comes once", async () => {
    const { arrive, received, syncs } = await setUp({ onPreview: undefined as never });
    await arrive(message("1"));
    expect([received, syncs.length]).toEqual([["1"], 1]);
  });

  it("after the end of the loop is not shown, and leaves no timer", async () => {
    const { arrive, controller, shown, syncs, time, socket } = await setUp();
    await arrive(message("1"));
    const hear = socket().onmessage;
    controller.abort();
    await settle();
    hear?.({ data: JSON.stringify({ type: "message", message: message("2") }) });
    await settle();
    expect(time.sleepers).toBe(0);
    await time.advance(MINUTE);
    expect([shown, syncs]).toEqual([["1"], []]);
  });

  it("is shown in a second loop of the same inbox as well", async () => {
    const { inbox, waiting, arrive, socket, shown } = await setUp();
    waiting.push(message("last"));
    inbox.wake();
    await settle();
    const again = inbox[Symbol.asyncIterator]();
    const next = again.next();
    await settle();
    socket().accept();
    await settle();
    await arrive(message("1"));
    expect(shown).toEqual(["1"]);
    inbox.wake();
    await next;
    await again.return();
  });
});

describe("people who write every 2 seconds", () => {
  it("cause a sync for each third message, and one more in the end", async () => {
    const { arrive, syncs, received, time } = await setUp();
    for (let sent = 0; sent < 30; sent++) {
      await arrive(message(`${sent}`));
      await time.advance(2 * SECOND);
    }
    expect(syncs.length).toBeLessThanOrEqual(11);
    await time.advance(15 * SECOND);
    expect(received).toHaveLength(30);
    expect(syncs.length).toBeLessThanOrEqual(13);
  });
});

describe("a quiet preview", () => {
  const quiet = (messageId: string) => message(messageId, { quiet: true });

  it("is shown at once, makes nobody sync, and comes with the sync that another one makes", async () => {
    const { arrive, shown, received, syncs, inbox, time } = await setUp({ quiet: true });
    await arrive(quiet("1"));
    inbox.settle();
    await time.advance(MINUTE);
    expect([shown, received, syncs]).toEqual([["1"], [], []]);
    await arrive(message("2"));
    await time.advance(5 * SECOND);
    expect([shown, received, syncs.length]).toEqual([["1", "2"], ["1", "2"], 1]);
  });

  it("is shown to a program whose loop skips quiet messages", async () => {
    const { arrive, shown, received, time } = await setUp();
    await arrive(quiet("1"));
    await arrive(message("2"));
    await time.advance(5 * SECOND);
    expect([shown, received]).toEqual([["1", "2"], ["2"]]);
  });

  it("of an own copy is not shown unless own copies are asked for, and wakes nobody", async () => {
    const own = message("1", { quiet: true, senderId: "me", toId: "alice", toName: "alice" });
    const unasked = await setUp();
    await unasked.arrive(own);
    const asked = await setUp({ ownCopies: true });
    await asked.arrive(own);
    expect([unasked.shown, unasked.syncs, asked.shown, asked.syncs]).toEqual([[], [], ["1"], []]);
  });

  it("is no wake for a program that does not ask for previews", async () => {
    const { arrive, received, syncs } = await setUp({ onPreview: undefined as never, quiet: true });
    await arrive(quiet("1"));
    expect([received, syncs]).toEqual([[], []]);
  });

  it("that could not be stored comes with the next sync", async () => {
    const fail = async () => {
      throw new Error("full");
    };
    const { arrive, waiting, received, syncs, inbox } = await setUp({ onPreview: fail, quiet: true });
    await arrive(quiet("1"));
    expect([syncs, waiting.length]).toEqual([[], 1]);
    inbox.wake();
    await settle();
    expect(received).toEqual(["1"]);
  });

  it("that a sync has brought before is not shown", async () => {
    const { say, waiting, shown, inbox } = await setUp({ quiet: true });
    waiting.push(quiet("1"));
    inbox.wake();
    await settle();
    await say({ type: "message", message: quiet("1") });
    expect(shown).toEqual([]);
  });
});

it("a preview from a member of a group is shown, though it says where it goes", async () => {
  const { arrive, shown, syncs } = await setUp();
  await arrive(message("1", { toId: "g-1", toName: "Friends" }));
  expect([shown, syncs]).toEqual([["1"], []]);
});
