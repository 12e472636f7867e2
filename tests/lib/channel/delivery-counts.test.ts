import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Delivery } from "../../../lib/channel/delivery.ts";
import { Sending } from "../../../lib/channel/sending.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Metric } from "../../../lib/runtime/metrics.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { ALICE, Channel, messageId } from "./delivery-channel.ts";

/** What a channel counts of its deliveries: each message is handed out for the first time once. */
describe.each(engines)("the counts of a delivery on $name", ({ start }) => {
  let engine: TestEngine;
  let channel: Channel;
  let counts: Partial<Record<Metric, number>>;
  let delivery: Delivery;
  let sending: Sending;

  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    channel = new Channel(engine);
    counts = {};
    const count = (metric: Metric, value = 1): void => {
      if (value !== 0) counts[metric] = (counts[metric] ?? 0) + value;
    };
    const now = () => channel.now;
    sending = new Sending(channel.messages, now, count);
    delivery = new Delivery(channel.store, now, async () => {}, count);
  });

  const send = (number: number, content = "x") =>
    sending.send({ senderId: ALICE, senderName: "alice", content, messageId: messageId(number) }, [
      { channel: channel.receiverId },
    ]);
  const sync = (ack?: string, limit = 100) => delivery.sync({ receiverId: channel.receiverId, ack, limit });

  /** What was counted since the last look. */
  function counted(): Partial<Record<Metric, number>> {
    const seen = counts;
    counts = {};
    return seen;
  }

  it("tell of a message that is stored, and not of one that was there", async () => {
    await send(1);
    expect(counted()).toEqual({ MessagesReceived: 1 });
    await send(1);
    await expect(send(1, "another content")).rejects.toThrow();
    expect(counted()).toEqual({});
  });

  it("tell of nothing where nothing waits", async () => {
    await sync();
    await sync("a");
    expect(counted()).toEqual({});
  });

  it("tell of messages without ack as delivered and settled at once", async () => {
    for (const number of [1, 2, 3]) await send(number);
    counted();
    await sync(undefined, 2);
    expect(counted()).toEqual({ MessagesDelivered: 2, MessagesSettled: 2 });
  });

  it("tell of a batch as delivered, and as settled once it is confirmed", async () => {
    for (const number of [1, 2, 3]) await send(number);
    counted();
    const { receipt } = await sync("a", 2);
    expect(counted()).toEqual({ MessagesDelivered: 2 });
    await sync(receipt);
    expect(counted()).toEqual({ MessagesDelivered: 1, MessagesSettled: 2 });
  });

  it("tell of a batch that goes out again since its answer was lost, and how old its oldest message is", async () => {
    await send(1);
    channel.now += 2_000;
    await send(2);
    await sync("a");
    counted();
    channel.now += 3_000;
    await sync("a");
    expect(counted()).toEqual({ MessagesRedelivered: 2, RedeliveryAge: 5_000 });
  });

  it("tell of the same where the lease is renewed by it", async () => {
    await send(1);
    await sync("a");
    counted();
    channel.now += LIMITS.lease - 1;
    await sync("a");
    expect(counted()).toEqual({ MessagesRedelivered: 1, RedeliveryAge: LIMITS.lease - 1 });
  });

  it("tell of a lease that ran out, once for the batch", async () => {
    for (const number of [1, 2]) await send(number);
    await sync("a");
    counted();
    channel.now += LIMITS.lease;
    const { receipt } = await sync("b");
    expect(counted()).toEqual({ LeaseExpiries: 1, MessagesRedelivered: 2, RedeliveryAge: LIMITS.lease });
    await sync(receipt);
    expect(counted()).toEqual({ MessagesSettled: 2 });
  });

  it("tell of nothing while another client holds the batch", async () => {
    await send(1);
    await sync("a");
    counted();
    await sync("b");
    expect(counted()).toEqual({});
  });

  it("tell of a write once, though its answer was lost and it was found by a second look", async () => {
    await send(1);
    counted();
    channel.intercept(async ({ isHead, go }) => {
      const answer = await go();
      if (!isHead) return answer;
      channel.intercept();
      throw Object.assign(new Error("lost"), { name: "TimeoutError" });
    });
    expect((await sync()).messages).toHaveLength(1);
    expect(counted()).toEqual({ MessagesDelivered: 1, MessagesSettled: 1 });
  });
});
