import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Client, type InboxState, type Message, type Session, type Timing } from "../../../lib/client/index.ts";
import { ClientChannel } from "../../support/client-channel.ts";
import { problemText } from "../../support/problem-text.ts";

/** What happens at one of the client's awaits: in the network, the clock, the storage or the consumer. */
const harms = ["crash before", "crash after", "lost before", "lost after", "half", "unavailable", "intruder"] as const;
type Fate = "well" | (typeof harms)[number];

/** The consumer stores a message together with the inbox's state, or first the message and then what `onState` says. */
type Keeping = "atomic" | "onState";

interface Plan {
  readonly fates: readonly Fate[];
  readonly arrivals: readonly (readonly [id: number, sender: string])[];
  readonly limit: number;
  readonly keeping: Keeping;
}

const session: Session = { token: "token", id: "me", username: "me", receipt: "login", expiresAt: "never" };
const CRASH = new Error("the process is dead");
const keyOf = ({ senderId, messageId }: Pick<Message, "senderId" | "messageId">) => `${senderId}/${messageId}`;

/** How often a consumer got each message unflagged. */
type Firsts = Record<string, number>;

/** Client after client, each going on from what the one before had stored, until all is received and settled. */
async function play({ fates, arrivals, limit, keeping }: Plan) {
  const channel = new ClientChannel();
  const coming = arrivals.map(([id, senderId]) => ({
    messageId: `${id}`,
    senderId,
    senderName: senderId,
    content: "content",
    sentAt: "then",
    redelivered: false,
  }));
  const expected = coming.map(keyOf);
  const mine: string[] = [];
  const others: string[] = [];
  const firsts: Firsts = {};
  let state: InboxState | undefined;
  let [step, crashes, intruders] = [0, 0, 0];
  const nextFate = (): Fate => fates[step++] ?? "well";

  /** An act of the client's on its surroundings, on either side of which the process may die. */
  const survive = <T>(act: () => T, fate = nextFate()): T => {
    if (fate === "crash before") throw CRASH;
    const result = act();
    if (fate === "crash after") throw CRASH;
    return result;
  };

  /** The lease runs out and another client of the same user takes a batch; every second one acknowledges it. */
  const intrude = () => {
    channel.expireLease();
    const { messages, receipt } = channel.sync(`intruder-${++intruders}`, limit);
    if (intruders % 2 > 0) return;
    others.push(...messages.map(keyOf));
    channel.sync(receipt, limit);
  };

  const network: typeof fetch = async (_url, init) => {
    const arrived = coming.shift();
    if (arrived) channel.arrive(arrived);
    const fate = nextFate();
    if (fate === "intruder") intrude();
    if (fate === "lost before") throw new TypeError("fetch failed");
    if (fate === "unavailable") {
      const problem = { "content-type": "application/problem+json" };
      return new Response(problemText(503, "unavailable"), { status: 503, headers: problem });
    }
    const { ack } = JSON.parse(String(init?.body));
    const text = JSON.stringify(survive(() => channel.sync(ack, limit), fate));
    if (fate === "lost after") throw new TypeError("terminated");
    const headers = { "content-type": "application/json" };
    return new Response(fate === "half" ? text.slice(0, text.length / 2) : text, { headers });
  };

  const live = async () => {
    const controller = new AbortController();
    const timing: Timing = {
      now: () => 0,
      random: () => 0.5,
      async sleep() {
        survive(() => channel.expireLease());
        if (coming.length === 0 && channel.isEmpty && step >= fates.length) controller.abort();
      },
    };
    // A crash in the network is no network fault: it must end the client, not make it try again.
    const crashing: typeof fetch = (...request) =>
      network(...request).catch((error) => {
        if (error === CRASH) controller.abort();
        throw error;
      });
    const inbox = new Client({ url: "", session, timing, fetch: crashing }).receive({
      state,
      limit,
      signal: controller.signal,
      onState: async (next) => {
        if (keeping === "onState") survive(() => (state = next));
      },
    });
    for await (const message of inbox) {
      survive(() => {
        mine.push(keyOf(message));
        if (!message.redelivered) firsts[keyOf(message)] = (firsts[keyOf(message)] ?? 0) + 1;
        if (keeping === "atomic") state = JSON.parse(JSON.stringify(inbox.state));
      });
    }
  };

  while (coming.length > 0 || !channel.isEmpty || step < fates.length) {
    await live().catch((error) => {
      if (error !== CRASH) throw error;
      crashes++;
    });
  }
  return { expected, mine, others, crashes, firsts };
}

const plans = (keeping: Keeping, harmful: readonly Fate[]): fc.Arbitrary<Plan> =>
  fc.record({
    fates: fc.array(fc.oneof(fc.constant<Fate>("well"), fc.constantFrom(...harmful)), { maxLength: 100 }),
    // Few ids and few senders: two senders often use the same messageId.
    arrivals: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom("bob", "carol", "dan")), {
      maxLength: 20,
      selector: ([id, sender]) => `${sender}/${id}`,
    }),
    limit: fc.integer({ min: 1, max: 7 }),
    keeping: fc.constant(keeping),
  });

const RUNS = { numRuns: 1_500 };
const alone = harms.filter((harm) => harm !== "intruder");

describe("a receiver that dies at any await and goes on from its saved state", () => {
  it("gets every message exactly once and in order, when it stores the state with the message", () =>
    fc.assert(
      fc.asyncProperty(plans("atomic", alone), async (plan) => {
        const { expected, mine } = await play(plan);
        expect(mine).toEqual(expected);
      }),
      RUNS,
    ));

  it("loses nothing when it stores what onState says, and only the message in hand comes again after a crash, flagged", () =>
    fc.assert(
      fc.asyncProperty(plans("onState", alone), async (plan) => {
        const { expected, mine, crashes, firsts } = await play(plan);
        const withoutRepeats = mine.filter((key, index) => key !== mine[index - 1]);
        expect(withoutRepeats).toEqual(expected);
        expect(mine.length - expected.length).toBeLessThanOrEqual(crashes);
        expect(Object.entries(firsts).filter(([, times]) => times > 1)).toEqual([]);
      }),
      RUNS,
    ));

  it("gets nothing twice and shares all messages with the user's other clients, which take over its batches", () =>
    fc.assert(
      fc.asyncProperty(plans("atomic", harms), async (plan) => {
        const { expected, mine, others } = await play(plan);
        expect(new Set(mine).size).toBe(mine.length);
        expect(new Set([...mine, ...others])).toEqual(new Set(expected));
      }),
      RUNS,
    ));
});
