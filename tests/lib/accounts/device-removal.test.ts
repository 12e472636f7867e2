import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { HEAD_POSITION } from "../../../lib/channel/head.ts";
import { profileKey } from "../../../lib/database/account-keys.ts";
import { deleteRecord } from "../../../lib/database/delete-record.ts";
import { Connections } from "../../../lib/live/connections.ts";
import { hangUpBy } from "../../../lib/live/hang-up.ts";
import { Listeners } from "../../../lib/live/listeners.ts";
import type { LiveGateway } from "../../../lib/live/live-gateway.ts";
import { InvalidToken, Unavailable } from "../../../lib/runtime/errors.ts";
import { channelKey } from "../../../lib/runtime/ids.ts";
import type { Caller } from "../../../lib/tokens/tokens.ts";
import { type AccountParts, accountsOn } from "../../support/accounts.ts";
import { type Breakable, breakable } from "../../support/breakable.ts";
import { type DeviceUser, deviceUsers } from "../../support/device-users.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";

const START = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;
const DAYS_30 = 30 * 86_400;

describe.each(engines)("The end of a device ($name)", ({ start }) => {
  let engine: TestEngine;
  let database: Breakable;
  let parts: AccountParts;
  let users: ReturnType<typeof deviceUsers>;
  let connections: Connections;
  let listeners: Listeners;
  let user: DeviceUser;
  let time: number;
  const now = () => time;
  const closed: string[] = [];
  let isGatewayBroken = false;

  beforeAll(async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    engine = await start();
    database = breakable(engine.client);
    const table = { database, name: engine.tables.accounts };
    connections = new Connections(table, now);
    listeners = new Listeners(table, now);
    const gateway: LiveGateway = async ({ connectionId }) => {
      if (isGatewayBroken) throw new Error("the gateway is out of reach");
      closed.push(connectionId);
      return true;
    };
    parts = accountsOn(database, engine.tables, now, "open", hangUpBy(listeners, gateway));
    users = deviceUsers(parts, engine, now);
  });
  beforeEach(async () => {
    time = START;
    database.breakAt(undefined);
    closed.length = 0;
    isGatewayBroken = false;
    user = await users.register();
  });
  afterAll(() => engine?.stop());

  const lives = async (caller: Caller): Promise<boolean> =>
    parts.sessionCheck.require(caller).then(
      () => true,
      (error: unknown) => {
        expect(error).toBeInstanceOf(InvalidToken);
        return false;
      },
    );

  async function isClosed({ userId, channel }: Caller): Promise<boolean> {
    const Key = { receiverId: { S: channelKey(userId, channel) }, position: { S: HEAD_POSITION } };
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: engine.tables.channels, Key }));
    return Item?.["expiresAt"]?.N === String(Math.floor(time / 1_000) + DAYS_30);
  }

  /** Two devices, the second of them long enough there to take over. */
  async function twoDevices(somebody = user): Promise<[first: Caller, second: Caller]> {
    const first = await somebody.begin({ deviceName: "Laptop" });
    const second = await somebody.begin({ deviceName: "Phone" });
    time += 2 * MINUTE;
    return [first, second];
  }

  /** All that somebody can still fetch: what waits on devices that are in use, and what the next login by a name would find. */
  async function reachable(somebody: DeviceUser): Promise<string[]> {
    const found = await Promise.all((await somebody.devices()).map(({ channel }) => somebody.waiting(channel)));
    return found.flat();
  }

  describe("by a logout", () => {
    it("makes the last one dormant: what waits there is found by the next login with a name", async () => {
      const laptop = await user.begin({ deviceName: "Laptop" });
      await user.put(laptop.channel, "waits");
      await parts.deviceRemoval.logOut(laptop);
      expect(await lives(laptop)).toBe(false);
      const last = laptop.deviceId;
      expect(await user.devices()).toEqual([{ came: START, there: START, seen: expect.any(Number), last }]);
      expect(await isClosed(laptop)).toBe(false);
      expect(await user.waiting((await user.begin({ deviceName: "Phone" })).channel)).toEqual(["waits"]);
    });

    it("takes a younger one off the map at once, and closes its channel", async () => {
      const [first, second] = await twoDevices();
      await parts.deviceRemoval.logOut(second);
      expect(await user.devices()).toMatchObject([{ id: first.deviceId }]);
      expect([await isClosed(second), await isClosed(first)]).toEqual([true, false]);
      expect([...(await parts.deviceNames.list(user.userId)).keys()]).toEqual([first.deviceId]);
    });

    it("of the oldest puts what waits there on the next", async () => {
      const first = await user.begin({ deviceName: "Laptop" });
      await user.put(first.channel, "sent before the phone");
      const second = await user.begin({ deviceName: "Phone" });
      time += 2 * MINUTE;
      await parts.deviceRemoval.logOut(first);
      expect(await user.waiting(second.channel)).toEqual(["sent before the phone"]);
      expect(await user.devices()).toMatchObject([{ id: second.deviceId }]);
      expect(await isClosed(first)).toBe(true);
    });

    it("counts the shared device for nothing: the last one of its own stays, dormant", async () => {
      const laptop = await user.begin({ deviceName: "Laptop" });
      await user.begin();
      time += 2 * MINUTE;
      await user.put(laptop.channel, "waits");
      await parts.deviceRemoval.logOut(laptop);
      expect((await user.begin({ deviceName: "Phone" })).channel).toBe(laptop.channel);
      expect(await user.waiting(laptop.channel)).toEqual(["waits"]);
    });

    it("of the shared device ends the session alone", async () => {
      const [one, two] = [await user.begin(), await user.begin()];
      await parts.deviceRemoval.logOut(one);
      expect([await lives(one), await lives(two)]).toEqual([false, true]);
      expect(await user.devices()).toMatchObject([{ id: "shared" }]);
      await parts.deviceRemoval.logOut(two);
      expect(await user.devices()).toMatchObject([{ id: "shared" }]);
    });

    it("of the shared device reads no map: there is nothing to change", async () => {
      const shared = await user.begin();
      database.breakAt({ what: '"record":{"S":"profile"}', before: true });
      await parts.deviceRemoval.logOut(shared);
      database.breakAt(undefined);
      expect(await lives(shared)).toBe(false);
    });

    it("ends the session alone where the device has left meanwhile, or the user was deleted", async () => {
      const laptop = await user.begin({ deviceName: "Laptop" });
      await parts.devices.change(user.userId, (map) => ({ map: { ...map, devices: [{ came: 1, seen: 1 }] } }));
      await parts.deviceRemoval.logOut(laptop);
      expect(await lives(laptop)).toBe(false);
      const deleted = await users.register();
      const last = await deleted.begin({ deviceName: "Laptop" });
      await deleteRecord(engine.accounts, profileKey(deleted.userId));
      await parts.deviceRemoval.logOut(last);
      expect(await lives(last)).toBe(false);
      expect(await parts.deviceRemoval.resumeLogOut(last)).toBe(false);
      expect(await parts.deviceRemoval.remove(deleted.userId, last.deviceId ?? "")).toBe(false);
    });

    it("ends the session and the device where there are no WebSocket connections at all", async () => {
      const laptop = await user.begin({ deviceName: "Laptop" });
      const { deviceRemoval } = accountsOn(database, engine.tables, now);
      await deviceRemoval.logOut(laptop);
      expect(await lives(laptop)).toBe(false);
      expect((await user.devices()).filter(({ id }) => id !== undefined)).toEqual([]);
    });

    it("ends nothing but its own session once another login has taken the device", async () => {
      const before = await user.begin({ deviceName: "Laptop" });
      const after = await user.begin({ deviceId: before.deviceId });
      await parts.deviceRemoval.logOut(before);
      expect(await lives(after)).toBe(true);
      expect(await user.devices()).toMatchObject([{ id: after.deviceId, session: after.sessionId }]);
    });
  });

  it("within the next one's first minute keeps it getting messages, and hands on what came until then", async () => {
    const first = await user.begin({ deviceName: "Laptop" });
    await user.put(first.channel, "sent before the phone");
    const second = await user.begin({ deviceName: "Phone" });
    await parts.deviceRemoval.logOut(first);
    expect(await lives(first)).toBe(false);
    const [entry] = await user.devices();
    expect(entry).toMatchObject({ came: START, ending: true });
    expect(entry).not.toHaveProperty("leaving");
    expect(await user.waiting(second.channel)).toEqual(["sent before the phone"]);
    // A send that had read the map without the phone.
    await user.put(first.channel, "on its way");
    time += 2 * MINUTE;
    await user.begin({ deviceId: second.deviceId });
    expect(await user.waiting(second.channel)).toEqual(["sent before the phone", "on its way"]);
    expect((await user.devices()).map(({ id }) => id)).toEqual([second.deviceId]);
  });

  it("waits as long for one whose login began long before it came: the function had stood still", async () => {
    const first = await user.begin({ deviceName: "Laptop" });
    database.interrupt("SET #devices", async () => {
      time += 10 * MINUTE;
    });
    const second = await user.begin({ deviceName: "Phone" });
    await parts.deviceRemoval.remove(user.userId, first.deviceId ?? "");
    // A send that had read the map without the phone.
    await user.put(first.channel, "on its way");
    time += 2 * MINUTE;
    await user.begin({ deviceId: second.deviceId });
    expect(await user.waiting(second.channel)).toEqual(["on its way"]);
    expect((await user.devices()).map(({ id }) => id)).toEqual([second.deviceId]);
  });

  it("tells the device that takes over what is left: its syncs go on", async () => {
    const first = await user.begin({ deviceName: "Laptop" });
    const second = await user.begin({ deviceName: "Phone" });
    await parts.deviceRemoval.logOut(first);
    expect(await parts.sessionCheck.require(second)).toMatchObject({ heir: START });
    // A session that begins there since is told as well.
    const again = await user.begin({ deviceId: second.deviceId });
    expect(await parts.sessionCheck.require(again)).toMatchObject({ heir: START });
    const tablet = await user.begin({ deviceName: "Tablet" });
    expect(await parts.sessionCheck.require(tablet)).toMatchObject({ heir: START });
  });

  it("ends no session of a shared device that has come since, which has the same id", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    const before = await user.begin();
    let after: Caller | undefined;
    database.interrupt('":prefix":{"S":"session#"}', async () => {
      after = await user.begin();
    });
    await parts.deviceRemoval.remove(user.userId, "shared");
    if (after === undefined) throw new Error("no login came in between");
    expect([await lives(before), await lives(after), await lives(laptop)]).toEqual([false, true, true]);
    const shared = (await user.devices()).filter(({ id }) => id === "shared");
    expect(shared).toMatchObject([{ channel: after.channel }]);
  });

  it("ends a session that began on its channel when that was the shared device's", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    const other = await user.begin({ deviceName: "Phone" });
    // By a function of a version without devices.
    const { sessionId } = await parts.sessions.start(user.userId);
    await parts.deviceRemoval.remove(user.userId, laptop.deviceId ?? "");
    const stale: Caller = { userId: user.userId, username: user.username, sessionId };
    expect([await lives(laptop), await lives(stale), await lives(other)]).toEqual([false, false, true]);
  });

  it("lets nobody log in on it from the mark on, while its sessions still live", async () => {
    const [first, second] = await twoDevices();
    database.interrupt('":prefix":{"S":"session#"}', async () => {
      await expect(user.begin({ deviceId: first.deviceId })).rejects.toThrow(problem("device_expired"));
      expect(await lives(first)).toBe(true);
    });
    expect(await parts.deviceRemoval.remove(user.userId, first.deviceId ?? "")).toBe(true);
    expect([await lives(first), await lives(second)]).toEqual([false, true]);
  });

  it("frees its channel for another client only once its sessions have ended", async () => {
    const first = await user.begin({ deviceName: "Laptop" });
    database.breakAt({ what: '":prefix":{"S":"session#"}', before: true });
    await expect(parts.deviceRemoval.remove(user.userId, first.deviceId ?? "")).rejects.toThrow(Unavailable);
    database.breakAt(undefined);
    expect(await lives(first)).toBe(true);
    // The next login finishes the removal before it is answered, so that it has the channel to itself by then.
    const next = await user.begin({ deviceName: "Phone" });
    expect(next.channel === first.channel && (await lives(first))).toBe(false);
    const later = await user.begin({ deviceName: "Tablet" });
    expect(await lives(first)).toBe(false);
    expect(new Set([next.channel, later.channel]).size).toBe(2);
  });

  describe("and its connections", () => {
    async function connect(caller: Caller, connectionId: string): Promise<void> {
      await connections.add(connectionId, caller);
    }
    const connected = async (): Promise<string[]> =>
      (await listeners.list(user.userId, true)).map(({ connectionId }) => connectionId).sort();

    it("are gone once a logout is answered, and those of other devices stay", async () => {
      const [first, second] = await twoDevices();
      await connect(first, "one=");
      await connect(second, "two=");
      await parts.deviceRemoval.logOut(first);
      expect(await connected()).toEqual(["two="]);
      expect(closed).toEqual(["one="]);
    });

    it("are gone though they cannot be closed", async () => {
      const [first] = await twoDevices();
      await connect(first, "one=");
      isGatewayBroken = true;
      await parts.deviceRemoval.logOut(first);
      expect(await connected()).toEqual([]);
    });

    it("are no success while their records cannot be removed", async () => {
      const [first] = await twoDevices();
      await connect(first, "one=");
      const failing = vi.spyOn(listeners, "remove").mockRejectedValue(new Unavailable("broken"));
      await expect(parts.deviceRemoval.logOut(first)).rejects.toThrow(Unavailable);
      failing.mockRestore();
      expect(await lives(first)).toBe(true);
      await parts.deviceRemoval.logOut(first);
      expect([await connected(), await lives(first)]).toEqual([[], false]);
    });

    it("of the shared device go with it, those from before devices existed too", async () => {
      const [one, two] = [await user.begin(), await user.begin()];
      const laptop = await user.begin({ deviceName: "Laptop" });
      await connect(one, "one=");
      await connections.add("two=", { userId: two.userId, sessionId: two.sessionId });
      await connect(laptop, "three=");
      await parts.deviceRemoval.remove(user.userId, "shared");
      expect(await connected()).toEqual(["three="]);
      expect([await lives(one), await lives(two), await lives(laptop)]).toEqual([false, false, true]);
    });
  });

  describe("that was interrupted", () => {
    const healers: Record<string, (somebody: DeviceUser, first: Caller, second: Caller) => Promise<unknown>> = {
      "its repeat": (somebody, first) => parts.deviceRemoval.remove(somebody.userId, first.deviceId ?? ""),
      "the repeat of the logout": async (_, first) => {
        const isLive = await lives(first);
        if (isLive) await parts.deviceRemoval.logOut(first);
        else await parts.deviceRemoval.resumeLogOut(first);
      },
      "a login on the other device": (somebody, _, second) => somebody.begin({ deviceId: second.deviceId }),
      "a login on a further device": (somebody) => somebody.begin({ deviceName: "Tablet" }),
      "the removal of the other one": async (somebody, first, second) => {
        await parts.deviceRemoval.remove(somebody.userId, second.deviceId ?? "");
        await parts.deviceRemoval.remove(somebody.userId, first.deviceId ?? "");
      },
    };

    /** Does something, and has the database end at a command of it. @returns Whether it was done before that command. */
    async function interrupt(at: number, work: () => Promise<unknown>): Promise<boolean> {
      database.breakAt({ command: at, before: at % 2 === 0 });
      const outcome = await work().catch((error: unknown) => error);
      const isDone = database.count <= at;
      database.breakAt(undefined);
      if (outcome !== undefined) expect(outcome).toBeInstanceOf(Unavailable);
      return isDone;
    }

    /** @returns Whether the logout was done before it could be interrupted. */
    async function interruptAndHeal(at: number, who: string): Promise<boolean> {
      const what = `interrupted at command ${at}, healed by ${who}`;
      const somebody = await users.register();
      const first = await somebody.begin({ deviceName: "Laptop" });
      await somebody.put(first.channel, "waits");
      const second = await somebody.begin({ deviceName: "Phone" });
      time += 2 * MINUTE;
      const isDone = await interrupt(at, () => parts.deviceRemoval.logOut(first));
      // A session that has ended must leave no device that seems to be in use.
      const isMarked = !(await somebody.devices()).some(({ id, ending }) => id === first.deviceId && !ending);
      const hasBegun = isMarked || !(await lives(first));
      await healers[who]?.(somebody, first, second);
      time += 2 * MINUTE;
      await somebody.begin({ deviceName: "Tablet", loginId: "the last one to look" });
      expect(await reachable(somebody), what).toContain("waits");
      if (!hasBegun) return isDone;
      expect(await lives(first), what).toBe(false);
      const left = await somebody.devices();
      expect(
        left.filter(({ id, ending }) => ending || id === first.deviceId),
        what,
      ).toEqual([]);
      return isDone;
    }

    it.each(Object.keys(healers))(
      "is finished by %s, wherever that was, and loses nothing that waits",
      async (who) => {
        let at = 0;
        while (!(await interruptAndHeal(at, who))) at += 1;
        expect(at).toBeGreaterThan(8);
      },
      180_000,
    );

    it("as part of the deletion of the account closes the channels of all devices before the profile goes", async () => {
      const remove = (caller: Caller) => parts.accounts.remove(caller, "a password");
      async function interruptAndRepeat(at: number): Promise<boolean> {
        const somebody = await users.register();
        const [first, second] = await twoDevices(somebody);
        const callers = [first, second, await somebody.begin()];
        const areClosed = async () => (await Promise.all(callers.map(isClosed))).every(Boolean);
        const isDone = await interrupt(at, () => remove(first));
        const hasProfile = (await somebody.devices()).length > 0;
        expect(hasProfile || (await areClosed()), `interrupted at command ${at}`).toBe(true);
        await remove(first);
        expect(await areClosed(), `interrupted at command ${at}`).toBe(true);
        expect(await Promise.all(callers.map(lives))).toEqual([false, false, false]);
        expect(await somebody.devices()).toEqual([]);
        expect(await parts.deviceNames.list(somebody.userId)).toEqual(new Map());
        return isDone;
      }
      let at = 0;
      while (!(await interruptAndRepeat(at))) at += 1;
      expect(at).toBeGreaterThan(10);
    });

    it("is no failure where only the hand-over was: the rest is done later", async () => {
      const first = await user.begin({ deviceName: "Laptop" });
      await user.put(first.channel, "waits");
      const second = await user.begin({ deviceName: "Phone" });
      time += 2 * MINUTE;
      database.breakAt({ what: `"receiverId":{"S":"${channelKey(user.userId, second.channel)}"}`, before: true });
      vi.mocked(console.warn).mockClear();
      await parts.deviceRemoval.logOut(first);
      database.breakAt(undefined);
      expect(JSON.stringify(vi.mocked(console.warn).mock.calls)).toContain("could not finish the end of a device");
      expect((await user.devices())[0]).toMatchObject({ leaving: true });
      // Its id is dead from then on.
      expect(await parts.deviceRemoval.remove(user.userId, first.deviceId ?? "")).toBe(false);
      await user.begin({ deviceId: second.deviceId });
      expect(await user.waiting(second.channel)).toEqual(["waits"]);
      expect((await user.devices()).map(({ id }) => id)).toEqual([second.deviceId]);
    });
  });

  it("is left to the heir's syncs where it is interrupted once the sessions have ended: the map and the heir say so", async () => {
    const [first, second] = await twoDevices();
    // The mark is written, then that the sessions have ended. What comes after that is done later.
    const breakAtWrite = (write: number): void =>
      database.interrupt("SET #devices", async () => {
        if (write === 1) database.breakAt({ command: 0, before: true });
        else breakAtWrite(write - 1);
      });
    breakAtWrite(3);
    await parts.deviceRemoval.logOut(first);
    database.breakAt(undefined);
    expect(await user.devices()).toMatchObject([
      { id: first.deviceId, ending: true, ended: true },
      { id: second.deviceId },
    ]);
    expect((await user.devices())[0]).not.toHaveProperty("leaving");
    expect(await parts.sessionCheck.require(second)).toMatchObject({ heir: time });
  });

  it("is resumed by the session that has ended, and by no other", async () => {
    const [first, second] = await twoDevices();
    database.interrupt(`session#${first.sessionId}`, async () => database.breakAt({ command: 1, before: true }));
    await expect(parts.deviceRemoval.logOut(first)).rejects.toThrow(Unavailable);
    database.breakAt(undefined);
    expect((await user.devices())[0]).toMatchObject({ id: first.deviceId, ending: true });
    expect((await user.devices())[0]).not.toHaveProperty("ended");
    const stranger = await users.register();
    expect(await parts.deviceRemoval.resumeLogOut(second)).toBe(false);
    expect(await parts.deviceRemoval.resumeLogOut({ ...first, userId: stranger.userId })).toBe(false);
    expect(await lives(second)).toBe(true);
    expect(await parts.deviceRemoval.resumeLogOut(first)).toBe(true);
    expect((await user.devices()).map(({ id }) => id)).toEqual([second.deviceId]);
    expect(await parts.deviceRemoval.resumeLogOut(first)).toBe(false);
  });

  it("finds nothing of another user, nor what never was", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    const stranger = await users.register();
    expect(await parts.deviceRemoval.remove(stranger.userId, laptop.deviceId ?? "")).toBe(false);
    expect(await parts.deviceRemoval.remove(user.userId, "A".repeat(22))).toBe(false);
    expect(await lives(laptop)).toBe(true);
  });

  describe("and of its account", () => {
    const remove = (caller: Caller) => parts.accounts.remove(caller, "a password");

    it("closes the channel of a device that comes at this very moment, and brings nothing back", async () => {
      const laptop = await user.begin({ deviceName: "Laptop" });
      let channel: string | undefined;
      // A login whose password was right before the name closed, and which is as far as the map.
      const read = parts.devices.read.bind(parts.devices);
      const reading = vi.spyOn(parts.devices, "read").mockImplementationOnce(async (userId) => {
        const map = await read(userId);
        const begun = await parts.deviceLogins.begin(userId, { deviceName: "Phone" }, "");
        channel = begun?.channel;
        return map;
      });
      await remove(laptop);
      reading.mockRestore();
      expect(channel).toBeDefined();
      expect(await isClosed({ ...laptop, channel })).toBe(true);
      expect(await user.devices()).toEqual([]);
      expect(await parts.deviceLogins.begin(user.userId, { deviceName: "Tablet" }, "")).toBeUndefined();
      expect(await user.devices()).toEqual([]);
    });
  });
});
