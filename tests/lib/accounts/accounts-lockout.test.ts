import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { GoTalkError } from "../../../lib/runtime/errors.ts";
import type { Caller } from "../../../lib/tokens/tokens.ts";
import { type AccountParts, accountsOn } from "../../support/accounts.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";
import { problem } from "../../support/problems.ts";
import { weakPasswords } from "../../support/weak-passwords.ts";

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
    await parts.users.create(username, await weakPasswords.hash(PASSWORD));
    caller = await logIn(HOME);
  });

  const logIn = async (address: string, password = PASSWORD): Promise<Caller> =>
    parts.tokens.open(await newToken(address, password));
  const newToken = async (address: string, password = PASSWORD, earlierToken?: string): Promise<string> =>
    (await parts.accounts.login(username, password, { address, userAgent: "", earlierToken })).token;

  /** From as many addresses as one likes, each in a network of its own, and then from those of one network. */
  async function guessEverywhere(): Promise<void> {
    const addresses = Array.from({ length: 110 }, (_, at) => `2001:db8:${at.toString(16)}:1::1`);
    const outcomes = await Promise.allSettled(addresses.map((address) => logIn(address, WRONG)));
    const codes = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code);
    expect(codes.filter((code) => code === "invalid_credentials").length).toBeLessThanOrEqual(100);
    await expect(logIn("203.0.113.9")).rejects.toThrow(problem("too_many_attempts"));
  }

  it("do not keep the user from logging in where they have logged in before", async () => {
    for (let window = 0; window < 2; window++) {
      await guessEverywhere();
      expect(await logIn(HOME)).toMatchObject({ userId: caller.userId });
      await expect(logIn(HOME, WRONG)).rejects.toThrow(problem("invalid_credentials"));
      now += WINDOW;
    }
  });

  it("guess 10 times at most from there", async () => {
    await guessEverywhere();
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => logIn(HOME, WRONG)));
    const reasons = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code);
    expect(reasons.filter((code) => code === "invalid_credentials")).toHaveLength(10);
    expect(reasons.filter((code) => code === "too_many_attempts")).toHaveLength(40);
    await expect(logIn(HOME)).rejects.toThrow(problem("too_many_attempts"));
  });

  it("do not keep a session of the user from changing the password, nor from deleting the account", async () => {
    await guessEverywhere();
    for (let failure = 0; failure < 10; failure++)
      await expect(logIn(HOME, WRONG)).rejects.toThrow(problem("invalid_credentials"));
    await parts.accounts.changePassword(caller, PASSWORD, "another password", HOME);
    now += WINDOW;
    await guessEverywhere();
    await parts.accounts.remove(caller, "another password");
    await expect(parts.accounts.find(username)).rejects.toThrow(problem("unknown_user"));
  });

  it.each<[string, (password: string) => Promise<void>]>([
    [
      "a change of the password",
      (password) => parts.accounts.changePassword(caller, password, "another password", HOME),
    ],
    ["a deletion", (password) => parts.accounts.remove(caller, password)],
  ])("who have a session get 10 guesses by %s, and the user still logs in", async (_, act) => {
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => act(WRONG)));
    const reasons = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code);
    expect(reasons.filter((code) => code === "invalid_credentials")).toHaveLength(10);
    await expect(act(PASSWORD)).rejects.toThrow(problem("too_many_attempts"));
    await logIn(HOME);
    await logIn("203.0.113.9");
    now += WINDOW;
    await act(PASSWORD);
  });

  describe("behind the user's own address", () => {
    /** Shuts the address for the username. */
    const guessAtHome = async (): Promise<void> => {
      for (let failure = 0; failure < 10; failure++) {
        await expect(logIn(HOME, WRONG)).rejects.toThrow(problem("invalid_credentials"));
      }
      await expect(logIn(HOME)).rejects.toThrow(problem("too_many_attempts"));
    };

    it("do not keep out a device of theirs: one that has a token of an earlier login, though its session ended", async () => {
      const token = await newToken(HOME);
      await parts.sessions.endAll(caller.userId);
      await guessAtHome();
      await guessEverywhere();
      const later = await newToken(HOME, PASSWORD, token);
      expect(await parts.tokens.open(later)).toMatchObject({ userId: caller.userId });
      await expect(logIn(HOME)).rejects.toThrow(problem("too_many_attempts"));
    });

    it("guess 10 times at most with a token that they stole", async () => {
      const token = await newToken(HOME);
      const guesses = Array.from({ length: 50 }, () => newToken("203.0.113.9", WRONG, token));
      const outcomes = await Promise.allSettled(guesses);
      const codes = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code);
      expect(codes.filter((code) => code === "invalid_credentials")).toHaveLength(10);
      await expect(newToken("203.0.113.9", PASSWORD, token)).rejects.toThrow(problem("too_many_attempts"));
      await logIn(HOME);
    });

    it("gain nothing by a token of somebody else, an expired one, or what is none", async () => {
      const somebody = newUsername();
      await parts.users.create(somebody, await weakPasswords.hash(PASSWORD));
      const { token: another } = await parts.accounts.login(somebody, PASSWORD, { address: HOME, userAgent: "" });
      const own = await newToken(HOME);
      await guessAtHome();
      for (const token of [another, "none", ""]) {
        await expect(newToken(HOME, PASSWORD, token)).rejects.toThrow(problem("too_many_attempts"));
      }
      now += 30 * 24 * 60 * 60_000;
      await guessAtHome();
      await expect(newToken(HOME, PASSWORD, own)).rejects.toThrow(problem("too_many_attempts"));
    });
  });

  describe("who had the password until it was changed", () => {
    const INTRUDER = "203.0.113.66";
    const changed = "another password";

    it("have neither a known address nor a known device any more", async () => {
      const [stolen, own] = [await newToken(INTRUDER), await newToken(HOME)];
      now += 1_000;
      await parts.accounts.changePassword(await parts.tokens.open(own), PASSWORD, changed, HOME);
      await guessEverywhere();
      await expect(newToken(INTRUDER, WRONG)).rejects.toThrow(problem("too_many_attempts"));
      await expect(newToken(INTRUDER, WRONG, stolen)).rejects.toThrow(problem("too_many_attempts"));
      // What changed the password stays known, by its address and by its token.
      await newToken(HOME, changed);
      await newToken("198.51.100.77", changed, own);
    });

    it("do not keep what a login of that very moment would give them", async () => {
      const known = vi.spyOn(parts.throttle, "succeed");
      known.mockImplementationOnce(async (attempt) => {
        await parts.accounts.changePassword(caller, PASSWORD, changed, HOME);
        known.mockRestore();
        await parts.throttle.succeed(attempt);
      });
      await expect(newToken(INTRUDER)).rejects.toThrow(problem("invalid_credentials"));
      await guessEverywhere();
      await expect(newToken(INTRUDER, WRONG)).rejects.toThrow(problem("too_many_attempts"));
    });
  });

  it("learn nothing of whether somebody has the name", async () => {
    const nobody = newUsername();
    const answers: unknown[] = [];
    for (const name of [username, nobody]) {
      for (let failure = 0; failure < 12; failure++) {
        const login = parts.accounts.login(name, WRONG, { address: "203.0.113.9", userAgent: "" });
        answers.push(await login.catch(({ code, retryAfter }: GoTalkError) => [code, retryAfter]));
      }
    }
    expect(answers.slice(0, 12)).toEqual(answers.slice(12));
    expect(answers[11]).toEqual(["too_many_attempts", 15 * 60]);
  });
});
