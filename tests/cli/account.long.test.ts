import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { PASSWORD } from "../support/logins.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { Computer } from "../support/terminal-client.ts";

describe("one's own account in a terminal", () => {
  let stack: SharedStack;
  let here: Computer;
  let username: string;
  let client: Client;
  let id: string;
  beforeAll(async () => {
    stack = await sharedStack();
    here = new Computer(stack.url);
    ({ username, client, id } = await here.newcomer());
  });

  it("is let in after a logout, though others behind the same address failed too often", async () => {
    const mine = new Computer(stack.url);
    const { username: name } = await mine.newcomer();
    expect(await mine.run(["logout"])).toMatchObject({ code: 0 });
    const guesser = new Client({ url: stack.url, live: false });
    for (let guess = 0; guess < 10; guess++) {
      const login = guesser.login({ username: name, password: "not the password" });
      await expect(login).rejects.toMatchObject({ code: "invalid_credentials" });
    }
    const login = ["login", name.toUpperCase()];
    expect(await new Computer(stack.url).run(login, `${PASSWORD}\n`)).toMatchObject({ code: 75 });
    expect(await mine.run(login, `${PASSWORD}\n`)).toMatchObject({ code: 0 });
  });

  it("ends a receiver whose session ends meanwhile, and says what to do", async () => {
    const mine = new Computer(stack.url);
    const another = await mine.newcomer();
    const following = mine.start(["receive"]);
    await eventually(() => expect(readdirSync(mine.folder).some((name) => /^inbox\..*\.json$/.test(name))).toBe(true));
    await another.client.changePassword({ password: PASSWORD, newPassword: `${PASSWORD} anew` });
    const { code, stderr } = await following.ended;
    expect({ code, stderr }).toEqual({
      code: 77,
      stderr: "gotalk: The session has ended. Log in first: gotalk login NAME\n",
    });
  });

  it("lists sessions, and ends one", async () => {
    const { stdout } = await here.run(["sessions", "--json"]);
    const sessions = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const other = sessions.find(({ current }) => !current);
    expect(sessions).toHaveLength(2);
    expect(await here.run(["end-session", other.sessionId])).toMatchObject({ code: 0, stdout: "", stderr: "" });
    await expect(client.sync()).rejects.toMatchObject({ code: "invalid_token" });
    expect((await here.run(["sessions"])).stdout).toMatch(/^\S{22} \S+Z \*.*\n$/);
  });

  it("blocks, lists and unblocks", async () => {
    const eve = new Computer(stack.url);
    const { username: name, client: sender } = await eve.newcomer();
    expect(await here.run(["block", name])).toMatchObject({ code: 0, stdout: "" });
    expect((await here.run(["blocks"])).stdout).toBe(`${name}\n`);
    await expect(sender.send({ to: id, content: "x" })).rejects.toMatchObject({ code: "blocked" });
    expect(await here.run(["unblock", name.toUpperCase()])).toMatchObject({ code: 0, stdout: "" });
    await sender.send({ to: id, content: "x" });
    expect(await here.run(["unblock", name])).toMatchObject({ code: 67 });
  });

  it("changes the password by two lines, and deletes the account only when that is confirmed", async () => {
    const changed = await here.run(["password"], `${PASSWORD}\nanother password\n`);
    expect(changed).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await here.run(["delete-account"], "another password\n")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--yes/),
    });
    expect(await here.run(["delete-account", "--yes"], `${PASSWORD}\n`)).toMatchObject({ code: 77 });
    expect(await here.run(["delete-account", "--yes"], "another password\n")).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(here.folder)).toEqual(["session.json"]);
    expect(await here.run(["whoami"])).toMatchObject({ code: 77 });
    const again = new Client({ url: stack.url, live: false });
    await expect(again.login({ username, password: "another password" })).rejects.toMatchObject({ status: 401 });
  });
});
