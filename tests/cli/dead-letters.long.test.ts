import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { Computer, type Ended, untilThere } from "../support/terminal-client.ts";

describe("gotalk receive --exec gives a message up", () => {
  let stack: SharedStack;
  let here: Computer;
  let self: string;
  let dead: string;
  let log: string;
  let send: (...contents: string[]) => Promise<void>;
  beforeAll(async () => {
    stack = await sharedStack();
  });
  beforeEach(async () => {
    here = new Computer(stack.url);
    const { client, id, username } = await here.newcomer();
    self = username;
    dead = join(here.home, "dead.jsonl");
    log = join(here.home, "log");
    send = async (...contents) => {
      for (const content of contents) await client.send({ to: id, content });
    };
  });

  const lines = (file: string): string[] =>
    existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  const letters = () => lines(dead).map((line) => JSON.parse(line));
  /** Writes down each message, and ends as `then` says for the first one. */
  const command = (then: string) =>
    `read -r line; echo "$line $GOTALK_REDELIVERED" >> ${log}; [ "$line" != one ] || { ${then}; }`;
  const once = (exec: string, ...options: string[]): Promise<Ended> =>
    here.run(["receive", "--no-wait", "--exec", exec, ...options]);
  const rest = async () => (await here.run(["receive", "--no-wait", "--json"])).stdout;

  it("after so many attempts, counted over all runs, and goes on with the messages after it", async () => {
    await send("one", "two");
    const run = () => once(command("exit 3"), "--max-attempts", "3", "--dead-letter", dead);
    expect(await run()).toMatchObject({ code: 75, stderr: expect.stringMatching(/exit code 3/) });
    expect(await run()).toMatchObject({ code: 75 });
    expect(letters()).toEqual([]);
    const last = await run();
    expect(last).toMatchObject({ code: 0, stdout: "" });
    expect(last.stderr).toMatch(
      new RegExp(
        `^gotalk: Message \\S+ of ${self} is given up \\(exit code 3, attempts: 3\\)\\. It is in ${dead}\\.\n$`,
      ),
    );
    expect(lines(log)).toEqual(["one false", "one true", "one true", "two true"]);
    expect(letters()).toEqual([
      {
        messageId: expect.any(String),
        senderId: expect.any(String),
        senderName: self,
        content: "one",
        sentAt: expect.any(String),
        redelivered: true,
        deadLetter: { reason: "exit code 3", attempts: 3, at: expect.stringMatching(/Z$/) },
      },
    ]);
    expect(statSync(dead).mode & 0o777).toBe(0o600);
    expect(await rest()).toBe("");
  });

  it("in one run that follows, after waits, and counts each message by itself", async () => {
    await send("one", "two");
    const exec = `read -r line; echo "$line" >> ${log}; exit 1`;
    const following = here.start(["receive", "--exec", exec, "--max-attempts", "2", "--dead-letter", dead]);
    await eventually(() => expect(letters()).toHaveLength(2));
    await eventually(() => expect(following.stderr().match(/is given up/g)).toHaveLength(2));
    following.child.kill("SIGTERM");
    await following.ended;
    expect(lines(log)).toEqual(["one", "one", "two", "two"]);
    expect(letters()).toMatchObject([
      { content: "one", deadLetter: { attempts: 2 } },
      { content: "two", deadLetter: { attempts: 2 } },
    ]);
  });

  it("at once when the command ends with 100, and says where it is, or that it is gone", async () => {
    await send("one", "two");
    const kept = await once(command("exit 100"), "--dead-letter", dead);
    expect(kept).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/given up \(exit code 100, attempts: 1\)\. It is in /),
    });
    expect(letters()).toMatchObject([{ content: "one", redelivered: false, deadLetter: { reason: "exit code 100" } }]);
    await send("one");
    expect(await once(command("exit 100"))).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/It is gone\.\n$/),
    });
    expect(lines(log)).toEqual(["one false", "two false", "one false"]);
    expect(await rest()).toBe("");
  });

  it("that kills gotalk each time", async () => {
    await send("one", "two");
    const run = () => once(command("kill -9 $PPID"), "--max-attempts", "2", "--dead-letter", dead);
    expect((await run()).signal).toBe("SIGKILL");
    expect((await run()).signal).toBe("SIGKILL");
    expect(await run()).toMatchObject({ code: 0, stderr: expect.stringMatching(/no attempt succeeded, attempts: 2/) });
    expect(lines(log)).toEqual(["one false", "one true", "two true"]);
    expect(letters()).toMatchObject([{ content: "one", redelivered: true }]);
  });

  it("twice at worst, and then flagged, if gotalk dies before it has saved that", async () => {
    await send("one", "two");
    // The state cannot be saved any more once the command has failed, as if gotalk were killed before it.
    const away = join(here.home, "away");
    const run = (exec: string) => once(exec, "--max-attempts", "1", "--dead-letter", dead);
    expect(await run(command(`mv ${here.folder} ${away}; exit 1`))).toMatchObject({ code: 74 });
    expect(letters()).toMatchObject([{ content: "one", redelivered: false }]);
    renameSync(away, here.folder);
    expect(await run(command("exit 1"))).toMatchObject({ code: 0 });
    expect(lines(log)).toEqual(["one false", "two true"]);
    expect(letters()).toMatchObject([
      { content: "one", redelivered: false },
      { content: "one", redelivered: true },
    ]);
  });

  it("never, while the dead letter cannot be written", async () => {
    await send("one", "two");
    const run = () => once(command(`rm -f ${dead}; mkdir -p ${dead}; exit 100`), "--dead-letter", dead);
    expect(await run()).toMatchObject({
      code: 74,
      stderr: expect.stringMatching(/dead\.jsonl cannot be written: .*Nothing is lost/),
    });
    rmSync(dead, { recursive: true });
    expect(lines(log)).toEqual(["one false"]);
    expect((await rest()).match(/"content":"(one|two)"/g)).toHaveLength(2);
  });

  it.each([
    ["a folder", () => here.home],
    ["a file in no folder", () => join(here.home, "none", "dead")],
    ["a device", () => "/dev/full"],
  ])("and refuses %s for its dead letters before it begins", async (_, file) => {
    await send("one");
    const refused = await once("cat", "--dead-letter", file());
    expect(refused).toMatchObject({ code: 74, stdout: "", stderr: expect.stringMatching(/cannot be written/) });
    expect(await rest()).toContain('"content":"one"');
  });

  it("and begins a line of its own after what a crash cut off", async () => {
    await send("one");
    writeFileSync(dead, '{"content":"hal');
    await once(command("exit 100"), "--dead-letter", dead);
    const [half, line = ""] = lines(dead);
    expect(half).toBe('{"content":"hal');
    expect(JSON.parse(line)).toMatchObject({ content: "one" });
  });

  it("and does not count an attempt that was ended with gotalk by a signal", async () => {
    await send("one");
    const options = ["--max-attempts", "1", "--dead-letter", dead];
    const following = here.start([
      "receive",
      "--exec",
      `echo begun >> ${log}; ${untilThere(`${log}.go`)}; exit 1`,
      ...options,
    ]);
    await eventually(() => expect(lines(log)).toEqual(["begun"]));
    following.child.kill("SIGTERM");
    writeFileSync(`${log}.go`, "");
    expect(await following.ended).toMatchObject({ signal: "SIGTERM", stderr: "" });
    expect(letters()).toEqual([]);
    expect(await once(command("exit 0"), ...options)).toMatchObject({ code: 0, stderr: "" });
    expect(lines(log)).toEqual(["begun", "one true"]);
  });

  it.each([
    [["--max-attempts", "0"], /whole number/],
    [["--max-attempts", "x"], /whole number/],
  ])("but takes no %j", async (options, words) => {
    expect(await once("cat", ...options)).toMatchObject({ code: 2, stderr: expect.stringMatching(words) });
  });

  it.each([["--max-attempts=1"], ["--dead-letter=x"]])("but takes no %s without --exec", async (option) => {
    expect(await here.run(["receive", "--no-wait", option])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--exec/),
    });
    expect(existsSync(join(here.home, "x"))).toBe(false);
  });
});
