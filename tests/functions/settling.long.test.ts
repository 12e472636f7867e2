import { beforeEach, describe, expect, it, vi } from "vitest";
import { ChannelStore } from "../../lib/channel/channel-store.ts";
import { Delivery } from "../../lib/channel/delivery.ts";
import { MessageStore } from "../../lib/channel/message-store.ts";
import { Sending } from "../../lib/channel/sending.ts";
import { json } from "../support/api.ts";
import type { DatabaseFault } from "../support/database-gate.ts";
import { claimOf } from "../support/logins.ts";
import { expectProblem } from "../support/problems.ts";
import { gatedFunctions, somebody } from "./gated.ts";

/** Of a database that is about to be too slow. */
const SLOW_MS = 900;
/** Within this time after its answer a sync begins its last write, if it does at all. */
const BEGUN_MS = 10_000;
const MOST_ATTEMPTS = 5;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

// What a sync without `ack` takes is settled: if its answer is not given, nobody else is given it either.
describe("a sync that settles what it takes", () => {
  const gated = gatedFunctions();
  beforeEach(() => {
    for (const level of ["error", "warn"] as const) vi.spyOn(console, level).mockImplementation(() => {});
    return () => vi.restoreAllMocks();
  });

  const send = (content: string) =>
    gated.api(json("/send", { ...claimOf(gated.ann), sendToId: gated.ann.id, content }));
  const sync = () => gated.api(json("/sync", claimOf(gated.ann)));

  it("is answered, though the database will not delete", async () => {
    await send("kept");
    gated.gate.harm(async ({ operation, text }): Promise<DatabaseFault> => {
      if (operation !== "BatchWriteItem") return "pass";
      await pause(SLOW_MS);
      return { stale: { UnprocessedItems: JSON.parse(text).RequestItems } };
    });
    expect((await sync()).body["messages"]).toMatchObject([{ content: "kept" }]);
  });

  it("is answered, though the first look at its session fails after the second one", async () => {
    await send("kept");
    gated.gate.harm(({ operation, text }) => {
      const isFirstLook =
        operation === "GetItem" && text.includes("session#") && !text.includes('"ConsistentRead":true');
      return isFirstLook ? "throttle" : "pass";
    });
    expect((await sync()).body["messages"]).toMatchObject([{ content: "kept" }]);
  });

  it("is refused when it has nothing to do, and the only look at its session fails", async () => {
    gated.gate.harm(({ operation, text }) =>
      operation === "GetItem" && text.includes("session#") ? "throttle" : "pass",
    );
    expectProblem(await sync(), 503, "unavailable");
  });

  /** A sync that is answered 503, and may go on with its last write. Undefined: it was too slow to begin that. */
  async function syncTooLate() {
    gated.ann = await somebody(gated.api);
    if ((await send("before")).status !== 202) return undefined;
    const calls: Record<string, number> = {};
    const written = Promise.withResolvers<void>();
    const mayGoOn = Promise.withResolvers<void>();
    // Each step succeeds at its third attempt, so that the sync is over time when it writes the head.
    gated.gate.harm(async ({ operation, text }): Promise<DatabaseFault> => {
      const isWrite = operation === "PutItem" && text.includes("#head");
      const isLook = operation === "GetItem" && text.includes("session#") && text.includes('"ConsistentRead":true');
      if (operation !== "Query" && !isWrite && !isLook) return "pass";
      const count = (calls[operation] ?? 0) + 1;
      calls[operation] = count;
      if (count <= 2) return "hang";
      if (isWrite && count === 3) {
        written.resolve();
        await mayGoOn.promise;
      }
      return "pass";
    });
    expectProblem(await sync(), 503, "unavailable");
    if (await Promise.race([written.promise.then(() => true), pause(BEGUN_MS)])) return { mayGoOn };
    gated.gate.harm(() => "pass");
    mayGoOn.resolve();
    return undefined;
  }

  it("takes nothing that is sent after it was answered 503", async () => {
    let late = await syncTooLate();
    for (let attempt = 1; late === undefined && attempt < MOST_ATTEMPTS; attempt++) late = await syncTooLate();
    if (late === undefined) throw new Error("no sync has begun its last write in time");
    const { mayGoOn } = late;
    // What follows is served by functions that reach the database.
    const { engine, ann } = gated;
    const { channels } = engine.tables;
    const delivery = new Delivery(new ChannelStore(engine.client, channels), Date.now);
    const sending = new Sending(new MessageStore(engine.client, channels), Date.now);
    const take = async () => (await delivery.sync({ receiverId: ann.id, limit: 100 })).messages;
    expect(await take()).toMatchObject([{ content: "before" }]);
    await sending.send({ senderId: ann.id, senderName: "ann", content: "after" }, [{ channel: ann.id }]);
    mayGoOn.resolve();
    // Long enough for a further round.
    await pause(SLOW_MS);
    expect(await take()).toMatchObject([{ content: "after" }]);
  });
});
