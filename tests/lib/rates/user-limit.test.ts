import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { bucketKey } from "../../../lib/database/account-keys.ts";
import { toItem } from "../../../lib/database/accounts-table.ts";
import type { Database } from "../../../lib/database/database.ts";
import { UserLimit, type UserRate } from "../../../lib/rates/user-limit.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";

const { lease } = LIMITS.send;
const { leaseTime, leasesKept, bucketKept } = LIMITS.userLimit;
const SENDING = { bucket: "sending", lease } as const;

describe.each(engines)("UserLimit on $name", ({ start }) => {
  let engine: TestEngine;
  let calls = 0;
  let now = Date.now();
  let sender: string;

  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    sender = randomUUID();
    calls = 0;
    now += 10 * leaseTime;
  });

  /** A running function; several of them share the table and nothing else. */
  const runningFunction = (rate: Partial<UserRate> = {}): UserLimit => {
    const send = ((command: Parameters<Database["send"]>[0]) => {
      calls++;
      return engine.client.send(command);
    }) as Database["send"];
    return new UserLimit({ database: { send }, name: engine.tables.accounts }, () => now, {
      ...SENDING,
      burst: 200,
      perSecond: 10,
      ...rate,
    });
  };

  const takeAll = async (limit: UserLimit, messages: number): Promise<void> => {
    for (let taken = 0; taken < messages; taken++) await limit.take(sender);
  };

  it("costs somebody who types nothing", async () => {
    const limit = runningFunction();
    for (let minute = 0; minute < 5; minute++) {
      await takeAll(limit, lease);
      now += leaseTime;
    }
    expect(calls).toBe(0);
  });

  it("costs somebody who sends all the time one write for each lease", async () => {
    const limit = runningFunction({ burst: 10_000, perSecond: 1_000 });
    await takeAll(limit, lease);
    await takeAll(limit, 1);
    const first = calls;
    await takeAll(limit, 10 * lease - 1);
    // The bucket may have become full in between, which takes two tries to see.
    expect(first).toBeLessThanOrEqual(2);
    expect(calls - first).toBeLessThanOrEqual(2 * 9);
    expect(calls - first).toBeGreaterThanOrEqual(9);
  });

  it("lets the burst through and a free lease, then refuses, and says when to try again", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200);
    const error = await limit.take(sender).catch((refusal: unknown) => refusal);
    expect(error).toEqual(problem("too_many_messages"));
    expect(error).toMatchObject({ status: 429, code: "too_many_messages", retryAfter: lease / 10 });
  });

  it("lets a lease through once it is refilled, and no more", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200);
    now += (lease / 10) * 1_000 - 1;
    await expect(limit.take(sender)).rejects.toThrow(problem("too_many_messages"));
    now += 1;
    await takeAll(limit, lease);
    await expect(limit.take(sender)).rejects.toThrow(problem("too_many_messages"));
  });

  it("refuses by itself until the bucket is refilled: a user that goes on asking costs no call", async () => {
    const limit = runningFunction();
    limit.check(sender);
    await takeAll(limit, lease + 200);
    // Only a look at the bucket tells that it is empty.
    limit.check(sender);
    await expect(limit.take(sender)).rejects.toThrow(problem("too_many_messages"));
    const before = calls;
    for (let asked = 0; asked < 100; asked++) {
      now += 1;
      await expect(limit.take(sender)).rejects.toThrow(problem("too_many_messages"));
      expect(() => limit.check(sender)).toThrow(problem("too_many_messages"));
    }
    expect(() => limit.check(sender)).toThrow("Try again in 5 seconds.");
    expect(calls).toBe(before);
    limit.check(randomUUID());
    now += (lease / 10) * 1_000 - 100;
    limit.check(sender);
    await limit.take(sender);
    limit.check(sender);
  });

  it("takes several at once, and nothing of a lease is lost by it", async () => {
    const limit = runningFunction();
    // A free lease and the burst are 250: 35 times 7 are 245, then 5 are left.
    for (let taken = 0; taken < 35; taken++) await limit.take(sender, 7);
    await limit.take(sender, 5);
    await expect(limit.take(sender)).rejects.toThrow(problem("too_many_messages"));
  });

  it("takes nothing where several are too many, and what is left is there for fewer once it may be asked again", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200 - 3);
    await expect(limit.take(sender, 4)).rejects.toThrow(problem("too_many_messages"));
    // A user that may ask for many may not read for nothing meanwhile.
    expect(() => limit.check(sender)).toThrow(problem("too_many_messages"));
    await takeAll(limit, 3);
    await expect(limit.take(sender)).rejects.toThrow(problem("too_many_messages"));
  });

  it("goes on with a bucket of messages as an earlier version left it", async () => {
    const limit = runningFunction();
    const Key = { owner: { S: `user#${sender}` }, record: { S: "sending" } };
    // Full in 20 s: of the 200 messages, none is left.
    const Item = { ...Key, busyUntil: { N: String(now + 20_000) }, expiresAt: { N: String(now) } };
    await engine.client.send(new PutItemCommand({ TableName: engine.tables.accounts, Item }));
    await takeAll(limit, lease);
    await expect(limit.take(sender)).rejects.toMatchObject({ code: "too_many_messages", retryAfter: lease / 10 });
  });

  it("shuts nobody out when the clock was ahead and is set back, or the rate is set higher", async () => {
    const limit = runningFunction();
    const DAY = 24 * 60 * 60_000;
    now += DAY;
    await takeAll(limit, lease + 200);
    await expect(limit.take(sender)).rejects.toThrow(problem("too_many_messages"));
    now -= DAY;
    await takeAll(limit, lease + 200);
    await expect(limit.take(sender)).rejects.toMatchObject({ retryAfter: lease / 10 });
    const slow = runningFunction({ perSecond: 1 });
    now += DAY;
    await takeAll(slow, lease + 200);
    await expect(slow.take(sender)).rejects.toMatchObject({ retryAfter: lease });
    // Full in 200 s. It could be in 2 s now, and the clocks of two functions may be a minute apart.
    const fast = runningFunction({ perSecond: 100 });
    await takeAll(fast, lease + 200);
    await expect(fast.take(sender)).rejects.toMatchObject({ retryAfter: 1 });
  });

  it("takes no bucket for full because another function's clock is ahead", async () => {
    const limits = [runningFunction(), runningFunction()];
    now += LIMITS.clocksApart;
    await takeAll(limits[0] as UserLimit, lease + 200);
    await expect(limits[0]?.take(sender)).rejects.toThrow(problem("too_many_messages"));
    now -= LIMITS.clocksApart;
    await takeAll(limits[1] as UserLimit, lease);
    await expect(limits[1]?.take(sender)).rejects.toThrow(problem("too_many_messages"));
  });

  it.each(["syncing", "replaying", "calling"] as const)("keeps the bucket %s by itself", async (bucket) => {
    const limit = runningFunction({ bucket, burst: 20, perSecond: 1, lease: 5 });
    await takeAll(runningFunction(), lease + 200);
    await takeAll(limit, 5 + 20);
    await expect(limit.take(sender)).rejects.toMatchObject({ status: 429, code: "too_many_requests", retryAfter: 5 });
    await takeAll(runningFunction(), lease);
  });

  it("counts what several functions let through together", async () => {
    const limits = [runningFunction(), runningFunction(), runningFunction()];
    let taken = 0;
    for (const limit of limits) {
      for (let n = 0; n < 1_000; n++) {
        const passed = await limit.take(sender).then(
          () => true,
          () => false,
        );
        if (!passed) break;
        taken++;
      }
    }
    expect(taken).toBe(limits.length * lease + 200);
  });

  it("never lets more than the burst be leased by takers at once", async () => {
    const limits = Array.from({ length: 8 }, () => runningFunction());
    for (const limit of limits) await takeAll(limit, lease);
    // Each of these needs a lease that is written, of which the bucket holds four.
    const outcomes = await Promise.allSettled(limits.map((limit) => limit.take(sender)));
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(4);
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
  });

  it("keeps senders apart", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200);
    await expect(limit.take(sender)).rejects.toThrow(problem("too_many_messages"));
    await expect(limit.take(randomUUID())).resolves.toBeUndefined();
  });

  it("lets DynamoDB delete a bucket a day after it is full again, and not while it is used", async () => {
    const limit = runningFunction();
    const kept = async (): Promise<number> => {
      const { Item } = await engine.client.send(
        new GetItemCommand({
          TableName: engine.tables.accounts,
          Key: toItem(bucketKey(sender, "sending")),
          ConsistentRead: true,
        }),
      );
      const { busyUntil, expiresAt } = Item ?? {};
      return Number(expiresAt?.N) * 1_000 - Number(busyUntil?.N);
    };
    await takeAll(limit, lease + 1);
    expect(await kept()).toBeGreaterThanOrEqual(bucketKept);
    // To the last message that the bucket holds.
    await takeAll(limit, 199);
    await expect(limit.take(sender)).rejects.toThrow(problem("too_many_messages"));
    expect(await kept()).toBeGreaterThanOrEqual(bucketKept);
  });

  it("remembers so many senders, and forgets the one who has been quiet the longest", async () => {
    const limit = runningFunction();
    const callsFor = async (user: string): Promise<number> => {
      const before = calls;
      await limit.take(user);
      return calls - before;
    };
    const [quiet, busy] = [randomUUID(), sender];
    for (const user of [busy, quiet]) for (let taken = 0; taken < lease; taken++) await limit.take(user);
    for (let others = 2; others < leasesKept; others++) await limit.take(randomUUID());
    expect(await callsFor(busy)).toBeGreaterThan(0);
    await limit.take(randomUUID());
    // Who is forgotten gets a lease for nothing.
    expect(await callsFor(quiet)).toBe(0);
    for (let taken = 1; taken < lease; taken++) expect(await callsFor(busy)).toBe(0);
    expect(await callsFor(busy)).toBeGreaterThan(0);
  });
});

