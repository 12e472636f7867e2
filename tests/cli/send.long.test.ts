import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { json, problem, scripted, session } from "../support/client-servers.ts";
import { newUsername } from "../support/logins.ts";
import { messageIdAt } from "../support/message-ids.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { takeAll } from "../support/taking.ts";
import { Computer, clockOffBy } from "../support/terminal-client.ts";

describe("gotalk send", () => {
  let stack: SharedStack;
  let here: Computer;
  /** A computer that is only looked at. */
  let somebodys: Computer;
  let self: string;
  beforeAll(async () => {
    stack = await sharedStack();
    somebodys = new Computer(stack.url);
    ({ username: self } = await somebodys.newcomer());
  });
  beforeEach(() => {
    here = new Computer(stack.url);
  });

  const received = async (input: string | Buffer, ...args: string[]): Promise<string[]> => {
    const { username, client } = await here.newcomer();
    const sent = await here.run(["send", username, ...args], input);
    expect(sent).toMatchObject({ code: 0, stdout: "", stderr: "" });
    return (await takeAll(client)).map(({ content }) => content);
  };

  it("sends its words", async () => {
    expect(await received("not this", "Hello,", "it's me! 👋")).toEqual(["Hello, it's me! 👋"]);
  });

  it("sends what comes from stdin, without its last line end", async () => {
    expect(await received("one\ntwo\n\n")).toEqual(["one\ntwo\n"]);
  });

  it("leaves stdin to the loop around it when the text is given", async () => {
    const { username, client } = await here.newcomer();
    const loop = `printf 'one\ntwo\nthree\n' | while read -r line; do gotalk send ${username} "$line"; done`;
    expect(await here.inShell(loop)).toMatchObject({ code: 0, stderr: "" });
    expect((await takeAll(client)).map(({ content }) => content)).toEqual(["one", "two", "three"]);
  });

  it("sends as much as a message takes, and no more", async () => {
    expect(await received("é".repeat(8_192))).toEqual(["é".repeat(8_192)]);
    here = somebodys;
    for (const args of [
      ["send", self, "x".repeat(16_385)],
      ["send", self],
    ]) {
      const { code, stderr } = await here.run(args, "x".repeat(16_385));
      expect(code).toBe(65);
      expect(stderr).toContain("16384 bytes");
    }
  });

  it.each([["--help"], ["-x"], ["--json", "--", "-"], ["--message-id"], ["--"], ["-"]])(
    "sends what follows the name, whatever it looks like: %s",
    async (...words) => {
      expect(await received("not this", ...words)).toEqual([words.join(" ")]);
    },
  );

  it("takes a -- before the text for no part of it, and options before the name only", async () => {
    const { username, client } = await here.newcomer();
    expect((await here.run(["send", username, "--", "-x"])).code).toBe(0);
    const { stdout } = await here.run(["send", "-q", "--json", "--url", stack.url, "--", username, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ status: "received" });
    expect((await takeAll(client)).map(({ content }) => content)).toEqual(["-x", "--json"]);
  });

  it("sends no byte order mark, which some systems put before a text", async () => {
    expect(await received("\ufeffHello\n")).toEqual(["Hello"]);
    expect(await received("not this", "\ufeffHello")).toEqual(["Hello"]);
  });

  it.skipIf(process.platform !== "linux")(
    "refuses an argument that is not UTF-8, and no replacement character",
    async () => {
      const { username, client } = await here.newcomer();
      const run = (text: string) => here.inShell(`gotalk send ${username} "$(printf '${text}')"`);
      expect(await run("caf\\351")).toMatchObject({
        code: 65,
        stdout: "",
        stderr: expect.stringMatching(/not UTF-8/),
      });
      expect(await run("caf\\357\\277\\275")).toMatchObject({ code: 0, stderr: "" });
      expect((await takeAll(client)).map(({ content }) => content)).toEqual(["caf\ufffd"]);
    },
  );

  it("refuses lines of a chat, and passwords, that are not UTF-8", async () => {
    const { username, client } = await here.newcomer();
    const lines = Buffer.concat([Buffer.from("one\ncaf"), Buffer.from([0xe9, 0x0a]), Buffer.from("zwei: ü\n")]);
    expect(await here.run(["chat", username], lines)).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/Not sent: A line is not UTF-8/),
    });
    const all = [...(await takeAll(client)).map(({ content }) => content)];
    expect(all.filter((content) => content.includes("\ufffd"))).toEqual([]);
    const registered = await here.run(
      ["register", newUsername()],
      Buffer.from([...Buffer.from("secret-"), 0xe9, 0xe8]),
    );
    expect(registered).toMatchObject({ code: 65, stderr: expect.stringMatching(/The password is not UTF-8/) });
  });

  it("refuses a line that has no end while it lasts, and goes on with the next one", async () => {
    const { username } = await here.newcomer();
    const { child, ended } = here.start(["login", username]);
    // It is not ended.
    child.stdin?.write("x".repeat(100_000));
    expect(await ended).toMatchObject({
      code: 65,
      stdout: "",
      stderr: expect.stringMatching(/^gotalk: The password is too long/),
    });
    const talk = await here.run(["chat", username], `${"x".repeat(1_000_000)}\nafter it\n`);
    expect(talk).toMatchObject({ code: 65, stderr: expect.stringMatching(/Not sent: A line is too long/) });
    expect(`${talk.stdout}${(await here.run(["receive", "--no-wait"])).stdout}`).toContain("after it");
  });

  it("refuses what is not UTF-8", async () => {
    expect(await somebodys.run(["send", self], Buffer.from([0x61, 0xff]))).toMatchObject({
      code: 65,
      stderr: expect.stringMatching(/UTF-8/),
    });
  });

  it.each([-86_400, 86_400, -40 * 86_400])("sends though the clock is off by %i s", async (seconds) => {
    const { username, client } = await here.newcomer();
    const messageId = async () => {
      const { child, ended } = here.start(["send", "--json", username, "from another time"], clockOffBy(seconds));
      child.stdin?.end();
      const { code, stdout } = await ended;
      expect(code).toBe(0);
      return JSON.parse(stdout).messageId;
    };
    const ids = [await messageId(), await messageId()];
    const messages = await takeAll(client);
    // Each process reads the time from a header that has whole seconds, so either may be the first.
    expect(messages.map(({ messageId, content }) => [messageId, content])).toEqual(
      ids.toSorted().map((id) => [id, "from another time"]),
    );
  });

  it("says what to do with an id whose time is wrong", async () => {
    const { username, client } = await here.newcomer();
    const messageId = messageIdAt(-32 * 86_400_000);
    const { code, stderr } = await here.run(["send", "--message-id", messageId, username, "of last month"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/it is not known whether it arrived.*leave the id out/s);
    expect(await takeAll(client)).toEqual([]);
  });

  it.each([
    ["send", ["send", "bob", "hello"], ""],
    ["chat", ["chat", "bob"], "hello\n"],
  ])("%s does not say that an id be left out that was not given", async (_, args, input) => {
    const refusal = problem(400, "message_id_time", {}, { serverTime: "2020-01-01T00:00:00.000Z" });
    const { url } = await scripted((response, request, body) => {
      if (request.url === "/send") refusal(response, request, body);
      else if (request.url === "/sync") json(200, { messages: [], receipt: "r", more: false })(response, request);
      else json(200, { id: "id-2", username: "bob" })(response, request);
    });
    const computer = new Computer(url);
    mkdirSync(computer.folder, { recursive: true });
    writeFileSync(join(computer.folder, "session.json"), JSON.stringify({ url, session }));
    const { code, stderr } = await computer.run(args, input);
    expect(code).toBe(1);
    expect(stderr).toContain("If you send it again, it is a new message.");
    expect(stderr).not.toContain("leave the id out");
  });
});
