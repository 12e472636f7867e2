import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Delivery } from "../../../lib/channel/delivery.ts";
import { HEAD_POSITION } from "../../../lib/channel/head.ts";
import type { User } from "../../../lib/channel/profiles.ts";
import { Sending } from "../../../lib/channel/sending.ts";
import { credentialsKey, KNOWN_PREFIX, nameOwner, userOwner } from "../../../lib/database/account-keys.ts";
import { toItem } from "../../../lib/database/accounts-table.ts";
import { findRecords } from "../../../lib/database/find-records.ts";
import { InvalidToken, Unavailable } from "../../../lib/runtime/errors.ts";
import type { Caller } from "../../../lib/tokens/tokens.ts";
import { type AccountParts, accountsOn } from "../../support/accounts.ts";
import { type Breakable, breakable } from "../../support/breakable.ts";
import { engines, startEngine, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";
import { problem } from "../../support/problems.ts";
import { weakPasswords } from "../../support/weak-passwords.ts";

const START = Date.UTC(2026, 2, 1, 12);
const DAYS_30 = 30 * 86_400;
const DAY = 86_400_000;
const HERE = { address: "a", userAgent: "" };
const PASSWORD = "a password";

describe.each(engines)("The deletion of an account ($name)", ({ start }) => {
  let engine: TestEngine;
  let database: Breakable;
  let parts: AccountParts;
  let other: User;
  let passwordHash: string;
  let time = START;
  const now = () => time;

  beforeAll(async () => {
    engine = await start();
    database = breakable(engine.client);
    parts = accountsOn(database, engine.tables, now);
    other = await parts.registration.register(newUsername(), PASSWORD, undefined);
    passwordHash = await weakPasswords.hash(PASSWORD);
  });
  beforeEach(() => {
    time = START;
    database.breakAt(undefined);
  });
  afterAll(() => engine?.stop());

  const remove = (caller: Caller) => parts.accounts.remove(caller, PASSWORD);

  /** Somebody with sessions, blocks, a known address, and a message that waits. */
  async function newUser(): Promise<Caller> {
    const username = newUsername();
    const { id } = await parts.users.create(username, passwordHash);
    await parts.blocks.add(id, other);
    const message = { senderId: other.id, senderName: other.username, content: "x", messageId: uuidv7() };
    await new Sending(parts.messages, now).send(message, [{ channel: id }]);
    await parts.sessions.start(id);
    const { sessionId } = await parts.sessions.start(id);
    await parts.throttle.succeed(await parts.throttle.begin(username, "a"));
    return { userId: id, username, sessionId };
  }

  const recordsOf = (userId: string) => find(userOwner(userId));
  const find = (owner: string, prefix = "") => findRecords(engine.accounts, { owner, prefix, consistent: true });

  async function nameOf(username: string) {
    const Key = toItem(credentialsKey(username));
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: engine.tables.accounts, Key }));
    return Item ?? {};
  }

  async function headOf(userId: string) {
    const Key = { receiverId: { S: userId }, position: { S: HEAD_POSITION } };
    const { Item } = await engine.client.send(new GetItemCommand({ TableName: engine.tables.channels, Key }));
    return Item;
  }

  async function expectGone({ userId, username }: Caller, what = ""): Promise<void> {
    expect(await recordsOf(userId), what).toEqual([]);
    expect(await find(nameOwner(username), KNOWN_PREFIX), what).toEqual([]);
    expect((await parts.users.credentials(username))?.id, what).not.toBe(userId);
    expect(await headOf(userId), what).toMatchObject({ expiresAt: { N: String(START / 1_000 + DAYS_30) } });
  }

  /** The account as it is where its deletion has not begun; that the password was asked for may be counted. */
  async function isUntouched({ userId, username }: Caller): Promise<boolean> {
    const user = await parts.users.credentials(username);
    const records = (await recordsOf(userId)).filter(({ record }) => record !== "failures");
    return user?.id === userId && !user.isClosing && records.length === 4;
  }

  it("leaves nothing but messages that expire, and a head that does", async () => {
    const user = await newUser();
    await remove(user);
    await expectGone(user);
    await expect(parts.sessionCheck.require(user)).rejects.toThrow(InvalidToken);
  });

  const healers: Record<string, (user: Caller) => Promise<unknown>> = {
    "its repeat": (user) => remove(user),
    "a login": (user) => parts.accounts.login(user.username, PASSWORD, HERE),
    "the next owner": (user) => parts.registration.register(user.username, "another password", undefined),
  };

  /** @returns Whether the deletion came to its end before the command at which it should have been interrupted. */
  async function interruptAndHeal(at: number, who: string): Promise<boolean> {
    const what = `interrupted at command ${at}, healed by ${who}`;
    const user = await newUser();
    database.breakAt({ command: at, before: at % 2 === 0 });
    const failure = await remove(user).catch((error: unknown) => error);
    if (failure !== undefined) expect(failure, what).toBeInstanceOf(Unavailable);
    database.breakAt(undefined);
    const hasNotBegun = await isUntouched(user);
    const outcome = await healers[who]?.(user).catch((error: unknown) => error);
    // Only its repeat deletes an account whose deletion has not begun.
    if (hasNotBegun && who !== "its repeat") return false;
    if (who === "a login") expect(outcome, what).toEqual(problem("invalid_credentials"));
    await expectGone(user, what);
    return failure === undefined;
  }

  it.each(Object.keys(healers))(
    "is finished by %s, wherever it was interrupted",
    async (who) => {
      let at = 0;
      while (!(await interruptAndHeal(at, who))) at += 1;
      expect(at).toBeGreaterThan(10);
    },
    180_000,
  );

  it("ends a session that a login begins at this very moment, and refuses the login", async () => {
    const user = await newUser();
    database.interrupt("createdAt", () => remove(user));
    await expect(parts.accounts.login(user.username, PASSWORD, HERE)).rejects.toThrow(problem("invalid_credentials"));
    await expectGone(user);
  });

  it("stops a sync that was allowed a moment before: it hands out nothing, and the head still expires", async () => {
    const user = await newUser();
    const delivery = new Delivery(parts.channels, now);
    const authorize = vi.fn(() => parts.sessionCheck.require(user));
    database.interrupt('"version"', () => remove(user));
    const sync = delivery.sync({ receiverId: user.userId, ack: "a", limit: 10, authorize });
    await expect(sync).rejects.toThrow(InvalidToken);
    expect(authorize).toHaveBeenCalledTimes(2);
    await expectGone(user);
  });

  it("keeps the name from everybody for 90 days, and no longer", async () => {
    const user = await newUser();
    await remove(user);
    const register = () => parts.registration.register(user.username, "another password", undefined);
    time += 90 * DAY - 1;
    await expect(register()).rejects.toThrow(problem("username_taken"));
    await expect(parts.accounts.login(user.username, PASSWORD, HERE)).rejects.toThrow(problem("invalid_credentials"));
    time += 1;
    await register();
    const { expiresAt, heldUntil } = await nameOf(user.username);
    expect([expiresAt, heldUntil]).toEqual([undefined, undefined]);
    await parts.accounts.login(user.username, "another password", HERE);
  });

  it("leaves of the name nothing but until when it is kept, and whose it was", async () => {
    const user = await newUser();
    await parts.accounts.changePassword(user, PASSWORD, PASSWORD, HERE.address);
    await remove(user);
    const until = START + 90 * DAY;
    expect(await nameOf(user.username)).toEqual({
      ...toItem(credentialsKey(user.username)),
      heldUntil: { N: String(until) },
      retiredBy: { S: user.userId },
      expiresAt: { N: String(until / 1_000) },
    });
  });

  it("that is done is done for whoever repeats it, as the answer may have been lost, and for nobody else", async () => {
    const user = await newUser();
    await remove(user);
    await remove(user);
    await parts.accounts.remove(user, "any password");
    await expect(remove({ ...user, userId: other.id })).rejects.toThrow(InvalidToken);
    time += 90 * DAY;
    await parts.registration.register(user.username, PASSWORD, undefined);
    await expect(remove(user)).rejects.toThrow(InvalidToken);
  });

  it("changes nothing of who has the name by then", async () => {
    const user = await newUser();
    await remove(user);
    time += 90 * DAY;
    const heir = await parts.registration.register(user.username, "another password", undefined);
    await expect(remove(user)).rejects.toThrow(InvalidToken);
    await expect(parts.accounts.remove(user, "another password")).rejects.toThrow(InvalidToken);
    expect((await parts.users.credentials(user.username))?.id).toBe(heir.id);
    expect(await parts.profiles.find(heir.id)).toMatchObject({ id: heir.id });
  });
});

