import { constants } from "node:os";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Client } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../support/fault-proxy.ts";
import { PASSWORD } from "../support/logins.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { takeAll } from "../support/taking.ts";
import { Computer, type Running, screenOf } from "../support/terminal-client.ts";

const ESCAPE = "\u001b";
const HOSTILE = `${ESCAPE}]0;owned\u0007${ESCAPE}[2J\u009b31mred`;
/** The environment of somebody who wants no colours: then lines are as in a pipe. */
const PLAIN = { TERM: "xterm-256color", NO_COLOR: "1", FORCE_COLOR: undefined };
/** The environment of a terminal that has colours, and nothing that says otherwise. */
const COLOURED = { TERM: "xterm-256color", NO_COLOR: undefined, NODE_DISABLE_COLORS: undefined, CI: undefined };
const COLOURED_START = new RegExp(
  `^${ESCAPE}\\[2m[-\\d]{10} [:\\d]{5} ${ESCAPE}\\[22m${ESCAPE}\\[(3[2-6])m([^${ESCAPE}]+)${ESCAPE}\\[39m`,
);
const SHOWN = "\\u001b]0;owned\\u0007\\u001b[2J\\u009b31mred";

/** What is shown, without what a busy stack did not answer in time: a sentence, which may be wrapped. */
const withoutRetries = (shown: string): string =>
  shown.replaceAll(/(?:gotalk: )?[A-Z][^.]*\.\s+Trying\s+again\s+\.\.\.\r\n/g, "");

