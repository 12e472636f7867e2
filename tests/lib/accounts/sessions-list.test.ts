import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Sessions } from "../../../lib/accounts/sessions.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Database } from "../../../lib/database/database.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { newUserId } from "../../../lib/runtime/ids.ts";
import { engines, type TestEngine } from "../../support/engines.ts";

const START = Date.UTC(2026, 2, 1, 12);

describe.each(engines)("A user's sessions ($name)", ({ start }) => {
  let engine: TestEngine;
  let sessions: Sessions;
  let userId: string;
  let now: number;
  const consistent: unknown[] = [];

  beforeAll(async () => {
    engine = await start();
    const send = (command: { input: { ConsistentRead?: boolean } }) => {
      if (command.constructor.name === "QueryCommand") consistent.push(command.input.ConsistentRead);
      return engine.client.send(command as never);
    };
    sessions = new Sessions({ database: { send } as unknown as Database, name: engine.tables.accounts }, () => now);
  });
  afterAll(() => engine?.stop());
  beforeEach(() => {
    now = START;
    userId = newUserId();
    consistent.length = 0;
  });

  /** Begins so many, a second apart from each other, and names them. */
  async function begin(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n++, now += 1_000)
      ids.push((await sessions.start(userId, { userAgent: `client ${n}` })).sessionId);
    return ids;
  }

  const listed = async (): Promise<string[]> => (await sessions.list(userId)).map(({ sessionId }) => sessionId);

  it("are listed newest first, with what each client says of itself, strongly consistent", async () => {
    const [first, second] = await begin(2);
    const { sessionId } = await sessions.start(userId);
    expect(await sessions.list(userId)).toEqual(
      [
        { sessionId, createdAt: START + 2_000, expiresAt: START + 2_000 + LIMITS.session, userAgent: "" },
        {
          sessionId: second,
          createdAt: START + 1_000,
          expiresAt: START + 1_000 + LIMITS.session,
          userAgent: "client 1",
        },
        { sessionId: first, createdAt: START, expiresAt: START + LIMITS.session, userAgent: "client 0" },
      ].map((session) => ({ ...session, deviceId: "shared" })),
    );
    expect(consistent).toEqual([true]);
  });

  it("are nobody else's, and none where none has begun", async () => {
    expect(await listed()).toEqual([]);
    await sessions.start(newUserId());
    expect(await listed()).toEqual([]);
  });

  it("are not listed when they have expired, though their items still exist", async () => {
    const [, second] = await begin(2);
    now = START + LIMITS.session - 1;
    expect(await listed()).toHaveLength(2);
    now = START + LIMITS.session;
    expect(await listed()).toEqual([second]);
  });

  it("are all ended but the one that goes on", async () => {
    const [, second] = await begin(3);
    await sessions.endAll(userId, second);
    expect(await listed()).toEqual([second]);
    await sessions.endAll(userId);
    expect(await listed()).toEqual([]);
    expect(consistent).toEqual([true, true, true, true]);
  });

  it("are as many as the limit at most: the oldest end", async () => {
    const ids = await begin(LIMITS.sessions);
    await sessions.endSurplus(userId);
    expect(await listed()).toEqual(ids.toReversed());
    const further = await begin(2);
    await sessions.endSurplus(userId);
    expect(await listed()).toEqual([...ids, ...further].toReversed().slice(0, LIMITS.sessions));
    expect(consistent).toEqual([false, true, false, true]);
  });

  it("count none that has ended and is still stored", async () => {
    await sessions.start(userId, { device: "a device" });
    now += LIMITS.session;
    const ids = await begin(LIMITS.sessions);
    await sessions.endSurplus(userId);
    expect(await listed()).toEqual(ids.toReversed());
  });

  it("are unavailable while the database is", async () => {
    const send = () => Promise.reject(Object.assign(new Error(), { name: "ThrottlingException" }));
    const failing = new Sessions({ database: { send } as unknown as Database, name: "accounts" }, () => now);
    await expect(failing.list(userId)).rejects.toThrow(Unavailable);
    await expect(failing.endAll(userId)).rejects.toThrow(Unavailable);
    await expect(failing.endSurplus(userId)).rejects.toThrow(Unavailable);
  });
});