describe("UserLimit, where the bucket changes between its steps each time", () => {
  const NOW = Date.UTC(2026, 2, 1);
  const RATE = { ...SENDING, burst: 200, perSecond: 10 };
  /** The latest that a bucket with room for a lease can say. */
  const LATEST = NOW + (200 - lease) * 100;

  /** What no engine can be made to do: whatever a step asks for, it has just changed. */
  const restless = (item: object | undefined) => {
    const commands: unknown[] = [];
    const send = (async (command: unknown) => {
      commands.push(command);
      if (command instanceof GetItemCommand) return { Item: item };
      throw new ConditionalCheckFailedException({ message: "", $metadata: {} });
    }) as Database["send"];
    return { limit: new UserLimit({ database: { send }, name: "accounts" }, () => NOW, RATE), commands };
  };

  it.each([
    ["has room again", { busyUntil: { N: String(LATEST) } }],
    ["is gone", undefined],
  ])("refuses nobody when it %s, after three rounds", async (_, item) => {
    const { limit, commands } = restless(item);
    for (let taken = 0; taken < lease + 1; taken++) await limit.take("ann");
    expect(commands).toHaveLength(3 * 3);
  });

  it("refuses when it is empty, by what is there now", async () => {
    const { limit, commands } = restless({ busyUntil: { N: String(LATEST + 1) } });
    for (let taken = 0; taken < lease; taken++) await limit.take("ann");
    await expect(limit.take("ann")).rejects.toMatchObject({ code: "too_many_messages", retryAfter: 1 });
    expect(commands).toHaveLength(3);
    expect((commands[2] as GetItemCommand).input.ConsistentRead).toBe(true);
  });
});
