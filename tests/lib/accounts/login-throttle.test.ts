import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { originOf } from "../../../lib/accounts/login-origin.ts";
import { type Attempt, LoginThrottle } from "../../../lib/accounts/login-throttle.ts";
import { failuresKey, type Key, knownKey, nameOwner, ownFailuresKey } from "../../../lib/database/account-keys.ts";
import { toItem } from "../../../lib/database/accounts-table.ts";
import type { Database } from "../../../lib/database/database.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";
import { problem } from "../../support/problems.ts";

const MINUTE = 60_000;
const WINDOW = 15 * MINUTE;
const DAY = 24 * 60 * MINUTE;
const START = Date.UTC(2026, 2, 1, 12);

/** Asks the count that it is full of when it ends; not whether an address is known. */
const isLook = (command: unknown): command is GetItemCommand =>
  command instanceof GetItemCommand && command.input.ConsistentRead === true;

describe.each(engines)("LoginThrottle ($name)", ({ start }) => {
  let engine: TestEngine;
  let throttle: LoginThrottle;
  let now: number;
  let username: string;

  /** An attempt that fails; whether it reached the password's check. */
  const isLetIn = (address: string): Promise<boolean> =>
    throttle.begin(username, address).then(
      () => true,
      (error: unknown) => {
        expect(error).toEqual(problem("too_many_attempts"));
        return false;
      },
    );
  const letIn = async (times: number, address: string): Promise<number> => {
    let count = 0;
    for (let time = 0; time < times; time++) count += (await isLetIn(address)) ? 1 : 0;
    return count;
  };
  const countOf = async (address?: string): Promise<Record<string, unknown> | undefined> => {
    return stored(failuresKey(username, address && originOf(username, address)));
  };
  const stored = async (key: Key): Promise<Record<string, unknown> | undefined> => {
    const { Item } = await engine.client.send(
      new GetItemCommand({ TableName: engine.tables.accounts, Key: toItem(key), ConsistentRead: true }),
    );
    return Item;
  };
  const knownAt = (address: string) => stored(knownKey(username, originOf(username, address)));
  const logIn = async (address: string): Promise<void> => throttle.succeed(await throttle.begin(username, address));
  const attemptFrom = (address: string): Attempt => ({
    username,
    origin: originOf(username, address),
    source: originOf(username, address),
    isCounted: true,
  });
  /** Fills the username's count from as many addresses as it takes. */
  const fill = async (): Promise<void> => {
    const everywhere = Array.from({ length: 110 }, (_, at) => isLetIn(`stranger ${at}`));
    await Promise.all(everywhere);
    expect(await isLetIn("one more stranger")).toBe(false);
  };
  /** What the database is asked. */
  const commandsOf = async (work: (watched: LoginThrottle) => Promise<unknown>): Promise<string[]> => {
    const commands: string[] = [];
    const send = async (...call: Parameters<Database["send"]>) => {
      commands.push(call[0].constructor.name);
      return engine.client.send(...call);
    };
    await work(new LoginThrottle({ database: { send } as Database, name: engine.tables.accounts }, () => now));
    return commands.sort();
  };

  beforeAll(async () => {
    engine = await start();
    throttle = new LoginThrottle(engine.accounts, () => now);
  });
  beforeEach(() => {
    now = START;
    username = newUsername();
  });
  afterAll(() => engine?.stop());

  it("lets 10 failures from one address in, and says when the next may come", async () => {
    expect(await letIn(10, "a")).toBe(10);
    now += 4 * MINUTE + 1;
    const refused = await throttle.begin(username, "a").catch((error: unknown) => error);
    expect(refused).toEqual(problem("too_many_attempts"));
    expect(refused).toMatchObject({ status: 429, code: "too_many_attempts", retryAfter: 11 * 60 });
  });

  it("lets exactly 10 of 50 at once in", async () => {
    const letInAtOnce = await Promise.all(Array.from({ length: 50 }, () => isLetIn("a")));
    expect(letInAtOnce.filter(Boolean)).toHaveLength(10);
  });

  it("counts each address and each username by itself", async () => {
    await letIn(10, "a");
    expect(await isLetIn("b")).toBe(true);
    username = newUsername();
    expect(await isLetIn("a")).toBe(true);
  });

  it("ends the lock with its window, however often it is tried meanwhile", async () => {
    await letIn(10, "a");
    for (; now < START + WINDOW; now += MINUTE) expect(await isLetIn("a")).toBe(false);
    expect(now).toBe(START + WINDOW);
    expect(await letIn(11, "a")).toBe(10);
  });

  it("keeps the lock until the window's last millisecond", async () => {
    await letIn(10, "a");
    now = START + WINDOW - 1;
    expect(await isLetIn("a")).toBe(false);
  });

  it("shuts nobody out for longer when a clock that was ahead is set back", async () => {
    now = START + DAY;
    await letIn(10, "a");
    // The clocks of two functions may be a minute apart: the window counts for the one that is behind.
    now = START + DAY - MINUTE;
    expect(await isLetIn("a")).toBe(false);
    now = START + DAY - MINUTE - 1;
    expect(await letIn(11, "a")).toBe(10);
    now += WINDOW;
    expect(await isLetIn("a")).toBe(true);
  });

  it("begins the window with its first failure, not with its last", async () => {
    await letIn(9, "a");
    now = START + WINDOW - 1;
    await letIn(1, "a");
    now = START + WINDOW;
    expect(await isLetIn("a")).toBe(true);
  });

  it("lets 100 failures from everywhere in, and locks no longer than the window", async () => {
    for (let address = 0; address < 10; address++) expect(await letIn(10, `from ${address}`)).toBe(10);
    expect(await isLetIn("from somewhere else")).toBe(false);
    now = START + WINDOW;
    expect(await isLetIn("from somewhere else")).toBe(true);
  });

  it("lets exactly 100 of 120 from as many addresses at once in", async () => {
    const letInAtOnce = await Promise.all(Array.from({ length: 120 }, (_, at) => isLetIn(`from ${at}`)));
    expect(letInAtOnce.filter(Boolean)).toHaveLength(100);
  });

  it("forgets an address's failures, and takes back the success from the username's count", async () => {
    await letIn(7, "a");
    await letIn(2, "b");
    await logIn("a");
    expect(await countOf("a")).toBeUndefined();
    expect(await countOf("b")).toMatchObject({ attempts: { N: "2" } });
    expect(await countOf()).toMatchObject({ attempts: { N: "9" } });
  });

  it("lets in who finds the count full in the moment in which a success takes itself back", async () => {
    for (let address = 0; address < 100; address++) await isLetIn(`${address}`);
    let looks = 0;
    const send = async (...call: Parameters<Database["send"]>) => {
      if (isLook(call[0])) {
        looks += 1;
        await throttle.succeed(attemptFrom("0"));
      }
      return engine.client.send(...call);
    };
    const late = new LoginThrottle({ database: { send } as Database, name: engine.tables.accounts }, () => now);
    await late.begin(username, "another");
    expect(looks).toBe(1);
  });

  it("gives no credit for a success whose window is over or was never begun", async () => {
    await throttle.succeed(attemptFrom("a"));
    expect(await countOf()).toBeUndefined();
    const attempt = await throttle.begin(username, "a");
    now += WINDOW;
    await throttle.succeed(attempt);
    expect(await countOf()).toMatchObject({ attempts: { N: "1" } });
    now = START;
    for (let time = 0; time < 3; time++) await throttle.succeed(attempt);
    expect(await countOf()).toMatchObject({ attempts: { N: "0" } });
  });

  it("takes all addresses of one IPv6 /64 for one", async () => {
    const addresses = Array.from({ length: 50 }, (_, at) => `2001:db8:1:2::${at.toString(16)}`);
    const letInAtOnce = await Promise.all(addresses.map(isLetIn));
    expect(letInAtOnce.filter(Boolean)).toHaveLength(10);
    expect(await isLetIn("2001:db8:1:3::1")).toBe(true);
    expect(await countOf()).toMatchObject({ attempts: { N: "11" } });
  });

  describe("from an address that the user has logged in from", () => {
    beforeEach(() => logIn("home"));

    it("lets them in, window after window, though the username's count is full", async () => {
      for (let window = 0; window < 2; window++) {
        await fill();
        await logIn("home");
        expect(await letIn(11, "home")).toBe(10);
        expect(await isLetIn("another stranger")).toBe(false);
        now += WINDOW;
      }
    });

    it("lets exactly 10 of 50 at once in, whether the username's count is full or not", async () => {
      const all = () => Promise.all(Array.from({ length: 50 }, () => isLetIn("home")));
      expect((await all()).filter(Boolean)).toHaveLength(10);
      now += WINDOW;
      await fill();
      expect((await all()).filter(Boolean)).toHaveLength(10);
    });

    it("gives nobody else room: a success that was not counted is not taken back", async () => {
      await fill();
      for (let time = 0; time < 3; time++) await logIn("home");
      expect(await countOf()).toMatchObject({ attempts: { N: "100" } });
      expect(await isLetIn("another stranger")).toBe(false);
    });

    it("knows it for this user, for 30 days since the last success, and no longer", async () => {
      now += 20 * DAY;
      await logIn("home");
      expect(await knownAt("home")).toMatchObject({ expiresAt: { N: String((START + 50 * DAY) / 1_000) } });
      now = START + 50 * DAY - 1;
      await fill();
      expect(await isLetIn("home")).toBe(true);
      now = START + 50 * DAY;
      expect(await isLetIn("home")).toBe(false);
      username = newUsername();
      await fill();
      expect(await isLetIn("home")).toBe(false);
    });

    it("knows the whole /64", async () => {
      await logIn("2001:db8:1:2::1");
      await fill();
      expect([await isLetIn("2001:db8:1:2:ffff::2"), await isLetIn("2001:db8:1:3::1")]).toEqual([true, false]);
    });

    it("does not know it for a failure, and not for a login that came to nothing", async () => {
      await isLetIn("not home");
      expect(await knownAt("not home")).toBeUndefined();
      const attempt = await throttle.begin(username, "home");
      await throttle.succeed(attempt);
      await throttle.revoke(attempt);
      expect(await knownAt("home")).toBeUndefined();
      await fill();
      expect(await isLetIn("home")).toBe(false);
    });

    it("asks the database the same as for a name that nobody has", async () => {
      const [theirs, nobodys] = [username, newUsername()];
      const letIn = ["GetItemCommand", "UpdateItemCommand", "UpdateItemCommand", "UpdateItemCommand"];
      await throttle.begin(theirs, "not home");
      await throttle.begin(nobodys, "not home");
      expect(await commandsOf((watched) => watched.begin(theirs, "home"))).toEqual(letIn);
      expect(await commandsOf((watched) => watched.begin(nobodys, "home"))).toEqual(letIn);
    });

    it("forgets all of a user's with the account, and nobody else's", async () => {
      const removed = username;
      await logIn("work");
      const attempts = ["home", "work"].map((address) => knownKey(removed, originOf(removed, address)));
      username = newUsername();
      await logIn("home");
      await throttle.beginOwn("an-id");
      await throttle.removeAll("an-id", removed);
      expect(await Promise.all([...attempts, ownFailuresKey("an-id")].map(stored))).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      expect(await knownAt("home")).toBeDefined();
    });
  });

  it("stores no address", async () => {
    await logIn("192.0.2.77");
    await isLetIn("192.0.2.77");
    const { Items } = await engine.client.send(
      new QueryCommand({
        TableName: engine.tables.accounts,
        KeyConditionExpression: "#owner = :owner",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":owner": { S: nameOwner(username) } },
      }),
    );
    expect(Items).toHaveLength(3);
    expect(JSON.stringify(Items)).not.toContain("192.0.2");
  });

  describe("for a user's own sessions", () => {
    let userId: string;
    const isLetInOwn = (): Promise<boolean> =>
      throttle.beginOwn(userId).then(
        () => true,
        (error: unknown) => {
          expect(error).toEqual(problem("too_many_attempts"));
          return false;
        },
      );

    beforeEach(() => {
      userId = randomUUID();
    });

    it("lets exactly 10 of 50 at once in, until the window ends", async () => {
      const letInAtOnce = await Promise.all(Array.from({ length: 50 }, isLetInOwn));
      expect(letInAtOnce.filter(Boolean)).toHaveLength(10);
      now += WINDOW - 1;
      expect(await isLetInOwn()).toBe(false);
      await expect(throttle.beginOwn(userId)).rejects.toMatchObject({ retryAfter: 1 });
      now += 1;
      expect(await isLetInOwn()).toBe(true);
    });

    it("starts afresh with a success, and counts each user by itself", async () => {
      for (let time = 0; time < 10; time++) await isLetInOwn();
      await throttle.succeedOwn(userId);
      for (let time = 0; time < 10; time++) expect(await isLetInOwn()).toBe(true);
      expect(await isLetInOwn()).toBe(false);
      await expect(throttle.beginOwn(randomUUID())).resolves.toBeUndefined();
    });
  });

  it("lets the database remove a count when its window is over", async () => {
    await isLetIn("a");
    for (const count of [await countOf("a"), await countOf()]) {
      expect(count).toMatchObject({ expiresAt: { N: String((START + WINDOW) / 1_000) } });
    }
  });
});

