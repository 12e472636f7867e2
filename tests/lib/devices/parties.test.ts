import { isDeepStrictEqual } from "node:util";
import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Blocks } from "../../../lib/accounts/blocks.ts";
import { Users } from "../../../lib/accounts/users.ts";
import type { User } from "../../../lib/channel/profiles.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { profileKey } from "../../../lib/database/account-keys.ts";
import { toItem } from "../../../lib/database/accounts-table.ts";
import type { Database } from "../../../lib/database/database.ts";
import { putRecord } from "../../../lib/database/put-record.ts";
import { dayOf } from "../../../lib/devices/device-map.ts";
import { PartiesReader, type Party } from "../../../lib/devices/parties.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { aDevice, giveDevices } from "../../support/device-maps.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";

interface Call {
  readonly command: string;
  readonly consistent: boolean | undefined;
  readonly keys: number;
}

const NOW = Date.UTC(2026, 2, 1, 12);

describe.each(engines)("what a send reads of its two users ($name)", ({ start }) => {
  let engine: TestEngine;
  let users: Users;
  let blocks: Blocks;
  let calls: Call[];
  let bob: User;
  let carol: User;

  beforeAll(async () => {
    engine = await start();
    users = new Users(engine.accounts, () => NOW);
    blocks = new Blocks(engine.accounts, Date.now);
  });
  beforeEach(async () => {
    calls = [];
    bob = await users.create(newUsername(), "a hash");
    carol = await users.create(newUsername(), "a hash");
  });
  afterAll(() => engine?.stop());

  /** @param answer In the place of the engine's: of the call with this number, from 0. */
  function parties(answer: (call: number, command: BatchGetItemCommand) => unknown = () => undefined): PartiesReader {
    const send = async (command: BatchGetItemCommand) => {
      const { Keys, ConsistentRead } = command.input.RequestItems?.[engine.tables.accounts] ?? {};
      calls.push({ command: command.constructor.name, consistent: ConsistentRead, keys: Keys?.length ?? 0 });
      return (await answer(calls.length - 1, command)) ?? engine.client.send(command);
    };
    return new PartiesReader({ database: { send } as unknown as Database, name: engine.tables.accounts }, () => NOW);
  }

  /** Strongly consistent: an older profile lacks a device that has just logged in. */
  const BATCH: Call = { command: "BatchGetItemCommand", consistent: true, keys: 3 };

  it("is both profiles, and whether the receiver has blocked the sender, in one strongly consistent call", async () => {
    await blocks.add(bob.id, carol);
    // As it was stored before there were devices.
    await putRecord(engine.accounts, { ...profileKey(carol.id), username: carol.username, createdAt: NOW });
    const bobs = { id: bob.id, username: bob.username, backlog: 0, countedAt: 0 };
    const today = dayOf(NOW);
    expect(await parties().find(bob.id, carol.id)).toMatchObject({
      receiver: { ...bobs, devices: { devices: [{ came: NOW, seen: today }] } },
      sender: {
        id: carol.id,
        username: carol.username,
        devices: { devices: [{ came: 0, seen: today, id: "shared", shared: true }] },
      },
      isBlocked: true,
    });
    expect(await parties().find(carol.id, bob.id)).toMatchObject({ receiver: { id: carol.id }, isBlocked: false });
    expect(calls).toEqual([BATCH, BATCH]);
  });

  it("is one profile less where the message is to oneself", async () => {
    const found = await parties().find(bob.id, bob.id);
    expect(found).toMatchObject({ receiver: { id: bob.id }, isBlocked: false });
    expect(found?.sender).toEqual(found?.receiver);
    expect(calls).toEqual([{ ...BATCH, keys: 2 }]);
  });

  it("has the devices of both, as they are stored", async () => {
    const [laptop, phone] = [aDevice("laptop", 1, { channel: undefined }), aDevice("phone", 2)];
    await giveDevices(engine.accounts, bob.id, [laptop, phone], 7);
    await giveDevices(engine.accounts, carol.id, [laptop]);
    const found = await parties().find(bob.id, carol.id);
    expect(found?.receiver.devices).toMatchObject({ version: 7, devices: [{ id: "laptop" }, { channel: "phone" }] });
    expect(found?.sender?.devices).toMatchObject({ version: 1, devices: [{ id: "laptop" }] });
  });

  describe("has a device that has just logged in, though a copy of the table lags behind", () => {
    /** As the engine does it where all its copies agree; else a read that is not strongly consistent gets the older one. */
    const lagging = (before: ReadonlyMap<string, unknown>) =>
      parties((_, { input }) => {
        const { Keys = [], ConsistentRead } = input.RequestItems?.[engine.tables.accounts] ?? {};
        if (ConsistentRead) return undefined;
        const items = Keys.flatMap((key) => before.get(JSON.stringify(key)) ?? []);
        return { Responses: { [engine.tables.accounts]: items } };
      });

    /** The table's items as they are now, by their keys. */
    async function copyOf(...userIds: string[]): Promise<ReadonlyMap<string, unknown>> {
      const keys = userIds.map((id) => toItem(profileKey(id)));
      const request = { [engine.tables.accounts]: { Keys: keys, ConsistentRead: true } };
      const { Responses } = await engine.client.send(new BatchGetItemCommand({ RequestItems: request }));
      const items = Responses?.[engine.tables.accounts] ?? [];
      const keyOf = (item: (typeof items)[number]) =>
        keys.find((key) => Object.keys(key).every((name) => isDeepStrictEqual(key[name], item[name])));
      return new Map(items.map((item) => [JSON.stringify(keyOf(item)), item]));
    }

    const [laptop, phone] = [aDevice("laptop", 1, { channel: undefined }), aDevice("phone", 2)];
    const idsOf = (party: Party | undefined) => party?.devices.devices.map(({ id }) => id);

    it.each(["receiver", "sender"] as const)("to the %s", async (role) => {
      await giveDevices(engine.accounts, bob.id, [laptop]);
      await giveDevices(engine.accounts, carol.id, [laptop]);
      const before = await copyOf(bob.id, carol.id);
      expect(before.size).toBe(2);
      await giveDevices(engine.accounts, role === "receiver" ? bob.id : carol.id, [laptop, phone], 2);
      const found = await lagging(before).find(bob.id, carol.id);
      expect(idsOf(found?.[role])).toEqual(["laptop", "phone"]);
    });
  });

  it("has no sender whose account has just been deleted, and no receiver who does not exist", async () => {
    const nobody = crypto.randomUUID();
    expect(await parties().find(bob.id, nobody)).toMatchObject({ receiver: { id: bob.id }, sender: undefined });
    expect(await parties().find(nobody, carol.id)).toBeUndefined();
  });

  it("is never looked for by what is no id", async () => {
    for (const id of ["", "bob", "x".repeat(5_000), "user#1"]) {
      expect(await parties().find(id, carol.id)).toBeUndefined();
    }
    expect(calls).toEqual([]);
  });

  it("is not taken for unblocked because DynamoDB has left the block unread", async () => {
    await blocks.add(bob.id, carol);
    const found = await parties((call, command) => {
      const [receiver, sender, block] = command.input.RequestItems?.[engine.tables.accounts]?.Keys ?? [];
      if (call !== 0 || receiver === undefined || sender === undefined || block === undefined) return undefined;
      const half = new BatchGetItemCommand({
        RequestItems: { [engine.tables.accounts]: { Keys: [receiver, sender], ConsistentRead: true } },
      });
      const unread = { UnprocessedKeys: { [engine.tables.accounts]: { Keys: [block] } } };
      return engine.client.send(half).then((output) => ({ ...output, ...unread }));
    }).find(bob.id, carol.id);
    expect(found).toMatchObject({ receiver: { id: bob.id }, isBlocked: true });
    expect(calls).toEqual([BATCH, { ...BATCH, keys: 1 }]);
  });

  it("is unavailable where DynamoDB leaves it unread again and again", async () => {
    const none = parties((_, command) => ({ UnprocessedKeys: command.input.RequestItems }));
    await expect(none.find(bob.id, carol.id)).rejects.toThrow(Unavailable);
    expect(calls).toHaveLength(LIMITS.database.batchRounds);
  });

  it("is unavailable while the database is throttled, and hides no fault of its own", async () => {
    const failing = (error: Error) => parties(() => Promise.reject(error)).find(bob.id, carol.id);
    const throttled = Object.assign(new Error(), { name: "ProvisionedThroughputExceededException" });
    await expect(failing(throttled)).rejects.toThrow(Unavailable);
    await expect(failing(new RangeError("a defect"))).rejects.toThrow(RangeError);
  });
});
