import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ChannelCloser } from "../../../lib/channel/channel-closer.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { profileKey, sessionKey } from "../../../lib/database/account-keys.ts";
import { deleteRecord } from "../../../lib/database/delete-record.ts";
import { getRecord } from "../../../lib/database/get-record.ts";
import { Devices } from "../../../lib/devices/device-store.ts";
import { HandOver } from "../../../lib/devices/hand-over.ts";
import { Presence } from "../../../lib/devices/presence.ts";
import { WaitingCopy } from "../../../lib/devices/waiting-copy.ts";
import { InvalidToken } from "../../../lib/runtime/errors.ts";
import type { SessionAttributes } from "../../../lib/tokens/session-check.ts";
import type { Caller } from "../../../lib/tokens/tokens.ts";
import { type AccountParts, accountsOn } from "../../support/accounts.ts";
import { type Breakable, breakable } from "../../support/breakable.ts";
import { type DeviceUser, deviceUsers } from "../../support/device-users.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";

const START = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;
/** Devices come a millisecond apart at least. */
const A_MINUTE_LATER = LIMITS.devices.youngFor + 10;
const DAY = 24 * 60 * MINUTE;
/** The answer is due much later. */
const IN_TIME = Number.POSITIVE_INFINITY;
const dayAt = (time: number) => Math.floor(time / DAY);

