import { expect, it } from "vitest";
import type { Batch, Message } from "../../../lib/client/index.ts";
import { Pace, SAFETY_NET } from "../../../lib/client/pace.ts";

const message: Message = {
  messageId: "1",
  senderId: "bob",
  senderName: "bob",
  content: "hi",
  sentAt: "2026-01-01T00:00:00.000Z",
  redelivered: false,
};

const batch = (more: Partial<Batch> = {}): Batch => ({ messages: [], receipt: "receipt", more: false, ...more });

const NOTHING = batch();
const POLL = { min: 200, max: 500 };

/** Jitter that leaves three quarters of an interval. */
const pace = (poll = { ...POLL }): Pace => new Pace(poll, { random: () => 0.5 });

const intervals = (paces: Pace, batches: readonly Batch[], isLive = false): (number | undefined)[] =>
  batches.map((one) => paces.waitAfter(one, isLive)).map((wait) => wait && wait / 0.75);

it("waits longer while nothing comes, up to the maximum, and begins anew with a message", () => {
  const batches = [NOTHING, NOTHING, NOTHING, NOTHING, batch({ messages: [message] }), NOTHING];
  expect(intervals(pace(), batches)).toEqual([200, 300, 450, 500, 200, 300]);
});

it("takes a changed maximum at once", () => {
  const poll = { ...POLL };
  const changed = pace(poll);
  intervals(changed, [NOTHING, NOTHING, NOTHING]);
  poll.max = 10_000;
  expect(intervals(changed, [NOTHING])).toEqual([675]);
});

it("does not wait when there is more, unless no message came with that word", () => {
  expect(intervals(pace(), [batch({ messages: [message], more: true }), batch({ more: true })])).toEqual([
    undefined,
    200,
  ]);
});

it("waits as long as another client holds the batch, with jitter on top", () => {
  expect(pace().waitAfter(batch({ retryAfter: 12 }), false)).toBe(12_100);
});

it("polls rarely beside a WebSocket", () => {
  const waits = intervals(pace(), Array(20).fill(NOTHING), true);
  expect([waits[0], waits[1], waits.at(-1)]).toEqual([SAFETY_NET.min, 1.5 * SAFETY_NET.min, SAFETY_NET.max]);
});

it("begins anew when it is reset", () => {
  const one = pace();
  intervals(one, [NOTHING, NOTHING]);
  one.reset();
  expect(intervals(one, [NOTHING])).toEqual([200]);
});

it("waits less than a lease after a batch that came as previews, and as ever after any other", () => {
  const previewed = batch({ messages: [message] });
  const waitAfter = (isLive: boolean, ...rest: boolean[]) => (pace().waitAfter(previewed, isLive, ...rest) ?? 0) / 0.75;
  expect([waitAfter(true, true), waitAfter(true, false), waitAfter(true)]).toEqual([10_000, 5_000, 5_000]);
  expect([waitAfter(false, true), waitAfter(false, false)]).toEqual([200, 200]);
});

const quiet: Message = { ...message, quiet: true };

it("does not poll sooner for quiet messages, and acknowledges them within their lease", () => {
  const batches = [NOTHING, NOTHING, NOTHING, batch({ messages: [quiet] }), batch({ messages: [quiet, message] })];
  expect(intervals(pace(), batches)).toEqual([200, 300, 450, 500, 200]);
  const live = pace();
  intervals(live, Array(20).fill(NOTHING), true);
  expect(intervals(live, [batch({ messages: [quiet] }), NOTHING], true)).toEqual([10_000, 15_000]);
  expect(intervals(pace(), [batch({ messages: [quiet], more: true })])).toEqual([undefined]);
});
