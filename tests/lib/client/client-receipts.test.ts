import { expect, it, onTestFinished } from "vitest";
import { type Batch, Client, type Message, type ReceiveOptions } from "../../../lib/client/index.ts";
import { ME, reaction, text } from "../../support/messages.ts";
import { session } from "../../support/received.ts";
import { settle, VirtualTime } from "../../support/virtual-time.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A client that receives from a server in the test's hand. */
async function setUp(options: ReceiveOptions = {}) {
  const time = new VirtualTime();
  const sent: string[] = [];
  const waiting: Message[] = [];
  const server = {
    /** What it does with a message before it answers. */
    storing: async () => {},
    blocked: [] as string[],
    /** What it does before it tells who is blocked. */
    telling: async () => {},
    /** How often it was asked who is blocked. */
    asked: 0,
    /** Whether it can tell who is blocked. */
    isUp: true,
  };
  let batches = 0;
  const network: typeof fetch = async (url, init = {}) => {
    if (String(url).endsWith("/blocks")) {
      server.asked++;
      await server.telling();
      const blocks = server.blocked.map((id) => ({ id, username: id }));
      return server.isUp ? Response.json({ blocks }) : Response.json({}, { status: 503 });
    }
    const body = JSON.parse(String(init.body));
    if (String(url).endsWith("/sync")) {
      const messages = waiting.splice(0);
      const receipt = messages.length > 0 ? `receipt-${++batches}` : body.ack;
      return Response.json({ messages, receipt, more: false } satisfies Batch);
    }
    sent.push(`${body.sendToId} ${body.type} ${body.content}${init.keepalive ? " keepalive" : ""}`);
    await server.storing();
    const answer = { status: "stored", messageId: body.messageId, sentAt: "2026-01-01T00:00:00.000Z" };
    return Response.json(answer, { status: 202 });
  };
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const client = new Client({ url: "https://example.org", session, timing: time, fetch: network, live: false });
  const inbox = client.receive({ receipts: true, signal: controller.signal, ...options });
  return { time, sent, waiting, server, inbox, controller };
}

/** Receives all that waits. */
async function drain({ inbox, time }: Awaited<ReturnType<typeof setUp>>): Promise<void> {
  const run = async () => {
    for await (const _ of inbox);
  };
  const running = run();
  await time.advance(2 * SECOND);
  await running;
}

const ONE = 'alice delivered ["1"] keepalive';

it("a sender is told once a message is processed, together with what is processed within 5 seconds", async () => {
  const { time, sent, waiting, inbox } = await setUp();
  waiting.push(text("1", "alice"), text("2", "alice"));
  const loop = inbox[Symbol.asyncIterator]();
  await loop.next();
  await time.advance(MINUTE);
  expect(sent).toEqual([]);
  await loop.next();
  await time.advance(3 * SECOND);
  void loop.next();
  await time.advance(1 * SECOND);
  expect(sent).toEqual([]);
  await time.advance(1 * SECOND);
  expect(sent).toEqual(['alice delivered ["1","2"] keepalive']);
});

it("a sender is told when the loop ends, of what is processed", async () => {
  const { sent, waiting, inbox } = await setUp();
  waiting.push(text("1", "alice"), text("2", "alice"));
  for await (const { messageId } of inbox) if (messageId === "2") break;
  expect(sent).toEqual([ONE]);
});

it.each([
  ["a receipt", "storing", [ONE]],
  ["the answer who is blocked", "telling", []],
] as const)("the end of the loop waits for %s, and for no more than 3 seconds", async (_, hanging, expected) => {
  const { time, sent, waiting, server, controller, inbox } = await setUp();
  server[hanging] = () => new Promise(() => {});
  waiting.push(text("1", "alice"));
  let hasEnded = false;
  const run = async () => {
    for await (const _ of inbox) controller.abort();
    hasEnded = true;
  };
  const running = run();
  await time.advance(2.9 * SECOND);
  expect([sent, hasEnded]).toEqual([expected, false]);
  await time.advance(0.1 * SECOND);
  await running;
  await settle();
  expect(time.sleepers).toBe(0);
  await time.advance(MINUTE);
  expect(sent).toEqual(expected);
});

it("senders are told in a second loop as well", async () => {
  const receiving = await setUp({ follow: false });
  const { sent, waiting } = receiving;
  waiting.push(text("1", "alice"));
  await drain(receiving);
  waiting.push(text("2", "alice"));
  await drain(receiving);
  expect(sent).toEqual([ONE, 'alice delivered ["2"] keepalive']);
});

it("nobody is told of what the loop skips, nor by a program that does not ask for it", async () => {
  const asked = await setUp({ follow: false });
  asked.waiting.push(reaction("1", "alice", "0", "👍"), text("2", ME, { toId: "alice", toName: "alice" }));
  await drain(asked);
  const unasked = await setUp({ follow: false, receipts: false });
  unasked.waiting.push(text("1", "alice"));
  await drain(unasked);
  await settle();
  expect([asked.sent, unasked.sent, unasked.time.sleepers]).toEqual([[], [], 0]);
});

it("a user who is blocked is told nothing, of a message that came before the block either", async () => {
  const receiving = await setUp({ follow: false });
  const { sent, waiting, server } = receiving;
  server.blocked = ["mallory"];
  waiting.push(text("1", "mallory"), text("2", "alice"));
  await drain(receiving);
  expect(sent).toEqual(['alice delivered ["2"] keepalive']);
});

it("the server is asked who is blocked before receipts alone, and once a minute at most", async () => {
  const { time, sent, waiting, server, inbox } = await setUp();
  const run = async () => {
    for await (const _ of inbox);
  };
  void run();
  await time.advance(10 * MINUTE);
  expect(server.asked).toBe(0);
  const receive = async (id: string, sender: string) => {
    waiting.push(text(id, sender));
    await time.advance(15 * SECOND);
  };
  server.blocked = ["alice"];
  for (const [id, sender] of [
    ["1", "alice"],
    ["2", "bert"],
    ["3", "carl"],
  ] as const)
    await receive(id, sender);
  expect(server.asked).toBe(1);
  server.blocked = [];
  await time.advance(MINUTE);
  await receive("4", "alice");
  expect(server.asked).toBe(2);
  expect(sent.map((one) => one.replace(/ keepalive$/, ""))).toEqual([
    'bert delivered ["2"]',
    'carl delivered ["3"]',
    'alice delivered ["4"]',
  ]);
});

it("senders are told later if the server cannot tell who is blocked", async () => {
  const { time, sent, waiting, server, inbox } = await setUp();
  server.isUp = false;
  server.blocked = ["mallory"];
  waiting.push(text("1", "alice"), text("2", "mallory"));
  const run = async () => {
    for await (const _ of inbox);
  };
  void run();
  // Longer than the client tries.
  await time.advance(36 * SECOND);
  expect(server.asked).toBeGreaterThan(0);
  expect(sent).toEqual([]);
  server.isUp = true;
  await time.advance(20 * SECOND);
  expect(sent).toEqual([ONE]);
});
