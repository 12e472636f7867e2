import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { InvalidCredentials, TooManyAttempts, UnknownUser } from "../../lib/errors.ts";
import { hashPassword } from "../../lib/passwords.ts";
import type { Caller } from "../../lib/tokens.ts";
import { type AccountParts, accountsOn } from "../support/accounts.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { newUsername } from "../support/logins.ts";

// The real one has tests of its own, and takes a tenth of a second each time on purpose.
vi.mock("hash-wasm", () => ({
  argon2id: async ({ password }: { password: string }) => `quick:${password}`,
  argon2Verify: async ({ password, hash }: { password: string; hash: string }) => hash === `quick:${password}`,
}));

const WINDOW = 15 * 60_000;
const HOME = "192.0.2.1";
const PASSWORD = "the password";
const WRONG = "not the password";

describe.each(engines)("Strangers who guess in every window ($name)", ({ start }) => {
  let engine: TestEngine;
  let parts: AccountParts;
  let now: number;
  let username: string;
  let caller: Caller;

  beforeAll(async () => {
    engine = await start();
    parts = accountsOn(engine.client, engine.tables, () => now);
  });
  afterAll(() => engine?.stop());
  beforeEach(async () => {
    now = Date.UTC(2026, 2, 1, 12);
    username = newUsername();
    await parts.users.create(username, await hashPassword(PASSWORD));
    caller = await logIn(HOME);
  });

  const logIn = async (address: string, password = PASSWORD): Promise<Caller> =>
    parts.tokens.open((await parts.accounts.login(username, password, { address, userAgent: "" })).token);

  /** From as many addresses as one likes, each in a network of its own, and then from those of one network. */
  async function guessEverywhere(): Promise<void> {
    const addresses = Array.from({ length: 110 }, (_, at) => `2001:db8:${at.toString(16)}:1::1`);
    const outcomes = await Promise.allSettled(addresses.map((address) => logIn(address, WRONG)));
    const codes = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code);
    expect(codes.filter((code) => code === "invalid_credentials").length).toBeLessThanOrEqual(100);
    await expect(logIn("203.0.113.9")).rejects.toThrow(TooManyAttempts);
  }

  it("do not keep the user from logging in where they have logged in before", async () => {
    for (let window = 0; window < 2; window++) {
      await guessEverywhere();
      expect(await logIn(HOME)).toMatchObject({ userId: caller.userId });
      await expect(logIn(HOME, WRONG)).rejects.toThrow(InvalidCredentials);
      now += WINDOW;
    }
  });

  it("guess 10 times at most from there", async () => {
    await guessEverywhere();
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => logIn(HOME, WRONG)));
    const reasons = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code);
    expect(reasons.filter((code) => code === "invalid_credentials")).toHaveLength(10);
    expect(reasons.filter((code) => code === "too_many_attempts")).toHaveLength(40);
    await expect(logIn(HOME)).rejects.toThrow(TooManyAttempts);
  });

  it("do not keep a session of the user from changing the password, nor from deleting the account", async () => {
    await guessEverywhere();
    for (let failure = 0; failure < 10; failure++) await expect(logIn(HOME, WRONG)).rejects.toThrow(InvalidCredentials);
    await parts.accounts.changePassword(caller, PASSWORD, "another password");
    now += WINDOW;
    await guessEverywhere();
    await parts.accounts.remove(caller, "another password");
    await expect(parts.accounts.find(username)).rejects.toThrow(UnknownUser);
  });

  it.each<[string, (password: string) => Promise<void>]>([
    ["a change of the password", (password) => parts.accounts.changePassword(caller, password, "another password")],
    ["a deletion", (password) => parts.accounts.remove(caller, password)],
  ])("who have a session get 10 guesses by %s, and the user still logs in", async (_, act) => {
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => act(WRONG)));
    const reasons = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code);
    expect(reasons.filter((code) => code === "invalid_credentials")).toHaveLength(10);
    await expect(act(PASSWORD)).rejects.toThrow(TooManyAttempts);
    await logIn(HOME);
    await logIn("203.0.113.9");
    now += WINDOW;
    await act(PASSWORD);
  });

  it("learn nothing of whether somebody has the name", async () => {
    const nobody = newUsername();
    const answers: unknown[] = [];
    for (const name of [username, nobody]) {
      for (let failure = 0; failure < 12; failure++) {
        const login = parts.accounts.login(name, WRONG, { address: "203.0.113.9", userAgent: "" });
        answers.push(await login.catch(({ code, retryAfter }: TooManyAttempts) => [code, retryAfter]));
      }
    }
    expect(answers.slice(0, 12)).toEqual(answers.slice(12));
    expect(answers[11]).toEqual(["too_many_attempts", 15 * 60]);
  });
});
