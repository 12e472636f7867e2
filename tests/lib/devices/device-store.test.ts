import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Users } from "../../../lib/accounts/users.ts";
import { Profiles } from "../../../lib/channel/profiles.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { backlogAttributes, profileKey } from "../../../lib/database/account-keys.ts";
import type { AccountsTable } from "../../../lib/database/accounts-table.ts";
import { getRecord } from "../../../lib/database/get-record.ts";
import { putRecord } from "../../../lib/database/put-record.ts";
import { updateRecord } from "../../../lib/database/update-record.ts";
import { type Device, type DeviceMap, withDevice } from "../../../lib/devices/device-map.ts";
import { Devices } from "../../../lib/devices/device-store.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { device, NOW, shared, TODAY } from "../../support/example-devices.ts";
import { newUsername } from "../../support/logins.ts";

type Intercept = (name: string, go: () => Promise<unknown>) => Promise<unknown>;

describe.each(engines)("the store of devices on $name", ({ start }) => {
  let engine: TestEngine;
  let users: Users;
  let userId: string;
  let commands: string[];
  let pauses: number[];
  beforeAll(async () => {
    engine = await start();
    users = new Users(engine.accounts, () => NOW);
  });
  afterAll(() => engine.stop());
  afterEach(() => vi.restoreAllMocks());
  beforeEach(async () => {
    // Of before there were devices: no map is stored.
    userId = randomUUID();
    await putRecord(engine.accounts, { ...profileKey(userId), username: newUsername(), createdAt: NOW });
    commands = [];
    pauses = [];
  });

  /** With a hand on every command. */
  function storeWith(intercept: Intercept): Devices {
    const send = (command: object): Promise<unknown> => {
      const name = command.constructor.name.replace("Command", "");
      commands.push(name);
      return intercept(name, () => engine.client.send(command as never));
    };
    const table = { ...engine.accounts, database: { send } } as unknown as AccountsTable;
    return new Devices(
      table,
      () => NOW,
      async (milliseconds) => void pauses.push(milliseconds),
    );
  }

  const devices = (): Devices => storeWith((_, go) => go());
  const set = (...to: Device[]) => devices().change(userId, (map) => ({ map: { ...map, devices: to } }));
  const add = (one: Device) => (map: DeviceMap) => ({ map: withDevice(map, one, one) });
  const stored = () => getRecord<Record<string, unknown>>(engine.accounts, profileKey(userId), { consistent: true });

  it("reads a profile from before there were devices as the shared device, and stores the first map", async () => {
    const old = { came: 0, seen: TODAY, id: "shared", shared: true };
    expect(await devices().read(userId)).toEqual({ version: undefined, devices: [old] });
    const phone = device("phone", 5);
    const noted = { ...old, there: NOW };
    expect(await devices().change(userId, add(phone))).toEqual({ map: { version: 1, devices: [noted, phone] } });
    expect(await devices().read(userId)).toEqual({ version: 1, devices: [noted, phone] });
  });

  describe("notes when a device was found in the map", () => {
    const fresh = device("phone", 5, { there: undefined });
    const theresIn = (map: DeviceMap | undefined) => map?.devices.map(({ there }) => there);

    it("by the next change, and not by the one that it comes with", async () => {
      await set(device("laptop", 9));
      expect(theresIn((await devices().change(userId, add(fresh)))?.map)).toEqual([
        device("laptop", 9).there,
        undefined,
      ]);
      await devices().change(userId, add(device("tablet", 3)));
      expect((await devices().read(userId))?.devices[1]).toEqual({ ...fresh, there: NOW });
    });

    it("by a look of its login, once, and under the condition of every change", async () => {
      await set(device("laptop", 9), fresh);
      const read = (await devices().read(userId)) as DeviceMap;
      const noted = await devices().stampThere(userId, read);
      expect(theresIn(noted)).toEqual([device("laptop", 9).there, NOW]);
      expect(await devices().read(userId)).toEqual(noted);
      expect(await devices().stampThere(userId, noted)).toBe(noted);
      // The map has changed since.
      expect(await devices().stampThere(userId, read)).toBe(read);
      expect(await devices().read(userId)).toEqual(noted);
    });
  });

  it("stores no map for a look alone, where there is none", async () => {
    const old = (await devices().read(userId)) as DeviceMap;
    commands = [];
    expect(await devices().stampThere(userId, old)).toBe(old);
    expect(commands).toEqual([]);
  });

  it("stores every attribute of a device, and counts the version up", async () => {
    const all: Device = { ...device("a", 9), ending: true, leaving: true, heir: 7, handed: "8", missed: true };
    await set(all, shared(5));
    await set(all, shared(5), device("b", 3));
    const map = { version: 2, devices: [all, shared(5), device("b", 3)] };
    expect(await devices().read(userId)).toEqual(map);
  });

  it("leaves the rest of the profile as it is", async () => {
    const before = await stored();
    await set(device("a", 9));
    expect(await stored()).toEqual({ ...before, devices: [device("a", 9)], devicesVersion: 1 });
  });

  it("writes nothing where nothing is to change", async () => {
    await set(device("a", 9));
    commands = [];
    const same = await devices().change(userId, (map) => ({ map, kind: "none" }));
    expect(same).toEqual({ map: { version: 1, devices: [device("a", 9)] }, kind: "none" });
    expect(await devices().change(userId, () => ({ map: undefined, kind: "refused" }))).toEqual({ kind: "refused" });
    expect(commands).toEqual(["GetItem", "GetItem"]);
  });

  it("costs a read and a write, and reads consistently", async () => {
    const consistent: unknown[] = [];
    const send = (command: { readonly input: object }) => {
      if ("ConsistentRead" in command.input) consistent.push(command.input.ConsistentRead);
      return engine.client.send(command as never);
    };
    const watched = { ...engine.accounts, database: { send } } as unknown as AccountsTable;
    await new Devices(watched, () => NOW).change(userId, add(device("a", 9)));
    expect(consistent).toEqual([true]);
  });

  describe.each([
    ["the first map", false],
    ["a later map", true],
  ])("%s, changed by several at once", (_, hasMap) => {
    beforeEach(async () => {
      if (hasMap) await set(shared(99));
    });

    it("has the changes of all", async () => {
      const several = ["a", "b", "c", "d"].map((name, at) => device(name, 9 - at));
      await Promise.all(several.map((one) => devices().change(userId, add(one))));
      const read = await devices().read(userId);
      expect(read?.version).toBe(hasMap ? 5 : 4);
      expect(read?.devices.slice(1)).toEqual(several);
    });

    it("is decided on again by the one that comes second", async () => {
      const seen: (number | undefined)[] = [];
      const other = devices();
      const store = storeWith(async (name, go) => {
        if (name === "UpdateItem" && seen.length === 1) await other.change(userId, add(device("other", 9)));
        return go();
      });
      const result = await store.change(userId, (map) => {
        seen.push(map.version);
        return add(device("mine", 5))(map);
      });
      expect(seen).toEqual(hasMap ? [1, 2] : [undefined, 1]);
      expect(result?.map.devices.map(({ id }) => id)).toEqual(["shared", "other", "mine"]);
      expect(pauses).toHaveLength(1);
    });
  });

  it("gives up when others come first each time, as a database that is out of reach", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    let others = 0;
    const other = devices();
    const store = storeWith(async (name, go) => {
      if (name === "UpdateItem") await other.change(userId, add(device(`other${others++}`, 9 - others)));
      return go();
    });
    await expect(store.change(userId, add(device("mine", 5)))).rejects.toThrow(Unavailable);
    expect(others).toBe(LIMITS.devices.attempts);
    expect(pauses).toHaveLength(LIMITS.devices.attempts - 1);
    // Each is twice as long as the one before, on average.
    expect(pauses.slice(0, 3)).toEqual([5, 10, 20]);
  });

  it("passes on that the database is out of reach", async () => {
    const store = storeWith(async () => {
      throw Object.assign(new Error("busy"), { name: "ThrottlingException" });
    });
    await expect(store.change(userId, add(device("a", 5)))).rejects.toThrow(Unavailable);
    await expect(store.read(userId)).rejects.toThrow(Unavailable);
  });

  it("decides again on its own change, where the answer to the write was lost", async () => {
    let isLost = false;
    const store = storeWith(async (name, go) => {
      const answer = await go();
      if (name !== "UpdateItem" || isLost) return answer;
      isLost = true;
      // The database client would repeat it, and find its condition broken.
      return go();
    });
    const mine = device("mine", 5);
    const result = await store.change(userId, (map) => ({
      map: map.devices.some(({ id }) => id === "mine") ? map : withDevice(map, mine, mine),
    }));
    expect(result?.map).toMatchObject({ version: 1 });
    expect((await devices().read(userId))?.devices).toHaveLength(2);
  });

  describe("of a user who does not exist", () => {
    it("finds nothing, and brings nobody to life", async () => {
      const nobody = randomUUID();
      expect(await devices().read(nobody)).toBeUndefined();
      expect(await devices().change(nobody, add(device("a", 9)))).toBeUndefined();
      expect(await devices().read(nobody)).toBeUndefined();
    });

    it.each([
      ["had no map", false],
      ["had a map", true],
    ])("any more since it was read, and %s, brings nobody back", async (_, hasMap) => {
      if (hasMap) await set(device("a", 9));
      const store = storeWith(async (name, go) => {
        if (name === "UpdateItem") await users.removeProfile(userId);
        return go();
      });
      expect(await store.change(userId, add(device("b", 5)))).toBeUndefined();
      expect(await stored()).toBeUndefined();
    });
  });

  describe("a device that leaves", () => {
    const count = (channel: string | undefined, backlog: number) => {
      const names = backlogAttributes(channel);
      return updateRecord(engine.accounts, profileKey(userId), {
        update: "SET #backlog = :backlog, #countedAt = :countedAt",
        condition: "attribute_exists(#owner)",
        values: { backlog, countedAt: NOW },
        names: { "#backlog": names.backlog, "#countedAt": names.countedAt },
      });
    };

    it("takes the count of its messages along, and leaves those of the others", async () => {
      const first = device("first", 9, { channel: undefined });
      await set(first, device("a-b_c", 5), device("b", 3));
      for (const [channel, backlog] of [
        [undefined, 1],
        ["a-b_c", 2],
        ["b", 3],
      ] as const)
        await count(channel, backlog);
      expect((await new Profiles(engine.accounts).find(userId))?.backlog).toBe(1);
      await set(first, device("b", 3));
      const left = (await stored()) ?? {};
      expect(Object.keys(left).filter((name) => /^(backlog|countedAt)/.test(name))).toEqual(
        expect.arrayContaining(["backlog", "countedAt", "backlog/b", "countedAt/b"]),
      );
      expect(left).not.toHaveProperty(["backlog/a-b_c"]);
      expect(left).not.toHaveProperty(["countedAt/a-b_c"]);
      await set(device("b", 3));
      expect((await new Profiles(engine.accounts).find(userId))?.backlog).toBe(0);
      expect(await stored()).toMatchObject({ "backlog/b": 3, "countedAt/b": NOW });
    });

    it("leaves no count that a send notes once it has left", async () => {
      const [first, second] = [device("first", 9, { channel: undefined }), device("second", 5)];
      await set(first, second);
      await set(second);
      await count(undefined, 1);
      await count("gone", 2);
      await count("second", 3);
      await set({ ...second, seen: TODAY + 1 });
      const names = Object.keys((await stored()) ?? {}).filter((name) => /^(backlog|countedAt)/.test(name));
      expect(names.toSorted()).toEqual(["backlog/second", "countedAt/second"]);
    });
  });
});
