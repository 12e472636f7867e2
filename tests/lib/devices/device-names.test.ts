import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deviceKey, profileKey } from "../../../lib/database/account-keys.ts";
import type { Database } from "../../../lib/database/database.ts";
import { getRecord } from "../../../lib/database/get-record.ts";
import { putRecord } from "../../../lib/database/put-record.ts";
import { DeviceNames } from "../../../lib/devices/device-names.ts";
import { engines, type TestEngine } from "../../support/engines.ts";

const START = Date.UTC(2026, 2, 1, 12);
const DAY = 24 * 60 * 60_000;

describe.each(engines)("the names of a user's devices ($name)", ({ start }) => {
  let engine: TestEngine;
  let time: number;
  let names: DeviceNames;
  let user: string;

  beforeAll(async () => {
    engine = await start();
    names = new DeviceNames(engine.accounts, () => time);
  });
  beforeEach(() => {
    time = START;
    user = randomUUID();
  });
  afterAll(() => engine?.stop());

  const laptop = { name: "Laptop", userAgent: "Mozilla/5.0" };
  const phone = { name: "Phone", userAgent: "curl/8" };

  const record = (deviceId: string) =>
    getRecord<{ expiresAt: number }>(engine.accounts, deviceKey(user, deviceId), { consistent: true });
  const keptUntil = async (deviceId: string) => 1_000 * ((await record(deviceId))?.expiresAt ?? 0);

  it("are listed by the ids of the devices, and nothing else of the user is", async () => {
    await names.set(user, "A", laptop);
    await names.set(user, "B", phone);
    await putRecord(engine.accounts, { ...profileKey(user), username: "alice" });
    expect(await names.list(user)).toEqual(new Map(Object.entries({ A: laptop, B: phone })));
    expect(await names.list(randomUUID())).toEqual(new Map());
  });

  it.each([
    ["no name", { name: "", userAgent: "curl/8" }, "name"],
    ["no client that says what it is", { name: "Laptop", userAgent: "" }, "userAgent"],
  ])("are empty, and nothing is stored, where a device has %s", async (_, given, attribute) => {
    await names.set(user, "A", given);
    expect(await names.list(user)).toEqual(new Map([["A", given]]));
    expect(await record("A")).not.toHaveProperty(attribute);
  });

  it("are replaced by what a later login calls the device", async () => {
    await names.set(user, "A", laptop);
    await names.set(user, "A", phone);
    expect(await names.list(user)).toEqual(new Map([["A", phone]]));
  });

  it("are kept for 62 days, and from each login on for as long again", async () => {
    await names.set(user, "A", laptop);
    expect(await keptUntil("A")).toBe(START + 62 * DAY);
    time += 29 * DAY;
    await names.keep(user, "A");
    expect(await keptUntil("A")).toBe(time + 62 * DAY);
    expect(await names.list(user)).toEqual(new Map([["A", laptop]]));
  });

  it("are listed though a copy of the table lags behind: what a login has just set is among them", async () => {
    const lagging = {
      send: async (command: { input: { ConsistentRead?: boolean } }) =>
        command.input.ConsistentRead ? engine.client.send(command as never) : { Items: [] },
    } as unknown as Database;
    await names.set(user, "A", laptop);
    const read = new DeviceNames({ ...engine.accounts, database: lagging }, () => time);
    expect(await read.list(user)).toEqual(new Map([["A", laptop]]));
  });

  it("are not made up by a login that gives none, where the device has left", async () => {
    await names.keep(user, "A");
    expect(await record("A")).toBeUndefined();
  });

  it("are removed one by one as devices leave, also by a repeat", async () => {
    await names.set(user, "A", laptop);
    await names.set(user, "B", phone);
    await names.remove(user, "A");
    await names.remove(user, "A");
    expect(await names.list(user)).toEqual(new Map([["B", phone]]));
  });

  it("are all removed with the account, and nobody else's are", async () => {
    const other = randomUUID();
    await names.set(user, "A", laptop);
    await names.set(user, "B", phone);
    await names.set(other, "A", laptop);
    await names.removeAll(user);
    expect(await names.list(user)).toEqual(new Map());
    expect(await names.list(other)).toEqual(new Map([["A", laptop]]));
  });
});
