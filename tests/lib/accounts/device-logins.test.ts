import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { WantedDevice } from "../../../lib/accounts/device-logins.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { deviceKey, profileKey } from "../../../lib/database/account-keys.ts";
import { deleteRecord } from "../../../lib/database/delete-record.ts";
import { getRecord } from "../../../lib/database/get-record.ts";
import { InvalidToken, Unavailable } from "../../../lib/runtime/errors.ts";
import type { Caller } from "../../../lib/tokens/tokens.ts";
import { type AccountParts, accountsOn } from "../../support/accounts.ts";
import { type Breakable, breakable } from "../../support/breakable.ts";
import { type DeviceUser, deviceUsers, PASSWORD } from "../../support/device-users.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";

const START = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What only the write of a session says. */
const SESSION_IS_STORED = '"record":{"S":"session#';

/** What only the write of the map says. */
const MAP_IS_WRITTEN = "SET #devices";

describe.each(engines)("Logins on devices ($name)", ({ start }) => {
  let engine: TestEngine;
  let database: Breakable;
  let parts: AccountParts;
  let users: ReturnType<typeof deviceUsers>;
  let user: DeviceUser;
  let time: number;

  beforeAll(async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    engine = await start();
    database = breakable(engine.client);
    parts = accountsOn(database, engine.tables, () => time);
    users = deviceUsers(parts, engine, () => time);
  });
  beforeEach(async () => {
    time = START;
    database.breakAt(undefined);
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

  describe("get", () => {
    it("the dormant device of the registration with the first name, and a new one with the next", async () => {
      expect(await user.devices()).toEqual([{ came: START, seen: expect.any(Number) }]);
      const laptop = await user.logIn({ deviceName: "Laptop" });
      const phone = await user.logIn({ deviceName: "Phone" });
      expect(laptop.channel).toBeUndefined();
      expect(phone.channel).toMatch(/^[\w-]{22}$/);
      expect(await user.devices()).toMatchObject([
        { id: laptop.deviceId, session: laptop.sessionId },
        { id: phone.deviceId, session: phone.sessionId, channel: phone.channel },
      ]);
    });

    describe("the word that the device goes on", () => {
      const continued = async (wanted: WantedDevice) =>
        (await parts.deviceLogins.begin(user.userId, wanted, "an agent"))?.continuedDeviceId;

      it("where they ask for the one that is dormant, also in a repeat", async () => {
        const { deviceId, ...before } = await user.logIn({ deviceName: "Laptop" });
        await parts.deviceRemoval.logOut({ ...before, deviceId });
        const asked = { deviceName: "Laptop", deviceId, loginId: "repeated" };
        expect([await continued(asked), await continued(asked)]).toEqual([deviceId, deviceId]);
        expect((await user.logIn(asked)).channel).toBe(before.channel);
      });

      it("and not where another login was on it meanwhile, or none was there", async () => {
        const { deviceId, ...before } = await user.logIn({ deviceName: "Laptop" });
        expect(await continued({ deviceId })).toBeUndefined();
        await parts.deviceRemoval.logOut({ ...before, deviceId });
        const other = await user.logIn({ deviceName: "Phone" });
        await parts.deviceRemoval.logOut(other);
        expect(await continued({ deviceName: "Laptop", deviceId })).toBeUndefined();
      });
    });

    it("the shared device without a name and an id, on the dormant one's channel: as before there were devices", async () => {
      const [one, two] = [await user.logIn(), await user.logIn()];
      expect([one.channel, two.channel]).toEqual([undefined, undefined]);
      expect(await user.devices()).toMatchObject([{ id: "shared", shared: true }]);
      expect([await lives(one), await lives(two)]).toEqual([true, true]);
    });

    it("the device that they name, its channel and its age, and end its other session", async () => {
      const before = await user.logIn({ deviceName: "Laptop" });
      const [entry] = await user.devices();
      const other = await user.logIn({ deviceName: "Phone" });
      time += DAY;
      const after = await user.logIn({ deviceId: before.deviceId });
      expect([after.deviceId, after.channel]).toEqual([before.deviceId, before.channel]);
      expect([await lives(before), await lives(after), await lives(other)]).toEqual([false, true, true]);
      const seen = Math.floor(time / DAY);
      expect((await user.devices())[0]).toMatchObject({
        ...entry,
        login: expect.any(String),
        session: after.sessionId,
        seen,
      });
    });

    it("never the shared device by an id that no longer exists", async () => {
      await user.logIn();
      await expect(user.logIn({ deviceId: "A".repeat(22) })).rejects.toThrow(problem("device_expired"));
      const named = await user.logIn({ deviceId: "A".repeat(22), deviceName: "Laptop" });
      expect(named.deviceId).not.toBe("shared");
      expect(named.channel).toBeDefined();
    });

    it("the dormant device under a new id, so that the previous id is dead", async () => {
      const before = await user.logIn({ deviceName: "Laptop" });
      await parts.deviceRemoval.logOut(before);
      const after = await user.logIn({ deviceName: "Laptop" });
      expect(after.channel).toBe(before.channel);
      expect(after.deviceId).not.toBe(before.deviceId);
      await expect(user.logIn({ deviceId: before.deviceId })).rejects.toThrow(problem("device_expired"));
    });

    it("401 for a device that was not seen for 30 days, and its messages by a name", async () => {
      const before = await user.logIn({ deviceName: "Laptop" });
      time += 20 * DAY;
      await user.put(before.channel, "while away");
      time += 10 * DAY;
      await expect(user.logIn({ deviceId: before.deviceId })).rejects.toThrow(problem("device_expired"));
      const after = await user.logIn({ deviceName: "Laptop" });
      expect(await user.waiting(after.channel)).toEqual(["while away"]);
    });

    it("the shared device however long nobody was there, and what waits", async () => {
      await user.logIn();
      time += 20 * DAY;
      await user.put(undefined, "while away");
      time += 20 * DAY;
      const after = await user.logIn();
      expect(await user.waiting(after.channel)).toEqual(["while away"]);
      expect(await user.devices()).toMatchObject([{ id: "shared", came: START, seen: Math.floor(time / DAY) }]);
    });

    it("a name that is kept until the device has left, and as long again by each login", async () => {
      const { deviceId = "" } = await user.logIn({ deviceName: "Laptop" });
      const expiry = async () => {
        const stored = await getRecord<{ expiresAt: number }>(engine.accounts, deviceKey(user.userId, deviceId), {
          consistent: true,
        });
        return (stored?.expiresAt ?? 0) * 1_000;
      };
      expect(await expiry()).toBe(time + 62 * DAY);
      time += 29 * DAY;
      await user.logIn({ deviceId });
      expect(await expiry()).toBe(time + 62 * DAY);
      // Of one whose name is not stored any more, none is made up.
      await parts.deviceNames.remove(user.userId, deviceId);
      await user.logIn({ deviceId });
      expect(await expiry()).toBe(0);
    });

    it("a name that is kept, and what the client said of itself", async () => {
      const { deviceId = "" } = await user.logIn({ deviceName: "Laptop" });
      expect((await parts.deviceNames.list(user.userId)).get(deviceId)).toEqual({
        name: "Laptop",
        userAgent: "an agent",
      });
      await user.logIn({ deviceId });
      expect((await parts.deviceNames.list(user.userId)).get(deviceId)?.name).toBe("Laptop");
    });
  });

  describe("whose answer was lost", () => {
    /** @returns Whether the login came to its end before the command at which it should have been interrupted. */
    async function interruptAndRepeat(
      at: number,
      wanted: (user: DeviceUser) => Promise<{ deviceId?: string | undefined }>,
    ) {
      const somebody = await users.register();
      const login = { ...(await wanted(somebody)), deviceName: "Laptop", loginId: "the same in each try" };
      await somebody.put(undefined, "waits");
      database.breakAt({ command: at, before: at % 2 === 0 });
      const failure = await somebody.logIn(login).catch((error: unknown) => error);
      const isDone = database.count <= at;
      database.breakAt(undefined);
      if (!isDone) expect(failure).toBeInstanceOf(Unavailable);
      const repeated = await somebody.logIn(login);
      return { isDone, somebody, repeated };
    }

    it("get the device of their first try, and what waits there, wherever they were interrupted", async () => {
      for (let at = 0; ; at++) {
        const { isDone, somebody, repeated } = await interruptAndRepeat(at, async () => ({}));
        expect(repeated.channel, `interrupted at command ${at}`).toBeUndefined();
        expect(await somebody.devices(), `interrupted at command ${at}`).toMatchObject([{ id: repeated.deviceId }]);
        expect(await somebody.sessions()).toEqual([repeated.sessionId]);
        if (isDone) return expect(at).toBeGreaterThan(10);
      }
    });

    it("make no second device beside the others, wherever they were interrupted", async () => {
      for (let at = 0; ; at++) {
        const { isDone, somebody, repeated } = await interruptAndRepeat(at, async (one) => {
          await one.logIn({ deviceName: "The first" });
          return {};
        });
        expect(await somebody.devices(), `interrupted at command ${at}`).toMatchObject([{}, { id: repeated.deviceId }]);
        expect(await somebody.sessions()).toHaveLength(2);
        if (isDone) return;
      }
    });

    it("are logins of their own without the loginId", async () => {
      const [first, repeat] = [await user.logIn({ deviceName: "Laptop" }), await user.logIn({ deviceName: "Laptop" })];
      expect(repeat.deviceId).not.toBe(first.deviceId);
      expect(await lives(first)).toBe(true);
    });
  });

  describe("look at the device again once their session is stored", () => {
    it("and begin anew if it was removed: nobody is logged in on a device that is gone", async () => {
      const { deviceId = "" } = await user.logIn({ deviceName: "Laptop" });
      const other = await user.logIn({ deviceName: "Phone" });
      database.interrupt(SESSION_IS_STORED, async () => {
        expect(await parts.deviceRemoval.remove(user.userId, deviceId)).toBe(true);
      });
      const after = await user.logIn({ deviceId, deviceName: "Laptop" });
      expect(after.deviceId).not.toBe(deviceId);
      const stored = await user.devices();
      expect(stored.find(({ id }) => id === after.deviceId)).toMatchObject({ session: after.sessionId });
      expect(await user.sessions()).toEqual([after.sessionId, other.sessionId].sort());
    });

    it("and are refused if it was removed and they have no name for another", async () => {
      const { deviceId = "" } = await user.logIn({ deviceName: "Laptop" });
      database.interrupt(SESSION_IS_STORED, async () => {
        await parts.deviceRemoval.remove(user.userId, deviceId);
      });
      await expect(user.logIn({ deviceId })).rejects.toThrow(problem("device_expired"));
      expect(await user.sessions()).toEqual([]);
    });

    it("and leave no two clients on one device, whichever login came first", async () => {
      const { deviceId } = await user.logIn({ deviceName: "Laptop" });
      for (const moment of [SESSION_IS_STORED, MAP_IS_WRITTEN, '":prefix":{"S":"session#"}']) {
        let between: Caller | undefined;
        database.interrupt(moment, async () => {
          between = await user.logIn({ deviceId });
        });
        const after = await user.logIn({ deviceId });
        if (between === undefined) throw new Error(`no login came in between at ${moment}`);
        expect(await lives(after), moment).toBe(true);
        expect(await lives(between), moment).toBe(false);
        expect(await user.sessions(), moment).toEqual([after.sessionId]);
      }
    });

    it("and give way to their own repeat, whose answer the client waits for", async () => {
      const wanted = { deviceName: "Laptop", loginId: "the same in each try" };
      let repeat: Caller | undefined;
      database.interrupt(SESSION_IS_STORED, async () => {
        repeat = await user.logIn(wanted);
      });
      await expect(user.logIn(wanted)).rejects.toThrow(Unavailable);
      if (repeat === undefined) throw new Error("no repeat came in between");
      expect(await lives(repeat)).toBe(true);
      expect(await user.sessions()).toEqual([repeat.sessionId]);
    });

    it("and begin anew on the shared device if that was removed", async () => {
      await user.logIn({ deviceName: "Laptop" });
      await user.logIn();
      database.interrupt(SESSION_IS_STORED, async () => {
        await parts.deviceRemoval.remove(user.userId, "shared");
      });
      const after = await user.logIn();
      expect(await lives(after)).toBe(true);
      expect((await user.devices()).find(({ shared }) => shared)?.channel).toBe(after.channel);
    });

    it("and end with the device if the password was changed meanwhile: the next login finds what waits", async () => {
      const caller = await user.logIn();
      await parts.deviceRemoval.remove(user.userId, "shared");
      await user.put(undefined, "waits");
      const changing = await user.logIn();
      database.interrupt(SESSION_IS_STORED, () =>
        parts.accounts.changePassword(changing, PASSWORD, "another password", "a"),
      );
      await expect(user.logIn({ deviceName: "Laptop" })).rejects.toThrow(problem("invalid_credentials"));
      expect(await lives(caller)).toBe(false);
      expect((await user.devices()).filter(({ id }) => id !== undefined && id !== "shared")).toEqual([]);
      expect(await user.sessions()).toEqual([changing.sessionId]);
    });
  });

  it("end no session on a device of its own by many on the shared one", async () => {
    const laptop = await user.logIn({ deviceName: "Laptop" });
    for (let begun = 0; begun < 100; begun++) {
      time += 1_000;
      await parts.sessions.start(user.userId);
    }
    time += 1_000;
    await user.logIn();
    expect(await user.sessions()).toHaveLength(100);
    expect(await lives(laptop)).toBe(true);
  });

  describe("at 10 devices", () => {
    it("are refused and told which there are, and take the place of the one that they name by one login", async () => {
      const all: Caller[] = [];
      for (let made = 0; made < 10; made++) {
        time += 2 * MINUTE;
        all.push(await user.logIn({ deviceName: `Device ${made}` }));
      }
      const refused = await user.logIn({ deviceName: "One more" }).catch((error: unknown) => error);
      expect(refused).toEqual(problem("too_many_devices"));
      expect((refused as { members: object }).members).toMatchObject({
        devices: all.map(({ deviceId }, made) => ({ deviceId, name: `Device ${made}`, current: false })),
      });
      const [, second] = all as [Caller, Caller];
      const after = await user.logIn({ deviceName: "One more", replaceDeviceId: second.deviceId });
      expect(await lives(second)).toBe(false);
      const left = await user.devices();
      expect(left).toHaveLength(10);
      expect(left.map(({ id }) => id)).not.toContain(second.deviceId);
      expect(left.map(({ id }) => id)).toContain(after.deviceId);
    });

    it("end the session that an earlier try has put out of its place, before a session of the repeat is there", async () => {
      const all: Caller[] = [];
      for (let made = 0; made < 10; made++) all.push(await user.begin({ deviceName: `Device ${made}` }));
      const [, second] = all as [Caller, Caller];
      const wanted = { deviceName: "One more", loginId: "the same in each try", replaceDeviceId: second.deviceId };
      database.breakAt({ what: MAP_IS_WRITTEN, before: false });
      await expect(user.begin(wanted)).rejects.toThrow(Unavailable);
      database.breakAt(undefined);
      expect(await lives(second)).toBe(true);
      let livedOn: boolean | undefined;
      database.interrupt('"createdAt"', async () => {
        livedOn = await lives(second);
      });
      await user.begin(wanted);
      expect(livedOn).toBe(false);
    });
  });

  it("are asked to wait where too many devices are still ending, and find room once these have left", async () => {
    const laptop = await user.logIn({ deviceName: "Laptop" });
    const [first] = await user.devices();
    if (first === undefined) throw new Error("there is no device");
    // All have missed something, so that none of them leaves before its heir has settled.
    const endings = Array.from({ length: 19 }, (_, n) => ({
      id: `ending ${n}`,
      channel: `ending ${n}`,
      came: START + 1 + n,
      seen: first.seen,
      ending: true as const,
      missed: true as const,
    }));
    await parts.devices.change(user.userId, (map) => ({
      map: { ...map, devices: [{ ...first, missed: true }, ...endings] },
    }));
    const refused = await user.begin({ deviceName: "Phone" }).catch((error: unknown) => error);
    expect(refused).toEqual(problem("too_many_requests"));
    expect((refused as { retryAfter: number }).retryAfter).toBe(Math.ceil(LIMITS.devices.youngFor / 1_000));
    expect(await user.devices()).toHaveLength(20);
    time += 3 * MINUTE;
    const phone = await user.begin({ deviceName: "Phone" });
    expect((await user.devices()).map(({ id }) => id)).toEqual([laptop.deviceId, phone.deviceId]);
  });

  describe("of users created before devices existed", () => {
    beforeEach(async () => {
      user = await users.registerOld();
    });

    it("are as before without a name: nothing is stored of devices", async () => {
      const [one, two] = [await user.logIn(), await user.logIn()];
      expect([one.channel, two.channel]).toEqual([undefined, undefined]);
      expect(await user.devices()).toEqual([]);
      expect([await lives(one), await lives(two)]).toEqual([true, true]);
    });

    it("find what waits by a name, if nobody is logged in", async () => {
      await user.put(undefined, "waits");
      const laptop = await user.logIn({ deviceName: "Laptop" });
      expect(laptop.channel).toBeUndefined();
      expect(await user.devices()).toMatchObject([{ id: laptop.deviceId, came: 0 }]);
    });

    it("get a new device by a name, if somebody is: that one keeps the channel", async () => {
      const { sessionId } = await parts.sessions.start(user.userId);
      const laptop = await user.logIn({ deviceName: "Laptop" });
      expect(laptop.channel).toBeDefined();
      expect(await user.devices()).toMatchObject([{ id: "shared", shared: true, came: 0 }, { id: laptop.deviceId }]);
      expect(await lives({ userId: user.userId, username: user.username, sessionId })).toBe(true);
    });

    it("get a device each by a name, though two begin at this very moment: the second one finds a map", async () => {
      let other: Caller | undefined;
      database.interrupt(MAP_IS_WRITTEN, async () => {
        other = await user.logIn({ deviceName: "Phone" });
      });
      const laptop = await user.logIn({ deviceName: "Laptop" });
      if (other === undefined) throw new Error("no login came in between");
      expect([await lives(other), await lives(laptop)]).toEqual([true, true]);
      expect(await user.devices()).toMatchObject([
        { id: other.deviceId, session: other.sessionId, came: 0 },
        { id: laptop.deviceId, session: laptop.sessionId },
      ]);
    });

    it("begin nothing, by a name or without one, once the user is deleted", async () => {
      await deleteRecord(engine.accounts, profileKey(user.userId));
      for (const wanted of [{ deviceName: "Laptop" }, {}]) {
        expect(await parts.deviceLogins.begin(user.userId, wanted, "an agent")).toBeUndefined();
      }
      expect(await user.sessions()).toEqual([]);
    });

    it("share no channel though one without a name begins at this very moment", async () => {
      let shared: Caller | undefined;
      database.interrupt(MAP_IS_WRITTEN, async () => {
        shared = await user.logIn();
      });
      const laptop = await user.logIn({ deviceName: "Laptop" });
      if (shared === undefined) throw new Error("no login came in between");
      const onOneChannel = shared.channel === laptop.channel;
      expect(onOneChannel && (await lives(shared)) && (await lives(laptop))).toBe(false);
      expect(await lives(laptop)).toBe(true);
    });
  });

  describe("that give a session a device of its own", () => {
    const wanted = { deviceName: "Laptop", loginId: "the same in each try" };
    const make = async (caller: Caller, loginId = wanted.loginId): Promise<Caller> => {
      const current = await parts.sessionCheck.requireOnAnyDevice(caller);
      const login = await parts.accounts.makeDevice(caller, current, { ...wanted, loginId }, "an agent");
      return parts.tokens.open(login.token);
    };

    it("keep the session and its end, and the old token is dead", async () => {
      const before = await user.logIn();
      time += DAY;
      const [listed] = await parts.sessions.list(user.userId);
      const after = await make(before);
      expect(after.sessionId).toBe(before.sessionId);
      expect(await parts.sessions.list(user.userId)).toEqual([{ ...listed, deviceId: after.deviceId }]);
      expect([await lives(before), await lives(after)]).toEqual([false, true]);
      await expect(parts.sessionCheck.requireLately(before)).rejects.toThrow(InvalidToken);
    });

    it.each([
      ["registered since", () => users.register()],
      ["created before devices existed", () => users.registerOld()],
    ])("take the channel if they are alone on it, of a user %s", async (_, newUser) => {
      user = await newUser();
      const after = await make(await user.logIn());
      expect(after.channel).toBeUndefined();
      expect(await user.devices()).toMatchObject([{ id: after.deviceId, session: after.sessionId }]);
      expect((await user.devices())[0]).not.toHaveProperty("shared");
    });

    it("end a session that has just ended here, as a server whose clock is behind would let it go on", async () => {
      const earlier = await user.logIn();
      time += LIMITS.session - 1_000;
      const later = await user.logIn();
      time += 2_000;
      expect((await make(later)).channel).toBeUndefined();
      time -= 2_000;
      expect(await lives(earlier)).toBe(false);
    });

    it.each([
      ["registered since", () => users.register()],
      ["created before devices existed", () => users.registerOld()],
    ])("get a new one if they are not, of a user %s", async (_, newUser) => {
      user = await newUser();
      const [before, other] = [await user.logIn(), await user.logIn()];
      const after = await make(before);
      expect(after.channel).toBeDefined();
      expect(await lives(other)).toBe(true);
      expect(await user.devices()).toMatchObject([{ shared: true }, { id: after.deviceId }]);
    });

    it("take along what waits on the shared device where they are not alone, and leave it to the others as well", async () => {
      const [before, other] = [await user.logIn(), await user.logIn()];
      await user.put(other.channel, "waits");
      const after = await make(before);
      await make(before);
      expect(await user.waiting(after.channel)).toEqual(["waits"]);
      expect(await user.waiting(other.channel)).toEqual(["waits"]);
    });

    it("take along a backlog that takes longer than a second, within the time of the request", async () => {
      const [before, other] = [await user.logIn(), await user.logIn()];
      const contents = Array.from({ length: 205 }, (_, at) => `message ${at}`);
      for (const content of contents) await user.put(other.channel, content);
      // Each page takes 1.5 s.
      const read = parts.channels.read;
      const reading = vi.spyOn(Object.getPrototypeOf(parts.channels), "read").mockImplementation(function (
        this: typeof parts.channels,
        ...of: unknown[]
      ) {
        if (of[1] === LIMITS.devices.handOverMessages && of[0] === user.userId) time += 1_500;
        return read.apply(this, of as Parameters<typeof read>);
      });
      const after = await make(before);
      reading.mockRestore();
      const { messages } = await parts.channels.read(`${user.userId}/${after.channel}`, 300);
      expect(messages.map(({ content }) => content)).toEqual(contents);
    });

    it("have their device though what waits cannot be copied now: it stays where it is", async () => {
      const [before, other] = [await user.logIn(), await user.logIn()];
      await user.put(other.channel, "waits");
      database.breakAt({ what: '"position":{"S":"#head"}', before: true });
      const after = await make(before);
      database.breakAt(undefined);
      expect([await lives(after), await lives(other)]).toEqual([true, true]);
      expect(await user.waiting(other.channel)).toEqual(["waits"]);
    });

    it("can be repeated with the old token, wherever they were interrupted", async () => {
      for (let at = 0; ; at++) {
        const somebody = await users.registerOld();
        const before = await somebody.logIn();
        database.breakAt({ command: at, before: at % 2 === 0 });
        const failure = await make(before).catch((error: unknown) => error);
        const isDone = database.count <= at;
        database.breakAt(undefined);
        if (!isDone) expect(failure).toBeInstanceOf(Unavailable);
        const after = await make(before);
        expect(await lives(after), `interrupted at command ${at}`).toBe(true);
        expect(after.channel).toBeUndefined();
        expect(await somebody.devices()).toMatchObject([{ id: after.deviceId, session: before.sessionId }]);
        expect(await somebody.sessions()).toEqual([before.sessionId]);
        if (isDone) return expect(at).toBeGreaterThan(5);
      }
    });

    it("share the channel with nobody, though another login begins at this very moment", async () => {
      for (const newUser of [users.register, users.registerOld]) {
        user = await newUser();
        const before = await user.logIn();
        let other: Caller | undefined;
        database.interrupt(MAP_IS_WRITTEN, async () => {
          other = await user.logIn();
        });
        const after = await make(before);
        if (other === undefined) throw new Error("no login came in between");
        expect(await lives(after)).toBe(true);
        const onOneChannel = other.channel === after.channel;
        expect(onOneChannel && (await lives(other))).toBe(false);
      }
    });

    it("share the channel with nobody who began on it, though there is a new shared device by then", async () => {
      const before = await user.logIn();
      let other: Caller | undefined;
      let later: Caller | undefined;
      database.interrupt(MAP_IS_WRITTEN, async () => {
        other = await user.logIn();
        // When the map is written, and this session is not on its device yet.
        database.interrupt("SET #device =", async () => {
          later = await user.logIn();
        });
      });
      const after = await make(before);
      if (other === undefined || later === undefined) throw new Error("no logins came in between");
      expect([after.channel, other.channel]).toEqual([undefined, undefined]);
      expect(later.channel).toBeDefined();
      expect([await lives(after), await lives(other), await lives(later)]).toEqual([true, false, true]);
    });

    it("move the session once, though two requests do so at this very moment", async () => {
      const before = await user.logIn();
      let first: Caller | undefined;
      database.interrupt("SET #device =", async () => {
        first = await make(before, "another request");
      });
      await expect(make(before)).rejects.toThrow(InvalidToken);
      if (first === undefined) throw new Error("no request came in between");
      expect(await lives(first)).toBe(true);
      const inUse = (await user.devices()).filter(({ id, ending }) => id !== undefined && !ending);
      expect(inUse).toMatchObject([{ id: first.deviceId, session: before.sessionId }]);
    });

    it("take the session along if their device is removed at this very moment", async () => {
      const before = await user.logIn();
      await user.logIn();
      database.interrupt("SET #device =", async () => {
        const entry = (await user.devices()).find(({ session }) => session === before.sessionId);
        expect(await parts.deviceRemoval.remove(user.userId, entry?.id ?? "")).toBe(true);
      });
      const after = await make(before);
      expect(await lives(after)).toBe(true);
      const stored = await user.devices();
      expect(stored.find(({ id }) => id === after.deviceId)).toMatchObject({ session: after.sessionId });
    });

    it("leave no device behind if the session ends at this very moment", async () => {
      const before = await user.logIn();
      database.interrupt("SET #device =", () => parts.deviceRemoval.logOut(before));
      await expect(make(before)).rejects.toThrow(InvalidToken);
      expect((await user.devices()).filter(({ id }) => id !== undefined)).toEqual([]);
    });
  });
});
