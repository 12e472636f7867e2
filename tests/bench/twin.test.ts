import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Twin } from "../../bench/twin.ts";
import { ChannelStore } from "../../lib/channel/channel-store.ts";
import { MessageStore } from "../../lib/channel/message-store.ts";
import { positionOf } from "../../lib/runtime/ids.ts";
import { Recorder } from "../support/capacity/recorder.ts";
import { engines, type TestEngine } from "../support/engines.ts";

describe.each(engines)("a twin on $name", ({ start }) => {
  let engine: TestEngine;
  let recorder: Recorder;
  beforeAll(async () => {
    engine = await start("here");
    recorder = new Recorder(engine.client);
  });
  afterAll(() => engine.stop());

  const message = (order: number) => ({
    position: positionOf(`019adf00-0000-7000-8000-00000000000${order}`, randomUUID()),
    senderName: "alice",
    content: "Hello",
    sentAt: 1,
    expiresAt: 4_000_000_000,
  });

  function begin() {
    const id = randomUUID();
    const store = new ChannelStore(engine.client, engine.tables.channels);
    const messages = new MessageStore(engine.client, engine.tables.channels);
    const twin = new Twin(engine.client, { id, username: "bob", token: "", receipt: "" }, randomUUID());
    const repeated = async (work: () => Promise<unknown>): Promise<number> => {
      const { calls } = await recorder.record(work);
      return twin.run(twin.plan(calls));
    };
    return { id, store, messages, twin, repeated };
  }

  it("repeats what is stored, counted, refused and deleted", async () => {
    const { id, store, messages, repeated } = begin();
    const [first, second] = [message(1), message(2)];
    await repeated(() => messages.put(id, first));
    await repeated(() => messages.put(id, second));
    // A send counts the channel now and then: what it counts it is not given.
    await repeated(() => messages.count(id, 10, 1));
    await repeated(() => store.read(id, 10));
    await repeated(() => messages.put(id, first));
    await repeated(() => store.delete(id, [first.position]));
    expect(await repeated(() => store.read(id, 10))).toBeGreaterThan(0);
  });

  it("fails when it has gone another way than the original", async () => {
    const { id, store, messages, repeated, twin } = begin();
    const { calls } = await recorder.record(() => messages.put(id, message(1)));
    await expect(repeated(() => store.read(id, 10))).rejects.toThrow("found 0 items for the twin, and not 1");
    await twin.run(twin.plan(calls));
    await expect(twin.run(twin.plan(calls))).rejects.toThrow("PutItemCommand was taken, but not so for the twin");
  });
});