describe("gotalk on a terminal", () => {
  let stack: SharedStack;
  let here: Computer;
  let client: Client;
  let username: string;
  let id: string;
  beforeAll(async () => {
    stack = await sharedStack();
  });
  beforeEach(async () => {
    here = new Computer(stack.url);
    ({ client, username, id } = await here.newcomer());
  });

  it("asks for the password, and does not show it", async () => {
    const login = here.onTerminal(["login", username]);
    await eventually(() => expect(login.stdout()).toContain("Password:"));
    login.child.stdin?.write(`${PASSWORD}\n`);
    const { code, stdout } = await login.ended;
    expect(code).toBe(0);
    expect(stdout).toContain(`Logged in at ${stack.url} as ${username}.`);
    expect(stdout).not.toContain(PASSWORD);
    // Enter is not shown either, and yet the next line begins in the first column.
    expect(stdout).toMatch(/Password: .*\r?\n.*Logged in at/);
  });

  it("does not call a prompt that was left by Ctrl-D a success", async () => {
    const login = here.onTerminal(["login", username]);
    await eventually(() => expect(login.stdout()).toContain("Password:"));
    login.child.stdin?.write("\u0004");
    expect(await login.ended).toMatchObject({ code: 1, stdout: "Password: \r\ngotalk: Nothing was entered.\r\n" });
  });

  it.each([
    ["a password", ["login"]],
    ["a name", ["login"]],
  ])("ends by SIGINT, and says nothing, when %s is asked for and Ctrl-C is typed", async (what, args) => {
    const isName = what === "a name";
    const login = here.onTerminal(isName ? args : [...args, username]);
    await eventually(() => expect(login.stdout()).toContain(isName ? "Username:" : "Password:"));
    login.child.stdin?.write("half\u0003");
    const { code, stdout } = await login.ended;
    expect(code).toBe(128 + constants.signals.SIGINT);
    expect(stdout).not.toContain("gotalk:");
  });

  it("goes on after Ctrl-Z and fg: the rest of a password is not typed into the shell", async () => {
    const login = here.onTerminal(["login"], { isResumed: true });
    await eventually(() => expect(login.stdout()).toContain("Username:"));
    login.child.stdin?.write(`${username}\n`);
    await eventually(() => expect(login.stdout()).toContain("Password:"));
    login.child.stdin?.write(`${PASSWORD.slice(0, 4)}\u001a`);
    await eventually(() => expect(login.stdout()).toMatch(/Password:.*Password:/s));
    login.child.stdin?.write(`${PASSWORD.slice(4)}\n`);
    const { code, stdout } = await login.ended;
    expect({ code, isIn: stdout.includes(`as ${username}.`) }).toEqual({ code: 0, isIn: true });
    expect(stdout).not.toContain(PASSWORD.slice(4));
  });

  it("keeps the terminal after Ctrl-Z where no shell could bring it back, or it would show what is typed", async () => {
    const login = here.onTerminal(["login"]);
    await eventually(() => expect(login.stdout()).toContain("Username:"));
    const [first, rest] = [username.slice(0, 4), username.slice(4)];
    // A name, as it can be seen when Ctrl-Z was taken. The terminal would show the rest once more.
    login.child.stdin?.write(`\u001a${first}`);
    await eventually(() => expect(login.stdout()).toContain(first));
    login.child.stdin?.write(`${rest}\n`);
    await eventually(() => expect(login.stdout()).toContain("Password:"));
    expect(login.stdout().split(rest)).toHaveLength(2);
    login.child.stdin?.write(`${PASSWORD}\n`);
    expect(await login.ended).toMatchObject({ code: 0, stdout: expect.stringContaining(`as ${username}.`) });
  });

  it("says what was done, and what there is nothing of", async () => {
    const other = await new Computer(stack.url).newcomer();
    const [session] = await client.sessions();
    const told = async (...args: string[]) =>
      withoutRetries((await here.onTerminal(args, { env: PLAIN }).ended).stdout);
    expect(await told("blocks")).toBe("You have blocked nobody.\r\n");
    expect(await told("block", other.username)).toBe(
      `You have blocked ${other.username}: the server refuses their messages to you.\r\n`,
    );
    expect(await told("blocks")).toBe(`${other.username}\r\n`);
    expect(await told("unblock", other.username)).toBe(`${other.username} can send you messages again.\r\n`);
    expect(await told("group", "list")).toBe("You are in no group.\r\n");
    const { groupId } = await client.createGroup({ name: "Team", members: [other.id] });
    expect(await told("group", "rename", groupId, "Crew")).toBe('The group "Team" is now called "Crew".\r\n');
    expect(await told("end-session", String(session?.sessionId))).toBe(
      `The session ${session?.sessionId} has ended.\r\n`,
    );
  });

  it("wraps what it says between words", async () => {
    const told = async (columns: number, ...args: string[]) =>
      withoutRetries((await here.onTerminal(args, { columns, env: PLAIN }).ended).stdout);
    expect(await told(16, "blocks")).toBe("You have blocked\r\nnobody.\r\n");
    expect(await told(30, "unblock", "nobody-here")).toBe("gotalk: You have not blocked\r\nnobody-here.\r\n");
    const chatting = here.onTerminal(["chat", username], { columns: 40, env: PLAIN });
    await eventually(() => expect(chatting.stdout()).toMatch(/chat\.\r\n/));
    const shown = withoutRetries(chatting.stdout());
    const greeting = shown.slice(0, shown.indexOf("chat.\r\n") + 5).split("\r\n");
    expect(greeting.join(" ")).toBe(
      `You are chatting with ${username}. Messages from others are shown, too. Ctrl-D ends the chat.`,
    );
    expect(greeting.every((row) => row.length <= 40)).toBe(true);
    chatting.child.stdin?.write("\u0003");
    await chatting.ended;
  });

  it("says that it waits for messages, with --no-wait not", async () => {
    const following = here.onTerminal(["receive"], { env: PLAIN });
    await eventually(() =>
      expect(withoutRetries(following.stdout())).toBe("Waiting for messages. Ctrl-C ends this.\r\n"),
    );
    following.child.stdin?.write("\u0003");
    await following.ended;
    const { stdout } = await here.onTerminal(["receive", "--no-wait"], { env: PLAIN }).ended;
    expect(withoutRetries(stdout)).toBe("");
  });

  it("is not driven by what it receives", async () => {
    await client.send({ to: id, content: HOSTILE });
    const { code, stdout } = await here.onTerminal(["receive", "--no-wait"], { env: PLAIN }).ended;
    expect(code).toBe(0);
    expect(stdout).toContain(SHOWN);
    expect(stdout).not.toContain(ESCAPE);
  });

  it("colours the time and the name, and nothing that somebody has written", async () => {
    const about = client.newMessageId();
    await client.send({ to: id, type: "text", messageId: about, content: HOSTILE });
    await client.send({ to: id, type: "reaction", about, content: "👍" });
    // It is no reaction.
    await client.send({ to: id, type: "reaction", about, content: `${ESCAPE}[31m👍` });
    await client.send({ to: id, type: "file", content: JSON.stringify({ name: HOSTILE }) });
    const { stdout } = await here.onTerminal(["receive", "--no-wait"], { columns: 200, env: COLOURED }).ended;
    const lines = stdout.replaceAll("\r", "").trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    const starts = lines.map((line) => COLOURED_START.exec(line));
    expect(starts.map((start) => start?.[2])).toEqual([username, username, username]);
    // A user has one colour.
    expect(new Set(starts.map((start) => start?.[1])).size).toBe(1);
    for (const line of lines) expect(line.replace(COLOURED_START, "")).not.toContain(ESCAPE);
    expect(lines[0]).toContain(`: ${SHOWN}`);
    expect(lines[1]).toContain(" reacted with 👍 to ");
  });

  it("gives a pipe no control characters either, as that may end in a terminal, unless they are wanted", async () => {
    await client.send({ to: id, content: HOSTILE });
    expect((await here.run(["receive", "--no-wait"])).stdout).toContain(SHOWN);
    await client.send({ to: id, content: HOSTILE });
    expect((await here.run(["receive", "--no-wait", "--raw"])).stdout).toContain(HOSTILE);
    expect(await here.run(["receive", "--no-wait", "--raw", "--json"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--json/),
    });
  });

  it("wraps a long message to the width of the terminal, so that no line of it looks like another's", async () => {
    const forged = "2026-01-01 00:00 bob: I owe you";
    await client.send({ to: id, content: `${"y".repeat(30)} ${forged}` });
    await client.send({ to: id, content: `${"家".repeat(100)}${forged}` });
    const { stdout } = await here.onTerminal(["receive", "--no-wait"], { columns: 60, env: PLAIN }).ended;
    const [first, ...rest] = stdout.replaceAll("\r", "").trimEnd().split("\n");
    expect(first).toMatch(/^\d{4}-.*: $/);
    expect(rest.filter((line) => !line.startsWith("    "))).toEqual([expect.stringMatching(/^\d{4}-.*: $/)]);
    expect(rest.length).toBeGreaterThan(4);
  });

  it("chats: sends each line, shows what comes, and ends by Ctrl-D", async () => {
    const chat = here.onTerminal(["chat", username], { env: PLAIN });
    await eventually(() => expect(chat.stdout()).toContain("Ctrl-D ends the chat."));
    chat.child.stdin?.write("Hello, me!\n");
    await eventually(() => expect(chat.stdout()).toContain(`${username}: Hello, me!`));
    await client.send({ to: id, content: HOSTILE });
    await eventually(() => expect(chat.stdout()).toContain(SHOWN));
    expect(chat.stdout()).not.toContain(`${ESCAPE}]0;`);
    chat.child.stdin?.write("\u0004");
    expect((await chat.ended).code).toBe(0);
    // What was shown is taken.
    expect(await here.run(["receive", "--no-wait"])).toMatchObject({ code: 0, stdout: "" });
  });

  it("chats on after Ctrl-Z and fg", async () => {
    const chat = here.onTerminal(["chat", username], { isResumed: true, env: PLAIN });
    await eventually(() => expect(chat.stdout()).toContain("> "));
    chat.child.stdin?.write("half\u001a");
    await eventually(() => expect(chat.stdout()).toMatch(/half.*> half/s));
    chat.child.stdin?.write(" a line\n");
    await eventually(() => expect(chat.stdout()).toContain(`${username}: half a line`));
    chat.child.stdin?.write("\u0004");
    expect((await chat.ended).code).toBe(0);
  });

  it("shows all of what comes while a text of several rows is typed, and the text below it", async () => {
    const chat = here.onTerminal(["chat", username], { columns: 40 });
    await eventually(() => expect(chat.stdout()).toContain("> "));
    const typed = "a text that takes three rows of a terminal with forty columns, at the least";
    chat.child.stdin?.write(typed);
    const shown = async () => (await screenOf(chat.stdout(), 40)).join("\n");
    await eventually(async () => expect((await shown()).replaceAll("\n", "")).toContain(typed));
    const messages = ["The first one", "The second one, which takes more rows than one as well", "The third one"];
    for (const content of messages) {
      await client.send({ to: id, content });
      await eventually(async () => expect((await shown()).replaceAll("\n    ", "")).toContain(content));
    }
    const all = await shown();
    for (const content of messages) expect(all.replaceAll("\n    ", "").split(content)).toHaveLength(2);
    expect(all.replaceAll("\n", "").split(typed)).toEqual([expect.anything(), ""]);
    // Nothing of it is left above.
    expect(all.split(typed.slice(0, 20))).toHaveLength(2);
    chat.child.stdin?.write("\u0015\u0004");
    expect((await chat.ended).code).toBe(0);
  });

  it("moves no cursor on a terminal that has none", async () => {
    const chat = here.onTerminal(["chat", username], { env: { TERM: "dumb" } });
    await eventually(() => expect(chat.stdout()).toContain("Ctrl-D ends the chat."));
    chat.child.stdin?.write("Hello, me!\n");
    await eventually(() => expect(chat.stdout()).toContain(`${username}: Hello, me!`));
    chat.child.stdin?.write("\u0004");
    const { code, stdout } = await chat.ended;
    expect(code).toBe(0);
    expect(stdout).not.toContain(ESCAPE);
  });

  it("chats with a pipe, in order, and tells what could not be sent", async () => {
    const lines = ["one", "x".repeat(16_385), "two", ""];
    const { code, stderr } = await here.run(["chat", username], lines.join("\n"));
    expect(code).toBe(65);
    expect(stderr).toBe(
      "gotalk: Not sent: A message may have 16384 bytes at most.\ngotalk: Some lines may not have been sent.\n",
    );
    const { stdout } = await here.run(["receive", "--no-wait", "--json"]);
    const rest = stdout.split("\n").filter(Boolean);
    // Some may have been shown before the end of the input ended the talk.
    expect(rest.every((line) => /"content":"(one|two)"/.test(line))).toBe(true);
  });

  it("tells who chats on a terminal what was not sent, and does not call that a failure of the chat", async () => {
    const bob = await new Computer(stack.url).newcomer();
    await bob.client.block(id);
    const chat = here.onTerminal(["chat", bob.username]);
    await eventually(() => expect(chat.stdout()).toContain("Ctrl-D ends the chat."));
    chat.child.stdin?.write("Hello, Bob!\n");
    await eventually(() => expect(chat.stdout()).toContain("gotalk: Not sent: "));
    chat.child.stdin?.write("\u0004");
    expect((await chat.ended).code).toBe(0);
  });

  describe("with a network that fails", () => {
    const isSend = (head: string): boolean => head.startsWith("POST /send");
    let fault: (head: string) => Fault;
    let proxy: FaultProxy;
    let bob: Awaited<ReturnType<Computer["newcomer"]>>;
    /** The beginning of each request, and of each frame of a WebSocket, that came to the server. */
    let heads: string[];
    beforeEach(async () => {
      fault = () => "none";
      heads = [];
      proxy = await startFaultProxy({
        port: stack.port,
        next: (head) => fault(head),
        passed: (head) => heads.push(head),
      });
      bob = await new Computer(stack.url).newcomer();
      here = new Computer(proxy.url);
      ({ id } = await here.newcomer());
    });
    afterEach(() => proxy.close());

    /** A chat with Bob whose WebSocket is open: it syncs once its proof, a frame and no request, was accepted. */
    async function openChat(): Promise<Running> {
      const chat = here.start(["chat", bob.username]);
      await eventually(() => {
        const proof = heads.findIndex((head) => !/^[A-Z]+ \//.test(head));
        expect(proof).toBeGreaterThan(0);
        expect(heads.slice(proof).some((head) => head.startsWith("POST /sync"))).toBe(true);
      });
      return chat;
    }

    const arrived = async (): Promise<string[]> => (await takeAll(bob.client)).map(({ content }) => content);

    it("a chat says what may have arrived, and how to send it so that it arrives once", async () => {
      const chat = await openChat();
      fault = (head) => (isSend(head) ? "after" : "none");
      chat.child.stdin?.end("Hello, Bob!\n");
      const { code, stderr } = await chat.ended;
      expect(code).toBe(69);
      expect(stderr).toMatch(/^gotalk: No answer from the server \(.+\)\. It may have arrived\. /);
      expect(stderr).toMatch(/\ngotalk: Some lines may not have been sent\.\n$/);
      const [, again = ""] = /Send it again with gotalk (.+): it arrives once\./.exec(stderr) ?? [];
      fault = () => "none";
      expect(await here.run(again.split(" "), "Hello, Bob!")).toMatchObject({ code: 0, stderr: "" });
      expect(await arrived()).toEqual(["Hello, Bob!"]);
    });

    it("a chat that nobody reads any more ends when the line that is on its way has been sent", async () => {
      const chat = await openChat();
      let isOnItsWay = false;
      fault = (head) => {
        isOnItsWay ||= isSend(head);
        return isSend(head) ? { delay: 3_000 } : "none";
      };
      chat.child.stdout?.destroy();
      chat.child.stdin?.write("Hello, Bob!\n");
      await eventually(() => expect(isOnItsWay).toBe(true));
      await bob.client.send({ to: id, content: "Nobody reads this" });
      expect(await chat.ended).toMatchObject({ code: 141, stderr: "" });
      expect(await arrived()).toEqual(["Hello, Bob!"]);
    });

    it("a chat ends though the server of its WebSocket is out of reach", async () => {
      const chat = await openChat();
      fault = () => "never";
      chat.child.stdin?.end();
      expect(await chat.ended).toMatchObject({ code: 0, stderr: "" });
    });
  });
});
