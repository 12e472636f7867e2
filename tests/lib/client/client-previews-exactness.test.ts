import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Client, type InboxState, type Message, type Session } from "../../../lib/client/index.ts";
import { ClientChannel } from "../../support/client-channel.ts";
import { fakeSockets } from "../../support/fake-socket.ts";
import { settle, VirtualTime } from "../../support/virtual-time.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const session: Session = { token: "token", id: "me", username: "me", receipt: "login", expiresAt: "never" };
const keyOf = ({ senderId, messageId }: Message): string => `${senderId}/${messageId}`;

/** What becomes of a message's frame. */
const fates = ["told", "lost", "twice", "late"] as const;

/** What happens. */
const steps = ["wait", "long wait", "late frames", "drop", "settle", "lost answers", "crash", "full storage"] as const;

type Step = (typeof fates)[number] | (typeof steps)[number];

interface Played {
  /** All messages, in the order of the channel. */
  readonly sent: string[];
  /** What the loop has yielded. */
  readonly yielded: string[];
  /** What the program has shown. */
  readonly shown: string[];
  readonly firsts: string[];
}

/** @param isAsked The program asks for previews, and stores messages by their ids. */
async function play(plan: readonly Step[], isAsked: boolean): Promise<Played> {
  const channel = new ClientChannel();
  const time = new VirtualTime();
  const sockets = fakeSockets((socket) => queueMicrotask(() => socket.accept()));
  const played: Played = { sent: [], yielded: [], shown: [], firsts: [] };
  /** On the program's disk. */
  const disk = { ids: new Set<string>(), state: undefined as InboxState | undefined };
  let late: Message[] = [];
  let [losses, isFull] = [0, false];

  const store = (message: Message): void => {
    if (isFull) throw new Error("the storage is full");
    if (disk.ids.has(keyOf(message))) return;
    disk.ids.add(keyOf(message));
    played.shown.push(keyOf(message));
  };
  const tell = (message: Message): void => sockets.all.at(-1)?.say({ type: "message", message });
  const network: typeof fetch = async (_, init) => {
    const { ack } = JSON.parse(String(init?.body));
    const batch = channel.sync(ack, 3);
    if (losses === 0) return Response.json(batch);
    losses--;
    throw new TypeError("terminated");
  };

  /** A process that runs until it is killed. */
  const start = (): (() => void) => {
    const life = new AbortController();
    const options = { url: "https://example.org", session, timing: time, fetch: network, WebSocket: sockets.WebSocket };
    const inbox = new Client(options).receive({
      signal: life.signal,
      state: disk.state,
      ...(isAsked && { onPreview: store }),
    });
    inboxNow = inbox;
    const run = async () => {
      for await (const message of inbox) {
        store(message);
        played.yielded.push(keyOf(message));
        if (!message.redelivered) played.firsts.push(keyOf(message));
        disk.state = JSON.parse(JSON.stringify(inbox.state));
      }
    };
    // What is thrown ends the process, and another one begins.
    run().catch(() => {
      life.abort();
      isFull = false;
      kill = start();
    });
    return () => life.abort();
  };
  let inboxNow: { settle(): void } | undefined;
  let kill = start();

  const act: Record<Step, () => void | Promise<void>> = {
    told: () => tell(arrive()),
    lost: () => void arrive(),
    twice: () => {
      const message = arrive();
      tell(message);
      tell(message);
      late.push(message);
    },
    late: () => void late.push(arrive()),
    wait: () => time.advance(1 * SECOND),
    "long wait": () => time.advance(MINUTE),
    "late frames": () => {
      // The newest first.
      for (const message of late.reverse()) tell(message);
      late = [];
    },
    drop: () => sockets.all.at(-1)?.end(),
    settle: () => inboxNow?.settle(),
    "lost answers": () => {
      losses = 2;
    },
    crash: () => {
      kill();
      kill = start();
    },
    "full storage": () => {
      isFull = !isFull;
    },
  };
  const arrive = (): Message => {
    const messageId = `${played.sent.length}`;
    const texts = { messageId, senderId: "bob", senderName: "bob", content: "content", sentAt: "then" };
    const message = { ...texts, redelivered: false };
    channel.arrive(message);
    played.sent.push(keyOf(message));
    return message;
  };

  await settle();
  for (const step of plan) {
    await act[step]();
    await settle();
  }
  isFull = false;
  // By the ping and the poll that are due in 5 minutes, whatever was lost.
  await time.advance(6 * MINUTE);
  await act["late frames"]();
  await time.advance(MINUTE);
  kill();
  await settle();
  expect(channel.isEmpty || played.yielded.length === played.sent.length).toBe(true);
  return played;
}

const plans = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<Step>(...fates) },
    { weight: 2, arbitrary: fc.constantFrom<Step>(...steps) },
  ),
  { maxLength: 30 },
);

const RUNS = { numRuns: 150 };

describe("with frames that are lost, doubled, late or out of order, and a process that dies", () => {
  it(
    "a program that stores messages by their ids shows each once, and its loop gets each once and in order",
    () =>
      fc.assert(
        fc.asyncProperty(plans, async (plan) => {
          const { sent, yielded, shown, firsts } = await play(plan, true);
          expect(yielded).toEqual(sent);
          expect(shown.toSorted()).toEqual(sent.toSorted());
          expect(new Set(firsts).size).toBe(firsts.length);
        }),
        RUNS,
      ),
    120_000,
  );

  it(
    "a program that keeps its state alone gets each once and in order",
    () =>
      fc.assert(
        fc.asyncProperty(plans, async (plan) => {
          const { sent, yielded, shown } = await play(plan, false);
          expect(yielded).toEqual(sent);
          expect(shown).toEqual(sent);
        }),
        RUNS,
      ),
    120_000,
  );
});
