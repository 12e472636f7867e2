import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Blocks } from "../../../lib/accounts/blocks.ts";
import { Users } from "../../../lib/accounts/users.ts";
import type { User } from "../../../lib/channel/profiles.ts";
import { Receivers } from "../../../lib/channel/receivers.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Database } from "../../../lib/database/database.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";

interface Call {
  readonly command: string;
  readonly consistent: boolean | undefined;
  readonly keys: number;
}

describe.each(engines)("what a sender knows of a receiver ($name)", ({ start }) => {
  let engine: TestEngine;
  let users: Users;
  let blocks: Blocks;
  let calls: Call[];
  let bob: User;
  let carol: User;

  beforeAll(async () => {
    engine = await start();
    users = new Users(engine.accounts, Date.now);
    blocks = new Blocks(engine.accounts, Date.now);
  });
  beforeEach(async () => {
    calls = [];
    bob = await users.create(newUsername(), "a hash");
    carol = await users.create(newUsername(), "a hash");
  });
  afterAll(() => engine?.stop());

  /** @param answer In the place of the engine's: of the call with this number, from 0. */
  function receivers(answer: (call: number, command: BatchGetItemCommand) => unknown = () => undefined): Receivers {
    const send = async (command: BatchGetItemCommand) => {
      const { Keys, ConsistentRead } = command.input.RequestItems?.[engine.tables.accounts] ?? {
        Keys: [{}],
        ...(command.input as { ConsistentRead?: boolean }),
      };
      calls.push({ command: command.constructor.name, consistent: ConsistentRead, keys: Keys?.length ?? 0 });
      return (await answer(calls.length - 1, command)) ?? engine.client.send(command);
    };
    return new Receivers({ database: { send } as unknown as Database, name: engine.tables.accounts });
  }

  const BATCH: Call = { command: "BatchGetItemCommand", consistent: false, keys: 2 };

  it("is the profile, and whether the sender is blocked, in one call", async () => {
    await blocks.add(bob.id, carol);
    const profile = { id: bob.id, username: bob.username, backlog: 0, countedAt: 0 };
    expect(await receivers().find(bob.id, carol.id)).toEqual({ ...profile, hasBlocked: true });
    expect(await receivers().find(bob.id, bob.id)).toEqual({ ...profile, hasBlocked: false });
    expect(await receivers().find(carol.id, bob.id)).toMatchObject({ id: carol.id, hasBlocked: false });
    expect(calls).toEqual([BATCH, BATCH, BATCH]);
  });

  it("is looked for a second time, strongly consistent, where the cheap read misses the profile", async () => {
    const stale = () => ({ Responses: { [engine.tables.accounts]: [] } });
    const found = await receivers((call) => (call === 0 ? stale() : undefined)).find(bob.id, carol.id);
    expect(found).toMatchObject({ id: bob.id, hasBlocked: false });
    expect(calls).toEqual([BATCH, { command: "GetItemCommand", consistent: true, keys: 1 }]);
    expect(await receivers().find(crypto.randomUUID(), carol.id)).toBeUndefined();
  });

  it("is never looked for by what is no id", async () => {
    for (const id of ["", "bob", "x".repeat(5_000), "user#1"]) {
      expect(await receivers().find(id, carol.id)).toBeUndefined();
    }
    expect(calls).toEqual([]);
  });

  it("is not taken for unblocked because DynamoDB has left the block unread", async () => {
    await blocks.add(bob.id, carol);
    const found = await receivers((call, command) => {
      const [profile, block] = command.input.RequestItems?.[engine.tables.accounts]?.Keys ?? [];
      if (call !== 0 || profile === undefined || block === undefined) return undefined;
      const half = new BatchGetItemCommand({ RequestItems: { [engine.tables.accounts]: { Keys: [profile] } } });
      const unread = { UnprocessedKeys: { [engine.tables.accounts]: { Keys: [block] } } };
      return engine.client.send(half).then((output) => ({ ...output, ...unread }));
    }).find(bob.id, carol.id);
    expect(found).toMatchObject({ id: bob.id, hasBlocked: true });
    expect(calls).toEqual([BATCH, { ...BATCH, keys: 1 }]);
  });

  it("is unavailable where DynamoDB leaves it unread again and again", async () => {
    const none = receivers((_, command) => ({ UnprocessedKeys: command.input.RequestItems }));
    await expect(none.find(bob.id, carol.id)).rejects.toThrow(Unavailable);
    expect(calls).toHaveLength(LIMITS.database.batchRounds);
  });

  it("is unavailable while the database is throttled, and hides no fault of its own", async () => {
    const failing = (error: Error) => receivers(() => Promise.reject(error)).find(bob.id, carol.id);
    const throttled = Object.assign(new Error(), { name: "ProvisionedThroughputExceededException" });
    await expect(failing(throttled)).rejects.toThrow(Unavailable);
    await expect(failing(new RangeError("a defect"))).rejects.toThrow(RangeError);
  });
});
