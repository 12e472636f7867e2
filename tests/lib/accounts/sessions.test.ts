import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Sessions } from "../../../lib/accounts/sessions.ts";
import { sessionKey } from "../../../lib/database/account-keys.ts";
import { toItem } from "../../../lib/database/accounts-table.ts";
import type { Database } from "../../../lib/database/database.ts";
import { InvalidToken, Unavailable } from "../../../lib/runtime/errors.ts";
import { SessionCheck } from "../../../lib/tokens/session-check.ts";
import { engines, type TestEngine } from "../../support/engines.ts";

const START = Date.UTC(2026, 2, 1, 12);
const DAYS_30 = 30 * 86_400_000;

describe.each(engines)("Sessions ($name)", ({ start }) => {
  let engine: TestEngine;
  let sessions: Sessions;
  let check: SessionCheck;
  let now: number;
  const reads: boolean[] = [];

  beforeAll(async () => {
    engine = await start();
  });
  beforeEach(() => {
    const watched = {
      send: (command: GetItemCommand) => {
        if (command instanceof GetItemCommand) reads.push(command.input.ConsistentRead === true);
        return engine.client.send(command);
      },
    } as Database;
    const table = { database: watched, name: engine.tables.accounts };
    sessions = new Sessions(table, () => now);
    check = new SessionCheck(table, () => now);
    now = START;
    reads.length = 0;
  });
  afterAll(() => engine?.stop());

  const begin = async () => {
    const { sessionId, expiresAt } = await sessions.start("a-user");
    return { caller: { userId: "a-user", username: "ann", sessionId }, expiresAt };
  };

  it("begin with an id of their own and last 30 days", async () => {
    const [one, two] = [await begin(), await begin()];
    expect(one.caller.sessionId).toMatch(/^[\w-]{22}$/);
    expect(one.caller.sessionId).not.toBe(two.caller.sessionId);
    expect(one.expiresAt).toBe(START + DAYS_30);
  });

  it("are alive until they end, and not after, though their item still exists", async () => {
    const { caller } = await begin();
    for (const required of [() => check.require(caller), () => check.requireLately(caller)]) {
      now = START + DAYS_30 - 1;
      await required();
      now = START + DAYS_30;
      await expect(required()).rejects.toThrow(InvalidToken);
    }
    const Key = toItem(sessionKey("a-user", caller.sessionId));
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: engine.tables.accounts, Key }));
    expect(Item).toMatchObject({ expiresAt: { N: String((START + DAYS_30) / 1_000) } });
    expect(Item).not.toHaveProperty("userAgent");
  });

  it("are on one device and one channel: a token that names another one is refused", async () => {
    const { sessionId } = await sessions.start("a-user", { device: "laptop", channel: "its-channel" });
    const caller = { userId: "a-user", username: "ann", sessionId, deviceId: "laptop", channel: "its-channel" };
    await check.require(caller);
    for (const more of [
      { channel: undefined },
      { channel: "another" },
      { deviceId: "phone" },
      { deviceId: undefined },
    ]) {
      await expect(check.require({ ...caller, ...more })).rejects.toThrow(InvalidToken);
      await expect(check.requireLately({ ...caller, ...more })).rejects.toThrow(InvalidToken);
    }
  });

  it("move from the device that they are on, and no other, and may be moved again", async () => {
    const { caller, expiresAt } = await begin();
    const to = (device: string) => ({ device, channel: `${device}-channel`, seen: 7 });
    expect(await sessions.move(caller, "phone", to("laptop"))).toBeUndefined();
    await check.require(caller);
    expect(await sessions.move(caller, "shared", to("laptop"))).toBe(expiresAt);
    expect(await sessions.move(caller, "shared", to("laptop"))).toBe(expiresAt);
    expect(await sessions.move(caller, "shared", to("tablet"))).toBeUndefined();
    expect(await check.requireOnAnyDevice(caller)).toBe("laptop");
    expect(await sessions.move(caller, "laptop", to("tablet"))).toBe(expiresAt);
    expect(await check.requireOnAnyDevice(caller)).toBe("tablet");
  });

  it("are dead once ended, and may be ended again", async () => {
    const { caller } = await begin();
    await sessions.end(caller);
    await expect(check.require(caller)).rejects.toThrow(InvalidToken);
    await expect(check.requireLately(caller)).rejects.toThrow(InvalidToken);
    await sessions.end(caller);
  });

  it("that are gone cost no further call, and say nothing of another user's or another session", async () => {
    const [{ caller }, other] = [await begin(), await begin()];
    check.refuseGone(caller);
    await expect(check.require({ ...caller, userId: "another" })).rejects.toThrow(InvalidToken);
    await check.require(caller);
    await sessions.end(caller);
    await expect(check.requireLately(caller)).rejects.toThrow(InvalidToken);
    reads.length = 0;
    await expect(check.require(caller)).rejects.toThrow(InvalidToken);
    await expect(check.requireLately(caller)).rejects.toThrow(InvalidToken);
    expect(() => check.refuseGone(caller)).toThrow(InvalidToken);
    expect(reads).toEqual([]);
    await check.requireLately(other.caller);
  });

  it("belong to their user", async () => {
    const { caller } = await begin();
    await expect(check.require({ ...caller, userId: "another" })).rejects.toThrow(InvalidToken);
  });

  it("are read strongly consistent where it counts, and cheaply first where it does not", async () => {
    const { caller } = await begin();
    await check.require(caller);
    await check.requireLately(caller);
    expect(reads).toEqual([true, false]);
  });

  it("are looked for again, strongly consistent, when a cheap read misses them", async () => {
    const caller = { userId: "a-user", username: "ann", sessionId: "unknown" };
    await expect(check.requireLately(caller)).rejects.toThrow(InvalidToken);
    expect(reads).toEqual([false, true]);
  });
});

describe("Sessions on a database that fails", () => {
  const failing = { send: () => Promise.reject(Object.assign(new Error(), { name: "TimeoutError" })) };
  const table = { database: failing as unknown as Database, name: "accounts" };
  const sessions = new Sessions(table, () => START);
  const check = new SessionCheck(table, () => START);
  const caller = { userId: "a-user", username: "ann", sessionId: "a-session" };

  it("are unavailable, and neither alive nor ended", async () => {
    await expect(sessions.start("a-user")).rejects.toThrow(Unavailable);
    await expect(check.require(caller)).rejects.toThrow(Unavailable);
    await expect(check.requireLately(caller)).rejects.toThrow(Unavailable);
    await expect(sessions.end(caller)).rejects.toThrow(Unavailable);
  });
});
