import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { InvalidToken } from "../../../lib/runtime/errors.ts";
import { type AccountParts, accountsOn } from "../../support/accounts.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";
import { problem } from "../../support/problems.ts";

const START = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe.each(engines)("Accounts ($name)", ({ start }) => {
  let engine: TestEngine;
  let parts: AccountParts;
  let now: number;
  const clock = () => now;

  beforeAll(async () => {
    engine = await start();
    parts = accountsOn(engine.client, engine.tables, clock);
  });
  beforeEach(() => {
    now = START;
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(() => engine?.stop());

  const here = { address: "a", userAgent: "" };
  const register = (username: string, password: string) => parts.registration.register(username, password, undefined);

  it("register, log in and are found", async () => {
    const username = newUsername();
    const { id } = await register(username, "a password");
    const login = await parts.accounts.login(username, "a password", here);
    expect(login).toMatchObject({ id, username, expiresAt: START + 30 * DAY });
    expect(await parts.accounts.find(username)).toEqual({ id, username });
    const caller = await parts.tokens.open(login.token);
    expect(caller).toMatchObject({ userId: id, username });
    await parts.sessionCheck.require(caller);
  });

  it("have a token that ends with its session", async () => {
    const username = newUsername();
    await register(username, "a password");
    const { token } = await parts.accounts.login(username, "a password", here);
    now = START + 30 * DAY;
    await expect(parts.tokens.open(token)).rejects.toThrow(InvalidToken);
  });

  it("spend no hash on a name that is taken", async () => {
    const username = newUsername();
    await register(username, "a password");
    const hash = vi.spyOn(parts.passwords, "hash");
    await expect(register(username, "another")).rejects.toThrow(problem("username_taken"));
    expect(hash).not.toHaveBeenCalled();
  });

  it("spend no hash on a login that is throttled, and start no session", async () => {
    const username = newUsername();
    await register(username, "a password");
    for (let failure = 0; failure < 10; failure++) {
      await expect(parts.accounts.login(username, "not the password", here)).rejects.toThrow(
        problem("invalid_credentials"),
      );
    }
    const verify = vi.spyOn(parts.passwords, "verify");
    await expect(parts.accounts.login(username, "a password", here)).rejects.toThrow(problem("too_many_attempts"));
    expect(verify).not.toHaveBeenCalled();
    now += 15 * MINUTE;
    expect(await parts.accounts.login(username, "a password", here)).toMatchObject({ username });
  });

  it("are not locked by logging in often", async () => {
    const username = newUsername();
    await register(username, "a password");
    for (let login = 0; login < 120; login++) await parts.accounts.login(username, "a password", here);
  });

  it("hash for a name that nobody has, and say the same", async () => {
    const verify = vi.spyOn(parts.passwords, "verify");
    await expect(parts.accounts.login(newUsername(), "a password", here)).rejects.toThrow(
      problem("invalid_credentials"),
    );
    expect(verify.mock.calls).toEqual([["a password", undefined]]);
  });

  it("are not found by a name that nobody has", async () => {
    await expect(parts.accounts.find(newUsername())).rejects.toThrow(problem("unknown_user"));
  });
});
