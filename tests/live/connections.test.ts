import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Connections } from "../../lib/connections.ts";
import { LIMITS } from "../../lib/limits.ts";
import { Sessions } from "../../lib/sessions.ts";
import { Users } from "../../lib/users.ts";
import { engines, type TestEngine } from "../support/engines.ts";

describe.each(engines)("connections on $name", ({ start }) => {
  let engine: TestEngine;
  let connections: Connections;
  let userId: string;
  let now: number;

  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    now = Date.now();
    userId = randomUUID();
    connections = new Connections(engine.client, engine.tables.accounts, () => now);
  });

  const add = (connectionId: string, sessionId = "session") => connections.add(connectionId, { userId, sessionId });
  const idsOf = async (id = userId) => (await connections.of(id, true)).map(({ connectionId }) => connectionId).sort();

  it("are found by their user, with their session, and by themselves", async () => {
    await add("one=", "session-1");
    await add("two=", "session-2");
    expect(await connections.of(userId)).toEqual([
      { connectionId: "one=", sessionId: "session-1" },
      { connectionId: "two=", sessionId: "session-2" },
    ]);
    expect([await connections.isHeld("one="), await connections.isHeld("none=")]).toEqual([true, false]);
    expect(await idsOf(randomUUID())).toEqual([]);
  });

  it("are told apart from the other records of their user", async () => {
    const user = await new Users(engine.client, engine.tables.accounts, () => now).create(`u${now}`, "hash");
    await new Sessions(engine.client, engine.tables.accounts, () => now).start(user.id);
    expect(await idsOf(user.id)).toEqual([]);
  });

  it.each([
    ["as their user's", () => connections.remove(userId, "one=")],
    ["by themselves", () => connections.forget("one=")],
  ])("are forgotten %s, and another connection is not", async (_, forget) => {
    await add("one=");
    await add("two=");
    await forget();
    await forget();
    expect(await idsOf()).toEqual(["two="]);
    expect([await connections.isHeld("one="), await connections.isHeld("two=")]).toEqual([false, true]);
  });

  it("end by themselves after their time, though they are still stored", async () => {
    await add("one=");
    now += LIMITS.live.kept - 1_000;
    expect([await idsOf(), await connections.isHeld("one=")]).toEqual([["one="], true]);
    now += 2_000;
    expect([await idsOf(), await connections.isHeld("one=")]).toEqual([[], false]);
  });

  it("are read up to a bound", async () => {
    const ids = Array.from({ length: LIMITS.live.connections + 1 }, (_, index) => `connection-${index}`);
    await Promise.all(ids.map((id) => add(id)));
    expect(await idsOf()).toHaveLength(LIMITS.live.connections);
  });

  it.each(["", "no-uuid", "x".repeat(3_000)])("of what is no user are none", async (id) => {
    expect(await connections.of(id)).toEqual([]);
  });
});
