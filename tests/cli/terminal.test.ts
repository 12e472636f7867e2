import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Client } from "../../lib/client.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { PASSWORD } from "../support/logins.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { Computer } from "./terminal-client.ts";

const WAIT = { timeout: 30_000, interval: 50 };
const ESCAPE = "\u001b";
const HOSTILE = `${ESCAPE}]0;owned\u0007${ESCAPE}[2J\u009b31mred`;
const SHOWN = "\\u001b]0;owned\\u0007\\u001b[2J\\u009b31mred";

describe("gotalk on a terminal", () => {
  let stack: Stack;
  let here: Computer;
  let client: Client;
  let username: string;
  let id: string;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    here = new Computer(stack.url);
    ({ client, username, id } = await here.newcomer());
  });

  it("asks for the password, and does not show it", async () => {
    const login = here.onTerminal(["login", username]);
    await vi.waitFor(() => expect(login.stdout()).toContain("Password:"), WAIT);
    login.child.stdin?.write(`${PASSWORD}\n`);
    const { code, stdout } = await login.ended;
    expect(code).toBe(0);
    expect(stdout).toContain(`Logged in at ${stack.url} as ${username}.`);
    expect(stdout).not.toContain(PASSWORD);
  });

  it("does not call a prompt that was left by Ctrl-D a success", async () => {
    const login = here.onTerminal(["login", username]);
    await vi.waitFor(() => expect(login.stdout()).toContain("Password:"), WAIT);
    login.child.stdin?.write("\u0004");
    expect((await login.ended).code).toBe(1);
  });

  it("is not driven by what it receives", async () => {
    await client.send({ to: id, content: HOSTILE });
    const { code, stdout } = await here.onTerminal(["receive", "--no-wait"]).ended;
    expect(code).toBe(0);
    expect(stdout).toContain(SHOWN);
    expect(stdout).not.toContain(ESCAPE);
  });

  it("gives a pipe what was sent", async () => {
    await client.send({ to: id, content: HOSTILE });
    const { stdout } = await here.run(["receive", "--no-wait"]);
    expect(stdout).toContain(`${ESCAPE}]0;owned\u0007${ESCAPE}[2J\u009b31mred`);
  });

  it("chats: sends each line, shows what comes, and ends by Ctrl-D", async () => {
    const chat = here.onTerminal(["chat", username]);
    await vi.waitFor(() => expect(chat.stdout()).toContain("Ctrl-D ends."), WAIT);
    chat.child.stdin?.write("Hello, me!\n");
    await vi.waitFor(() => expect(chat.stdout()).toContain(`${username}: Hello, me!`), WAIT);
    await client.send({ to: id, content: HOSTILE });
    await vi.waitFor(() => expect(chat.stdout()).toContain(SHOWN), WAIT);
    expect(chat.stdout()).not.toContain(`${ESCAPE}]0;`);
    chat.child.stdin?.write("\u0004");
    expect((await chat.ended).code).toBe(0);
    // What was shown is taken.
    expect(await here.run(["receive", "--no-wait"])).toMatchObject({ code: 0, stdout: "" });
  });

  it("chats with a pipe, in order, and tells what could not be sent", async () => {
    const lines = ["one", "x".repeat(16_385), "two", ""];
    const { code, stderr } = await here.run(["chat", username], lines.join("\n"));
    expect(code).toBe(0);
    expect(stderr).toMatch(/^gotalk: Not sent: A message may have 16384 bytes at most\.\n$/);
    const { stdout } = await here.run(["receive", "--no-wait", "--json"]);
    const rest = stdout.split("\n").filter(Boolean);
    // Some may have been shown before the end of the input ended the talk.
    expect(rest.every((line) => /"content":"(one|two)"/.test(line))).toBe(true);
  });

  it("ends a chat though the server of its WebSocket is out of reach", async () => {
    let isGone = false;
    const heads: string[] = [];
    const proxy = await startFaultProxy({
      port: stack.port,
      next: () => (isGone ? "never" : "none"),
      passed: (head) => heads.push(head),
    });
    try {
      here = new Computer(proxy.url);
      ({ username } = await here.newcomer());
      const chat = here.start(["chat", username]);
      // It syncs once its proof, a frame and no request, was accepted.
      await vi.waitFor(() => {
        const proof = heads.findIndex((head) => !/^[A-Z]+ \//.test(head));
        expect(heads.slice(proof + 1).filter((head) => proof > 0 && head.startsWith("POST /sync"))).not.toEqual([]);
      }, WAIT);
      isGone = true;
      chat.child.stdin?.end();
      expect(await chat.ended).toMatchObject({ code: 0, stderr: "" });
    } finally {
      await proxy.close();
    }
  });
});
