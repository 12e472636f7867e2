import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashOfCode } from "../../../lib/accounts/invites.ts";
import { GoTalkError } from "../../../lib/runtime/errors.ts";
import { type AccountParts, accountsOn } from "../../support/accounts.ts";
import { type Breakable, breakable } from "../../support/breakable.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";
import { problem } from "../../support/problems.ts";

const START = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const HERE = { address: "a", userAgent: "" };
const PASSWORD = "a password";

describe.each(engines)("Registration by invitation ($name)", ({ start }) => {
  let engine: TestEngine;
  let database: Breakable;
  let parts: AccountParts;
  let now: number;

  beforeAll(async () => {
    engine = await start();
    database = breakable(engine.client);
    parts = accountsOn(database, engine.tables, () => now, "invite");
  });
  beforeEach(() => {
    now = START;
    database.breakAt(undefined);
  });
  afterAll(() => engine?.stop());

  const register = (username: string, code: string | undefined) =>
    parts.registration.register(username, PASSWORD, code);
  const newCode = () => parts.invites.create(now + DAY);
  const logIn = (username: string) => parts.accounts.login(username, PASSWORD, HERE);
  const codeIsFree = async (code: string) => (await parts.invites.find(hashOfCode(code)))?.use === undefined;

  it("takes a code once, however it is written", async () => {
    const [code, username] = [await newCode(), newUsername()];
    const written = ` ${code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")}`;
    const { id } = await register(username, written);
    expect((await logIn(username)).id).toBe(id);
    await expect(register(newUsername(), code)).rejects.toThrow(problem("invalid_invite"));
  });

  it("refuses an unknown, a used and an expired code alike, and asks for a missing one", async () => {
    const used = await newCode();
    await register(newUsername(), used);
    const expired = await newCode();
    now += DAY;
    for (const code of ["AAAAA-AAAAA-AAAAA-AAAAA", used, expired]) {
      await expect(register(newUsername(), code)).rejects.toThrow(new GoTalkError("invalid_invite"));
    }
    await expect(register(newUsername(), undefined)).rejects.toThrow(problem("invalid_request"));
  });

  it("lets one of many in who show one code at once, and leaves the others' names free", async () => {
    const code = await newCode();
    const names = Array.from({ length: 12 }, newUsername);
    const tries = await Promise.allSettled(names.map((username) => register(username, code)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const [at, { status }] of tries.entries()) {
      const name = names[at] as string;
      if (status === "fulfilled") await logIn(name);
      else await register(name, await newCode());
    }
  });

  it("gives a name to one of many who ask for it with a code each, and burns no other code", async () => {
    const username = newUsername();
    const codes = await Promise.all(Array.from({ length: 8 }, newCode));
    const tries = await Promise.allSettled(codes.map((code) => register(username, code)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const [at, result] of tries.entries()) {
      if (result.status === "fulfilled") continue;
      expect(result.reason).toEqual(problem("username_taken"));
      await register(newUsername(), codes[at] as string);
    }
  });

  it("burns no code where the name is taken", async () => {
    const username = newUsername();
    await register(username, await newCode());
    const code = await newCode();
    await expect(register(username, code)).rejects.toThrow(problem("username_taken"));
    await register(newUsername(), code);
  });

  it("keeps a code spent though its user is deleted, at whatever step the registration ended", async () => {
    const [code, username] = [await newCode(), newUsername()];
    database.breakAt({ what: "spent", before: true });
    await expect(register(username, code)).rejects.toThrow();
    database.breakAt(undefined);
    const caller = await parts.tokens.open((await logIn(username)).token);
    await parts.accounts.remove(caller, PASSWORD);
    await expect(register(newUsername(), code)).rejects.toThrow(problem("invalid_invite"));
  });

  it("is healed by its repeat, wherever the database fails, and one code never makes two users", async () => {
    let commands = Number.POSITIVE_INFINITY;
    for (let at = 0; at < commands; at++) {
      for (const before of [true, false]) {
        now = START;
        const [code, username, other] = [await newCode(), newUsername(), newUsername()];
        database.breakAt({ command: at, before });
        const first = await register(username, code).catch((error: unknown) => error);
        commands = Math.min(commands, database.count + (first instanceof Error ? Number.POSITIVE_INFINITY : 0));
        database.breakAt(undefined);
        const again = await register(username, code).catch((error: unknown) => error);
        // It is the name's owner who repeats: either the repeat made the user, or the first one had.
        if (again instanceof Error) expect(again, `${at} ${before}`).toEqual(problem("username_taken"));
        await logIn(username);
        await expect(register(other, code), `${at} ${before}`).rejects.toThrow(problem("invalid_invite"));
        expect(await parts.users.credentials(other)).toBeUndefined();
      }
    }
    expect(commands).toBeGreaterThan(5);
  });

  it("holds a name for a minute only, where it was interrupted before its code counted", async () => {
    const [code, username] = [await newCode(), newUsername()];
    database.breakAt({ what: "usedBy", before: true });
    await expect(register(username, code)).rejects.toThrow();
    database.breakAt(undefined);
    await expect(logIn(username)).rejects.toThrow(problem("invalid_credentials"));
    const others = await newCode();
    await expect(register(username, others)).rejects.toThrow(problem("username_taken"));
    now += MINUTE;
    await register(username, others);
    expect(await codeIsFree(code)).toBe(true);
    await expect(register(username, code)).rejects.toThrow(problem("username_taken"));
    await register(newUsername(), code);
  });

  it("does nothing while it is closed, and asks for no code while it is open", async () => {
    const closed = accountsOn(engine.client, engine.tables, () => now, "closed").registration;
    await expect(closed.register(newUsername(), PASSWORD, await newCode())).rejects.toThrow(
      problem("registration_closed"),
    );
    const open = accountsOn(engine.client, engine.tables, () => now, "open").registration;
    await open.register(newUsername(), PASSWORD, undefined);
  });
});
