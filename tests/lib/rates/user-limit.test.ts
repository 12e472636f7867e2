import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
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
    for (let taken = 0; taken < messages; taken++) await limit.consume(sender);
  };

  it("costs somebody who types nothing, up to a lease a minute, where none is renewed ahead", async () => {
    const limit = runningFunction();
    for (let minute = 0; minute < 5; minute++) {
      await takeAll(limit, lease);
      now += leaseTime;
    }
    expect(calls).toBe(0);
  });

  it("costs somebody who types a whole lease in a minute one write if it is renewed ahead, as for a send", async () => {
    const limit = runningFunction();
    const send = async () => {
      await limit.consume(sender);
      await limit.renewAhead(sender);
    };
    for (let sent = 1; sent < lease; sent++) await send();
    expect(calls).toBe(0);
    await send();
    expect(calls).toBe(1);
    // The renewed lease was not used, and is over.
    now += leaseTime;
    for (let sent = 1; sent < lease; sent++) await send();
    expect(calls).toBe(1);
  });

  it("costs somebody who sends all the time one write for each lease", async () => {
    const limit = runningFunction({ burst: 10_000, perSecond: 1_000 });
    await takeAll(limit, lease);
    await takeAll(limit, 1);
    const first = calls;
    await takeAll(limit, 10 * lease - 1);
    expect(first).toBe(1);
    expect(calls - first).toBe(9);
  });

  it("costs somebody who sends more slowly than the bucket refills no more", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease);
    for (let written = 1; written <= 5; written++) {
      now += 10_000;
      await takeAll(limit, lease);
      expect(calls).toBe(written);
    }
  });

  it("finds a bucket in use that another function has begun, or has emptied", async () => {
    const limit = runningFunction();
    await takeAll(runningFunction(), lease + 1);
    calls = 0;
    await takeAll(limit, lease + 1);
    expect(calls).toBe(2);
    await takeAll(runningFunction(), lease + 100);
    await takeAll(limit, lease - 1);
    await expect(limit.consume(sender)).rejects.toMatchObject({ retryAfter: lease / 10 });
  });

  it("takes the next lease ahead once the last token is taken, so that nobody waits for it", async () => {
    const limit = runningFunction({ burst: 10_000, perSecond: 1_000 });
    for (let taken = 1; taken <= 4 * lease; taken++) {
      const before = calls;
      await limit.consume(sender);
      expect(calls).toBe(before);
      await limit.renewAhead(sender);
      expect(calls).toBe(Math.floor(taken / lease));
    }
  });

  it("takes nothing ahead for somebody who has taken nothing, or for whom the last lease is over", async () => {
    const limit = runningFunction();
    await limit.renewAhead(sender);
    await takeAll(limit, lease);
    now += leaseTime;
    await limit.renewAhead(sender);
    expect(calls).toBe(0);
  });

  it("lets no more through by taking leases ahead, and then refuses without a further call", async () => {
    const limit = runningFunction();
    for (let taken = 0; taken < lease + 200; taken++) {
      await limit.consume(sender);
      await limit.renewAhead(sender);
    }
    const before = calls;
    await limit.renewAhead(sender);
    expect(() => limit.check(sender)).toThrow(problem("too_many_messages"));
    await expect(limit.consume(sender)).rejects.toMatchObject({ retryAfter: lease / 10 });
    expect(calls).toBe(before);
    now += (lease / 10) * 1_000;
    await takeAll(limit, lease);
    await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
  });

  it("renews a lease once for all that need it at the same time, and no token is lost or made", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease);
    const takers = Array.from({ length: lease + 1 }, () => limit.consume(sender));
    await Promise.all([limit.renewAhead(sender), ...takers]);
    expect(calls).toBe(2);
    await takeAll(limit, lease - 1 + 100);
    await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
  });

  it("lets the burst through and a free lease, then refuses, and says when to try again", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200);
    const error = await limit.consume(sender).catch((refusal: unknown) => refusal);
    expect(error).toEqual(problem("too_many_messages"));
    expect(error).toMatchObject({ status: 429, code: "too_many_messages", retryAfter: lease / 10 });
  });

  it("lets a lease through once it is refilled, and no more", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200);
    now += (lease / 10) * 1_000 - 1;
    await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
    now += 1;
    await takeAll(limit, lease);
    await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
  });

  it("refuses by itself until the bucket is refilled: a user that goes on asking costs no call", async () => {
    const limit = runningFunction();
    limit.check(sender);
    await takeAll(limit, lease + 200);
    // Only a look at the bucket tells that it is empty.
    limit.check(sender);
    await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
    const before = calls;
    for (let asked = 0; asked < 100; asked++) {
      now += 1;
      await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
      expect(() => limit.check(sender)).toThrow(problem("too_many_messages"));
    }
    expect(() => limit.check(sender)).toThrow("Try again in 5 seconds.");
    expect(calls).toBe(before);
    limit.check(randomUUID());
    now += (lease / 10) * 1_000 - 100;
    limit.check(sender);
    await limit.consume(sender);
    limit.check(sender);
  });

  it("takes several at once, and nothing of a lease is lost by it", async () => {
    const limit = runningFunction();
    // A free lease and the burst are 250: 35 times 7 are 245, then 5 are left.
    for (let taken = 0; taken < 35; taken++) await limit.consume(sender, 7);
    await limit.consume(sender, 5);
    await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
  });

  it("takes nothing where several are too many, and what is left is there for fewer once it may be asked again", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200 - 3);
    await expect(limit.consume(sender, 4)).rejects.toThrow(problem("too_many_messages"));
    // A user that may ask for many may not read for nothing meanwhile.
    expect(() => limit.check(sender)).toThrow(problem("too_many_messages"));
    await takeAll(limit, 3);
    await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
  });

  describe("takes more than a lease has", () => {
    it("as so many leases, the first of which is free, by one write", async () => {
      const limit = runningFunction();
      await limit.consume(sender, 3 * lease);
      expect(calls).toBe(1);
      // The bucket has 200, of which 100 are taken.
      await limit.consume(sender, 2 * lease);
      expect(calls).toBe(2);
      await expect(limit.consume(sender)).rejects.toEqual(problem("too_many_messages"));
    });

    it("and keeps what is left of them", async () => {
      const limit = runningFunction();
      await limit.consume(sender, lease + 1);
      const before = calls;
      await takeAll(limit, lease - 1);
      expect(calls).toBe(before);
      await limit.consume(sender);
      expect(calls).toBe(before + 1);
    });

    it("all or nothing: what is there for fewer stays, and is there at once", async () => {
      const limit = runningFunction();
      await limit.consume(sender, 4 * lease);
      await expect(limit.consume(sender, 2 * lease)).rejects.toMatchObject({
        retryAfter: 5,
        code: "too_many_messages",
      });
      await takeAll(limit, lease);
      await expect(limit.consume(sender)).rejects.toEqual(problem("too_many_messages"));
    });

    it("and more than the bucket holds once it is full, and it is the longer refilled for it", async () => {
      const limit = runningFunction({ burst: lease });
      await limit.consume(sender, 3 * lease);
      await expect(limit.consume(sender, 3 * lease)).rejects.toMatchObject({ retryAfter: 10 });
      now += 10_000;
      await limit.consume(sender, 3 * lease);
      await expect(runningFunction({ burst: lease }).consume(sender, lease + 1)).rejects.toMatchObject({
        retryAfter: 15,
      });
    });
  });

  it("goes on with a bucket of messages as an earlier version left it", async () => {
    const limit = runningFunction();
    const Key = { owner: { S: `user#${sender}` }, record: { S: "sending" } };
    // Full in 20 s: of the 200 messages, none is left.
    const Item = { ...Key, busyUntil: { N: String(now + 20_000) }, expiresAt: { N: String(now) } };
    await engine.client.send(new PutItemCommand({ TableName: engine.tables.accounts, Item }));
    await takeAll(limit, lease);
    await expect(limit.consume(sender)).rejects.toMatchObject({ code: "too_many_messages", retryAfter: lease / 10 });
  });

  it("shuts nobody out when the clock was ahead and is set back, or the rate is set higher", async () => {
    const limit = runningFunction();
    const DAY = 24 * 60 * 60_000;
    now += DAY;
    await takeAll(limit, lease + 200);
    await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
    now -= DAY;
    await takeAll(limit, lease + 200);
    await expect(limit.consume(sender)).rejects.toMatchObject({ retryAfter: lease / 10 });
    const slow = runningFunction({ perSecond: 1 });
    now += DAY;
    await takeAll(slow, lease + 200);
    await expect(slow.consume(sender)).rejects.toMatchObject({ retryAfter: lease });
    // Full in 200 s. It could be in 2 s now, and the clocks of two functions may be a minute apart.
    const fast = runningFunction({ perSecond: 100 });
    await takeAll(fast, lease + 200);
    await expect(fast.consume(sender)).rejects.toMatchObject({ retryAfter: 1 });
  });

  it("takes no bucket for full because another function's clock is ahead", async () => {
    const limits = [runningFunction(), runningFunction()];
    now += LIMITS.clocksApart;
    await takeAll(limits[0] as UserLimit, lease + 200);
    await expect(limits[0]?.consume(sender)).rejects.toThrow(problem("too_many_messages"));
    now -= LIMITS.clocksApart;
    await takeAll(limits[1] as UserLimit, lease);
    await expect(limits[1]?.consume(sender)).rejects.toThrow(problem("too_many_messages"));
  });

  it.each(["syncing", "replaying", "calling"] as const)("keeps the bucket %s by itself", async (bucket) => {
    const limit = runningFunction({ bucket, burst: 20, perSecond: 1, lease: 5 });
    await takeAll(runningFunction(), lease + 200);
    await takeAll(limit, 5 + 20);
    await expect(limit.consume(sender)).rejects.toMatchObject({
      status: 429,
      code: "too_many_requests",
      retryAfter: 5,
    });
    await takeAll(runningFunction(), lease);
  });

  it("counts what several functions let through together", async () => {
    const limits = [runningFunction(), runningFunction(), runningFunction()];
    let taken = 0;
    for (const limit of limits) {
      for (let n = 0; n < 1_000; n++) {
        const passed = await limit.consume(sender).then(
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
    const outcomes = await Promise.allSettled(limits.map((limit) => limit.consume(sender)));
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(4);
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
  });

  it("keeps senders apart", async () => {
    const limit = runningFunction();
    await takeAll(limit, lease + 200);
    await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
    await expect(limit.consume(randomUUID())).resolves.toBeUndefined();
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
    await expect(limit.consume(sender)).rejects.toThrow(problem("too_many_messages"));
    expect(await kept()).toBeGreaterThanOrEqual(bucketKept);
  });

  it("remembers so many senders, and forgets the one who has been quiet the longest", async () => {
    const limit = runningFunction();
    const callsFor = async (user: string): Promise<number> => {
      const before = calls;
      await limit.consume(user);
      return calls - before;
    };
    const [quiet, busy] = [randomUUID(), sender];
    for (const user of [busy, quiet]) for (let taken = 0; taken < lease; taken++) await limit.consume(user);
    for (let others = 2; others < leasesKept; others++) await limit.consume(randomUUID());
    expect(await callsFor(busy)).toBeGreaterThan(0);
    await limit.consume(randomUUID());
    // Who is forgotten gets a lease for nothing.
    expect(await callsFor(quiet)).toBe(0);
    for (let taken = 1; taken < lease; taken++) expect(await callsFor(busy)).toBe(0);
    expect(await callsFor(busy)).toBeGreaterThan(0);
  });
});

describe("UserLimit, where the database is out of reach", () => {
  it("keeps no request waiting or failing for the next lease, and asks for it again when it is needed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    let answer: () => Promise<unknown> = () => Promise.reject(new Error("out of reach"));
    const database = { send: () => answer() } as unknown as Database;
    const limit = new UserLimit({ database, name: "accounts" }, Date.now, { ...SENDING, burst: 200, perSecond: 10 });
    for (let taken = 0; taken < lease; taken++) await limit.consume("ann");
    await limit.renewAhead("ann");
    await expect(limit.consume("ann")).rejects.toThrow("out of reach");
    const { promise: late, resolve } = Promise.withResolvers<object>();
    answer = () => late;
    const renewed = limit.renewAhead("ann");
    await vi.advanceTimersByTimeAsync(LIMITS.userLimit.renewTime);
    await renewed;
    const waiting = limit.consume("ann");
    resolve({});
    await waiting;
    answer = () => Promise.reject(new Error("out of reach"));
    for (let taken = 1; taken < lease; taken++) await limit.consume("ann");
    await expect(limit.consume("ann")).rejects.toThrow("out of reach");
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
    for (let taken = 0; taken < lease + 1; taken++) await limit.consume("ann");
    expect(commands).toHaveLength(3 * 3);
  });

  it("refuses when it is empty, by what is there now", async () => {
    const { limit, commands } = restless({ busyUntil: { N: String(LATEST + 1) } });
    for (let taken = 0; taken < lease; taken++) await limit.consume("ann");
    await expect(limit.consume("ann")).rejects.toMatchObject({ code: "too_many_messages", retryAfter: 1 });
    expect(commands).toHaveLength(3);
    expect((commands[2] as GetItemCommand).input.ConsistentRead).toBe(true);
  });
});
