import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Accounts } from "../../../lib/accounts/accounts.ts";
import { originOf } from "../../../lib/accounts/login-origin.ts";
import { knownKey } from "../../../lib/database/account-keys.ts";
import { toItem } from "../../../lib/database/accounts-table.ts";
import type { Connection } from "../../../lib/live/listeners.ts";
import { GoTalkError, InvalidToken } from "../../../lib/runtime/errors.ts";
import type { Caller } from "../../../lib/tokens/tokens.ts";
import { type AccountParts, accountsOn } from "../../support/accounts.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";
import { problem } from "../../support/problems.ts";
import { weakPasswords } from "../../support/weak-passwords.ts";

const START = Date.UTC(2026, 2, 1, 12);
const HERE = { address: "192.0.2.1", userAgent: "a client" };
const OLD = "the old password";
const NEW = "the new password";

describe.each(engines)("What only the password allows ($name)", ({ start }) => {
  let engine: TestEngine;
  let parts: AccountParts;
  let hungUp: ((connection: Connection) => boolean)[];
  let accounts: Accounts;
  let username: string;
  let caller: Caller;

  beforeAll(async () => {
    engine = await start();
    parts = accountsOn(engine.client, engine.tables, () => START);
    const hangUp = async (_: string, isEnded: (connection: Connection) => boolean) => void hungUp.push(isEnded);
    accounts = new Accounts({ ...parts, hangUp });
  });
  afterAll(() => engine?.stop());
  beforeEach(async () => {
    hungUp = [];
    username = newUsername();
    await parts.users.create(username, await weakPasswords.hash(OLD));
    caller = await logIn(OLD);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const logIn = async (password: string): Promise<Caller> =>
    parts.tokens.open((await accounts.login(username, password, HERE)).token);
  const change = (password = OLD, by = caller) => accounts.changePassword(by, password, NEW, HERE.address);
  const remove = (password = OLD, by = caller) => accounts.remove(by, password);
  const alive = async () => (await parts.sessions.list(caller.userId)).map(({ sessionId }) => sessionId);
  const isKnownHere = async () => {
    const Key = toItem(knownKey(username, originOf(username, HERE.address)));
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: engine.tables.accounts, Key }));
    return Item !== undefined;
  };
  const hashNow = async () => (await parts.users.credentials(username))?.passwordHash;

  describe("a login", () => {
    it("is listed with its client, and ends the sessions that are too many", async () => {
      expect(await parts.sessions.list(caller.userId)).toMatchObject([{ userAgent: "a client" }]);
      const surplus = vi.spyOn(parts.sessions, "endSurplus");
      await logIn(OLD);
      expect(surplus).toHaveBeenCalledWith(caller.userId);
    });

    it("that succeeds is no failure of its address", async () => {
      const succeed = vi.spyOn(parts.throttle, "succeed");
      await logIn(OLD);
      const origin = originOf(username, HERE.address);
      const attempt = { username, origin, source: origin, isCounted: true };
      expect(succeed).toHaveBeenCalledExactlyOnceWith(attempt);
      await expect(logIn(NEW)).rejects.toThrow(problem("invalid_credentials"));
      expect(succeed).toHaveBeenCalledTimes(1);
    });

    it.each([
      ["whose password was changed meanwhile", () => change()],
      ["whose account was deleted meanwhile", () => remove()],
      ["whose account is being deleted since", () => parts.users.names.close(credentials())],
    ])("%s is refused, and leaves neither a session nor a known address", async (_, meanwhile) => {
      verified = await parts.users.credentials(username);
      const { start: begin } = parts.sessions;
      vi.spyOn(parts.sessions, "start").mockImplementationOnce(async (...call) => {
        await meanwhile();
        return begin.apply(parts.sessions, call);
      });
      await expect(logIn(OLD)).rejects.toThrow(problem("invalid_credentials"));
      expect((await alive()).filter((sessionId) => sessionId !== caller.sessionId)).toEqual([]);
      expect(await isKnownHere()).toBe(false);
    });
  });

  let verified: Awaited<ReturnType<AccountParts["users"]["credentials"]>>;
  const credentials = () => verified ?? expect.unreachable("nobody has the name");

  it.each([
    ["a change of the password", change],
    ["a deletion", remove],
  ])("%s by somebody whose account is gone meanwhile is refused as their token is", async (_, act) => {
    await expect(act(OLD, { ...caller, username: newUsername() })).rejects.toThrow(InvalidToken);
  });

  describe("a change of the password", () => {
    it("ends all other sessions and their connections, and takes the new one alone", async () => {
      const other = await logIn(OLD);
      const succeed = vi.spyOn(parts.throttle, "succeedOwn");
      await change();
      expect(await alive()).toEqual([caller.sessionId]);
      const of = ({ sessionId }: Caller): Connection => ({ connectionId: "one=", sessionId, deviceId: "shared" });
      expect(hungUp.map((isEnded) => [isEnded(of(other)), isEnded(of(caller))])).toEqual([[true, false]]);
      expect(succeed).toHaveBeenCalledExactlyOnceWith(caller.userId);
      await expect(logIn(OLD)).rejects.toThrow(problem("invalid_credentials"));
      await logIn(NEW);
    });

    it("may be repeated by the session that made it, and ends what is left", async () => {
      vi.spyOn(parts.sessions, "endAll").mockRejectedValueOnce(new Error("out of reach"));
      const other = await logIn(OLD);
      await expect(change()).rejects.toThrow("out of reach");
      expect(await alive()).toHaveLength(2);
      await expect(change(OLD, other)).rejects.toThrow(problem("invalid_credentials"));
      await expect(accounts.changePassword(caller, OLD, "yet another one", HERE.address)).rejects.toThrow(
        problem("invalid_credentials"),
      );
      await change();
      expect(await alive()).toEqual([caller.sessionId]);
    });

    it("is refused with a wrong password, and that is counted for the user", async () => {
      const before = await hashNow();
      await expect(change("not the password")).rejects.toThrow(problem("invalid_credentials"));
      expect(await hashNow()).toBe(before);
      const begin = vi
        .spyOn(parts.throttle, "beginOwn")
        .mockRejectedValueOnce(new GoTalkError("too_many_attempts", { retryAfter: 1 }));
      await expect(change()).rejects.toThrow(problem("too_many_attempts"));
      expect(begin).toHaveBeenCalledExactlyOnceWith(caller.userId);
      expect(await hashNow()).toBe(before);
    });

    it("is refused to a session that has ended, and to whom the name belongs no more", async () => {
      const before = await hashNow();
      await expect(change(OLD, { ...caller, sessionId: "another" })).rejects.toThrow(InvalidToken);
      const { sessionId } = await parts.sessions.start("somebody-else");
      const somebody = change(OLD, { ...caller, userId: "somebody-else", sessionId });
      await expect(somebody).rejects.toMatchObject({ code: "invalid_token", cause: "the user has been removed" });
      expect(await hashNow()).toBe(before);
    });

    it("is refused when another one came first, and when the account is being deleted", async () => {
      vi.spyOn(parts.users.names, "setPassword").mockResolvedValueOnce(false);
      await expect(change()).rejects.toThrow(problem("invalid_credentials"));
      verified = await parts.users.credentials(username);
      await parts.users.names.close(credentials());
      const before = await hashNow();
      await expect(change()).rejects.toThrow(problem("invalid_credentials"));
      expect(await hashNow()).toBe(before);
    });

    it("needs no connections to end", async () => {
      await parts.accounts.changePassword(caller, OLD, NEW, HERE.address);
      await logIn(NEW);
    });
  });

  describe("a deletion", () => {
    it("leaves neither a session nor a user", async () => {
      const succeed = vi.spyOn(parts.throttle, "succeedOwn");
      await remove();
      expect(await alive()).toEqual([]);
      expect(succeed).toHaveBeenCalledExactlyOnceWith(caller.userId);
      expect(await isKnownHere()).toBe(false);
      await expect(accounts.find(username)).rejects.toThrow(problem("unknown_user"));
      await expect(logIn(OLD)).rejects.toThrow(problem("invalid_credentials"));
    });

    it("is refused with a wrong password, to a session that has ended, and when the password was changed", async () => {
      await expect(remove("not the password")).rejects.toThrow(problem("invalid_credentials"));
      await expect(remove(OLD, { ...caller, sessionId: "another" })).rejects.toThrow(InvalidToken);
      vi.spyOn(parts.users.names, "close").mockResolvedValueOnce(false);
      await expect(remove()).rejects.toThrow(problem("invalid_credentials"));
      expect(await accounts.find(username)).toEqual({ id: caller.userId, username });
    });

    it("that failed half-way hides the user, and is finished by whoever repeats it, without a session", async () => {
      vi.spyOn(parts.removal, "finish").mockRejectedValueOnce(new Error("out of reach"));
      await expect(remove()).rejects.toThrow("out of reach");
      await expect(accounts.find(username)).rejects.toThrow(problem("unknown_user"));
      await parts.sessions.endAll(caller.userId);
      await expect(remove(OLD, { ...caller, userId: "somebody-else" })).rejects.toThrow(InvalidToken);
      expect(await parts.users.credentials(username)).toBeDefined();
      await remove();
      expect(await parts.users.credentials(username)).toBeUndefined();
    });

    it("that failed half-way is finished by a login", async () => {
      vi.spyOn(parts.removal, "finish").mockRejectedValueOnce(new Error("out of reach"));
      await expect(remove()).rejects.toThrow("out of reach");
      await expect(logIn(OLD)).rejects.toThrow(problem("invalid_credentials"));
      expect(await parts.users.credentials(username)).toBeUndefined();
    });
  });
});
