import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { Client, type Inbox, type Message, type Outgoing, type Typing } from "../../lib/client/index.ts";
import { answering } from "../support/client-servers.ts";
import { eventually } from "../support/eventually.ts";
import { PATIENT } from "../support/patient-terminal.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { takeAll } from "../support/taking.ts";
import { Computer, type Running, screenOf } from "../support/terminal-client.ts";

const ESCAPE = "\u001b";
const CTRL_D = "\u0004";
const COLUMNS = 80;
const TIME = /\d{4}-\d\d-\d\d \d\d:\d\d /g;
/** The environment of somebody who wants no colours. */
const PLAIN = { TERM: "xterm-256color", NO_COLOR: "1", FORCE_COLOR: undefined };
/** The environment of a terminal that has colours, and nothing that says otherwise. */
const COLOURED = { TERM: "xterm-256color", NO_COLOR: undefined, NODE_DISABLE_COLORS: undefined, CI: undefined };

type Somebody = Awaited<ReturnType<Computer["newcomer"]>>;

describe("gotalk chat", () => {
  let stack: SharedStack;
  let here: Computer;
  /** The user of this computer. */
  let me: Somebody;
  let alice: Somebody;
  let bob: Somebody;
  let groupId: string;
  beforeAll(async () => {
    stack = await sharedStack();
  });
  beforeEach(async () => {
    here = new Computer(stack.url);
    [me, alice, bob] = await Promise.all([here.newcomer(), somebody(), somebody()]);
    ({ groupId } = await alice.client.createGroup({ name: "Team", members: [me.id, bob.id] }));
    // What the making of the group has told.
    await takeAll(me.client);
  });

  const somebody = (): Promise<Somebody> => new Computer(stack.url).newcomer();

  /** A chat on a terminal, once it is ready for a line. */
  async function chat(args: readonly string[], env: NodeJS.ProcessEnv = PLAIN): Promise<Running> {
    const running = here.onTerminal(["chat", ...args], { columns: COLUMNS, env: { ...PATIENT, ...env } });
    onTestFinished(() => void running.child.kill());
    await eventually(() => expect(running.stdout()).toContain("> "));
    return running;
  }
  const screen = async ({ stdout }: Running): Promise<string[]> =>
    (await screenOf(stdout(), COLUMNS)).map((line) => line.replace(TIME, "").trimEnd());
  const shows = (running: Running, lines: readonly string[]) =>
    eventually(async () => expect((await screen(running)).slice(-lines.length)).toEqual(lines));
  const end = async ({ child, ended }: Running) => {
    child.stdin?.write(CTRL_D);
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    // The shell's prompt is to begin in the first column.
    expect(stdout.endsWith("\n")).toBe(true);
  };
  /** What has come to somebody, without the events of groups. */
  const cameTo = async ({ client }: Somebody): Promise<readonly Message[]> =>
    (await takeAll(client)).filter(({ type }) => type !== "group");
  const says = ({ client }: Somebody, to: string, said: Partial<Outgoing>) =>
    client.send({ to, type: "text", content: "", ...said });

  /** Follows somebody's messages over a WebSocket. */
  function follow({ client }: Somebody): { readonly inbox: Inbox; readonly typing: Typing[] } {
    const typing: Typing[] = [];
    const end = new AbortController();
    onTestFinished(() => end.abort());
    const live = new Client({ url: stack.url, session: client.session });
    const inbox = live.receive({ signal: end.signal, quiet: true, onTyping: (one) => typing.push(one) });
    const run = async () => {
      for await (const _ of inbox);
    };
    void run();
    return { inbox, typing };
  }

  it("shows what happens in a group: names, replies, reactions, edits, deletions, events, and what is of elsewhere", async () => {
    const running = await chat(["Team"]);
    const about = (await says(alice, groupId, { content: "At nine?" })).messageId;
    await says(bob, groupId, { about, content: "Or ten" });
    await says(bob, groupId, { type: "reaction", about, content: "👍" });
    await says(alice, groupId, { type: "edit", about, content: "At ten." });
    await says(alice, groupId, { type: "deletion", about });
    await alice.client.renameGroup(groupId, "Crew");
    await alice.client.removeMember(groupId, bob.id);
    const other = await bob.client.createGroup({ name: "Others", members: [me.id] });
    await says(bob, other.groupId, { content: "elsewhere" });
    await says(bob, me.id, { content: "to one" });
    const [a, b] = [alice.username, bob.username];
    const lines = [
      `${a}: At nine?`,
      `${b}, answering "At nine?": Or ten`,
      `${b} reacted with 👍 to "At nine?"`,
      `${a} edited "At nine?": At ten.`,
      expect.stringMatching(new RegExp(`^${a} deleted the message of `)),
      `${a} renamed the group "Team" to "Crew"`,
      `${a} removed ${b} from the group`,
      `${b} made the group "Others"`,
      `${b} in "Others": elsewhere`,
      `${b} to you: to one`,
      ">",
    ];
    await shows(running, lines);
    await end(running);
  });

  it("greets with the members, and colours each name alike", async () => {
    const running = await chat(["Team"], COLOURED);
    await eventually(() => expect(running.stdout()).toContain("Ctrl-D ends the chat."));
    const names = [alice, bob].map(({ username }) => username).sort();
    expect(running.stdout()).toContain(`You are in the group "Team" with ${names.join(" and ")}.`);
    for (const content of ["one", "two"]) await says(alice, groupId, { content });
    const name = new RegExp(`${ESCAPE}\\[(3\\d)m${alice.username}${ESCAPE}\\[39m: (?:one|two)`, "g");
    await eventually(() => expect([...running.stdout().matchAll(name)]).toHaveLength(2));
    expect(new Set([...running.stdout().matchAll(name)].map(([, colour]) => colour)).size).toBe(1);
    await end(running);
  });

  it("sends lines to a group, and tells of one that could not be sent", async () => {
    const running = await chat(["--group", groupId]);
    running.child.stdin?.write("Hello, all\n");
    await eventually(async () => expect(await cameTo(alice)).toMatchObject([{ content: "Hello, all", toId: groupId }]));
    await bob.client.leaveGroup(groupId);
    await shows(running, ["> Hello, all", `${bob.username} left the group`, ">"]);
    await me.client.leaveGroup(groupId);
    running.child.stdin?.write("Too late\n");
    await eventually(() => expect(running.stdout()).toContain("gotalk: Not sent: You are not in this group"));
    await end(running);
  });

  it("shows who is typing above the line that is being typed, which stays as it is, and leaves nothing of that behind", async () => {
    const running = await chat([alice.username]);
    running.child.stdin?.write("Hello\n");
    await eventually(async () => expect(await cameTo(alice)).toHaveLength(1));
    running.child.stdin?.write("half a l");
    await shows(running, ["> Hello", "> half a l"]);
    const { inbox } = follow(alice);
    // It is over after 6 seconds, which a busy machine may need to look at it.
    const showsWhileTyping = (lines: readonly string[]) =>
      eventually(async () => {
        inbox.typing(me.id);
        expect((await screen(running)).slice(-lines.length)).toEqual(lines);
      });
    await showsWhileTyping(["> Hello", `${alice.username} is typing ...`, "> half a l"]);
    running.child.stdin?.write("ine");
    await showsWhileTyping([`${alice.username} is typing ...`, "> half a line"]);
    await says(alice, me.id, { content: "Hello, you" });
    await shows(running, ["> Hello", `${alice.username}: Hello, you`, "> half a line"]);
    await eventually(async () => {
      inbox.typing(me.id);
      expect(await screen(running)).toContain(`${alice.username} is typing ...`);
    });
    running.child.stdin?.write("\n");
    await eventually(async () => {
      const lines = await screen(running);
      expect(lines.slice(0, lines.indexOf("> half a line") + 1).slice(-2)).toEqual([
        `${alice.username}: Hello, you`,
        "> half a line",
      ]);
    });
    // It is over after 6 seconds.
    await shows(running, [`${alice.username}: Hello, you`, "> half a line", ">"]);
    await end(running);
  });

  it("shows and tells who is typing on a Node that has no WebSocket of its own, as version 20 has none", async () => {
    const { inbox, typing } = follow(alice);
    const running = await chat([alice.username], { ...PLAIN, NODE_OPTIONS: "--no-experimental-websocket" });
    running.child.stdin?.write("Hello\n");
    await shows(running, ["> Hello", ">"]);
    await eventually(async () => {
      inbox.typing(me.id);
      expect(await screen(running)).toContain(`${alice.username} is typing ...`);
    });
    running.child.stdin?.write("x");
    await eventually(() => expect(typing).toMatchObject([{ senderId: me.id, isTyping: true }]));
  });

  it("shows who is typing in the group, and not who is typing elsewhere", async () => {
    const running = await chat(["Team"]);
    const [fromAlice, fromBob] = [follow(alice).inbox, follow(bob).inbox];
    await eventually(async () => {
      fromAlice.typing(me.id);
      fromBob.typing(groupId);
      expect((await screen(running)).slice(-2)).toEqual([`${bob.username} is typing ...`, ">"]);
    });
    await eventually(async () => {
      fromAlice.typing(groupId);
      fromBob.typing(groupId);
      expect((await screen(running)).slice(-2)).toEqual([
        expect.stringMatching(/^(u\w+) and (u\w+) are typing \.\.\.$/),
        ">",
      ]);
    });
    const carol = await somebody();
    await alice.client.addMember(groupId, carol.id);
    const fromCarol = follow(carol).inbox;
    await eventually(async () => {
      fromCarol.typing(groupId);
      expect((await screen(running)).slice(-2)).toEqual([
        expect.stringMatching(new RegExp(`\\b${carol.username} (is|are) typing`)),
        ">",
      ]);
    });
    await end(running);
  });

  it("tells the other side of typing once the user has written, and not before", async () => {
    const { typing } = follow(alice);
    const running = await chat([alice.username]);
    // The WebSocket is open: a message comes by it at once.
    await says(alice, me.id, { content: "Who are you?" });
    await shows(running, [`${alice.username}: Who are you?`, ">"]);
    running.child.stdin?.write("I am");
    await shows(running, ["> I am"]);
    running.child.stdin?.write(" me\n");
    await shows(running, ["> I am me", ">"]);
    const key = setInterval(() => running.child.stdin?.write("x"), 200);
    onTestFinished(() => clearInterval(key));
    await eventually(() => expect(typing).toMatchObject([{ senderId: me.id, isTyping: true }]));
  });

  it.each([[[]], [["--no-receipts"]]])("tells no one of typing whom the user has blocked, with %j", async (args) => {
    await me.client.block(alice.id);
    const { typing } = follow(alice);
    const running = await chat([...args, alice.username]);
    // The WebSocket is open: a message comes by it at once.
    await says(bob, me.id, { content: "Where are you?" });
    await shows(running, [`${bob.username}: Where are you?`, ">"]);
    running.child.stdin?.write("Hello\n");
    await shows(running, ["> Hello", ">"]);
    const key = setInterval(() => running.child.stdin?.write("x"), 200);
    onTestFinished(() => clearInterval(key));
    await eventually(async () => expect(await screen(running)).toContainEqual(expect.stringMatching(/^> x{5}/)));
    const { inbox } = follow(bob);
    await eventually(() => {
      inbox.typing(alice.id);
      expect(typing.map(({ senderId }) => senderId)).toContain(bob.id);
    });
    expect(typing.filter(({ senderId }) => senderId !== bob.id)).toEqual([]);
  });

  /** The messages that somebody was told have been read, once the chat has ended. */
  const readBy = async (somebody: Somebody): Promise<string[]> =>
    (await cameTo(somebody)).filter(({ type }) => type === "read").flatMap(({ content }) => JSON.parse(content));

  it("tells nobody what was read before the user has written, and then of all that was shown", async () => {
    const first = (await says(alice, me.id, { content: "One" })).messageId;
    const silent = await chat([alice.username]);
    await shows(silent, [`${alice.username}: One`, ">"]);
    await end(silent);
    expect(await readBy(alice)).toEqual([]);
    const second = (await says(alice, me.id, { content: "Two" })).messageId;
    await says(bob, me.id, { content: "Elsewhere" });
    const running = await chat([alice.username]);
    await shows(running, [`${alice.username}: Two`, `${bob.username}: Elsewhere`, ">"]);
    running.child.stdin?.write("Hello\n");
    await shows(running, ["> Hello", ">"]);
    const third = (await says(alice, me.id, { content: "Three" })).messageId;
    await shows(running, [`${alice.username}: Three`, ">"]);
    await end(running);
    const told = await readBy(alice);
    expect(told.sort()).toEqual([second, third].sort());
    expect(told).not.toContain(first);
    expect(await readBy(bob)).toEqual([]);
  });

  it("tells members of a group what was read, but no one whom the user has blocked", async () => {
    await me.client.block(bob.id);
    const running = await chat(["Team"]);
    running.child.stdin?.write("Hello\n");
    await shows(running, ["> Hello", ">"]);
    const read = (await says(alice, groupId, { content: "One" })).messageId;
    await says(bob, groupId, { content: "Two" });
    await shows(running, [`${bob.username}: Two`, ">"]);
    await end(running);
    expect(await readBy(alice)).toEqual([read]);
    expect(await readBy(bob)).toEqual([]);
  });

  it("tells nobody with --no-receipts", async () => {
    const running = await chat(["--no-receipts", alice.username]);
    running.child.stdin?.write("Hello\n");
    await shows(running, ["> Hello", ">"]);
    await says(alice, me.id, { content: "One" });
    await shows(running, [`${alice.username}: One`, ">"]);
    await end(running);
    expect(await readBy(alice)).toEqual([]);
  });

  it("tells nobody while the user's setting says so, whichever process has got it, and again after that", async () => {
    const set = (hidesRead: boolean) =>
      says(me, me.id, { type: "own", content: JSON.stringify({ [me.id]: { hidesRead } }) });
    await set(true);
    // A program gets no settings, and yet this is the process that takes it from the server.
    expect(await here.run(["receive", "--no-wait", "--json"])).toMatchObject({ code: 0, stdout: "" });
    const running = await chat([alice.username]);
    running.child.stdin?.write("Hello\n");
    await shows(running, ["> Hello", ">"]);
    await says(alice, me.id, { content: "One" });
    await shows(running, [`${alice.username}: One`, ">"]);
    await set(false);
    const second = (await says(alice, me.id, { content: "Two" })).messageId;
    await shows(running, [`${alice.username}: Two`, ">"]);
    await end(running);
    expect(await readBy(alice)).toEqual([second]);
    // The next chat goes on with what is saved.
    await set(true);
    await here.run(["receive", "--no-wait"]);
    const next = await chat([alice.username]);
    next.child.stdin?.write("Hello again\n");
    await shows(next, ["> Hello again", ">"]);
    await says(alice, me.id, { content: "Three" });
    await shows(next, [`${alice.username}: Three`, ">"]);
    await end(next);
    expect(await readBy(alice)).toEqual([]);
  });

  it("tells who has missed a line in a group", async () => {
    const sent = { status: "received", sentAt: "2026-01-01T00:00:00.000Z" };
    const members = [alice, bob].map(({ id, username }) => ({ id, username, admin: false }));
    const { url } = await answering((path, body) => {
      if (path === "/send") return [202, { ...sent, messageId: body.messageId, missedBy: [bob.id] }];
      if (path === "/sync") return [200, { messages: [], receipt: "r", more: false }];
      return [200, { groupId, name: "Team", version: 1, members }];
    });
    const there = new Computer(url);
    there.logIn({ url, session: me.client.session });
    const ended = await there.run(["chat", groupId], "Hello\n");
    expect(ended).toMatchObject({ code: 0, stdout: "" });
    expect(ended.stderr).toMatch(new RegExp(`^gotalk: Not delivered to ${bob.username}: .*\\n$`));
  });

  it("does all of it in a pipe, where nobody reads", async () => {
    const running = here.start(["chat", "Team"], PATIENT);
    running.child.stdin?.write("Hello\n");
    await eventually(async () => expect((await cameTo(bob)).map(({ content }) => content)).toEqual(["Hello"]));
    await says(alice, groupId, { content: "One" });
    await alice.client.removeMember(groupId, bob.id);
    await eventually(() => expect(running.stdout()).toContain("removed"));
    running.child.stdin?.end();
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.replace(TIME, "")).toBe(
      `${alice.username}: One\n${alice.username} removed ${bob.username} from the group\n`,
    );
    expect(await readBy(alice)).toEqual([]);
  });
});