describe.each(engines)("A sync, for the devices of its user ($name)", ({ start }) => {
  let engine: TestEngine;
  let database: Breakable;
  let parts: AccountParts;
  let presence: Presence;
  let users: ReturnType<typeof deviceUsers>;
  let user: DeviceUser;
  let time: number;

  beforeAll(async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    engine = await start();
    database = breakable(engine.client);
    const now = () => time;
    parts = accountsOn(engine.client, engine.tables, now);
    users = deviceUsers(parts, engine, now);
    // As the function `sync` has them: it can end no sessions.
    const table = { database, name: engine.tables.accounts };
    const devices = new Devices(table, now);
    const waitingCopy = new WaitingCopy(parts.channels, parts.messages, now);
    const closer = new ChannelCloser(engine.client, engine.tables.channels);
    presence = new Presence(
      table,
      devices,
      new HandOver({ devices, waitingCopy, closer, cleanup: undefined, now }),
      now,
    );
  });
  beforeEach(async () => {
    time = START;
    database.breakAt(undefined);
    user = await users.register();
  });
  afterAll(() => engine?.stop());

  /** As a sync does, with the session as it was read. @returns How many calls of the table `accounts` it took. */
  async function sync(caller: Caller): Promise<number> {
    const session = await parts.sessionCheck.requireLately(caller);
    database.breakAt(undefined);
    await presence.refresh(caller, session, IN_TIME);
    return database.count;
  }

  const sessionOf = ({ userId, sessionId }: Caller) =>
    getRecord<SessionAttributes>(engine.accounts, sessionKey(userId, sessionId), { consistent: true });

  it("notes the day once a day, and reads nothing more otherwise", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    expect(await sync(laptop)).toBe(0);
    for (let day = 1; day <= 2; day++) {
      time += DAY;
      expect(await sync(laptop)).toBe(3);
      expect(await user.devices()).toMatchObject([{ seen: dayAt(time) }]);
      expect(await sessionOf(laptop)).toMatchObject({ seen: dayAt(time), device: laptop.deviceId });
      expect(await sync(laptop)).toBe(0);
    }
  });

  it("takes no day back where the clock was behind", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    time += DAY;
    await sync(laptop);
    time -= DAY;
    expect(await sync(laptop)).toBe(0);
    expect(await user.devices()).toMatchObject([{ seen: dayAt(START + DAY) }]);
  });

  it("stores no map for a user created before devices existed, and notes the day of the session", async () => {
    const old = await users.registerOld();
    const { sessionId } = await parts.sessions.start(old.userId);
    const caller = { userId: old.userId, username: old.username, sessionId };
    expect(await sync(caller)).toBe(2);
    expect(await old.devices()).toEqual([]);
    expect(await sync(caller)).toBe(0);
    await parts.sessionCheck.require(caller);
  });

  it("marks a device that was not seen for 30 days, and not a day sooner", async () => {
    let laptop = await user.begin({ deviceName: "Laptop" });
    const phone = await user.begin({ deviceName: "Phone" });
    time += 29 * DAY;
    laptop = await user.begin({ deviceId: laptop.deviceId });
    await sync(laptop);
    expect((await user.devices())[1]).not.toHaveProperty("ending");
    time += DAY;
    await sync(laptop);
    expect((await user.devices())[1]).toMatchObject({ id: phone.deviceId, ending: true });
    await expect(user.begin({ deviceId: phone.deviceId })).rejects.toThrow(problem("device_expired"));
    await user.begin({ deviceId: laptop.deviceId });
    expect((await user.devices()).map(({ id }) => id)).toEqual([laptop.deviceId]);
  });

  it("lets a device leave that was not seen for 32 days: no session can be left on it", async () => {
    await user.begin({ deviceName: "Laptop" });
    let phone = await user.begin({ deviceName: "Phone" });
    time += 29 * DAY;
    phone = await user.begin({ deviceId: phone.deviceId });
    for (const count of [2, 2, 1]) {
      time += DAY;
      await sync(phone);
      expect(await user.devices()).toHaveLength(count);
    }
    expect((await user.devices()).map(({ id }) => id)).toEqual([phone.deviceId]);
  });

  it("goes on at its next syncs with one that was not seen for 32 days, where the time of one does not reach", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    let phone = await user.begin({ deviceName: "Phone" });
    await user.put(laptop.channel, "waits");
    time += 29 * DAY;
    phone = await user.begin({ deviceId: phone.deviceId });
    for (let day = 30; day <= 31; day++) {
      time += DAY;
      await sync(phone);
    }
    time += DAY;
    // The time of the step is over once the device is marked as leaving.
    database.interrupt('"leaving"', async () => {
      time += LIMITS.devices.handOverTime;
    });
    await sync(phone);
    expect(await user.devices()).toMatchObject([{ leaving: true }, { id: phone.deviceId }]);
    await sync(phone);
    expect(await user.devices()).toMatchObject([{ id: phone.deviceId }]);
    time += LIMITS.devices.heirKept;
    await sync(phone);
    expect(await sync(phone)).toBe(0);
  });

  describe("on a device that takes over", () => {
    /** Somebody whose first device leaves within the second one's first minute. */
    async function leaving(): Promise<Caller> {
      const first = await user.begin({ deviceName: "Laptop" });
      await user.put(first.channel, "waits");
      const second = await user.begin({ deviceName: "Phone" });
      await parts.deviceRemoval.logOut(first);
      await user.put(first.channel, "on its way");
      return second;
    }

    it("waits for its first minute to be over, then takes over what is left, and lets the other one leave", async () => {
      const phone = await leaving();
      expect(await sync(phone)).toBeGreaterThan(0);
      expect(await user.devices()).toHaveLength(2);
      time += A_MINUTE_LATER;
      await sync(phone);
      expect(await user.waiting(phone.channel)).toEqual(["waits", "on its way"]);
      expect((await user.devices()).map(({ id }) => id)).toEqual([phone.deviceId]);
    });

    it("looks again for two minutes after it was told, and no longer", async () => {
      const phone = await leaving();
      time += A_MINUTE_LATER;
      await sync(phone);
      expect(await sync(phone)).toBe(1);
      expect(await sessionOf(phone)).toHaveProperty("heir");
      time += A_MINUTE_LATER;
      await sync(phone);
      expect(await sessionOf(phone)).not.toHaveProperty("heir");
      expect(await sync(phone)).toBe(0);
    });

    it("looks again for as long as something is left", async () => {
      const phone = await leaving();
      time += 3 * MINUTE;
      // As it is after a login that was found in the map late.
      await parts.devices.change(user.userId, (map) => ({
        map: {
          ...map,
          devices: map.devices.map((one) => (one.id === phone.deviceId ? { ...one, there: time } : one)),
        },
      }));
      await sync(phone);
      expect(await user.devices()).toMatchObject([{ ended: true }, { id: phone.deviceId }]);
      expect(await sessionOf(phone)).toHaveProperty("heir");
      time += A_MINUTE_LATER;
      await sync(phone);
      await sync(phone);
      expect(await user.devices()).toMatchObject([{ id: phone.deviceId }]);
      expect(await sessionOf(phone)).not.toHaveProperty("heir");
    });

    it("keeps what it was told of another one that leaves meanwhile", async () => {
      const phone = await leaving();
      time += 2 * MINUTE;
      const session = await parts.sessionCheck.requireLately(phone);
      database.interrupt("REMOVE #heir", () => parts.sessions.tellHeir(user.userId, phone.sessionId));
      await presence.refresh(phone, session, IN_TIME);
      expect(await sessionOf(phone)).toMatchObject({ heir: time });
    });

    it("ends no sessions of its own accord: a removal that was interrupted is left to the next login", async () => {
      const first = await user.begin({ deviceName: "Laptop" });
      const second = await user.begin({ deviceName: "Phone" });
      time += 2 * MINUTE;
      await parts.devices.change(user.userId, (map) => ({
        map: {
          ...map,
          devices: map.devices.map((one) => (one.id === first.deviceId ? { ...one, ending: true } : one)),
        },
      }));
      await parts.sessions.tellHeir(user.userId, second.sessionId);
      await sync(second);
      expect((await user.devices())[0]).toMatchObject({ id: first.deviceId, ending: true });
      await parts.sessionCheck.require(first);
      await user.begin({ deviceName: "Tablet" });
      await expect(parts.sessionCheck.require(first)).rejects.toThrow(InvalidToken);
      expect((await user.devices()).map(({ id }) => id)).not.toContain(first.deviceId);
    });
  });

  it("ends a session whose device is gone: nothing would ever come for it", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    await user.begin({ deviceName: "Phone" });
    await parts.devices.change(user.userId, (map) => ({ map: { ...map, devices: map.devices.slice(1) } }));
    time += DAY;
    await sync(laptop);
    await expect(parts.sessionCheck.require(laptop)).rejects.toThrow(InvalidToken);
    // Past for every server, and not by years: DynamoDB deletes nothing that is past by five.
    const expiresAt = (await sessionOf(laptop))?.expiresAt ?? 0;
    expect(time / 1_000 - expiresAt).toBeGreaterThanOrEqual(LIMITS.clocksApart / 1_000 - 1);
    expect(time / 1_000 - expiresAt).toBeLessThan((2 * LIMITS.clocksApart) / 1_000);
  });

  it("ends a session whose user is being deleted", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    await deleteRecord(engine.accounts, profileKey(user.userId));
    time += DAY;
    await sync(laptop);
    await expect(parts.sessionCheck.require(laptop)).rejects.toThrow(InvalidToken);
  });

  it("ends no session that has moved to a device of its own since it was read", async () => {
    const before = await user.begin();
    time += DAY;
    const stale = await parts.sessionCheck.requireLately(before);
    const wanted = { deviceName: "Laptop", loginId: "the same in each try" };
    const { token } = await parts.accounts.makeDevice(before, "shared", wanted, "");
    await presence.refresh(before, stale, IN_TIME);
    await expect(parts.sessionCheck.require(await parts.tokens.open(token))).resolves.toBeDefined();
  });

  it("brings neither a device that left nor a deleted user back", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    const phone = await user.begin({ deviceName: "Phone" });
    time += 2 * DAY;
    const session = await parts.sessionCheck.requireLately(phone);
    database.interrupt("SET #devices", () => parts.deviceRemoval.logOut(phone));
    await presence.refresh(phone, session, IN_TIME);
    expect((await user.devices()).map(({ id }) => id)).toEqual([laptop.deviceId]);
    const last = await parts.sessionCheck.requireLately(laptop);
    database.interrupt("SET #devices", () => parts.accounts.remove(laptop, "a password"));
    await presence.refresh(laptop, last, IN_TIME);
    expect(await user.devices()).toEqual([]);
    expect(await user.sessions()).toEqual([]);
  });

  it("brings no session back that ends at this very moment", async () => {
    const caller = await user.begin();
    time += DAY;
    const session = await parts.sessionCheck.requireLately(caller);
    database.interrupt("SET #seen", () => parts.deviceRemoval.logOut(caller));
    await presence.refresh(caller, session, IN_TIME);
    expect(await sessionOf(caller)).toBeUndefined();
  });

  it("is answered though the database fails here", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    time += DAY;
    const session = await parts.sessionCheck.requireLately(laptop);
    database.breakAt({ command: 0, before: true });
    await presence.refresh(laptop, session, IN_TIME);
    database.breakAt(undefined);
    expect(await sync(laptop)).toBe(3);
  });

  it("keeps no answer back until it is due: what the sync has settled would be thrown away", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    time += DAY;
    const session = await parts.sessionCheck.requireLately(laptop);
    let isAsked = false;
    database.interrupt(`"owner":{"S":"user#${user.userId}"}`, () => {
      isAsked = true;
      return new Promise<void>(() => {});
    });
    await presence.refresh(laptop, session, time + LIMITS.devices.answerMargin + 1);
    expect(isAsked).toBe(true);
  });

  it("does nothing where the answer is due", async () => {
    const laptop = await user.begin({ deviceName: "Laptop" });
    time += DAY;
    const session = await parts.sessionCheck.requireLately(laptop);
    database.breakAt(undefined);
    await presence.refresh(laptop, session, time + LIMITS.devices.answerMargin);
    expect(database.count).toBe(0);
    expect(await sync(laptop)).toBe(3);
  });
});