describe.each(engines)("A change of the password ($name)", ({ start }) => {
  let engine: TestEngine;
  let database: Breakable;
  let parts: AccountParts;
  beforeAll(async () => {
    engine = await start();
    database = breakable(engine.client);
    parts = accountsOn(database, engine.tables, () => START);
  });
  beforeEach(() => database.breakAt(undefined));
  afterAll(() => engine?.stop());

  const logIn = async (username: string, password = PASSWORD): Promise<Caller> =>
    parts.tokens.open((await parts.accounts.login(username, password, HERE)).token);
  const change = (caller: Caller) => parts.accounts.changePassword(caller, PASSWORD, "another password", HERE.address);

  it("is finished by its repeat, wherever it was interrupted", async () => {
    let commands = Number.POSITIVE_INFINITY;
    for (let at = 0; at < commands; at++) {
      const username = newUsername();
      await parts.registration.register(username, PASSWORD, undefined);
      const [own, other] = [await logIn(username), await logIn(username)];
      database.breakAt({ command: at, before: at % 2 === 0 });
      const failure = await change(own).catch((error: unknown) => error);
      if (failure === undefined) commands = database.count;
      database.breakAt(undefined);
      await change(own);
      await parts.sessionCheck.require(own);
      await expect(parts.sessionCheck.require(other)).rejects.toThrow(InvalidToken);
      await logIn(username, "another password");
      await expect(logIn(username)).rejects.toThrow(problem("invalid_credentials"));
    }
    expect(commands).toBeGreaterThan(5);
  });

  it("ends a session that a login with the old one begins at this very moment", async () => {
    const username = newUsername();
    await parts.registration.register(username, PASSWORD, undefined);
    const own = await logIn(username);
    database.interrupt("createdAt", () => change(own));
    await expect(logIn(username)).rejects.toThrow(problem("invalid_credentials"));
    expect(await parts.sessions.list(own.userId)).toMatchObject([{ sessionId: own.sessionId }]);
  });
});

describe("Many sessions", () => {
  it("end the oldest once there are more than a hundred", async () => {
    const engine = await startEngine();
    let now = START;
    const parts = accountsOn(engine.client, engine.tables, () => now);
    const username = newUsername();
    const { id } = await parts.registration.register(username, PASSWORD, undefined);
    const first = await parts.sessions.start(id);
    for (let begun = 0; begun < 100; begun++) {
      now += 1_000;
      await parts.sessions.start(id);
    }
    now += 1_000;
    await parts.accounts.login(username, PASSWORD, HERE);
    const left = await parts.sessions.list(id);
    expect(left).toHaveLength(100);
    expect(left.map(({ sessionId }) => sessionId)).not.toContain(first.sessionId);
    expect(left[0]?.createdAt).toBe(now);
    await engine.stop();
  });
});
