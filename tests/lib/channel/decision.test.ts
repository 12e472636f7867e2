import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classify, pageSize } from "../../../lib/channel/channel-view.ts";
import {
  answerNothing,
  answerWait,
  type Decision,
  decide,
  planAdvance,
  planReplay,
  type SyncAnswer,
} from "../../../lib/channel/decision.ts";
import { digestOf, type Head, NO_HEAD } from "../../../lib/channel/head.ts";
import type { StoredMessage } from "../../../lib/channel/stored-message.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Position } from "../../../lib/runtime/ids.ts";
import { ALICE, messageId } from "./delivery-channel.ts";

const NOW = 1_800_000_000_000;

const message = (number: number): StoredMessage => ({
  position: `${messageId(number)}#${ALICE}`,
  senderName: "alice",
  content: `text ${number}`,
  sentAt: NOW,
  expiresAt: NOW / 1_000 + 1_000_000,
});

const [ONE, TWO, THREE] = [message(1), message(2), message(3)];
const OUT = [ONE.position, TWO.position];

/** The batch of the first two messages is out: a sync that showed `before` took it, under the receipt `batch`. */
const head: Head = {
  ...NO_HEAD,
  lineage: "aa".repeat(8),
  receipt: "batch",
  previous: digestOf("before"),
  outstanding: OUT,
  leaseExpiresAt: NOW + LIMITS.lease,
};

const fresh = { write: "bb".repeat(8), receipt: "fresh", now: NOW };

const viewOf = (of: Head | undefined, messages: readonly StoredMessage[]) =>
  classify({ head: of, messages, complete: true }, NOW);

describe("the decision of a sync", () => {
  const LIVE = NOW;
  const OVER = NOW + LIMITS.lease;

  it.each<[string, string | undefined, "out" | "none", number, Decision]>([
    ["its receipt settles the batch", "batch", "out", LIVE, { kind: "advance", confirmed: OUT }],
    ["its receipt settles it after the lease, too", "batch", "out", OVER, { kind: "advance", confirmed: OUT }],
    ["the ack that took the batch out replays it", "before", "out", LIVE, { kind: "replay" }],
    ["the ack that took it out replays it after the lease, too", "before", "out", OVER, { kind: "replay" }],
    ["another ack waits for a live lease", "another", "out", LIVE, { kind: "wait" }],
    ["no ack waits for a live lease", undefined, "out", LIVE, { kind: "wait" }],
    ["another ack takes a batch over whose lease is over", "another", "out", OVER, { kind: "reissue" }],
    ["no ack takes a batch over whose lease is over", undefined, "out", OVER, { kind: "reissue" }],
    ["any ack advances where no batch is out", "batch", "none", LIVE, { kind: "advance", confirmed: [] }],
    ["no ack advances where no batch is out", undefined, "none", LIVE, { kind: "advance", confirmed: [] }],
  ])("%s", (_, ack, batch, now, decision) => {
    const idle = { ...head, receipt: undefined, previous: undefined, outstanding: [] };
    expect(decide(batch === "out" ? head : idle, ack, now)).toEqual(decision);
  });
});

