import * as hashWasm from "hash-wasm";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Accounts } from "../../lib/accounts.ts";
import { InvalidCredentials, InvalidToken, TooManyAttempts, UnknownUser, UsernameTaken } from "../../lib/errors.ts";
import { singleKey } from "../../lib/key-ring.ts";
import { LoginThrottle } from "../../lib/login-throttle.ts";
import { Sessions } from "../../lib/sessions.ts";
import { Tokens } from "../../lib/tokens.ts";
import { Users } from "../../lib/users.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { newUsername } from "../support/logins.ts";

// The real hash, with its calls counted.
vi.mock("hash-wasm", { spy: true });

const START = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describe.each(engines)("Accounts ($name)", ({ start }) => {
  let engine: TestEngine;
  let accounts: Accounts;
  let sessions: Sessions;
  let tokens: Tokens;
  let now: number;
  const clock = () => now;

  beforeAll(async () => {
    engine = await start();
    const { client } = engine;
    const table = engine.tables.accounts;
    sessions = new Sessions(client, table, clock);
    tokens = new Tokens(async () => singleKey(new Uint8Array(32)), clock);
    const throttle = new LoginThrottle(client, table, clock);
    accounts = new Accounts({ users: new Users(client, table, clock), sessions, throttle, tokens });
  });
  beforeEach(() => {
    now = START;
    vi.clearAllMocks();
  });
  afterAll(() => engine?.stop());

  it("register, log in and are found", async () => {
    const username = newUsername();
    const { id } = await accounts.register(username, "a password");
    const login = await accounts.login(username, "a password", "a");
    expect(login).toMatchObject({ id, username, expiresAt: START + 30 * DAY });
    expect(await accounts.find(username)).toEqual({ id, username });
    const caller = await tokens.open(login.token);
    expect(caller).toMatchObject({ userId: id, username });
    await sessions.require(caller);
  });

  it("have a token that ends with its session", async () => {
    const username = newUsername();
    await accounts.register(username, "a password");
    const { token } = await accounts.login(username, "a password", "a");
    now = START + 30 * DAY;
    await expect(tokens.open(token)).rejects.toThrow(InvalidToken);
  });

  it("spend no hash on a name that is taken", async () => {
    const username = newUsername();
    await accounts.register(username, "a password");
    vi.clearAllMocks();
    await expect(accounts.register(username, "another")).rejects.toThrow(UsernameTaken);
    expect(hashWasm.argon2id).not.toHaveBeenCalled();
  });

  it("spend no hash on a login that is throttled, and start no session", async () => {
    const username = newUsername();
    await accounts.register(username, "a password");
    for (let failure = 0; failure < 10; failure++) {
      await expect(accounts.login(username, "not the password", "a")).rejects.toThrow(InvalidCredentials);
    }
    vi.clearAllMocks();
    await expect(accounts.login(username, "a password", "a")).rejects.toThrow(TooManyAttempts);
    expect(hashWasm.argon2Verify).not.toHaveBeenCalled();
    now += 15 * MINUTE;
    expect(await accounts.login(username, "a password", "a")).toMatchObject({ username });
  });

  it("are not locked by logging in often", async () => {
    const username = newUsername();
    await accounts.register(username, "a password");
    vi.mocked(hashWasm.argon2Verify).mockResolvedValue(true);
    for (let login = 0; login < 120; login++) await accounts.login(username, "a password", "a");
    vi.mocked(hashWasm.argon2Verify).mockReset();
  });

  it("hash for a name that nobody has, and say the same", async () => {
    await expect(accounts.login(newUsername(), "a password", "a")).rejects.toThrow(InvalidCredentials);
    expect(hashWasm.argon2Verify).toHaveBeenCalledOnce();
  });

  it("are not found by a name that nobody has", async () => {
    await expect(accounts.find(newUsername())).rejects.toThrow(UnknownUser);
  });
});
