import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { Computer, untilThere } from "../support/terminal-client.ts";

describe("gotalk receive", () => {
  let stack: SharedStack;
  let here: Computer;
  let self: string;
  let send: (...contents: string[]) => Promise<void>;
  let rest: () => Promise<string[]>;
  beforeAll(async () => {
    stack = await sharedStack();
  });
  beforeEach(async () => {
    here = new Computer(stack.url);
    const { client, id, username } = await here.newcomer();
    self = username;
    send = async (...contents) => {
      for (const content of contents) await client.send({ to: id, content });
    };
    rest = async () => {
      const { code, stdout } = await here.run(["receive", "--no-wait", "--json"]);
      expect(code).toBe(0);
      return contentsIn(stdout);
    };
  });

  const contentsIn = (lines: string): string[] =>
    lines
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).content);
  /** A file's lines, as a command of `--exec` wrote them. */
  const logged = (file: string): string[] =>
    existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];

  it("prints who wrote what, and a second line that cannot be taken for another message", async () => {
    await send("Hello\n2026-01-01 00:00 eve: I owe you");
    const { stdout } = await here.run(["receive", "--no-wait"]);
    expect(stdout).toMatch(
      new RegExp(`^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d ${self}: Hello\n    2026-01-01 00:00 eve: I owe you\n$`),
    );
    expect(await rest()).toEqual([]);
  });

  it("prints one JSON object a line, with all of a message", async () => {
    await send("with\u001b[31m\u009b\nlines");
    const { stdout } = await here.run(["receive", "--no-wait", "--json"]);
    expect(stdout).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(stdout)).toEqual({
      messageId: expect.any(String),
      senderId: expect.any(String),
      senderName: self,
      content: "with\u001b[31m\u009b\nlines",
      sentAt: expect.any(String),
      redelivered: false,
    });
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "follows until %s, ends by it, and repeats nothing",
    async (signal) => {
      const following = here.start(["receive", "--json"]);
      await send("one", "two");
      await eventually(() => expect(contentsIn(following.stdout())).toEqual(["one", "two"]));
      following.child.kill(signal);
      expect(await following.ended).toMatchObject({ code: null, signal, stderr: "" });
      await send("three");
      expect(await rest()).toEqual(["three"]);
    },
  );

  it("keeps what it could not write to a reader that is gone", async () => {
    await send("one", "two");
    const following = here.start(["receive", "--json"]);
    await eventually(() => expect(contentsIn(following.stdout())).toEqual(["one", "two"]));
    following.child.stdout?.destroy();
    await send("three");
    expect(await following.ended).toMatchObject({ code: 141, stderr: "" });
    expect(await rest()).toEqual(["three"]);
  });

  it("gives a command the content on stdin and the rest in the environment, and never to the shell", async () => {
    const trap = "$(touch trapped) `touch trapped`; touch trapped\n' \" | & \\";
    await send(trap);
    const out = join(here.home, "out");
    const { code } = await here.run([
      "receive",
      "--no-wait",
      "--exec",
      `cat > ${out}; env | grep ^GOTALK_ >> ${out}.env`,
    ]);
    expect(code).toBe(0);
    expect(readFileSync(out, "utf8")).toBe(trap);
    expect(existsSync(join(here.home, "trapped"))).toBe(false);
    const variables = Object.fromEntries(logged(`${out}.env`).map((line) => line.split("=")));
    expect(variables).toMatchObject({
      GOTALK_SENDER: self,
      GOTALK_SENDER_ID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      GOTALK_MESSAGE_ID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      GOTALK_SENT_AT: expect.stringMatching(/Z$/),
      GOTALK_REDELIVERED: "false",
    });
    expect(JSON.stringify(variables)).not.toContain("trapped");
    expect(await rest()).toEqual([]);
  });

  it("gives a command JSON if that is asked for, and minds no command that reads nothing", async () => {
    await send("x".repeat(16_384), "y");
    const { code, stdout } = await here.run(["receive", "--no-wait", "--json", "--exec", "head -c 12 | tr -d '\\n'"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"messageId"'.repeat(2) });
    await send("z".repeat(16_384));
    expect(await here.run(["receive", "--no-wait", "--exec", "true"])).toMatchObject({ code: 0 });
  });

  it("tries a command that failed again, in order, and acknowledges only then", async () => {
    await send("one", "two");
    const log = join(here.home, "log");
    const command = `read -r line; echo "$line $GOTALK_REDELIVERED" >> ${log}; [ -e ${log}.ok ] || { touch ${log}.ok; exit 7; }`;
    const following = here.start(["receive", "--exec", command]);
    await eventually(() => expect(logged(log)).toEqual(["one false", "one true", "two false"]));
    following.child.kill("SIGTERM");
    expect((await following.ended).stderr).toMatch(
      /The command failed \(exit code 7\) for message .*Trying again in 1 s/,
    );
    expect(await rest()).toEqual([]);
  });

  it("with --no-wait ends with 75 when a command fails, and leaves the message", async () => {
    await send("one", "two");
    const failed = await here.run(["receive", "--no-wait", "--exec", "cat; kill -9 $$"]);
    expect(failed).toMatchObject({ code: 75, stdout: "one", stderr: expect.stringMatching(/ended by SIGKILL/) });
    const again = await here.run(["receive", "--no-wait", "--exec", 'cat; echo " $GOTALK_REDELIVERED"']);
    expect(again).toMatchObject({ code: 0, stdout: "one true\ntwo true\n" });
  });

  it("lets a running command end when it is told to end, and keeps what that did", async () => {
    await send("one", "two");
    const log = join(here.home, "log");
    const following = here.start([
      "receive",
      "--exec",
      `echo began >> ${log}; ${untilThere(`${log}.go`)}; cat >> ${log}`,
    ]);
    await eventually(() => expect(logged(log)).toEqual(["began"]));
    following.child.kill("SIGTERM");
    writeFileSync(`${log}.go`, "");
    expect(await following.ended).toMatchObject({ signal: "SIGTERM", stderr: "" });
    expect(logged(log)).toEqual(["began", "one"]);
    expect(await rest()).toEqual(["two"]);
  });

  it("killed by kill -9 between handing out and acknowledgement loses and repeats nothing but what was in hand", async () => {
    await send("one", "two", "three");
    const log = join(here.home, "log");
    // The second message's command kills gotalk, the parent of its shell, before it has succeeded.
    const command = `read -r line; echo "$line $GOTALK_REDELIVERED" >> ${log}; [ "$line" != two ] || [ -e ${log}.killed ] || { touch ${log}.killed; kill -9 $PPID; }`;
    const killed = await here.run(["receive", "--exec", command]);
    expect(killed.signal).toBe("SIGKILL");
    const again = await here.run(["receive", "--no-wait", "--exec", command]);
    expect(again).toMatchObject({ code: 0, stderr: "" });
    // The third one came in the same batch; the server cannot know that it was not begun.
    expect(logged(log)).toEqual(["one false", "two false", "two true", "three true"]);
    expect(await rest()).toEqual([]);
  });

  it("gives each message to one of two receivers on a computer", async () => {
    const receivers = [here.start(["receive", "--json"]), here.start(["receive", "--json"])];
    const contents = Array.from({ length: 8 }, (_, n) => `message ${n}`);
    await send(...contents);
    const all = () => receivers.flatMap(({ stdout }) => contentsIn(stdout()));
    await eventually(() => expect(all().length).toBeGreaterThanOrEqual(contents.length));
    for (const { child } of receivers) child.kill("SIGTERM");
    for (const { ended } of receivers) await ended;
    expect([...all(), ...(await rest())].sort()).toEqual(contents);
  });
});