describe("what follows the decision", () => {
  it("of a wait is no message, the client's own ack, and the rest of the lease in whole seconds", () => {
    expect(answerWait(head, "another", fresh)).toEqual({
      messages: [],
      receipt: "another",
      more: false,
      retryAfter: LIMITS.lease / 1_000,
    });
    expect(answerWait(head, undefined, { ...fresh, now: head.leaseExpiresAt - 1 }).retryAfter).toBe(1);
  });

  it("of nothing to do is no write", () => {
    const view = viewOf(undefined, []);
    expect(planAdvance(view, { ack: "a", limit: 10 }, [], [], fresh)).toBeUndefined();
    expect(answerNothing(view, "a", fresh)).toEqual({ messages: [], receipt: "a", more: false });
    expect(answerNothing({ ...view, complete: false }, undefined, fresh)).toEqual({
      messages: [],
      receipt: "fresh",
      more: true,
    });
  });

  it("of a confirmed batch is one write, which settles it and hands the next one out", () => {
    const advance = planAdvance(viewOf(head, [ONE, TWO, THREE]), { ack: "batch", limit: 10 }, OUT, [], fresh);
    expect(advance).toMatchObject({
      base: head.lineage,
      next: { receipt: "fresh", previous: digestOf("batch"), outstanding: [THREE.position], reissued: false },
      leaves: { dead: OUT, expired: [] },
      answer: { messages: [{ ...THREE, redelivered: false }], receipt: "fresh", more: false },
      settles: 2,
      reissued: false,
    });
    expect(advance?.next.lineage).toBe(fresh.write + head.lineage);
    expect(advance?.next.leaseExpiresAt).toBe(NOW + LIMITS.lease);
  });

  it("flags a message that may have been handed out on another channel", () => {
    const view = viewOf(undefined, [{ ...ONE, wasOut: true }, TWO]);
    const answered = planAdvance(view, { ack: "first", limit: 100 }, undefined, [], fresh)?.answer.messages;
    expect(answered?.map(({ redelivered }) => redelivered)).toEqual([true, false]);
  });

  it("without ack settles in the same write what it hands out", () => {
    const advance = planAdvance(viewOf(undefined, [ONE, TWO, THREE]), { limit: 2 }, [], [], fresh);
    expect(advance).toMatchObject({
      next: { receipt: undefined, previous: undefined, outstanding: [] },
      leaves: { dead: OUT },
      answer: { messages: [ONE, TWO].map((one) => ({ ...one, redelivered: false })), more: true },
      settles: 2,
    });
  });

  it("of a lease that is over is the same batch under another receipt, flagged, and nothing new", () => {
    const view = viewOf(head, [ONE, TWO, THREE]);
    expect(planAdvance(view, { ack: "another", limit: 10 }, undefined, [ONE, TWO], fresh)).toMatchObject({
      next: { receipt: "fresh", previous: digestOf("another"), outstanding: OUT, reissued: true },
      answer: { messages: [ONE, TWO].map((one) => ({ ...one, redelivered: true })), receipt: "fresh", more: true },
      leaves: { dead: [] },
      settles: 0,
      reissued: true,
    });
  });

  it("of a replay is the same batch under the same receipt, flagged, and no write while the lease is young", () => {
    const view = viewOf(head, [ONE, TWO]);
    expect(planReplay(view, [ONE, TWO], fresh)).toEqual({
      answer: {
        messages: [ONE, TWO].map((one) => ({ ...one, redelivered: true })),
        receipt: "batch",
        more: false,
      },
      renewed: undefined,
    });
    const late = planReplay(view, [ONE, TWO], { ...fresh, now: NOW + LIMITS.lease / 2 + 1 });
    expect(late.renewed).toMatchObject({ receipt: "batch", outstanding: OUT });
    expect(late.renewed?.leaseExpiresAt).toBe(NOW + LIMITS.lease / 2 + 1 + LIMITS.lease);
    expect(planReplay(view, [TWO], fresh).renewed?.outstanding).toEqual([TWO.position]);
  });
});

/** A channel that only decisions change: no database, and nothing happens in between. */
class PureChannel {
  readonly messages = new Map<Position, StoredMessage>();
  head: Head | undefined;
  now = NOW;
  #names = 0;

  put(number: number): void {
    const sent = { ...message(number), sentAt: this.now };
    this.messages.set(sent.position, sent);
  }

