import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { WaitingCheck } from "../../../lib/channel/waiting-check.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Database } from "../../../lib/database/database.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { Channel, numbers, range } from "./delivery-channel.ts";

describe.each(engines)("whether something waits on a channel ($name)", ({ start }) => {
  let engine: TestEngine;
  let channel: Channel;
  let check: WaitingCheck;

  beforeAll(async () => {
    engine = await start();
  });
  beforeEach(() => {
    channel = new Channel(engine);
    check = new WaitingCheck(channel.database, engine.tables.channels, () => channel.now);
  });
  afterAll(() => engine?.stop());

  const isWaiting = () => check.isWaiting(channel.receiverId);

  it("is asked by one cheap query, which brings nothing of a message but its key", async () => {
    await channel.send(1, { content: "private" });
    channel.commands.length = 0;
    const seen: unknown[] = [];
    channel.intercept(async ({ input, go }) => {
      const output = await go();
      seen.push(input["ConsistentRead"] ?? false, input["Limit"], output);
      return output;
    });
    expect(await isWaiting()).toBe(true);
    expect(channel.commands).toEqual(["Query"]);
    expect(seen.slice(0, 2)).toEqual([false, 2]);
    expect(JSON.stringify(seen)).not.toMatch(/private|senderName/);
  });

  it("is not so on a channel that was never used, nor on one from which all was taken", async () => {
    expect(await isWaiting()).toBe(false);
    await channel.send(1);
    await channel.sync();
    expect(await isWaiting()).toBe(false);
    await channel.send(2);
    expect(await isWaiting()).toBe(true);
    const { receipt } = await channel.sync("first");
    await channel.sync(receipt);
    expect(await isWaiting()).toBe(false);
  });

  it("is not so while a client holds a batch, whatever lies behind it, and is so once its lease is over", async () => {
    for (const number of [1, 2, 3]) await channel.send(number);
    await channel.sync("first", 1);
    expect(await isWaiting()).toBe(false);
    channel.now += LIMITS.lease - 1;
    expect(await isWaiting()).toBe(false);
    channel.now += 1;
    expect(await isWaiting()).toBe(true);
  });

  it("leads to no sync without an end, for another client of one that holds a batch", async () => {
    await channel.send(1);
    await channel.sync("first");
    let syncs = 0;
    // Another client, which pings every 5 minutes; the first one is dead.
    for (let pings = 0; pings < 5; pings++) {
      channel.now += 300_000;
      if (!(await isWaiting())) continue;
      syncs++;
      const { receipt } = await channel.sync("another's");
      await channel.sync(receipt);
    }
    expect(syncs).toBe(1);
  });

  it("is not so for a message that was settled and that its sender has put back, and is so for what lies behind it", async () => {
    const { settledSkipped } = LIMITS.live;
    const repeated = range(1, settledSkipped);
    await channel.sendAll(repeated);
    await channel.sync();
    channel.commands.length = 0;
    await channel.sendAll(repeated);
    channel.commands.length = 0;
    expect(await isWaiting()).toBe(false);
    expect(channel.commands).toEqual(["Query", "Query"]);
    await channel.send(settledSkipped + 2);
    expect(await isWaiting()).toBe(true);
    expect(numbers(await channel.sync())).toEqual([settledSkipped + 2]);
    await channel.send(1);
    await channel.send(settledSkipped + 3);
    expect(await isWaiting()).toBe(true);
  });

  it("is so where more of these lie than are looked at, until a sync has swept them", async () => {
    const repeated = range(1, LIMITS.live.settledSkipped + 1);
    await channel.sendAll(repeated);
    await channel.sync();
    await channel.sendAll(repeated);
    expect(await isWaiting()).toBe(true);
    await channel.sync();
    expect(await isWaiting()).toBe(false);
  });

  it("is so for one that was settled and forgotten since: it is handed out again, flagged", async () => {
    await channel.send(1);
    await channel.sync();
    await channel.sendAll(range(2, 2 + LIMITS.settledKept));
    await channel.sync();
    await channel.sync();
    await channel.send(1);
    expect(await isWaiting()).toBe(true);
  });

  it("is so for what is past its retention until a sync has swept it", async () => {
    await channel.send(1);
    channel.now += LIMITS.retention + 1_000;
    expect(await isWaiting()).toBe(true);
    expect((await channel.sync()).messages).toEqual([]);
    expect(await isWaiting()).toBe(false);
  });

  it("cannot be said while the database is throttled", async () => {
    const error = Object.assign(new Error(), { name: "ProvisionedThroughputExceededException" });
    const send = () => Promise.reject(error);
    const throttled = new WaitingCheck({ send } as unknown as Database, "channels", Date.now);
    await expect(throttled.isWaiting("bob")).rejects.toThrow(Unavailable);
  });
});
