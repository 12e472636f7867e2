import fc from "fast-check";
import { expect, it } from "vitest";
import { type Batch, Client, type Message, type Session } from "../../lib/client/index.ts";
import { type FakeSocket, fakeSockets } from "../support/fake-socket.ts";
import { VirtualTime } from "../support/virtual-time.ts";

/*
 * Delivery never depends on a wake: whatever becomes of wakes and of the connections that carry them, each message comes
 * once and in order, 5 minutes later at most.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LATEST = 5 * MINUTE;
const session: Session = { token: "token", id: "me", username: "me", receipt: "receipt-0", expiresAt: "never" };

/** What becomes of the wake of one message. */
const fates = ["on time", "lost", "doubled", "late"] as const;

/** What a connection meets that is being opened. */
const welcomes = ["accepted", "refused", "silent", "disbelieved"] as const;

/** What happens between two messages. */
const accidents = ["none", "cut", "deaf", "unasked"] as const;

interface Step {
  /** Milliseconds until the next message. */
  readonly pause: number;
  readonly fate: (typeof fates)[number];
  readonly accident: (typeof accidents)[number];
}

interface Plan {
  readonly steps: readonly Step[];
  readonly welcomes: readonly (typeof welcomes)[number][];
  readonly limit: number;
}

/** A channel of one receiver: one batch at a time, settled by its receipt. */
class Channel {
  #waiting: Message[] = [];
  #out: Message[] = [];
  #receipts = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  arrive(content: string): void {
    const named = { messageId: content, senderId: "you", senderName: "you", sentAt: "then", redelivered: false };
    this.#waiting.push({ ...named, content });
  }

  sync(ack: string, limit: number): Batch {
    if (ack === `receipt-${this.#receipts}`) {
      this.#out = this.#waiting.slice(0, limit);
      this.#waiting = this.#waiting.slice(limit);
      if (this.#out.length > 0) this.#receipts++;
    }
    return { messages: this.#out, receipt: `receipt-${this.#receipts}`, more: this.#waiting.length > 0 };
  }
}

async function play({ steps, welcomes: coming, limit }: Plan) {
  const time = new VirtualTime();
  const channel = new Channel();
  let opened = 0;
  const { all, WebSocket } = fakeSockets((socket) => {
    const welcome = coming[opened++] ?? "accepted";
    queueMicrotask(() => meet(socket, welcome));
  });
  const network: typeof fetch = async (_url, init) => {
    const { ack } = JSON.parse(String(init?.body));
    return Response.json(channel.sync(ack, limit));
  };
  const controller = new AbortController();
  const client = new Client({ url: "http://localhost", session, timing: time, fetch: network, WebSocket });
  const received: { content: string; at: number }[] = [];
  const sent: { content: string; at: number }[] = [];
  const run = async () => {
    for await (const { content } of client.receive({ signal: controller.signal, limit })) {
      received.push({ content, at: time.now() });
    }
  };
  const done = run();

  let late: (() => void)[] = [];
  for (const [index, { pause, fate, accident }] of steps.entries()) {
    await time.advance(pause);
    for (const wake of late) wake();
    const socket = all.at(-1);
    befall(socket, accident);

    const content = `No. ${index}`;
    channel.arrive(content);
    sent.push({ content, at: time.now() });
    const wake = () => socket?.say({ type: "wake" });
    for (let count = WAKES[fate]; count > 0; count--) wake();
    late = fate === "late" ? [wake] : [];
  }
  await time.advance(LATEST);
  controller.abort();
  await done;
  return { sent, received, channel };
}

/** How many wakes come at once. */
const WAKES = { "on time": 1, lost: 0, doubled: 2, late: 0 } as const;

function befall(socket: FakeSocket | undefined, accident: (typeof accidents)[number]): void {
  if (accident === "cut") socket?.end();
  if (accident === "deaf" && socket) socket.isWell = false;
  if (accident === "unasked") socket?.say({ type: "wake" });
}

function meet(socket: FakeSocket, welcome: (typeof welcomes)[number]): void {
  if (welcome === "accepted") socket.accept();
  if (welcome === "refused") socket.end();
  if (welcome === "disbelieved") socket.say({ type: "error", code: "invalid_token" });
}

const plans: fc.Arbitrary<Plan> = fc.record({
  steps: fc.array(
    fc.record({
      pause: fc.oneof(
        fc.constant(0),
        fc.integer({ min: 1, max: 10 * SECOND }),
        fc.integer({ min: 1, max: 20 * MINUTE }),
      ),
      fate: fc.constantFrom(...fates),
      accident: fc.constantFrom(...accidents),
    }),
    { minLength: 1, maxLength: 15 },
  ),
  welcomes: fc.array(fc.constantFrom(...welcomes), { maxLength: 8 }),
  limit: fc.integer({ min: 1, max: 4 }),
});

it("whatever becomes of wakes and connections, each message comes once, in order, and within 5 minutes", () =>
  fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const { sent, received, channel } = await play(plan);
      expect(received.map(({ content }) => content)).toEqual(sent.map(({ content }) => content));
      expect(channel.isEmpty).toBe(true);
      const delays = received.map(({ at }, index) => at - (sent[index]?.at ?? 0));
      expect(Math.max(...delays)).toBeLessThanOrEqual(LATEST);
    }),
    { numRuns: 400 },
  ));

it("a wake that comes on time brings the message at once", async () => {
  const steps = Array.from({ length: 20 }, () => ({ pause: 3 * MINUTE, fate: "on time", accident: "none" }) as const);
  const { sent, received } = await play({ steps, welcomes: [], limit: 1 });
  expect(received).toEqual(sent);
});
