import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tokenKeyKey } from "../../lib/account-keys.ts";
import { StoredTokenKey } from "../../lib/stored-token-key.ts";
import { Tokens } from "../../lib/tokens.ts";
import { engines, type TestEngine } from "../support/engines.ts";

describe.each(engines)("StoredTokenKey on $name", ({ start }) => {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.stop());
  beforeEach(() =>
    engine.client.send(new DeleteItemCommand({ TableName: engine.tables.accounts, Key: tokenKeyKey() })),
  );

  const stored = () => new StoredTokenKey(engine.client, engine.tables.accounts);

  it("is made once, however many functions start at once", async () => {
    const keys = await Promise.all(Array.from({ length: 12 }, () => stored().get()));
    expect(new Set(keys.map((key) => Buffer.from(key).toString("hex"))).size).toBe(1);
    expect(keys[0]).toHaveLength(32);
    expect(Buffer.from(await stored().get())).toEqual(Buffer.from(keys[0] as Uint8Array));
  });

  it("lets one function open what another issued", async () => {
    const [one, other] = [new Tokens(() => stored().get(), Date.now), new Tokens(() => stored().get(), Date.now)];
    const caller = { userId: crypto.randomUUID(), username: "ann", sessionId: "s" };
    expect(await other.open(await one.issue(caller, Date.now() + 60_000))).toEqual(caller);
  });

  it("is asked for again after a failure", async () => {
    let fails = true;
    const tokens = new Tokens(() => {
      if (!fails) return stored().get();
      return Promise.reject(new Error("the table is out of reach"));
    }, Date.now);
    const caller = { userId: "u", username: "ann", sessionId: "s" };
    await expect(tokens.issue(caller, Date.now() + 1_000)).rejects.toThrow("out of reach");
    fails = false;
    await expect(tokens.issue(caller, Date.now() + 1_000)).resolves.toMatch(/^ey/);
  });
});
