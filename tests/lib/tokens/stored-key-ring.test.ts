import { randomBytes } from "node:crypto";
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { tokenKeyKey } from "../../../lib/database/account-keys.ts";
import { toItem } from "../../../lib/database/accounts-table.ts";
import type { Database } from "../../../lib/database/database.ts";
import { InvalidToken } from "../../../lib/runtime/errors.ts";
import { singleKey } from "../../../lib/tokens/key-ring.ts";
import { StoredKeyRing } from "../../../lib/tokens/stored-key-ring.ts";
import { Tokens } from "../../../lib/tokens/tokens.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { encrypted } from "../../support/forgeries.ts";

const { refresh, reread, notice, grace, rounds } = LIMITS.tokenKeys;
const START = Date.UTC(2026, 2, 1, 12);
const caller = { userId: "u", username: "ann", sessionId: "s" };

describe.each(engines)("StoredKeyRing on $name", ({ start }) => {
  let engine: TestEngine;
  let now: number;
  let reads: number;

  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(async () => {
    now = START;
    reads = 0;
    await engine.client.send(new DeleteItemCommand({ TableName: engine.tables.accounts, Key: toItem(tokenKeyKey()) }));
  });

  const counting: Database = {
    send: ((command: object) => {
      if (command.constructor.name === "GetItemCommand") reads++;
      return engine.client.send(command as never);
    }) as DynamoDBClient["send"],
  };
  const stored = (database: Database = counting) =>
    new StoredKeyRing({ database, name: engine.tables.accounts }, () => now);

  /** A running function. */
  function startFunction(ring = stored()): Tokens {
    return new Tokens(
      (isUnknown) => ring.get(isUnknown),
      () => now,
    );
  }
  const issue = (tokens: Tokens) => tokens.issue(caller, now + LIMITS.session);

  it("is made once, with a name, however many functions start at once", async () => {
    const rings = await Promise.all(Array.from({ length: 12 }, () => stored().get(false)));
    expect(new Set(rings.map(([key]) => Buffer.from(key?.bytes ?? []).toString("hex"))).size).toBe(1);
    const [ring] = rings;
    expect(ring).toHaveLength(1);
    expect(ring?.[0]?.bytes).toHaveLength(32);
    expect(ring?.[0]?.kid).toMatch(/\S/);
    const again = await stored().get(false);
    expect(again[0]?.kid).toBe(ring?.[0]?.kid);
  });

  it("lets one function open what another issued", async () => {
    expect(await startFunction().open(await issue(startFunction()))).toMatchObject(caller);
  });

  it("is asked for again after a failure", async () => {
    let fails = true;
    const ring = stored({
      send: ((command: never) =>
        fails ? Promise.reject(new Error("out of reach")) : engine.client.send(command)) as DynamoDBClient["send"],
    });
    const tokens = startFunction(ring);
    await expect(issue(tokens)).rejects.toThrow("out of reach");
    fails = false;
    await expect(issue(tokens)).resolves.toMatch(/^ey/);
  });

  it("is read once, and again when it has been remembered long enough", async () => {
    const tokens = startFunction();
    const token = await issue(tokens);
    reads = 0;
    now += refresh - 1;
    for (let time = 0; time < 20; time++) await tokens.open(token);
    expect(reads).toBe(0);
    now += 1;
    await Promise.all(Array.from({ length: 20 }, () => tokens.open(token)));
    expect(reads).toBe(1);
  });

  it("goes on with a first item of one key, whose tokens name none", async () => {
    const bytes = randomBytes(32);
    const Item = toItem({ ...tokenKeyKey(), tokenKey: bytes });
    await engine.client.send(new PutItemCommand({ TableName: engine.tables.accounts, Item }));
    const before = new Tokens(
      async () => singleKey(bytes),
      () => now,
    );
    const token = await issue(before);
    expect(await startFunction().open(token)).toMatchObject(caller);
    expect(await before.open(await issue(startFunction()))).toMatchObject(caller);

    await stored().rotate();
    now += notice;
    const after = startFunction();
    expect(await after.open(token)).toMatchObject(caller);
    expect(decodeProtectedHeader(await issue(after)).kid).toMatch(/\S/);
  });

  it("is rotated while functions run: nobody meets a key that it does not know, and nobody is logged out", async () => {
    const functions = [startFunction(), startFunction()];
    const issued = await Promise.all(functions.map(issue));
    const kids = new Set<unknown>();
    await stored().rotate();
    // Each looks at its own time, and none of them sooner than it has to.
    for (let minute = 0; minute <= 40; minute++, now += 60_000) {
      const tokens = functions[minute % 2] as Tokens;
      issued.push(await issue(tokens));
      for (const one of functions) {
        for (const token of issued) expect(await one.open(token)).toMatchObject(caller);
      }
    }
    for (const token of issued) kids.add(decodeProtectedHeader(token).kid);
    expect(kids.size).toBe(2);
    const last = issued.at(-1) ?? "";
    expect(decodeProtectedHeader(last).kid).not.toBe(decodeProtectedHeader(issued[0] ?? "").kid);
  });

  it("leaves time enough for every function to read it before a new key is used", () => {
    expect(notice).toBeGreaterThanOrEqual(2 * refresh);
  });

  it("is read again for a token of a key that came since, though it is remembered", async () => {
    const tokens = startFunction();
    await issue(tokens);
    await stored().rotate();
    now += reread;
    const ahead = new Tokens(
      (isUnknown) => stored().get(isUnknown),
      () => now + notice,
    );
    const token = await issue(ahead);
    reads = 0;
    expect(await tokens.open(token)).toMatchObject(caller);
    expect(reads).toBe(1);
  });

  it("is not read for each token that names a key which nobody has", async () => {
    const tokens = startFunction();
    await issue(tokens);
    reads = 0;
    const end = now + 60_000;
    for (; now < end; now += 500) {
      const forged = await encrypted({ sub: "u" }, randomBytes(32), { alg: "dir", enc: "A256GCM", kid: `k${now}` });
      await expect(tokens.open(forged)).rejects.toThrow(InvalidToken);
    }
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThanOrEqual(60_000 / reread);
  });

  it("gets one new key however many rotate it at once, and none while one is about to come", async () => {
    const rotations = await Promise.all(Array.from({ length: 4 }, () => stored().rotate()));
    expect(rotations.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(rotations.map(({ from }) => from))).toEqual(new Set([START + notice]));
    now += notice - 1;
    expect(await stored().rotate()).toEqual({ from: START + notice, isNew: false });
    expect(await stored().get(false)).toHaveLength(2);
    now += 1;
    expect(await stored().rotate()).toEqual({ from: now + notice, isNew: true });
  });

  it("gets one new key too where the first item has none but its own", async () => {
    const Item = toItem({ ...tokenKeyKey(), tokenKey: randomBytes(32) });
    await engine.client.send(new PutItemCommand({ TableName: engine.tables.accounts, Item }));
    const rotations = await Promise.all(Array.from({ length: 4 }, () => stored().rotate()));
    expect(rotations.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await stored().get(false)).toHaveLength(2);
  });

  it("is remembered though an older read of it fails late", async () => {
    await stored().get(false);
    const older = Promise.withResolvers<never>();
    let sent = 0;
    const ring = stored({
      send: ((command: never) =>
        sent++ === 0 ? older.promise : engine.client.send(command)) as DynamoDBClient["send"],
    });
    const first = ring.get(false);
    now += refresh;
    const second = await ring.get(false);
    older.reject(new Error("too late"));
    await expect(first).rejects.toThrow("too late");
    expect(await ring.get(false)).toBe(second);
    expect(sent).toBe(2);
  });

  it("forgets a key a session after the next one came, and refuses its tokens", async () => {
    const token = await issue(startFunction());
    await stored().rotate();
    now += notice + LIMITS.session + grace;
    await expect(startFunction().open(token)).rejects.toThrow(InvalidToken);
    await stored().rotate();
    expect(await stored().get(false)).toHaveLength(2);
  });
});

describe("StoredKeyRing, where others are always faster", () => {
  /** What no engine can be made to do: the item is `item` when it is read, and another one when it is written. */
  const restless = (item: object | undefined) => {
    const reads: GetItemCommand[] = [];
    const send = (async (command: unknown) => {
      if (!(command instanceof GetItemCommand))
        throw new ConditionalCheckFailedException({ message: "", $metadata: {} });
      reads.push(command);
      return { Item: item };
    }) as DynamoDBClient["send"];
    return { ring: new StoredKeyRing({ database: { send }, name: "accounts" }, () => START), reads };
  };

  it("gives a rotation up after some rounds", async () => {
    const { ring, reads } = restless(toItem({ ...tokenKeyKey(), version: 7, ring: [] }));
    await expect(ring.rotate()).rejects.toThrow("others rotated the token key each time");
    expect(reads).toHaveLength(rounds);
  });

  it("never goes on without a key, and reads what was written last", async () => {
    const { ring, reads } = restless(undefined);
    await expect(ring.get(false)).rejects.toThrow("the token key was there and is gone");
    expect(reads.map(({ input }) => input.ConsistentRead)).toEqual([true, true]);
  });
});
