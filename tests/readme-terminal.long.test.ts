import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./support/eventually.ts";
import { temporaryFolder } from "./support/folders.ts";
import { newUsername, PASSWORD } from "./support/logins.ts";
import { type SharedStack, sharedStack } from "./support/shared/index.ts";
import { quoted, runIn } from "./support/shell.ts";
import { Computer, type Ended } from "./support/terminal-client.ts";

const DOCUMENT = readFileSync(new URL("../docs/cli.md", import.meta.url), "utf8");
const [SESSION = "", DEVICES = "", GROUPS = "", MESSAGES = "", SCRIPTS = ""] = [
  ...DOCUMENT.matchAll(/^```sh\n([\s\S]*?)^```$/gm),
].map(([, code]) => code);

const [FILES = ""] = /^gotalk send bob --file [\s\S]*?(?=^```$)/m.exec(DOCUMENT) ?? [];

/** The commands of a block, each without `gotalk` before it and without what is said of it. */
const commandsIn = (block: string, names: Readonly<Record<string, string>>): string[][] =>
  block
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/\s+#.*/, "").replace(/^(npx )?gotalk /, ""))
    .map((line) => line.replace(/\b(carol|bob|dora|erik)\b/g, (name) => names[name] ?? name))
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? ""));

/** The command under a comment. */
function example(comment: string): string {
  const block = SCRIPTS.split(/^# /m).find((text) => text.startsWith(comment)) ?? "";
  const code = block.slice(block.indexOf("\n")).trim();
  expect(code, comment).toContain("gotalk");
  return code;
}

/** Ends by itself, with nothing to complain of. */
const expectQuiet = ({ code, stderr }: Ended): void => expect({ code, stderr }).toEqual({ code: 0, stderr: "" });

/** Follows until the text has come, and presses Ctrl-C. Answers with all that was printed. */
async function untilReceived(computer: Computer, args: readonly string[], text: string): Promise<string> {
  const following = computer.start(args);
  await eventually(() => expect(following.stdout()).toContain(text));
  following.child.kill("SIGINT");
  const { signal, stdout } = await following.ended;
  expect(signal).toBe("SIGINT");
  return stdout;
}

describe("the terminal client of docs/cli.md", () => {
  let stack: SharedStack;
  const printed = join(temporaryFolder(), "printed");
  const commands = temporaryFolder();

  beforeAll(async () => {
    stack = await sharedStack();
    const main = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
    command("gotalk", `exec ${quoted(process.execPath)} ${quoted(main)} "$@"`);
    // A printer that writes what it is told and given.
    command("lp", `{ echo "$@"; cat; } > ${quoted(printed)}`);
  });

  function command(name: string, script: string): void {
    writeFileSync(join(commands, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(commands, name), 0o755);
  }

  /** Somebody's shell, in which `gotalk` is installed, and which is theirs alone. */
  async function someone(): Promise<{ username: string; sh(code: string): Promise<Ended> }> {
    const computer = new Computer(stack.url);
    const { username } = await computer.newcomer();
    const env = {
      ...computer.env,
      PATH: `${commands}${delimiter}${process.env["PATH"]}`,
      CI_COMMIT: "1a2b3c4",
      // What programs print is compared, and a developer's own Git signs, or asks.
      LC_ALL: "C",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
    };
    const sh = (code: string) => runIn(computer.home, env, code.replaceAll("alice", username));
    return { username, sh };
  }

  it("does what the session shows", async () => {
    const [alice, bob] = [newUsername(), newUsername()];
    const [register = [], login = [], send = [], receive = [], chat = [], ...rest] = commandsIn(SESSION, {
      carol: alice,
      bob,
    });
    expect(rest).toEqual([]);
    const [ours, theirs] = [new Computer(stack.url), new Computer(stack.url)];
    const asBob = (line: readonly string[]): string[] => line.map((word) => (word === alice ? bob : word));
    for (const line of [register, login]) {
      expect((await ours.run(line, `${PASSWORD}\n`)).code).toBe(0);
      expect((await theirs.run(asBob(line), `${PASSWORD}\n`)).code).toBe(0);
    }
    expectQuiet(await ours.run(send));
    await untilReceived(theirs, receive, `${alice}: Hello, Bob! 👋`);

    const chatting = ours.onTerminal(chat);
    chatting.child.stdin?.write("Still there?\n");
    const received = await untilReceived(theirs, receive, "Still there?");
    expect(received).not.toContain("Hello, Bob!");
    chatting.child.stdin?.write("\u0003");
    await chatting.ended;
    expect((await theirs.run([...receive, "--no-wait"])).stdout).toBe("");
  });

  it("makes each computer a device, and lists and removes one", async () => {
    const carol = newUsername();
    const [login = [], devices = [], remove = [], share = [], ...rest] = commandsIn(DEVICES, { carol });
    expect(rest).toEqual([]);
    const [ours, theirs] = [new Computer(stack.url), new Computer(stack.url)];
    await ours.run(["register", carol], PASSWORD);
    expectQuiet(await ours.run(login, PASSWORD));
    expectQuiet(await theirs.run(["login", "--device", "Lost", carol], PASSWORD));
    const listed = await ours.run(devices);
    expectQuiet(listed);
    expect(listed.stdout).toMatch(/^\S+ \S+ \* Carol's laptop .*\n\S+ \S+ Lost .*\n$/);
    const [lost = ""] = listed.stdout.split("\n")[1]?.split(" ") ?? [];
    expectQuiet(await ours.run(remove.map((word) => (word === "ID" ? lost : word))));
    expect((await theirs.run(["whoami"])).code).toBe(77);
    expectQuiet(await ours.run(share, PASSWORD));
    expect((await ours.run(devices)).stdout).toMatch(/^shared .*\n$/);
  });

  it("sends a file, and saves it", async () => {
    const [ours, theirs] = [new Computer(stack.url), new Computer(stack.url)];
    const [, { username: bob }] = await Promise.all([ours.newcomer(), theirs.newcomer()]);
    writeFileSync(join(ours.home, "report.pdf"), "A report");
    const saved = (name: string) => readFileSync(join(theirs.home, "inbox", name), "utf8");
    const [send = [], receive = [], execute = [], save = [], ...rest] = commandsIn(FILES, { bob });
    expect(rest).toEqual([]);
    expectQuiet(await ours.run(send));
    await untilReceived(theirs, receive, "saved as");
    expect(saved("report.pdf")).toBe("A report");
    expectQuiet(await ours.run(send));
    const [command = ""] = /echo "\$GOTALK_FILE"/.exec(FILES) ?? [];
    await untilReceived(
      theirs,
      [...execute.slice(0, execute.indexOf("--exec")), "--exec", command],
      "report (1).pdf\n",
    );
    expectQuiet(await ours.run(send));
    const [, messageId = ""] = /gotalk save (\S+)/.exec((await theirs.run(["receive", "--no-wait"])).stdout) ?? [];
    expectQuiet(await theirs.run(save.map((word) => (word === "MESSAGE_ID" ? messageId : word))));
    expect(saved("report (2).pdf")).toBe("A report");
  });

  it("makes a group, talks in it, changes it, and leaves it", async () => {
    const computer = () => new Computer(stack.url);
    const [ours, theirs, hers, his] = [computer(), computer(), computer(), computer()];
    const people = await Promise.all([ours, theirs, hers, his].map((each) => each.newcomer()));
    const [carol = "", bob = "", dora = "", erik = ""] = people.map(({ username }) => username);
    const names = { carol, bob, dora, erik };
    const printed = new Map<string, string>();
    const run = async (at: Computer, command: readonly string[], input = ""): Promise<void> => {
      const ended = await at.run(command, input);
      expectQuiet(ended);
      printed.set(command.find((word) => word !== "group") ?? "", ended.stdout);
    };
    const commands = commandsIn(GROUPS, names);
    for (const command of commands.slice(0, -1)) {
      await run(ours, command, command[0] === "chat" ? "Who is in?\n" : "");
    }
    expect(commands.at(-1)).toEqual(["group", "join", "LINK"]);
    const link = printed.get("invite")?.split("\n")[1] ?? "";
    await run(his, ["group", "join", link]);
    expect([...printed.keys()].join(" ")).toBe("create send chat list show add admin remove invite rename leave join");
    expect(printed.get("list")).toBe(`${printed.get("create")?.trim()} 3 * Climbing\n`);
    expect(printed.get("show")?.trimEnd().split("\n")).toHaveLength(4);
    expect(printed.get("join")).toBe(printed.get("create"));
    const { stdout } = await theirs.run(["receive", "--no-wait"]);
    for (const line of [
      `${names.carol} made the group "Climbing"`,
      `${names.carol} in "Climbing": Tuesday at six?`,
      `${names.carol} in "Climbing": Who is in?`,
      `${names.carol} added ${names.erik} to "Climbing" as an admin`,
      `${names.carol} removed ${names.erik}'s admin rights in "Climbing"`,
      `${names.carol} removed ${names.erik} from "Climbing"`,
      `${names.carol} renamed the group "Climbing" to "Climbing hall"`,
      `${names.carol} left "Climbing hall"`,
      `${names.erik} joined "Climbing hall"`,
    ]) {
      expect(stdout).toContain(line);
    }
  });

  it("answers, reacts, edits and deletes", async () => {
    const [ours, theirs] = [new Computer(stack.url), new Computer(stack.url)];
    const [carol, bob] = [await ours.newcomer(), await theirs.newcomer()];
    await bob.client.send({ to: carol.id, type: "text", content: "At nine?" });
    const [receive = [], ...commands] = commandsIn(MESSAGES, { bob: bob.username });
    const { stdout } = await ours.run([...receive, "--no-wait"]);
    const [, about = ""] = /([0-9a-f-]{36}) \S+: At nine\?/.exec(stdout) ?? [];
    const mine = (await carol.client.send({ to: bob.id, type: "text", content: "Hm" })).messageId;
    for (const command of commands) {
      const words = command.map((word) => word.replace("0199d3a0-...", about).replace("0199d3a1-...", mine));
      expectQuiet(await ours.run(words));
    }
    expect((await bob.client.sync()).messages.map(({ type, about: of }) => [type, of])).toEqual([
      ["text", undefined],
      ["text", about],
      ["reaction", about],
      ["edit", mine],
      ["deletion", mine],
    ]);
  });

  it("is fit for cron", async () => {
    const { sh } = await someone();
    const line = example("cron");
    expect(line).toMatch(/^(\S+ ){5} /);
    const { code, stdout, stderr } = await sh(line.replace(/^(\S+ ){5}/, ""));
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await sh("gotalk receive --no-wait")).stdout).toMatch(/Filesystem/);
  });

  it("ends a CI job", async () => {
    const { sh } = await someone();
    // The job's checkout.
    await sh(
      "git init -q . && git -c user.name=ci -c user.email=ci@example.com commit -q --allow-empty -m 'It builds'",
    );
    expectQuiet(await sh(example("the end of a CI job")));
    expect((await sh("gotalk receive --no-wait")).stdout).toContain("build 1a2b3c4: It builds");
  });

  it("prints JSON for a pipe", async ({ skip }) => {
    const { username, sh } = await someone();
    if ((await sh("command -v jq")).code !== 0) skip("jq is not installed here");
    await sh("gotalk send alice 'a \"quoted\" word'");
    const received = await sh(example("a shell pipe"));
    expectQuiet(received);
    expect(received.stdout).toBe(`${username}: a "quoted" word\n`);
  });

  it("runs a program for each message", async () => {
    const { username, sh } = await someone();
    await sh("gotalk send alice 'on paper'; gotalk send alice 'and more'");
    expectQuiet(await sh(`${example("a program for each message")} --no-wait`));
    expect(readFileSync(printed, "utf8")).toBe(`-t from ${username}\nand more\n`);
    expect((await sh("cat inbox.txt")).stdout).toBe("on paper\nand more\n");
  });
});
