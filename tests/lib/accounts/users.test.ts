import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Users } from "../../../lib/accounts/users.ts";
import { Profiles } from "../../../lib/channel/profiles.ts";
import type { Database } from "../../../lib/database/database.ts";
import { Devices } from "../../../lib/devices/device-store.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";
import { problem } from "../../support/problems.ts";

describe.each(engines)("Users ($name)", ({ start }) => {
  let engine: TestEngine;
  let users: Users;
  let profiles: Profiles;
  let reads: { consistent: boolean }[];

  beforeAll(async () => {
    engine = await start();
    const watched = {
      send: (command: GetItemCommand) => {
        if (command instanceof GetItemCommand) reads.push({ consistent: command.input.ConsistentRead === true });
        return engine.client.send(command);
      },
    } as Database;
    const table = { database: watched, name: engine.tables.accounts };
    users = new Users(table, Date.now);
    profiles = new Profiles(table);
  });
  beforeEach(() => {
    reads = [];
  });
  afterAll(() => engine?.stop());

  it("are found by name, with what their password was hashed to, and by id", async () => {
    const username = newUsername();
    const { id } = await users.create(username, "a hash");
    expect(await users.credentials(username)).toMatchObject({ id, username, passwordHash: "a hash" });
    expect(await profiles.find(id)).toMatchObject({ id, username, backlog: 0 });
  });

  it("have a name each, however many ask for it at once", async () => {
    const username = newUsername();
    const tries = await Promise.allSettled(Array.from({ length: 20 }, (_, at) => users.create(username, `hash ${at}`)));
    const made = tries.filter((result) => result.status === "fulfilled");
    expect(made).toHaveLength(1);
    for (const result of tries) {
      if (result.status === "rejected") expect(result.reason).toEqual(problem("username_taken"));
    }
    expect((await users.credentials(username))?.id).toBe(made[0]?.value.id);
  });

  it("are read strongly consistent by name, since a login may follow at once", async () => {
    expect(await users.credentials(newUsername())).toBeUndefined();
    expect(reads).toEqual([{ consistent: true }]);
  });

  it("are looked for a second time, strongly consistent, when the cheap read by id misses them", async () => {
    const { id } = await users.create(newUsername(), "a hash");
    reads = [];
    expect(await profiles.find(id)).toMatchObject({ id, backlog: 0 });
    expect(reads).toEqual([{ consistent: false }]);
    expect(await profiles.find(crypto.randomUUID())).toBeUndefined();
    expect(reads.slice(1)).toEqual([{ consistent: false }, { consistent: true }]);
  });

  it("keep the devices that have come since, though an earlier try of their registration is carried out late", async () => {
    const tries: PutItemCommand[] = [];
    const twice = {
      send: async (command: PutItemCommand) => {
        if (!(command instanceof PutItemCommand) || command.input.Item?.["record"]?.S !== "profile")
          return engine.client.send(command);
        // The database client's second try comes first; its own first try is there when it is repeated once more.
        tries.push(command);
        await engine.client.send(command);
        return engine.client.send(command);
      },
    } as Database;
    const { id } = await new Users({ database: twice, name: engine.tables.accounts }, Date.now).create(
      newUsername(),
      "a hash",
    );
    const devices = new Devices(engine.accounts, Date.now);
    const phone = { id: "phone", came: Date.now() + 1, seen: 1 };
    const changed = await devices.change(id, (map) => ({ map: { ...map, devices: [...map.devices, phone] } }));
    const [late] = tries;
    if (late === undefined) throw new Error("no profile was put");
    await engine.client.send(late).catch((error: unknown) => error);
    expect(await devices.read(id)).toEqual(changed?.map);
  });

  it("cannot be found by id once their profile is removed, which may be said twice", async () => {
    const { id } = await users.create(newUsername(), "a hash");
    await users.removeProfile(id);
    await users.removeProfile(id);
    expect(await profiles.find(id)).toBeUndefined();
  });

  it("are never looked for by what is no id", async () => {
    for (const id of ["", "ann", "x".repeat(5_000), "user#1", "../profile"])
      expect(await profiles.find(id)).toBeUndefined();
    expect(reads).toEqual([]);
  });
});

describe("Users on a database that fails", () => {
  const failing = (error: Error) => {
    const table = { database: { send: () => Promise.reject(error) } as unknown as Database, name: "accounts" };
    return { users: new Users(table, Date.now), profiles: new Profiles(table) };
  };

  it("are unavailable while it is throttled", async () => {
    const { users, profiles } = failing(Object.assign(new Error(), { name: "ProvisionedThroughputExceededException" }));
    await expect(users.create("ann", "a hash")).rejects.toThrow(Unavailable);
    await expect(users.credentials("ann")).rejects.toThrow(Unavailable);
    await expect(profiles.find(crypto.randomUUID())).rejects.toThrow(Unavailable);
  });

  it("hide no fault of their own", async () => {
    await expect(failing(new RangeError("a defect")).users.credentials("ann")).rejects.toThrow(RangeError);
  });
});
