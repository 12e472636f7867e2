import { randomUUID } from "node:crypto";
import type { QueryCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Sessions } from "../../lib/accounts/sessions.ts";
import { Users } from "../../lib/accounts/users.ts";
import { mayBeConnected, Profiles, type User } from "../../lib/channel/profiles.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import { CONNECTION_PREFIX, profileKey, userOwner } from "../../lib/database/account-keys.ts";
import type { Database } from "../../lib/database/database.ts";
import { findRecords } from "../../lib/database/find-records.ts";
import { updateRecord } from "../../lib/database/update-record.ts";
import { Connections } from "../../lib/live/connections.ts";
import { Listeners } from "../../lib/live/listeners.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { newUsername } from "../support/logins.ts";

const MOST = LIMITS.live.connections;

describe.each(engines)("connections on $name", ({ start }) => {
  let engine: TestEngine;
  let connections: Connections;
  let listeners: Listeners;
  let userId: string;
  let now: number;

  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() => {
    now = Date.now();
    userId = randomUUID();
    connections = new Connections(engine.accounts, () => now);
    listeners = new Listeners(engine.accounts, () => now);
  });

  const isHeld = async (connectionId: string, consistent: boolean) =>
    (await connections.holderOf(connectionId, consistent))?.userId === userId;
  const add = (connectionId: string, sessionId = "session") => connections.add(connectionId, { userId, sessionId });
  const idsOf = async (id = userId) => (await listeners.list(id, true)).map(({ connectionId }) => connectionId).sort();

  /** With what has expired. */
  const storedIds = async () => {
    const owner = userOwner(userId);
    const selection = { owner, prefix: CONNECTION_PREFIX, consistent: true };
    const items = await findRecords(engine.accounts, selection);
    return items.map(({ record }) => record.slice(CONNECTION_PREFIX.length));
  };

  it("are found by their user, with their session, and by themselves", async () => {
    await add("one=", "session-1");
    await add("two=", "session-2");
    expect(await listeners.list(userId)).toEqual([
      { connectionId: "one=", sessionId: "session-1", deviceId: "shared" },
      { connectionId: "two=", sessionId: "session-2", deviceId: "shared" },
    ]);
    expect([await isHeld("one=", true), await isHeld("none=", true)]).toEqual([true, false]);
    expect(await idsOf(randomUUID())).toEqual([]);
  });

  it("are read consistently only where that is asked for: it costs twice as much", async () => {
    const asked: unknown[] = [];
    const database = {
      send(command: QueryCommand) {
        asked.push(command.input.ConsistentRead);
        return engine.client.send(command);
      },
    } as unknown as Database;
    const recorded = new Listeners({ ...engine.accounts, database }, () => now);
    await recorded.list(userId);
    await recorded.list(userId, true);
    expect(asked).toEqual([false, true]);
  });

  it("are none of what is no user's id, and nothing is read for it", async () => {
    const unread = { name: "no table", database: {} as Database };
    expect(await new Listeners(unread, () => now).list("a-group")).toEqual([]);
  });

  it("name the device of their session, and its channel", async () => {
    const onDevice = { userId, sessionId: "session", deviceId: "a-device", channel: "a-channel" };
    await connections.add("one=", onDevice);
    await connections.add("two=", { ...onDevice, deviceId: "shared", channel: undefined });
    expect(await listeners.list(userId)).toEqual([
      { connectionId: "one=", sessionId: "session", deviceId: "a-device", channel: "a-channel" },
      { connectionId: "two=", sessionId: "session", deviceId: "shared", channel: undefined },
    ]);
    expect(await connections.holderOf("one=", true)).toEqual({ userId, channel: "a-channel" });
    expect(await connections.holderOf("two=", true)).toEqual({ userId, channel: undefined });
  });

  describe("in the profile of their user", () => {
    const HOUR = 60 * 60_000;
    let user: User;
    beforeEach(async () => {
      user = await new Users(engine.accounts, () => now).create(newUsername(), "hash");
    });
    const read = async () => (await new Profiles(engine.accounts).find(user.id)) ?? { connectedUntil: Number.NaN };
    const connect = (id: string, by = connections, until?: number) =>
      by.add(id, { userId: user.id, sessionId: "s" }, until);

    it("are none at first, and may be there as long as one of them may be open", async () => {
      expect((await read()).connectedUntil).toBe(0);
      expect(mayBeConnected(await read(), now)).toBe(false);
      await connect("one=");
      expect(mayBeConnected(await read(), now + 2 * HOUR)).toBe(true);
      expect(mayBeConnected(await read(), now + 3 * HOUR)).toBe(false);
    });

    it("may be there where nobody has noted any: the profile is of an earlier version", async () => {
      const forget = { update: "REMOVE connectedUntil", condition: "attribute_exists(#owner)" };
      await updateRecord(engine.accounts, profileKey(user.id), forget);
      expect(mayBeConnected(await read(), now)).toBe(true);
    });

    it("may last longer than one whose session ends soon", async () => {
      await connect("one=", connections, now / 1_000 + 1);
      expect(mayBeConnected(await read(), now + 2 * HOUR)).toBe(true);
    });

    it("are noted again before the note ends, by whichever function", async () => {
      for (const by of [connections, new Connections(engine.accounts, () => now)]) {
        for (let at = 0; at < 40; at++) {
          now += 5 * 60_000;
          await connect(`${at}=`, by);
          expect(mayBeConnected(await read(), now + 2 * HOUR)).toBe(true);
        }
      }
    });

    it("are noted once for many at once: the profile may be large", async () => {
      const writes: string[] = [];
      const send = (command: { constructor: { name: string } }, ...rest: never[]) => {
        if (command.constructor.name === "UpdateItemCommand") writes.push(command.constructor.name);
        return engine.client.send(command as never, ...rest);
      };
      const counted = new Connections({ ...engine.accounts, database: { send } as never }, () => now);
      for (let at = 0; at < 5; at++) await connect(`${at}=`, counted);
      expect(writes).toHaveLength(1);
    });

    it("bring no deleted user back", async () => {
      await new Users(engine.accounts, () => now).removeProfile(user.id);
      await connect("one=");
      expect(await new Profiles(engine.accounts).find(user.id)).toBeUndefined();
    });
  });

  it("are told apart from the other records of their user", async () => {
    const user = await new Users(engine.accounts, () => now).create(`u${now}`, "hash");
    await new Sessions(engine.accounts, () => now).start(user.id);
    expect(await idsOf(user.id)).toEqual([]);
  });

  it.each([
    ["as their user's", () => listeners.remove(userId, "one=")],
    ["by themselves", () => connections.remove("one=")],
  ])("are forgotten %s, and another connection is not", async (_, forget) => {
    await add("one=");
    await add("two=");
    await forget();
    await forget();
    expect(await idsOf()).toEqual(["two="]);
    expect([await isHeld("one=", true), await isHeld("two=", true)]).toEqual([false, true]);
  });

  it("that were never stored are forgotten without a write", async () => {
    const names: string[] = [];
    const send = async (...call: Parameters<typeof engine.client.send>) => {
      names.push(call[0].constructor.name);
      return engine.client.send(...call);
    };
    await new Connections({ ...engine.accounts, database: { send } as never }, () => now).remove("none=");
    expect(names).toEqual(["GetItemCommand"]);
  });

  it("end by themselves after their time, though they are still stored", async () => {
    await add("one=");
    now += LIMITS.live.kept - 1_000;
    expect([await idsOf(), await isHeld("one=", true)]).toEqual([["one="], true]);
    now += 2_000;
    expect([await idsOf(), await isHeld("one=", true)]).toEqual([[], false]);
  });

  /** Adds so many, each a second after the one before. */
  const addAll = async (name: string, count: number) => {
    const ids = Array.from({ length: count }, (_, index) => `${name}-${String(index).padStart(2, "0")}`);
    for (const id of ids) {
      await add(id);
      now += 1_000;
    }
    return ids;
  };

  it("are not hidden by those that have expired and are still stored", async () => {
    await addAll("an-expired-one", MOST + 1);
    now += LIMITS.live.kept;
    await add("one=");
    expect(await idsOf()).toEqual(["one="]);
    expect(await listeners.list(userId)).toMatchObject([{ connectionId: "one=" }]);
  });

  it("that are too many lose the oldest, which stay proven: they are woken no more, and not closed", async () => {
    const [first = "", second = "", ...others] = await addAll("one", MOST);
    await connections.removeSurplus(userId);
    expect(await idsOf()).toEqual([first, second, ...others]);
    const late = await addAll("a-late-one", 2);
    await connections.removeSurplus(userId);
    expect(await idsOf()).toEqual([...late, ...others]);
    const held = await Promise.all([first, second, ...late].map((id) => isHeld(id, true)));
    expect(held).toEqual([true, true, true, true]);
  });

  it("that are too many lose those that have expired first", async () => {
    const [, ...stale] = await addAll("an-expired-one", MOST);
    now += LIMITS.live.kept;
    await add("one=");
    await connections.removeSurplus(userId);
    expect(await storedIds()).toEqual([...stale, "one="]);
  });

  it.each(["", "no-uuid", "x".repeat(3_000)])("of what is no user are none", async (id) => {
    expect(await listeners.list(id)).toEqual([]);
  });
});
