import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { profileKey } from "../../../lib/database/account-keys.ts";
import { deleteRecord } from "../../../lib/database/delete-record.ts";
import { Connections } from "../../../lib/live/connections.ts";
import { hangUpBy } from "../../../lib/live/hang-up.ts";
import { Listeners } from "../../../lib/live/listeners.ts";
import type { LiveGateway } from "../../../lib/live/live-gateway.ts";
import { type GoTalkError, InvalidToken, Unavailable } from "../../../lib/runtime/errors.ts";
import type { Caller } from "../../../lib/tokens/tokens.ts";
import { type AccountParts, accountsOn } from "../../support/accounts.ts";
import { type Breakable, breakable } from "../../support/breakable.ts";
import { type DeviceUser, deviceUsers } from "../../support/device-users.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";

const START = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;

/** What only the first write of a session says. */
const SESSION_IS_STORED = '"createdAt":{"N"';

/** What only the list of the user's sessions says. */
const SESSIONS_ARE_LISTED = '":prefix":{"S":"session#"}';

/** What only the move of a session to another device says. */
const SESSION_MOVES = "SET #device =";

describe.each(engines)("The rules of logins on devices ($name)", ({ start }) => {
  let engine: TestEngine;
  let database: Breakable;
  let parts: AccountParts;
  let users: ReturnType<typeof deviceUsers>;
  let connections: Connections;
  let listeners: Listeners;
  let user: DeviceUser;
  let time: number;
  const now = () => time;

  beforeAll(async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    engine = await start();
    database = breakable(engine.client);
    const table = { database, name: engine.tables.accounts };
    connections = new Connections(table, now);
    listeners = new Listeners(table, now);
    const gateway: LiveGateway = async () => true;
    parts = accountsOn(database, engine.tables, now, "open", hangUpBy(listeners, gateway));
    users = deviceUsers(parts, engine, now);
  });
  beforeEach(async () => {
    time = START;
    database.breakAt(undefined);
    vi.mocked(console.warn).mockClear();
    user = await users.register();
  });
  afterAll(() => engine?.stop());

  const warnings = (): string => JSON.stringify(vi.mocked(console.warn).mock.calls);
  const wanted = { deviceName: "Laptop", loginId: "the same in each try" };
  const make = async (caller: Caller, current: string = caller.deviceId ?? "shared", loginId = wanted.loginId) => {
    const { deviceId, channel } = await parts.deviceLogins.makePersonal(
      caller,
      current,
      { ...wanted, loginId },
      "an agent",
    );
    return { ...caller, deviceId, channel };
  };
  const removeUser = () => deleteRecord(engine.accounts, profileKey(user.userId));
  const causeOf = (work: Promise<unknown>): Promise<GoTalkError> =>
    work.then(
      () => expect.unreachable("it succeeded"),
      (error: GoTalkError) => error,
    );

  /** Calls back before each command that says this, except for those of the work itself. */
  function interruptEach(what: string, work: () => Promise<unknown>): { readonly times: number } {
    const done = { times: 0 };
    const arm = (): void =>
      database.interrupt(what, async () => {
        done.times += 1;
        await work();
        arm();
      });
    arm();
    return done;
  }
  /** An interruption that nothing meets any more. */
  const interruptNoMore = (): void => database.interrupt("nothing says this", async () => {});

  describe("a login", () => {
    it("gives up where others take its device each time, and leaves no session behind", async () => {
      const { deviceId } = await user.begin({ deviceName: "Laptop" });
      let last: Caller | undefined;
      const taken = interruptEach(SESSION_IS_STORED, async () => {
        last = await user.begin({ deviceId });
      });
      await expect(user.begin({ deviceId })).rejects.toThrow(Unavailable);
      interruptNoMore();
      expect(taken.times).toBe(LIMITS.devices.attempts);
      expect(await user.sessions()).toEqual([last?.sessionId]);
    });

    it("begins nothing where the user is deleted at this very moment", async () => {
      database.interrupt(SESSION_IS_STORED, async () => void (await removeUser()));
      expect(await parts.deviceLogins.begin(user.userId, wanted, "an agent")).toBeUndefined();
      expect(await user.sessions()).toEqual([]);
    });

    it("tells its session of what is still to be taken over from a device that ends", async () => {
      const first = await user.begin({ deviceName: "Laptop" });
      const second = await user.begin({ deviceName: "Phone" });
      expect((await parts.sessionCheck.require(second)).heir).toBeUndefined();
      await parts.deviceRemoval.logOut(first);
      expect((await user.devices())[0]).toMatchObject({ ending: true });
      time += 1_000;
      expect(await parts.sessionCheck.require(await user.begin({ deviceId: second.deviceId }))).toMatchObject({
        heir: time,
      });
    });

    it("on the shared device touches no name", async () => {
      database.breakAt({ what: '"record":{"S":"device#', before: true });
      await user.begin();
      expect(database.count).toBeGreaterThan(3);
    });

    it("is no failure where it cannot be noted that the device was there: the next change of the map does it", async () => {
      await user.begin({ deviceName: "Laptop" });
      database.interrupt(SESSIONS_ARE_LISTED, async () => database.breakAt({ what: "SET #devices", before: true }));
      const phone = await user.begin({ deviceName: "Phone" });
      database.breakAt(undefined);
      expect(warnings()).toContain("could not note that a device is there");
      expect((await user.devices())[1]).not.toHaveProperty("there");
      await user.begin({ deviceName: "Tablet" });
      expect((await user.devices())[1]).toMatchObject({ id: phone.deviceId, there: START });
    });

    it("stores of its loginId nothing that is longer for a longer one", async () => {
      await user.begin({ deviceName: "Laptop", loginId: "x".repeat(64) });
      await user.begin({ deviceName: "Phone" });
      const logins = (await user.devices()).map(({ login = "" }) => login);
      expect(logins.map(({ length }) => length)).toEqual([22, 22]);
      expect(new Set(logins).size).toBe(2);
    });

    it("says how many devices there may be, and what to do, where there is no room", async () => {
      for (let made = 0; made < LIMITS.devices.most; made++) await user.begin({ deviceName: `Device ${made}` });
      const refused = await causeOf(user.begin({ deviceName: "One more" }));
      expect(refused).toEqual(problem("too_many_devices"));
      expect(refused.message).toMatch(/^You may have 10 devices\. Remove one first/);
    });

    it("says when to try again where too many devices are still ending", async () => {
      await user.begin({ deviceName: "Laptop" });
      // All have missed something, so that none of them leaves before its heir has settled.
      const endings = Array.from({ length: LIMITS.devices.mostWithEnding - 1 }, (_, n) => ({
        ...{ id: `ending ${n}`, channel: `ending ${n}`, came: START + 1 + n, seen: 1e6 },
        ...{ ending: true as const, missed: true as const },
      }));
      await parts.devices.change(user.userId, (map) => ({
        map: { ...map, devices: [...map.devices.map((one) => ({ ...one, missed: true as const })), ...endings] },
      }));
      const refused = await causeOf(user.begin({ deviceName: "Phone" }));
      expect(refused).toEqual(problem("too_many_requests"));
      expect([refused.message, refused.retryAfter]).toEqual([
        "Too many of your devices are still being removed. Try again in 66 seconds.",
        66,
      ]);
    });
  });

  describe("the connections", () => {
    const connect = (connectionId: string, { userId, sessionId, deviceId, channel }: Caller) =>
      connections.add(connectionId, { userId, sessionId, deviceId, channel });
    const connected = async () =>
      (await listeners.list(user.userId, true)).map(({ connectionId }) => connectionId).toSorted();

    it("of the session that a login ends on its device are gone, and no others", async () => {
      const before = await user.begin({ deviceName: "Laptop" });
      const phone = await user.begin({ deviceName: "Phone" });
      await connect("before=", before);
      await connect("phone=", phone);
      await user.begin({ deviceId: before.deviceId });
      expect(await connected()).toEqual(["phone="]);
    });

    it("of a session that becomes personal are gone, but for those on its own device", async () => {
      const [caller, other] = [await user.begin(), await user.begin()];
      await connect("before=", caller);
      await connect("other=", other);
      const own = await make(caller);
      await connect("own=", own);
      await connect("late=", caller);
      await make(own);
      expect(await connected()).toEqual(["other=", "own="]);
    });

    it("are not asked for by a login that ends no session", async () => {
      database.breakAt({ what: '":prefix":{"S":"connection#"}', before: true });
      await user.begin({ deviceName: "Laptop" });
      expect(database.count).toBeGreaterThan(3);
    });
  });

  describe("a session that becomes personal", () => {
    it("is refused, by the new token and by the old one, where another request has moved it", async () => {
      const before = await user.begin();
      const after = await make(before);
      const current = after.deviceId ?? "";
      const byNew = await causeOf(make(after, current, "another request"));
      expect(byNew).toEqual(problem("invalid_request"));
      expect(byNew.message).toBe("This session has a device of its own already.");
      const byOld = await causeOf(make(before, current, "another request"));
      expect(byOld).toBeInstanceOf(InvalidToken);
      expect(byOld.cause).toBe("the session is on another device");
      expect((await make(after)).deviceId).toBe(current);
      expect((await make(before, current)).deviceId).toBe(current);
    });

    it("is refused where another session has its device, though the request is the same", async () => {
      const after = await make(await user.begin());
      await user.begin({ deviceId: after.deviceId, loginId: wanted.loginId });
      await expect(make(after)).rejects.toThrow(problem("invalid_request"));
    });

    it("is refused as ended where the user was deleted", async () => {
      const before = await user.begin();
      await removeUser();
      const byShared = await causeOf(make(before));
      expect([byShared.code, byShared.cause]).toEqual(["invalid_token", "the user has been removed"]);
      const byOwn = await causeOf(make(before, "A".repeat(22)));
      expect([byOwn.code, byOwn.cause]).toEqual(["invalid_token", "the session is on another device"]);
    });

    it("is refused as ended where it ends at this very moment, and the log can say why", async () => {
      const before = await user.begin();
      database.interrupt(SESSION_MOVES, () => parts.sessions.end(before));
      const { code, cause } = await causeOf(make(before));
      expect([code, cause]).toEqual(["invalid_token", "the session has ended, or another request has moved it"]);
    });

    it("gives up where its device is removed each time, and lives on", async () => {
      const before = await user.begin();
      await user.begin();
      const removed = interruptEach(SESSION_MOVES, async () => {
        const entry = (await user.devices()).find(({ session, ending }) => session === before.sessionId && !ending);
        await parts.deviceRemoval.remove(user.userId, entry?.id ?? "");
      });
      await expect(make(before)).rejects.toThrow(Unavailable);
      interruptNoMore();
      expect(removed.times).toBe(LIMITS.devices.attempts);
      expect(await user.sessions()).toContain(before.sessionId);
    });

    it("takes nothing along to a device that came earlier: that one has got everything by itself", async () => {
      const laptop = await user.begin({ deviceName: "Laptop" });
      time += MINUTE;
      const [before, other] = [await user.begin(), await user.begin()];
      await parts.deviceRemoval.logOut(laptop);
      await user.put(other.channel, "waits");
      const after = await make(before);
      expect(after.channel).toBe(laptop.channel);
      expect(await user.waiting(after.channel)).toEqual([]);
    });

    describe("and takes along what waits, while the request has time", () => {
      const PAGE = 10;

      /** Each page takes 1.5 s, and is a small one: all of it is copied in no time on any machine. */
      function readSlowly(): { readonly pages: number } {
        const done = { pages: 0 };
        const { handOverMessages } = LIMITS.devices;
        Object.assign(LIMITS.devices, { handOverMessages: PAGE });
        onTestFinished(() => void Object.assign(LIMITS.devices, { handOverMessages }));
        const { read } = parts.channels;
        const reading = vi.spyOn(Object.getPrototypeOf(parts.channels), "read").mockImplementation(function (
          this: typeof parts.channels,
          ...of: unknown[]
        ) {
          if (of[1] === PAGE && of[0] === user.userId) {
            done.pages += 1;
            time += 1_500;
          }
          return read.apply(this, of as Parameters<typeof read>);
        });
        onTestFinished(() => reading.mockRestore());
        return done;
      }

      it("begins no page in the last two seconds", async () => {
        const before = await user.begin();
        await user.begin();
        const contents = Array.from({ length: 6 * PAGE }, (_, at) => `${at}`);
        for (const content of contents) await user.put(undefined, content);
        const read = readSlowly();
        const after = await make(before);
        expect(read.pages).toBe(3);
        const taken = await user.waiting(after.channel);
        expect(taken).toEqual(contents.slice(0, taken.length));
        expect(taken.length).toBeGreaterThanOrEqual(3 * PAGE);
        expect(await user.waiting(undefined)).toEqual(contents);
      });

      it("tries nothing where there is none left", async () => {
        const before = await user.begin();
        await user.begin();
        await user.put(undefined, "waits");
        database.interrupt(SESSION_MOVES, async () => {
          time += LIMITS.requestTime - LIMITS.devices.answerMargin;
        });
        const after = await make(before);
        expect(await user.waiting(after.channel)).toEqual([]);
        expect(warnings()).not.toContain("take along");
      });

      it("waits no longer for what hangs than until a second before the answer is due", async () => {
        const before = await user.begin();
        await user.begin();
        await user.put(undefined, "waits");
        database.interrupt(SESSION_MOVES, async () => {
          time += LIMITS.requestTime - LIMITS.devices.answerMargin - 10;
        });
        const hanging = vi.spyOn(Object.getPrototypeOf(parts.channels), "read").mockReturnValue(new Promise(() => {}));
        await make(before);
        hanging.mockRestore();
        expect(warnings()).toContain("could not take along what waits on the shared device");
        expect(warnings()).toContain("took longer than 10 ms");
      });
    });
  });
});
