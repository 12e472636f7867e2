import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Passwords } from "../../lib/accounts/passwords.ts";
import { type Answer, type Api, json } from "../support/api.ts";
import { engines, type TestEngine } from "../support/engines.ts";
import { eventsApi } from "../support/events.ts";
import { type MadeFunctions, makeFunctions } from "../support/functions.ts";
import { claimOf, newPerson, newUsername, PASSWORD, type Person } from "../support/logins.ts";
import { expectProblem } from "../support/problems.ts";
import { weakPasswords } from "../support/weak-passwords.ts";

const ADDRESS = "198.51.100.1";
const ANOTHER = "198.51.100.2";

describe.each(engines)("guessing passwords ($name)", ({ start }) => {
  let engine: TestEngine;
  let functions: MadeFunctions;
  let victim: Person;
  const verify = vi.spyOn(weakPasswords, "verify");
  const from = (address: string): Api => eventsApi(functions, { address });
  const login = (username: string, password: string) => json("/login", { username, password });

  beforeAll(async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    engine = await start();
    functions = await makeFunctions(engine);
  });
  afterAll(() => engine?.stop());
  beforeEach(async () => {
    victim = await newPerson(from(ADDRESS));
    verify.mockClear();
  });

  it("reaches the hash 10 times in a window at most, though 50 try at once", async () => {
    const tries = Array.from({ length: 50 }, () => from(ADDRESS)(login(victim.username, "not the password")));
    const answers = await Promise.all(tries);
    const hashed = verify.mock.calls.length;
    expect(hashed).toBeGreaterThan(0);
    expect(hashed).toBeLessThanOrEqual(10);
    expect(withStatus(answers, 401)).toHaveLength(hashed);
    // A count that times out is a 503, and counted.
    expect(withStatus(answers, 429).length + withStatus(answers, 503).length).toBe(50 - hashed);
    expectProblem(await from(ADDRESS)(login(victim.username, PASSWORD)), 429, "too_many_attempts");
  });

  it("lets the user in from another address, while the guesser's stays shut", async () => {
    for (let failure = 0; failure < 10; failure++) await from(ADDRESS)(login(victim.username, "not the password"));
    expectProblem(await from(ADDRESS)(login(victim.username, PASSWORD)), 429, "too_many_attempts");
    expect((await from(ANOTHER)(login(victim.username, PASSWORD))).status).toBe(200);
    expectProblem(await from(ADDRESS)(login(victim.username, PASSWORD)), 429, "too_many_attempts");
  });

  it("is slowed down from all addresses of one IPv6 /64 together", async () => {
    for (let failure = 0; failure < 10; failure++) {
      await from(`2001:db8:0:1::${failure}`)(login(victim.username, "not the password"));
    }
    expectProblem(await from("2001:db8:0:1:f::f")(login(victim.username, PASSWORD)), 429, "too_many_attempts");
    expect((await from("2001:db8:0:2::1")(login(victim.username, PASSWORD))).status).toBe(200);
  });

  it("does not keep the user's session from changing the password, nor from deleting the account", async () => {
    for (let failure = 0; failure < 10; failure++) await from(ADDRESS)(login(victim.username, "not the password"));
    const change = { ...claimOf(victim), password: PASSWORD, newPassword: "another password" };
    expect((await from(ADDRESS)(json("/password", change))).status).toBe(204);
    const removal = { ...claimOf(victim), password: "another password" };
    expect((await from(ADDRESS)(json("/account/delete", removal))).status).toBe(204);
  });

  it("is slowed down for a name that nobody has, too", async () => {
    const username = newUsername();
    for (let failure = 0; failure < 10; failure++) {
      expectProblem(await from(ADDRESS)(login(username, PASSWORD)), 401, "invalid_credentials");
    }
    expectProblem(await from(ADDRESS)(login(username, PASSWORD)), 429, "too_many_attempts");
  });

  it("costs the same hash for a name that nobody has as for a wrong password", async () => {
    const passwords = new Passwords();
    const verified = vi.spyOn(passwords, "verify");
    const api = eventsApi(await makeFunctions(engine, { passwords }), { address: ADDRESS });
    const { username } = await newPerson(api);
    verified.mockClear();
    await api(login(newUsername(), PASSWORD));
    await api(login(username, "not the password"));
    // Without a hash the password is checked against one of the same cost: tests/lib/accounts/passwords.test.ts.
    expect(verified.mock.calls).toEqual([
      [PASSWORD, undefined],
      ["not the password", expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)],
    ]);
  });

  it("counts the case of a name as one name", async () => {
    for (let failure = 0; failure < 10; failure++) {
      const username = failure % 2 ? victim.username : victim.username.toUpperCase();
      await from(ADDRESS)(login(username, "not the password"));
    }
    expectProblem(await from(ADDRESS)(login(victim.username.toUpperCase(), PASSWORD)), 429, "too_many_attempts");
  });
});

const withStatus = (answers: readonly Answer[], status: number): Answer[] =>
  answers.filter((answer) => answer.status === status);
