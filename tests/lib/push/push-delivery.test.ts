import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { PrivateAddress } from "../../../lib/push/endpoints.ts";
import { PushDelivery } from "../../../lib/push/push-delivery.ts";
import type { PushEvent, PushTarget } from "../../../lib/push/push-event.ts";
import type { Outcome } from "../../../lib/push/push-service.ts";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:gotalk-dev-push";
const SENT_AT = Date.parse("2026-01-02T03:04:05.678Z");
const MINUTE = 60_000;

const targetOf = (user: number): PushTarget => ({
  userId: `user-${user}`,
  deviceId: "phone",
  sessionId: "session",
  channel: `user-${user}`,
});

/** A message that was just sent, for so many devices. */
const eventFor = (devices: number): PushEvent => ({
  push: {
    message: { messageId: "0198a0a0-0000-7000-8000-000000000000", senderId: "s", senderName: "alice", sentAt: SENT_AT },
    targets: Array.from({ length: devices }, (_, user) => targetOf(user)),
    tries: 0,
  },
});

/** An event that was put off. */
interface PutOff {
  readonly event: PushEvent;
  readonly at: number;
}

describe("what a push service makes of a push", () => {
  let now: number;
  let putOff: PutOff[];
  let counted: Record<string, number>;

  beforeEach(() => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    now = SENT_AT;
    putOff = [];
    counted = {};
  });
  afterEach(() => vi.restoreAllMocks());

  /** A delivery to devices that are all subscribed, whose clock and push service are the test's. */
  const deliveryOf = (send: (call: number) => Promise<Outcome>, more: object = {}) => {
    let calls = 0;
    return new PushDelivery({
      subscriptions: {
        find: async () => ({ endpoint: "https://push.example/p", p256dh: "p", auth: "a", showText: true, muted: [] }),
        unmark: async () => undefined,
        removeGone: async () => undefined,
      } as never,
      memories: { readAhead: () => ({ memoryOf: async () => "unknown" }) } as never,
      service: { send: async () => send(calls++) },
      schedules: {
        add: async (event, at) => {
          putOff.push({ event, at });
        },
      },
      count: (metric, value = 1) => {
        counted[metric] = (counted[metric] ?? 0) + value;
      },
      now: () => now,
      ...more,
    });
  };

  /** Lets time pass until nothing is put off any more. Answers how long each wait was, in minutes. */
  async function waitsOf(delivery: PushDelivery): Promise<number[]> {
    const waits: number[] = [];
    await delivery.deliver(eventFor(1), ARN);
    for (let next = putOff.shift(); next !== undefined; next = putOff.shift()) {
      waits.push((next.at - now) / MINUTE);
      now = next.at;
      await delivery.deliver(next.event, ARN);
    }
    return waits;
  }

  it.each<[string, number | undefined, number[]]>([
    ["no time", undefined, [1, 2, 4, 8, 16]],
    ["no wait, or a time that has passed", 0, [1, 2, 4, 8, 16]],
    ["a shorter wait than the next one would be", 3 * MINUTE, [3, 3, 4, 8, 16]],
    ["a long wait", 25 * MINUTE, [25, 25]],
    ["the last moment", 60 * MINUTE, [60]],
    ["more than is left of the hour", 61 * MINUTE, []],
  ])("is a bounded number of tries, twice as far apart each time, if it names %s", async (_, after, waits) => {
    const send = vi.fn(async () => ({ kind: "later", after }) as const);
    expect(await waitsOf(deliveryOf(send))).toEqual(waits);
    expect(send).toHaveBeenCalledTimes(1 + waits.length);
    expect(send.mock.calls.length).toBeLessThanOrEqual(6);
    expect(counted).toEqual({ PushFailures: 1 });
  });

  it("is a later try where it cannot be reached, and none where its address is private", async () => {
    const unreachable = new Error("connect ECONNREFUSED");
    await deliveryOf(() => Promise.reject(unreachable)).deliver(eventFor(1), ARN);
    expect(putOff.map(({ event }) => event.push.tries)).toEqual([1]);
    expect(counted).toEqual({});

    putOff = [];
    await deliveryOf(() => Promise.reject(new PrivateAddress("10.0.0.1"))).deliver(eventFor(1), ARN);
    expect(putOff).toEqual([]);
    expect(counted).toEqual({ PushFailures: 1 });
  });

  it("is one schedule for all devices that wait equally long, however long each of them took", async () => {
    const waits = [undefined, 2 * MINUTE, undefined, 2 * MINUTE, 0];
    const send = async (call: number) => {
      now += 1;
      return { kind: "later", after: waits[call] } as const;
    };
    await deliveryOf(send).deliver(eventFor(waits.length), ARN);
    expect(putOff.map(({ event, at }) => [event.push.targets, at - now])).toEqual([
      [[0, 2, 4].map(targetOf), MINUTE],
      [[1, 3].map(targetOf), 2 * MINUTE],
    ]);
  });

  it("is counted for each device", async () => {
    const outcomes: Outcome[] = [
      { kind: "sent" },
      { kind: "refused", status: 400 },
      { kind: "gone" },
      { kind: "later" },
      { kind: "sent" },
    ];
    await deliveryOf(async (call) => outcomes[call] as Outcome).deliver(eventFor(5), ARN);
    expect(counted).toEqual({ PushSuccesses: 2, PushFailures: 1 });
    expect(putOff.map(({ event }) => event.push.targets)).toEqual([[targetOf(3)]]);
  });

  it.each<[string, object]>([
    ["the scheduler refuses it", { schedules: { add: () => Promise.reject(new Error("throttled")) } }],
    ["there is no scheduler", { schedules: undefined }],
  ])("is counted as a failure if it is put off and %s", async (_, more) => {
    await deliveryOf(async () => ({ kind: "later" }), more).deliver(eventFor(3), ARN);
    expect(counted).toEqual({ PushFailures: 3 });
  });

  it("is not asked for in an event that is more than an hour old: all of its devices are failures", async () => {
    const send = vi.fn(async () => ({ kind: "sent" }) as const);
    now = SENT_AT + LIMITS.push.retryFor + 1;
    await deliveryOf(send).deliver(eventFor(3), ARN);
    expect(send).not.toHaveBeenCalled();
    expect(counted).toEqual({ PushFailures: 3 });

    now -= 1;
    await deliveryOf(send).deliver(eventFor(3), ARN);
    expect(send).toHaveBeenCalledTimes(3);
  });

  it("is asked of as many at the same time as may be, and of all in the end", async () => {
    let [underWay, highest] = [0, 0];
    const devices = LIMITS.push.atOnce + 5;
    const delivery = deliveryOf(async () => {
      underWay++;
      highest = Math.max(highest, underWay);
      await new Promise(setImmediate);
      underWay--;
      return { kind: "sent" };
    });
    await delivery.deliver(eventFor(devices), ARN);
    expect(highest).toBe(LIMITS.push.atOnce);
    expect(counted).toEqual({ PushSuccesses: devices });
  });

  it("is asked for where nobody knows whether the device has the message already", async () => {
    const memories = { readAhead: () => ({ memoryOf: () => Promise.reject(new Error("out of reach")) }) };
    await deliveryOf(async () => ({ kind: "sent" }), { memories }).deliver(eventFor(1), ARN);
    expect(counted).toEqual({ PushSuccesses: 1 });
  });
});
