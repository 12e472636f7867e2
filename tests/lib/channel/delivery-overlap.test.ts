import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Delivery } from "../../../lib/channel/delivery.ts";
import { InvalidToken } from "../../../lib/runtime/errors.ts";
import { countNothing } from "../../../lib/runtime/metrics.ts";
import { turn } from "../../../lib/runtime/turn.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { Channel, range } from "./delivery-channel.ts";

const BATCH = 25;

// The work on many messages is done while calls of the database are under way, and changes nothing of their order.
describe.each(engines)("what a sync does beside its calls on $name", ({ start }) => {
  let engine: TestEngine;
  let channel: Channel;
  let steps: string[];
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    channel = new Channel(engine);
    steps = [];
  });

  const sync = (ack: string, authorize = async (): Promise<unknown> => steps.push("session")) => {
    const noteTurn = (): Promise<unknown> => turn().then(() => steps.push("turn"));
    const delivery = new Delivery(
      channel.store,
      () => channel.now,
      async () => {},
      countNothing,
      noteTurn,
    );
    const onAnswer = (): unknown => steps.push("answer");
    return delivery.sync({ receiverId: channel.receiverId, ack, limit: BATCH, authorize, onAnswer });
  };
  const noteCommands = (): void =>
    channel.intercept(({ name, go }) => {
      steps.push(name);
      return go();
    });

  it("plans a batch while its session is checked, and writes the answer while the last batch is deleted", async () => {
    await channel.sendAll(range(1, 2 * BATCH));
    const { receipt } = await sync("a");
    steps = [];
    channel.intercept(async ({ name, go, abortSignal }) => {
      steps.push(name);
      // The deletion takes until the answer is told; it is called off where that waits for it.
      while (name === "BatchWriteItem" && !steps.includes("answer")) {
        abortSignal?.throwIfAborted();
        await turn();
      }
      return go();
    });
    await sync(receipt);
    expect(steps).toEqual(["Query", "session", "turn", "PutItem", "BatchWriteItem", "turn", "answer"]);
    expect(await channel.left()).toEqual(range(BATCH + 1, 2 * BATCH));
  });

  it("waits for no turn where there are few messages", async () => {
    await channel.send(1);
    noteCommands();
    await sync("a");
    expect(steps).toEqual(["Query", "session", "PutItem", "answer"]);
  });

  it("writes nothing, and tells no answer, where the session has ended meanwhile", async () => {
    await channel.sendAll(range(1, BATCH));
    noteCommands();
    const refuse = vi.fn(async () => {
      throw new InvalidToken();
    });
    await expect(sync("a", refuse)).rejects.toThrow(InvalidToken);
    expect(steps).toEqual(["Query", "turn"]);
  });

  it("tells no answer whose write was refused, but that of the next try", async () => {
    await channel.send(1);
    let isFirst = true;
    channel.intercept(async ({ isHead, go }) => {
      if (isHead && isFirst) {
        isFirst = false;
        await channel.sync("b");
        // Its batch is another client's now.
      }
      return go();
    });
    expect(await sync("a")).toMatchObject({ messages: [], retryAfter: expect.any(Number) });
    expect(steps).toEqual(["session"]);
  });
});