describe("LoginThrottle on a database that misbehaves", () => {
  const refuse = () => {
    throw new ConditionalCheckFailedException({ message: "", $metadata: {} });
  };
  const throttleOn = (send: (command: unknown) => unknown) =>
    new LoginThrottle(
      { database: { send: async (command: unknown) => send(command) } as Database, name: "accounts" },
      () => START,
    );

  it("is unavailable when the count changes between each two looks", async () => {
    let looks = 0;
    const throttle = throttleOn((command) => {
      if (!(command instanceof GetItemCommand)) return refuse();
      if (isLook(command)) looks += 1;
      return {};
    });
    await expect(throttle.begin("ann", "a")).rejects.toThrow(Unavailable);
    expect(looks).toBe(3);
  });

  it("is unavailable when the database is", async () => {
    const throttle = throttleOn(() => {
      throw Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    });
    await expect(throttle.begin("ann", "a")).rejects.toThrow(Unavailable);
    await expect(throttle.succeed({ username: "ann", origin: "a", source: "a", isCounted: true })).rejects.toThrow(
      Unavailable,
    );
  });

  it("hides no fault of its own", async () => {
    const throttle = throttleOn(() => {
      throw new RangeError("a defect");
    });
    await expect(throttle.begin("ann", "a")).rejects.toThrow(RangeError);
  });
});
