import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Client, type Message, type Outgoing } from "../../lib/client/index.ts";
import { eventually } from "../support/eventually.ts";
import { messageIdAt } from "../support/message-ids.ts";
import { PATIENT, PATIENT_TIMING } from "../support/patient-terminal.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { takeAll } from "../support/taking.ts";
import { Computer, clockOffBy, type Ended } from "../support/terminal-client.ts";

const TIME = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d";

/** What a person is shown, without the times. */
const shownBy = ({ stdout }: Pick<Ended, "stdout">): string[] =>
  stdout.split("\n").flatMap((line) => {
    const shown = line.replaceAll(new RegExp(TIME, "g"), "TIME");
    return shown === "" ? [] : [shown];
  });

const jsonIn = ({ stdout }: Pick<Ended, "stdout">): Message[] =>
  stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

describe("a conversation by gotalk", () => {
  let stack: SharedStack;
  let here: Computer;
  /** The user of this computer. */
  let me: { username: string; client: Client; id: string };
  let alice: { username: string; client: Client; id: string };
  beforeAll(async () => {
    stack = await sharedStack();
  });
  beforeEach(async () => {
    here = new Computer(stack.url);
    [me, alice] = await Promise.all([here.newcomer(), new Computer(stack.url).newcomer()]);
  });

  /** Alice sends something to the user of this computer. @returns its id */
  const said = async (fields: Omit<Outgoing, "to">): Promise<string> =>
    (await alice.client.send({ to: me.id, ...fields })).messageId;
  const done = async (args: readonly string[], input = ""): Promise<Ended> => {
    const ended = await here.run(args, input, PATIENT);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    return ended;
  };
  const receive = (...options: string[]): Promise<Ended> => done(["receive", "--no-wait", ...options]);
  const cameToAlice = (): Promise<readonly Message[]> => takeAll(alice.client);

  it("replies, reacts, edits and deletes", async () => {
    const about = await said({ type: "text", content: "At nine?" });
    const { stdout } = await done(["send", "--json", alice.username, "Hello"]);
    const { messageId } = JSON.parse(stdout);
    await done(["reply", alice.username, about, "Yes,", "at --json nine."]);
    await done(["reply", alice.username, about], "From stdin\n");
    await done(["react", alice.username, about, "👍"]);
    await done(["react", "--remove", alice.username, about]);
    await done(["edit", alice.username, messageId, "Hello,", "Alice"]);
    await done(["delete", alice.username, messageId.toUpperCase()]);
    const quiet = true;
    expect((await cameToAlice()).map(({ type, about: of, content, quiet }) => ({ type, of, content, quiet }))).toEqual([
      { type: "text", content: "Hello" },
      { type: "text", of: about, content: "Yes, at --json nine." },
      { type: "text", of: about, content: "From stdin" },
      { type: "reaction", of: about, content: "👍", quiet },
      { type: "reaction", of: about, content: "", quiet },
      { type: "edit", of: messageId, content: "Hello, Alice", quiet },
      { type: "deletion", of: messageId, content: "", quiet },
    ]);
  });

  it.each([["react"], ["edit"]])(
    "gives what %s sends an id after that of the message, and of what it replaces, though the clock was set back",
    async (command) => {
      const idBy = async (about: string, content: string, env: NodeJS.ProcessEnv = {}): Promise<string> => {
        const { stdout } = await here.run([command, "--json", alice.username, about, content], "", env);
        return JSON.parse(stdout).messageId;
      };
      // Seconds that are too few for the client to correct its clock by the server's.
      const about = await said({ type: "text", content: "At nine?", messageId: messageIdAt(20_000) });
      const ids = [await idBy(about, "👍"), await idBy(about, "❤️", clockOffBy(50)), await idBy(about, "👍")];
      expect([about, ...ids].toSorted()).toEqual([about, ...ids]);
      expect(new Set(ids).size).toBe(3);
    },
  );

  it("hands a quiet text to a program with --all alone", async () => {
    const quiet = { type: "text", content: "psst", quiet: true };
    await said(quiet);
    expect(jsonIn(await receive("--json"))).toEqual([]);
    await said(quiet);
    expect(jsonIn(await receive("--json", "--all"))).toMatchObject([quiet]);
  });

  it("prints the server's answer for programs", async () => {
    const about = messageIdAt(0);
    for (const args of [
      ["reply", "--json", alice.username, about, "x"],
      ["react", "--json", alice.username, about, "👍"],
      ["edit", "--json", alice.username, about, "x"],
      ["delete", "--json", alice.username, about],
    ]) {
      expect(JSON.parse((await done(args)).stdout)).toMatchObject({ status: "received" });
    }
  });

  it("sends a reply once though it is sent again", async () => {
    const messageId = messageIdAt(0);
    const args = ["reply", "--message-id", messageId, alice.username, messageIdAt(-1_000), "Once"];
    await done(args);
    await done(args);
    expect((await cameToAlice()).map(({ messageId: id }) => id)).toEqual([messageId]);
  });

  it("puts the selector behind a character that is an emoji only with it, so that all reactions with it are one", async () => {
    const about = messageIdAt(0);
    for (const emoji of ["❤", "❤️", "🇨🇭", "1️⃣", "👩‍❤️‍💋‍👨"]) await done(["react", alice.username, about, emoji]);
    const contents = (await cameToAlice()).map(({ content }) => content);
    expect(contents).toEqual(["❤\ufe0f", "❤\ufe0f", "🇨🇭", "1️⃣", "👩‍❤️‍💋‍👨"]);
  });

  it.each([
    ["a reply to what is no message", ["reply", "$alice", "7", "x"], 2],
    ["an edit of what is no message", ["edit", "$alice", "x", "y"], 2],
    ["a deletion of what is no message", ["delete", "$alice", "$v4"], 2],
    ["a reaction to what is no message", ["react", "$alice", "last", "👍"], 2],
    ["a reaction without an emoji", ["react", "$alice", "$id"], 2],
    ["an emoji that is to be removed", ["react", "--remove", "$alice", "$id", "👍"], 2],
    ["a reaction of letters", ["react", "$alice", "$id", "yes"], 65],
    ["a reaction of a digit", ["react", "$alice", "$id", "1"], 65],
    ["a reaction of two emoji", ["react", "$alice", "$id", "👍👍"], 65],
    ["a reaction that no client takes", ["react", "$alice", "$id", `👍${"\u0301".repeat(40)}`], 65],
    ["an empty edit", ["edit", "$alice", "$id"], 65],
    ["an edit that shows nothing", ["edit", "$alice", "$id", "\u200b"], 65],
    ["an empty reply", ["reply", "$alice", "$id"], 65],
    ["an edit for nobody", ["edit", "nobody-at-all", "$id", "x"], 67],
    ["all types for a person", ["receive", "--no-wait", "--all"], 2],
  ])("refuses %s", async (_, args, code) => {
    const words: Record<string, string> = {
      $alice: alice.username,
      $id: messageIdAt(0),
      $v4: "9b2c5c3e-3f0a-4a53-9d0e-2f6f0c1f2f11",
    };
    const ended = await here.run(args.map((word) => words[word] ?? word));
    expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(/\S/) });
    expect(await cameToAlice()).toEqual([]);
  });

  /** Alice sends a message of each kind. @returns the id of the first */
  async function aliceSaysAll(): Promise<string> {
    const about = await said({ type: "text", content: 'At "nine",\nin the office? I shall be there from eight on.' });
    await said({ type: "text", about, content: "Or ten." });
    await said({ type: "reaction", about, content: "👍" });
    await said({ type: "reaction", about, content: "" });
    await said({ type: "edit", about, content: "At ten." });
    await said({ type: "text", about, content: "That's better." });
    await said({ type: "deletion", about, content: "" });
    await said({ type: "text", about, content: "Never mind." });
    await said({ type: "file", content: JSON.stringify({ name: "plan.pdf" }) });
    await said({ type: "read", content: JSON.stringify([about]) });
    await said({ type: "delivered", content: JSON.stringify([about]) });
    await said({ type: "own", content: "{}" });
    await said({ type: "poll", content: "?" });
    await said({ type: "vote", content: "?", quiet: true });
    return about;
  }

  it("shows people what they can use, and what it is about", async () => {
    await aliceSaysAll();
    const quote = `"At 'nine', in the office? I shall be ..."`;
    expect(shownBy(await receive())).toEqual([
      `TIME ${alice.username}: At "nine",`,
      "    in the office? I shall be there from eight on.",
      `TIME ${alice.username}, answering ${quote}: Or ten.`,
      `TIME ${alice.username} reacted with 👍 to ${quote}`,
      `TIME ${alice.username} took back the reaction to ${quote}`,
      `TIME ${alice.username} edited ${quote}: At ten.`,
      `TIME ${alice.username}, answering "At ten.": That's better.`,
      `TIME ${alice.username} deleted the message of TIME`,
      `TIME ${alice.username}, answering the message of TIME: Never mind.`,
      `TIME ${alice.username} sent the file "plan.pdf"`,
      `TIME ${alice.username} sent a message of the type "poll", which this version of gotalk cannot show`,
    ]);
    // What was not shown is acknowledged, too.
    expect(jsonIn(await receive("--json", "--all"))).toEqual([]);
  });

  it("says when the message was sent that it does not know", async () => {
    const about = await said({ type: "text", content: "At nine?" });
    await receive();
    await said({ type: "text", about, content: "Well?" });
    await said({ type: "edit", about, content: "At ten?" });
    expect(shownBy(await receive())).toEqual([
      `TIME ${alice.username}, answering the message of TIME: Well?`,
      `TIME ${alice.username} edited the message of TIME: At ten?`,
    ]);
  });

  it.each([
    ["--json", (ended: Ended) => jsonIn(ended)],
    ["--exec", (ended: Ended) => jsonIn(ended)],
  ])("gives programs texts alone with %s, and all messages with --all", async (option, read) => {
    const args = option === "--exec" ? ["--exec", "cat", "--json"] : ["--json"];
    await said({ content: "as goTalk's first clients send it" });
    const about = await aliceSaysAll();
    expect(read(await receive(...args)).map(({ type }) => type)).toEqual([undefined, "text", "text", "text", "text"]);
    await aliceSaysAll();
    const all = read(await receive(...args, "--all"));
    expect(all.map(({ type }) => type)).toEqual([
      ..."text text reaction reaction edit text deletion text file read delivered own poll vote".split(" "),
    ]);
    expect(all.map(({ quiet = false }) => quiet).join(" ")).toBe(
      "false false true true true false true false false true true true false true",
    );
    expect(all[1]).toMatchObject({ about: expect.stringMatching(/^[0-9a-f-]{36}$/), content: "Or ten." });
    expect(all[1]?.about).not.toBe(about);
  });

  it("gives a command the type, and what a message is about", async () => {
    await said({ content: "of a first client" });
    const about = await said({ type: "text", content: "new" });
    await said({ type: "reaction", about, content: "👍" });
    const command = 'echo "$GOTALK_TYPE/${GOTALK_ABOUT-none}"';
    const outer = { GOTALK_ABOUT: "of a program around it" };
    const { stdout } = await here.run(["receive", "--no-wait", "--all", "--exec", command], "", outer);
    expect(stdout.split("\n")).toEqual(["text/none", "text/none", `reaction/${about}`, ""]);
  });

  it("gives a command that failed the same message again, and nothing that it did not ask for", async () => {
    const about = await said({ type: "text", content: "one" });
    await said({ type: "reaction", about, content: "👍" });
    await said({ type: "text", content: "two" });
    const log = join(here.home, "log");
    const command = `cat >> ${log}; echo >> ${log}; [ -e ${log}.ok ] || { touch ${log}.ok; exit 1; }`;
    expect(await here.run(["receive", "--no-wait", "--exec", command])).toMatchObject({ code: 75 });
    await receive("--exec", command);
    expect(existsSync(log) && readFileSync(log, "utf8")).toBe("one\none\ntwo\n");
  });

  it("shows ids with --ids, by which a person answers", async () => {
    const about = await said({ type: "text", content: "At nine?" });
    await said({ type: "reaction", about, content: "👍" });
    expect(shownBy(await receive("--ids"))).toEqual([
      `TIME ${about} ${alice.username}: At nine?`,
      `TIME ${alice.username} reacted with 👍 to "At nine?"`,
    ]);
    await said({ type: "text", content: "Without" });
    expect(shownBy(await receive())).toEqual([`TIME ${alice.username}: Without`]);
  });

  it("tells senders that their messages have arrived, if asked to, and shows nobody receipts", async () => {
    const about = await said({ type: "text", content: "At nine?" });
    await receive();
    expect(await cameToAlice()).toEqual([]);
    const other = await said({ type: "text", content: "At ten?" });
    await receive("--receipts");
    const [told] = await cameToAlice();
    expect(told).toMatchObject({ type: "delivered", content: JSON.stringify([other]), quiet: true });
    expect(told?.content).not.toContain(about);
  });

  it("sends texts for which receipts come, and takes these without a word", async () => {
    const { session } = alice.client;
    const client = new Client({ url: stack.url, session, live: false, timing: PATIENT_TIMING });
    await done(["send", alice.username, "Hello"]);
    for await (const { content } of client.receive({ follow: false, receipts: true })) {
      expect(content).toBe("Hello");
    }
    expect(await receive()).toMatchObject({ stdout: "" });
    const { stdout } = await done(["send", "--json", alice.username, "Hello again"]);
    for await (const _ of client.receive({ follow: false, receipts: true }));
    const { messageId } = JSON.parse(stdout);
    expect(jsonIn(await receive("--json", "--all"))).toMatchObject([
      { type: "delivered", content: JSON.stringify([messageId]) },
    ]);
  });

  it("chats: knows the lines that were sent here, and shows no receipts", async () => {
    const chat = here.start(["chat", alice.username]);
    chat.child.stdin?.write("At nine?\n");
    const seen: Message[] = [];
    await eventually(async () => {
      seen.push(...(await cameToAlice()));
      expect(seen).toHaveLength(1);
    });
    expect(seen[0]).toMatchObject({ type: "text", content: "At nine?" });
    const about = seen[0]?.messageId;
    // The first line is known here once its answer has come, and the second one is sent then.
    chat.child.stdin?.write("Or ten?\n");
    await eventually(async () => {
      seen.push(...(await cameToAlice()));
      expect(seen).toHaveLength(2);
    });
    await said({ type: "read", content: JSON.stringify([about]) });
    await said({ type: "reaction", about, content: "👍" });
    await eventually(() => expect(shownBy({ stdout: chat.stdout() })).not.toEqual([]));
    chat.child.stdin?.end();
    expect(shownBy(await chat.ended)).toEqual([`TIME ${alice.username} reacted with 👍 to "At nine?"`]);
  });

  it("chats with ids on a terminal, also of what is sent", async () => {
    const chat = here.onTerminal(["chat", "--ids", alice.username], { columns: 200, env: { TERM: "dumb" } });
    await eventually(() => expect(chat.stdout()).toContain("Ctrl-D ends the chat."));
    chat.child.stdin?.write("At nine?\n");
    await eventually(() => expect(chat.stdout()).toMatch(/Sent as [0-9a-f-]{36}\./));
    const [, sent = ""] = /Sent as ([0-9a-f-]{36})\./.exec(chat.stdout()) ?? [];
    expect((await cameToAlice()).map(({ messageId }) => messageId)).toEqual([sent]);
    const came = await said({ type: "text", content: "At ten" });
    await eventually(() => expect(chat.stdout()).toContain(`${came} ${alice.username}: At ten`));
    chat.child.stdin?.write("\u0004");
    expect((await chat.ended).code).toBe(0);
  });
});
