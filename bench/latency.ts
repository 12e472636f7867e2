import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../lib/client/index.ts";
import { newcomer } from "../tests/support/people.ts";
import { startStack } from "../tests/support/stack.ts";
import { quantile } from "./statistics.ts";

/** From the moment a sender calls `send` to the moment at which the receiver has the message. */
interface Latency {
  /** Milliseconds. */
  readonly median: number;
  readonly p99: number;
  readonly times: readonly number[];
  readonly syncsPerMessage: number;
}

export interface Latencies {
  /** By `client.receive()`, woken over its WebSocket. */
  readonly woken: Latency;
  /** The same without a WebSocket. */
  readonly adaptive: Latency;
  /** Asking once a second, with two parameters, as goTalk's page did. */
  readonly eachSecond: Latency;
}

/** Between two messages: a person reads and writes. */
const PAUSE_MS = { from: 200, to: 3_000 };
const EACH_SECOND_MS = 1_000;
const PAIRS = 4;

/** Hands over what arrives, until the signal is aborted. */
type Receive = (client: Client, deliver: (content: string) => void, signal: AbortSignal) => Promise<void>;

const woken: Receive = async (client, deliver, signal) => {
  const inbox = client.receive({ signal });
  for await (const { content } of inbox) {
    if (inbox.connection !== "live") throw new Error("nobody is woken: the WebSocket is not there");
    deliver(content);
  }
};

const adaptively: Receive = async (client, deliver, signal) => {
  for await (const { content } of client.receive({ signal })) deliver(content);
};

const eachSecond: Receive = async (client, deliver, signal) => {
  while (!signal.aborted) {
    const nextAt = performance.now() + EACH_SECOND_MS;
    for (const { content } of (await client.sync()).messages) deliver(content);
    await sleep(Math.max(0, nextAt - performance.now()));
  }
};

const KINDS = [
  { name: "woken", receive: woken, live: undefined },
  { name: "adaptive", receive: adaptively, live: false },
  { name: "eachSecond", receive: eachSecond, live: false },
] as const;

/** Through the whole local stack. All kinds of receivers get the same messages at the same time. */
export async function measureLatencies(messages: number): Promise<Latencies> {
  const stack = await startStack();
  try {
    const pairs = await Promise.all(Array.from({ length: PAIRS }, () => converse(stack.url, messages)));
    return {
      woken: summary(pairs.map((pair) => pair.woken)),
      adaptive: summary(pairs.map((pair) => pair.adaptive)),
      eachSecond: summary(pairs.map((pair) => pair.eachSecond)),
    };
  } finally {
    await stack.stop();
  }
}

interface Heard {
  times: number[];
  syncs: number;
}

interface Listener {
  readonly id: string;
  readonly heard: Heard;
  /** Resolves with the time at which the message arrived. */
  arrival(content: string): Promise<number>;
  stop(): Promise<void>;
}

/** One sender, and a receiver of each kind. */
async function converse(url: string, messages: number): Promise<Record<keyof Latencies, Heard>> {
  const { client: sender } = await newcomer(url);
  const listeners = await Promise.all(KINDS.map(({ receive, live }) => listen(url, receive, live)));
  // The first one starts the functions and makes the channel's head: not what a conversation waits for.
  for (let message = 0; message <= messages; message++) {
    if (message === 1) for (const { heard } of listeners) Object.assign(heard, { times: [], syncs: 0 });
    await sleep(PAUSE_MS.from + Math.random() * (PAUSE_MS.to - PAUSE_MS.from));
    const content = `message ${message}`;
    const deliveries = listeners.map(async ({ id, heard, arrival }) => {
      const arrived = arrival(content);
      const sentAt = performance.now();
      await sender.send({ to: id, content });
      heard.times.push((await arrived) - sentAt);
    });
    await Promise.all(deliveries);
  }
  await Promise.all(listeners.map((listener) => listener.stop()));
  const heardBy = (name: keyof Latencies): Heard => {
    const heard = listeners[KINDS.findIndex((kind) => kind.name === name)]?.heard;
    if (heard === undefined) throw new Error(`nobody listens ${name}`);
    return heard;
  };
  return { woken: heardBy("woken"), adaptive: heardBy("adaptive"), eachSecond: heardBy("eachSecond") };
}

async function listen(url: string, receive: Receive, live: false | undefined): Promise<Listener> {
  const { id, session } = await newcomer(url);
  const heard: Heard = { times: [], syncs: 0 };
  const client = new Client({
    url,
    session,
    live,
    fetch: (input, init) => {
      heard.syncs++;
      return fetch(input, init);
    },
  });
  const waiting = new Map<string, (at: number) => void>();
  const end = new AbortController();
  const loop = receive(client, (content) => waiting.get(content)?.(performance.now()), end.signal);
  return {
    id,
    heard,
    // A loop that failed would let it wait for ever.
    arrival: (content) =>
      Promise.race([
        new Promise<number>((resolve) => waiting.set(content, resolve)),
        loop.then(() => Promise.reject(new Error("the receiver ended"))),
      ]),
    async stop() {
      end.abort();
      await loop;
    },
  };
}

function summary(pairs: readonly Heard[]): Latency {
  const times = pairs.flatMap((pair) => pair.times);
  const syncs = pairs.reduce((sum, pair) => sum + pair.syncs, 0);
  return {
    median: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    times,
    syncsPerMessage: syncs / times.length,
  };
}
