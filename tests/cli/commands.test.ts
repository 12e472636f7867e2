import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newUsername, PASSWORD } from "../support/logins.ts";
import { messageIdAt } from "../support/message-ids.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { Computer, FAST_CLOCK } from "../support/terminal-client.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

describe("gotalk in a terminal", () => {
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

  it("registers, logs in, says who that is, and logs out", async () => {
    const username = newUsername();
    expect(await here.run(["register", username], `${PASSWORD}\n`)).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await here.run(["login", username], PASSWORD)).toMatchObject({ code: 0, stdout: "", stderr: "" });
    // The token in it is its user's alone.
    expect(statSync(here.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(here.folder, "session.json")).mode & 0o777).toBe(0o600);
    expect(await here.run(["whoami"])).toMatchObject({ code: 0, stdout: `${username}\n` });
    const { stdout } = await here.run(["whoami", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ id: expect.any(String), username, url: stack.url });
    expect(await here.run(["logout"])).toMatchObject({ code: 0, stdout: "" });
    expect(await here.run(["whoami"])).toMatchObject({
      code: 77,
      stdout: "",
      stderr: expect.stringMatching(/gotalk login/),
    });
  });

  it.each([[["help"]], [["help", "group"]], [["group", "help", "create"]], [["--help"]], [["--version"]]])(
    "%j is no failure",
    async (args) => {
      expect(await here.run(args)).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/./) });
    },
  );

  it.each<[string, readonly string[], string, number, RegExp]>([
    [
      "a username",
      ["register", "x"],
      PASSWORD,
      2,
      /^gotalk: The username must have 3 to 32 characters of a-z 0-9 \. _ -\n$/,
    ],
    [
      "a password",
      ["register", "somebody-new"],
      "short",
      2,
      /^gotalk: The password must have 8 to 128 characters\.\n$/,
    ],
    ["a new password", ["password"], `${PASSWORD}\nshort`, 2, /^gotalk: The new password must have .*\.\n$/],
    ["a device's name", ["login", "$self", "--device", ""], PASSWORD, 2, /gotalk: The name of the device must .*\.\n$/],
    ["a message's id", ["send", "--message-id", "x", "$self", "x"], "", 2, /^gotalk: The message's id must .*\.\n$/],
    ["a blank message", ["send", "$self", " "], "", 65, /^gotalk: The message must not consist of .*\.\n$/],
    ["an invite code", ["group", "join", ""], "", 2, /^gotalk: The code must be .*\.\n$/],
    ["no session", ["end-session", "nope"], "", 2, /^gotalk: You have no such session: gotalk sessions .*\.\n$/],
    ["an empty session", ["end-session", ""], "", 2, /^gotalk: You have no such session: gotalk sessions .*\.\n$/],
    ["no device", ["remove-device", ""], "", 2, /^gotalk: You have no such device: gotalk devices .*\.\n$/],
    ["another device", ["remove-device", "nope"], "", 2, /^gotalk: You have no such device: gotalk devices .*\.\n$/],
    ["a user who is not there", ["block", "nobody-here"], "", 67, /^gotalk: There is no user "nobody-here"\. .*\.\n$/],
    ["an unknown command", ["sned"], "", 2, /^gotalk: unknown command 'sned'/],
    ["an unknown command of groups", ["group", "mkae"], "", 2, /^gotalk: unknown command 'mkae'/],
    [
      "a wrong password",
      ["password"],
      `${PASSWORD}x\n${PASSWORD}`,
      77,
      /^gotalk: The current password is wrong\. .*\.\n$/,
    ],
    [
      "an account's password",
      ["delete-account", "--yes"],
      `${PASSWORD}x`,
      77,
      /^gotalk: The current password is wrong\. /,
    ],
  ])("refuses %s in words that do not speak of the API", async (_, args, input, code, words) => {
    const line = args.map((word) => (word === "$self" ? self : word));
    expect(await somebodys.run(line, `${input}\n`)).toMatchObject({
      code,
      stdout: "",
      stderr: expect.stringMatching(words),
    });
  });

  it("ends once it has done its work, however long stdin stays open", async () => {
    const username = newUsername();
    const newPassword = `${PASSWORD} anew`;
    const ended = (args: readonly string[], answers: string) => {
      const running = here.start(args);
      running.child.stdin?.write(answers);
      return running.ended;
    };
    expect(await ended(["register", username], `${PASSWORD}\n`)).toMatchObject({ code: 0, stderr: "" });
    expect(await ended(["login", username], `${PASSWORD}\n`)).toMatchObject({ code: 0, stderr: "" });
    expect(await ended(["password"], `${PASSWORD}\n${newPassword}\n`)).toMatchObject({ code: 0, stderr: "" });
    expect(await ended(["login", username], "not the password\n")).toMatchObject({
      code: 77,
      stderr: expect.stringMatching(/wrong/),
    });
    expect(await ended(["login", username], `${newPassword}\n`)).toMatchObject({ code: 0, stderr: "" });
  });

  it("remembers the server, and gives the token to no other", async () => {
    await here.newcomer();
    const { GOTALK_URL: _, ...without } = here.env;
    Object.assign(here, { env: without });
    expect((await here.run(["whoami"])).code).toBe(0);
    expect((await here.run(["whoami", "--url", stack.url, "-q"])).code).toBe(0);
    const elsewhere = await here.run(["--url", "http://localhost:9", "whoami"]);
    expect(elsewhere).toMatchObject({ code: 77, stdout: "" });
    expect(elsewhere.stderr).toContain(stack.url);
  });

  it("ends the session before when somebody logs in anew", async () => {
    const { username } = await here.newcomer();
    const before = readFileSync(join(here.folder, "session.json"), "utf8");
    await here.run(["login", username], PASSWORD);
    writeFileSync(join(here.folder, "session.json"), before);
    expect(await here.run(["whoami"])).toMatchObject({
      code: 77,
      stderr: expect.stringMatching(/^gotalk: The session has ended/),
    });
  });

  it.each([
    ["a name that nobody has", ["send", "nobody-at-all", "x"], 67],
    ["nothing to send", ["send", "nobody-at-all"], 65],
    ["a message that shows nothing", ["send", "$self", "\u200b \u3164"], 65],
    ["a command that there is not", ["sned", "bob", "x"], 2],
    ["no command", [], 2],
    ["an argument that is missing", ["send"], 2],
    ["an option that there is not", ["receive", "--jsno"], 2],
    ["no server's address", ["--url", "localhost:9000", "register", "bob"], 2],
    ["a message id that is none", ["send", "--message-id", "7", "$self", "x"], 2],
    ["a wrong password", ["login", "$self"], 77],
    ["a name that is taken", ["register", "$self"], 1],
  ])("ends with its own code for %s", async (_, args, code) => {
    here = somebodys;
    const ended = await here.run(
      args.map((word) => (word === "$self" ? self : word)),
      args[0] === "send" ? "" : "not the password\n",
    );
    expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(/\S/) });
  });

  it("ends with 69 when nobody answers", async () => {
    const ended = await here.run(["--url", "http://127.0.0.1:9", "login", "bob"], PASSWORD, FAST_CLOCK);
    expect(ended).toMatchObject({ code: 69, stdout: "", stderr: expect.stringMatching(/No answer/) });
  });

  it("ends with 78 when its state is damaged", async () => {
    await here.newcomer();
    writeFileSync(join(here.folder, "session.json"), '{"url":"http');
    expect(await here.run(["whoami"])).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/session\.json cannot be read/),
    });
  });

  it("prints its help and its version, without colours", async () => {
    const help = await here.run(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const command of ["register", "login", "send", "receive", "chat", "sessions", "block"]) {
      expect(help.stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    }
    expect(help.stdout).not.toContain("\u001b");
    expect(await here.run(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it("sends its words", async () => {
    const { username, client } = await here.newcomer();
    expect(await here.run(["send", username, "Hello,", "it's me! 👋"])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "",
    });
    expect((await client.sync()).messages).toMatchObject([{ content: "Hello, it's me! 👋" }]);
  });

  it("sends once what is sent again with the same id", async () => {
    const { username, client } = await here.newcomer();
    const messageId = messageIdAt(0);
    const send = () => here.run(["send", "--json", "--message-id", messageId, username, "once"]);
    const [first, again] = [await send(), await send()].map(({ stdout }) => JSON.parse(stdout));
    expect(first).toMatchObject({ status: "received", messageId });
    expect(again).toMatchObject({ status: "received", messageId });
    expect((await client.sync()).messages).toHaveLength(1);
  });
});