  sync(ack: string | undefined, limit: number): SyncAnswer {
    const all = [...this.messages.values()].toSorted((one, other) => (one.position < other.position ? -1 : 1));
    const messages = all.slice(0, pageSize(limit));
    const view = classify({ head: this.head, messages, complete: messages.length === all.length }, this.now);
    const name = String(++this.#names);
    const next = { write: name.padStart(16, "0"), receipt: `receipt ${name}`, now: this.now };
    const decision = decide(view.head, ack, this.now);
    if (decision.kind === "wait") return answerWait(view.head, ack, next);
    const left = view.head.outstanding.map((position) => this.messages.get(position));
    const again = decision.kind === "advance" ? [] : left.filter((one) => one !== undefined);
    if (decision.kind === "replay" && again.length > 0) {
      const { answer, renewed } = planReplay(view, again, next);
      if (renewed) this.head = renewed;
      return answer;
    }
    const confirmed = decision.kind === "advance" ? decision.confirmed : undefined;
    const advance = planAdvance(view, { ack, limit }, confirmed, again, next);
    if (advance === undefined) return answerNothing(view, ack, next);
    this.head = advance.next;
    for (const position of advance.leaves.dead) this.messages.delete(position);
    return advance.answer;
  }
}

type Client = "one" | "other" | "none";

type Step =
  | { readonly kind: "send" }
  | { readonly kind: "resend"; readonly which: number }
  | { readonly kind: "pass"; readonly milliseconds: number }
  | { readonly kind: "sync"; readonly client: Client; readonly limit: number; readonly isLost: boolean };

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: "send" } as const) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("resend" as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pass" as const), milliseconds: fc.nat(2 * LIMITS.lease) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("sync" as const),
      client: fc.constantFrom<Client>("one", "one", "other", "none"),
      limit: fc.integer({ min: 1, max: 4 }),
      isLost: fc.boolean(),
    }),
  },
);

/** Two clients with `ack` and one without, on one channel, and what has become of each message. */
class Story {
  readonly channel = new PureChannel();
  readonly sent = new Set<Position>();
  /** The ack that each client shows next. */
  readonly #acks = { one: "login of one", other: "login of other" };
  readonly #handedOut = new Set<Position>();
  /** Reached a client, or was settled by a sync without ack, whose answer may have been lost. */
  readonly #safe = new Set<Position>();

  /** Sends a new message, or one of those that were sent before. */
  send(which = this.sent.size): void {
    const number = 1 + which;
    this.channel.put(number);
    this.sent.add(message(number).position);
  }

  sync(client: Client, limit: number, isLost: boolean): void {
    const answer = this.channel.sync(client === "none" ? undefined : this.#acks[client], limit);
    const again = answer.messages.filter(({ position, redelivered }) => !redelivered && this.#handedOut.has(position));
    expect(again, "handed out again, unflagged").toEqual([]);
    for (const { position } of answer.messages) {
      this.#handedOut.add(position);
      if (!isLost || client === "none") this.#safe.add(position);
    }
    if (!isLost && client !== "none") this.#acks[client] = answer.receipt;
    expect(
      this.unsafe().filter((position) => !this.channel.messages.has(position)),
      "lost",
    ).toEqual([]);
  }

  unsafe(): Position[] {
    return [...this.sent].filter((position) => !this.#safe.has(position));
  }

  take(step: Step): void {
    if (step.kind === "pass") this.channel.now += step.milliseconds;
    else if (step.kind === "sync") this.sync(step.client, step.limit, step.isLost);
    else if (step.kind === "resend" && this.sent.size > 0) this.send(step.which % this.sent.size);
    else this.send();
  }
}

describe("decisions, one after the other", () => {
  it("lose no message, and hand none out twice unflagged, whatever answers are lost", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (run) => {
        const story = new Story();
        for (const step of run) story.take(step);
        // In the end a client that loses no answer gets all of it.
        story.channel.now += LIMITS.lease + 1;
        for (let left = 2 * story.sent.size + 3; left > 0; left--) story.sync("one", 4, false);
        expect(story.unsafe()).toEqual([]);
        expect(story.channel.head?.outstanding ?? []).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
