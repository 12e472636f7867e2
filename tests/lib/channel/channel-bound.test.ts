import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Users } from "../../../lib/accounts/users.ts";
import { ChannelBound } from "../../../lib/channel/channel-bound.ts";
import { ChannelStore } from "../../../lib/channel/channel-store.ts";
import { Delivery } from "../../../lib/channel/delivery.ts";
import { MessageStore } from "../../../lib/channel/message-store.ts";
import { type Profile, Profiles } from "../../../lib/channel/profiles.ts";
import { Sending } from "../../../lib/channel/sending.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { GoTalkError, Unavailable } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";

const MOST = 500;
const SECONDS = LIMITS.channel.recount / 1_000;

/** A generator with a seed (mulberry32), so that a run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe.each(engines)("ChannelBound on $name", ({ start }) => {
  let engine: TestEngine;
  let store: MessageStore;
  let users: Users;
  let profiles: Profiles;
  let sending: Sending;
  let receiver: string;
  let now = Date.now();
  let names = 0;

  beforeAll(async () => {
    engine = await start();
    store = new MessageStore(engine.client, engine.tables.channels);
    users = new Users(engine.accounts, () => now);
    profiles = new Profiles(engine.accounts);
    sending = new Sending(store, () => now);
  });
  afterAll(() => engine.stop());
  beforeEach(async () => {
    now += 10 * LIMITS.channel.recount;
    receiver = (await users.create(`receiver${names++}`, "hash")).id;
  });

  const boundWith = (random: () => number, from = store): ChannelBound =>
    new ChannelBound(from, profiles, () => now, MOST, random);

  /** The store, and how often it has counted. */
  const countingStore = () => {
    const counts = { made: 0 };
    const counting = Object.assign(Object.create(store) as MessageStore, {
      count: (...of: Parameters<MessageStore["count"]>) => {
        counts.made++;
        return store.count(...of);
      },
    });
    return { counting, counts };
  };

  const profile = async (): Promise<Profile> => (await profiles.find(receiver)) as Profile;

  const put = (content = "x"): Promise<unknown> =>
    sending.send({ senderId: crypto.randomUUID(), senderName: "sender", content }, [{ channel: receiver }]);

  const putMany = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += 50)
      await Promise.all(Array.from({ length: Math.min(50, count - sent) }, () => put()));
  };

  it.each([1, 2, 3])("refuses within a tenth of the bound, and never below it (seed %i)", async (seed) => {
    const bound = boundWith(seeded(seed));
    let waiting = 0;
    const full = async (): Promise<boolean> => {
      try {
        await bound.check(await profile());
        return false;
      } catch (error) {
        if (error instanceof GoTalkError && error.code === "channel_full") return true;
        throw error;
      }
    };
    while (waiting < 2 * MOST && !(await full())) {
      await put();
      waiting++;
    }
    expect(waiting).toBeGreaterThanOrEqual(MOST);
    expect(waiting).toBeLessThanOrEqual(1.1 * MOST);
  });

  it("counts again when the clock that it was counted by is set back", async () => {
    const bound = boundWith(() => 0);
    await profiles.storeBacklog(await profile(), { ...(await profile()), backlog: MOST, countedAt: now });
    now -= LIMITS.clocksApart;
    await expect(bound.check(await profile())).rejects.toMatchObject({ code: "channel_full" });
    now -= 1;
    await expect(bound.check(await profile())).resolves.toBeUndefined();
    expect(await profile()).toMatchObject({ backlog: 0, countedAt: now });
  });

  it("says when to try again, and lets senders through after the receiver has fetched", async () => {
    const bound = boundWith(() => 0);
    await putMany(MOST);
    await expect(bound.check(await profile())).rejects.toMatchObject({
      status: 429,
      code: "channel_full",
      retryAfter: SECONDS,
    });
    await new Delivery(new ChannelStore(engine.client, engine.tables.channels), () => now).sync({
      receiverId: receiver,
      limit: 100,
    });
    now += 10_000;
    await expect(bound.check(await profile())).rejects.toMatchObject({ retryAfter: SECONDS - 10 });
    now += LIMITS.channel.recount - 10_000;
    await expect(bound.check(await profile())).resolves.toBeUndefined();
    expect((await profile()).backlog).toBe(MOST - 100);
  });

  it("is counted again once an hour where nobody has fetched since, and the sender may ask as soon as ever", async () => {
    await putMany(MOST);
    await expect(boundWith(() => 0).check(await profile())).rejects.toThrow(problem("channel_full"));
    const { counting, counts } = countingStore();
    const bound = boundWith(() => 0, counting);
    now += LIMITS.channel.recount;
    expect(await bound.refusalOf(await profile(), true)).toMatchObject({ retryAfter: SECONDS });
    now += 60 * 60_000 - LIMITS.channel.recount - 1_000;
    expect(await bound.refusalOf(await profile(), true)).toMatchObject({ retryAfter: 1 });
    expect(counts.made).toBe(0);
    now += 1_000;
    expect(await bound.refusalOf(await profile(), true)).toBeDefined();
    expect(counts.made).toBe(1);
    now += LIMITS.channel.recount;
    await bound.refusalOf(await profile());
    expect(counts.made).toBe(2);
  });

  it("stays full where a new count fails or takes too long, and is not read to its end then", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const due = async (): Promise<Profile> => {
      now += LIMITS.channel.recount;
      await profiles.storeBacklog(await profile(), { backlog: MOST, countedAt: now });
      now += LIMITS.channel.recount;
      return profile();
    };
    const failing = (count: MessageStore["count"]) => Object.assign(Object.create(store) as MessageStore, { count });
    const outOfReach = failing(() => Promise.reject(new Unavailable("out of reach")));
    await expect(boundWith(() => 0, outOfReach).check(await due())).rejects.toThrow(problem("channel_full"));

    const seen = await due();
    const begun = Promise.withResolvers<AbortSignal | undefined>();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const slow = failing((_id, _most, _pages, signal) => {
      begun.resolve(signal);
      return new Promise(() => {});
    });
    const noting = Object.assign(Object.create(profiles) as Profiles, { storeBacklog: async () => true });
    const checked = new ChannelBound(
      slow,
      noting,
      () => now,
      MOST,
      () => 0,
    ).refusalOf(seen);
    const signal = await begun.promise;
    await vi.advanceTimersByTimeAsync(LIMITS.channel.countTime);
    expect(await checked).toEqual(problem("channel_full"));
    vi.useRealTimers();
    await expect(store.count(receiver, MOST, 1, signal)).rejects.toThrow("abort");
    expect(await profile()).toMatchObject({ backlog: MOST });
  });

  it("is counted by one of the senders that find it due", async () => {
    await putMany(MOST);
    const bound = boundWith(() => 0);
    await expect(bound.check(await profile())).rejects.toThrow(problem("channel_full"));
    now += LIMITS.channel.recount;
    const seen = await profile();
    const { counting, counts } = countingStore();
    const again = boundWith(() => 0, counting);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => again.check(seen)));
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(counts.made).toBe(1);
  });

  it("costs nothing where the dice do not say so", async () => {
    const untouched = new MessageStore(
      { send: () => Promise.reject(new Error("no call was due")) } as never,
      engine.tables.channels,
    );
    const bound = boundWith(() => 0.999, untouched);
    await expect(bound.check(await profile())).resolves.toBeUndefined();
  });

  it.each([
    ["empty", 0, MOST],
    ["half full", MOST / 2, MOST / 2],
    ["almost full", MOST - 5, MOST / 10],
  ])("counts a channel that was %s once in a tenth of its room, or a hundredth of the bound", async (...of) => {
    const [, backlog, room] = of;
    const { counting, counts } = countingStore();
    const seen = { ...(await profile()), backlog };
    await boundWith(() => 10 / room, counting).check(seen);
    expect(counts.made).toBe(0);
    await boundWith(() => 10 / room - 1e-9, counting).check(seen);
    expect(counts.made).toBe(1);
  });

  it("takes a channel of long messages for full by their bytes, and reads no more of it than that", async () => {
    const bound = boundWith(() => 0);
    const content = "x".repeat(LIMITS.contentBytes);
    let waiting = 0;
    for (let isFull = false; !isFull; waiting++) {
      await put(content);
      isFull = await bound.check(await profile()).then(
        () => false,
        (error: unknown) => error instanceof GoTalkError && error.code === "channel_full",
      );
    }
    const bytes = MOST * LIMITS.channel.averageBytes;
    expect(waiting * LIMITS.contentBytes).toBeGreaterThan(0.9 * bytes);
    expect(waiting * LIMITS.contentBytes).toBeLessThan(bytes + 2 * 2 ** 20);
    expect((await profile()).backlog).toBe(MOST);
  });

  it("refuses nobody because a count fails, or takes too long", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const failing = (count: () => Promise<number>) => Object.assign(Object.create(store) as MessageStore, { count });
    const outOfReach = failing(() => Promise.reject(new Unavailable("out of reach")));
    await expect(boundWith(() => 0, outOfReach).check(await profile())).resolves.toBeUndefined();

    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const seen = await profile();
    const checked = boundWith(
      () => 0,
      failing(() => new Promise(() => {})),
    ).check(seen);
    await vi.advanceTimersByTimeAsync(LIMITS.channel.countTime);
    await expect(checked).resolves.toBeUndefined();
    expect(warn).toHaveBeenCalledTimes(2);
    for (const [line] of warn.mock.calls) expect(line).toContain("could not count a channel");
  });
});
