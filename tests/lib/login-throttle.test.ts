import { ConditionalCheckFailedException, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { failuresKey } from "../../lib/account-keys.ts";
import type { Database } from "../../lib/database.ts";
import { TooManyAttempts, Unavailable } from "../../lib/errors.ts";
import { LoginThrottle } from "../../lib/login-throttle.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { newUsername } from "../support/logins.ts";

const MINUTE = 60_000;
const WINDOW = 15 * MINUTE;
const START = Date.UTC(2026, 2, 1, 12);

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
        expect(error).toBeInstanceOf(TooManyAttempts);
        return false;
      },
    );
  const letIn = async (times: number, address: string): Promise<number> => {
    let count = 0;
    for (let time = 0; time < times; time++) count += (await isLetIn(address)) ? 1 : 0;
    return count;
  };
  const countOf = async (address?: string): Promise<Record<string, unknown> | undefined> => {
    const Key = failuresKey(username, address);
    const { Item } = await engine.client.send(
      new GetItemCommand({ TableName: engine.tables.accounts, Key, ConsistentRead: true }),
    );
    return Item;
  };

  beforeAll(async () => {
    engine = await start();
    throttle = new LoginThrottle(engine.client, engine.tables.accounts, () => now);
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
    expect(refused).toBeInstanceOf(TooManyAttempts);
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
    await throttle.begin(username, "a");
    await throttle.succeed(username, "a");
    expect(await countOf("a")).toBeUndefined();
    expect(await countOf("b")).toMatchObject({ attempts: { N: "2" } });
    expect(await countOf()).toMatchObject({ attempts: { N: "9" } });
  });

  it("lets in who finds the count full in the moment in which a success takes itself back", async () => {
    for (let address = 0; address < 100; address++) await isLetIn(`${address}`);
    const looks: unknown[] = [];
    const send = async (...call: Parameters<Database["send"]>) => {
      if (call[0] instanceof GetItemCommand) {
        looks.push(call[0].input.ConsistentRead);
        await throttle.succeed(username, "0");
      }
      return engine.client.send(...call);
    };
    const late = new LoginThrottle({ send } as Database, engine.tables.accounts, () => now);
    await late.begin(username, "another");
    expect(looks).toEqual([true]);
  });

  it("gives no credit for a success whose window is over or was never begun", async () => {
    await throttle.succeed(username, "a");
    expect(await countOf()).toBeUndefined();
    await throttle.begin(username, "a");
    now += WINDOW;
    await throttle.succeed(username, "a");
    expect(await countOf()).toMatchObject({ attempts: { N: "1" } });
    now = START;
    for (let time = 0; time < 3; time++) await throttle.succeed(username, "a");
    expect(await countOf()).toMatchObject({ attempts: { N: "0" } });
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
    new LoginThrottle({ send: async (command: unknown) => send(command) } as Database, "accounts", () => START);

  it("is unavailable when the count changes between each two looks", async () => {
    let looks = 0;
    const throttle = throttleOn((command) => (command instanceof GetItemCommand ? { looks: ++looks } : refuse()));
    await expect(throttle.begin("ann", "a")).rejects.toThrow(Unavailable);
    expect(looks).toBe(3);
  });

  it("is unavailable when the database is", async () => {
    const throttle = throttleOn(() => {
      throw Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    });
    await expect(throttle.begin("ann", "a")).rejects.toThrow(Unavailable);
    await expect(throttle.succeed("ann", "a")).rejects.toThrow(Unavailable);
  });

  it("hides no fault of its own", async () => {
    const throttle = throttleOn(() => {
      throw new RangeError("a defect");
    });
    await expect(throttle.begin("ann", "a")).rejects.toThrow(RangeError);
  });
});
