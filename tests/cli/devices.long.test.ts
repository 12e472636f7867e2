import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { Client, type ListedDevice, type Session } from "../../lib/client/index.ts";
import { type Act, cut, json, problem, scripted, session } from "../support/client-servers.ts";
import { eventually } from "../support/eventually.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { newUsername, PASSWORD } from "../support/logins.ts";
import { PATIENT } from "../support/patient-terminal.ts";
import { type SharedStack, seedUser, sharedStack } from "../support/shared/index.ts";
import { takeAll } from "../support/taking.ts";
import { Computer, type Ended } from "../support/terminal-client.ts";

const BATCH = { messages: [], receipt: "receipt-1", more: false };
const message = {
  messageId: "m",
  senderId: "id-2",
  senderName: "bob",
  content: "Hello",
  sentAt: "t",
  redelivered: false,
};

const linesOf = (text: string): string[] => text.split("\n").filter(Boolean);
const contentsIn = (lines: string): string[] => linesOf(lines).map((line) => JSON.parse(line).content);

/** What the computer has saved. */
const savedSession = (computer: Computer): Session =>
  JSON.parse(readFileSync(join(computer.folder, "session.json"), "utf8")).session;

function saveSession(computer: Computer, url: string, saved: Session): void {
  mkdirSync(computer.folder, { recursive: true });
  writeFileSync(join(computer.folder, "session.json"), JSON.stringify({ url, session: saved }));
}

describe("the devices of a user, in the terminal", () => {
  let stack: SharedStack;
  let sender: Client;
  let sendersName: string;
  let username: string;
  let id: string;
  let laptop: Computer;
  let phone: Computer;
  beforeAll(async () => {
    stack = await sharedStack();
    const credentials = { username: newUsername(), password: PASSWORD };
    await seedUser(credentials);
    sender = new Client({ url: stack.url, live: false });
    sendersName = (await sender.login(credentials)).username;
  });
  beforeEach(async () => {
    username = newUsername();
    id = await seedUser({ username, password: PASSWORD });
    [laptop, phone] = [new Computer(stack.url), new Computer(stack.url)];
  });

  const send = async (...contents: string[]) => {
    for (const content of contents) await sender.send({ to: id, content });
  };
  const run = async (computer: Computer, args: readonly string[], input = ""): Promise<string> => {
    const { code, stdout, stderr } = await computer.run(args, input, PATIENT);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout;
  };
  const logIn = (computer: Computer, ...options: string[]) => run(computer, ["login", ...options, username], PASSWORD);
  const rest = async (computer: Computer) => contentsIn(await run(computer, ["receive", "--no-wait", "--json"]));
  /** By the library, in the computer's session: a process for each look would cost more than the rest of a test. */
  const devices = (computer: Computer): Promise<readonly ListedDevice[]> =>
    new Client({ url: stack.url, session: savedSession(computer), live: false }).devices();

  it("each get every message, on two computers that follow at once", async () => {
    await logIn(laptop);
    await logIn(phone);
    const receivers = [laptop, phone].map((computer) => computer.start(["receive", "--json"]));
    const contents = Array.from({ length: 6 }, (_, n) => `message ${n}`);
    await send(...contents);
    await eventually(() => {
      for (const { stdout } of receivers) expect(contentsIn(stdout())).toHaveLength(contents.length);
    });
    for (const { child } of receivers) child.kill("SIGTERM");
    for (const { ended } of receivers) expect(contentsIn((await ended).stdout).sort()).toEqual(contents);
    expect([await rest(laptop), await rest(phone)]).toEqual([[], []]);
  });

  it("divide the messages with --shared", async () => {
    await logIn(laptop, "--shared");
    await logIn(phone, "--shared");
    const receivers = [laptop, phone].map((computer) => computer.start(["receive", "--json"]));
    const contents = Array.from({ length: 6 }, (_, n) => `message ${n}`);
    await send(...contents);
    const all = () => receivers.flatMap(({ stdout }) => contentsIn(stdout()));
    await eventually(() => expect(all().length).toBeGreaterThanOrEqual(contents.length));
    for (const { child } of receivers) child.kill("SIGTERM");
    for (const { ended } of receivers) await ended;
    expect([...all(), ...(await rest(laptop)), ...(await rest(phone))].sort()).toEqual(contents);
  });

  it("are called by the host's name, or as --device says, and listed with what tells them apart", async () => {
    await logIn(laptop);
    await logIn(phone, "--device", "Bob's phone 📱");
    const [first, second, ...others] = linesOf(await run(phone, ["devices", "--json"])).map((line) => JSON.parse(line));
    expect(others).toEqual([]);
    expect(first).toMatchObject({ name: hostname(), current: false, shared: false });
    expect(second).toMatchObject({ name: "Bob's phone 📱", current: true, shared: false });
    const line = (await run(phone, ["devices"])).split("\n")[1];
    expect(line).toMatch(/^[\w-]{22} \d{4}-\d\d-\d\d \* Bob's phone 📱 \(gotalk\/.*\)$/);
    expect(savedSession(phone).deviceId).toBe(second?.deviceId);
  });

  it("ask the others for the settings when they are new, once, and ask nobody where there is none", async () => {
    await logIn(laptop);
    expect(await run(laptop, ["receive", "--no-wait", "--json", "--all"])).toBe("");
    const page = new Client({ url: stack.url, live: false });
    await page.login({ username, password: PASSWORD, deviceName: "Page" });
    await logIn(phone);
    await logIn(phone);
    await logIn(laptop);
    const messages = await takeAll(page);
    const question = JSON.stringify({ [id]: { asksAs: savedSession(phone).deviceId } });
    expect(messages.map(({ type, quiet, content }) => ({ type, quiet, content }))).toEqual([
      { type: "own", quiet: true, content: question },
    ]);
  });

  it("ask nobody with --shared, and not the shared device", async () => {
    await logIn(laptop);
    const page = new Client({ url: stack.url, live: false });
    await page.login({ username, password: PASSWORD, deviceName: "Page" });
    await logIn(phone, "--shared");
    expect(await takeAll(page)).toEqual([]);
    const [other, bot] = [newUsername(), new Client({ url: stack.url, live: false })];
    await seedUser({ username: other, password: PASSWORD });
    await bot.login({ username: other, password: PASSWORD });
    await run(phone, ["login", other], PASSWORD);
    expect(await takeAll(bot)).toEqual([]);
  });

  it("keep the name that --device gave them, through a logout and a login that shares as well", async () => {
    const names = async () => (await devices(laptop)).map(({ name }) => name);
    await logIn(laptop, "--device", "Desk");
    await logIn(laptop);
    expect(await names()).toEqual(["Desk"]);
    await run(laptop, ["logout"]);
    await logIn(laptop, "--shared");
    await logIn(laptop);
    expect(await names()).toEqual(["Desk"]);
    await logIn(laptop, "--device", "Table");
    await run(laptop, ["remove-device", String(savedSession(laptop).deviceId)]);
    await logIn(laptop);
    expect(await names()).toEqual(["Table"]);
    // The name is one user's.
    await run(laptop, ["login", sendersName], PASSWORD);
    expect(await names()).toContain(hostname());
  });

  it("show what was sent from the other one in a chat, and in receive if that is asked for", async () => {
    await logIn(laptop);
    await logIn(phone);
    await run(laptop, ["send", sendersName, "from the laptop"]);
    const copies = await run(phone, ["receive", "--no-wait", "--own-copies"]);
    expect(copies).toMatch(new RegExp(`^\\S+ \\S+ ${username} to ${sendersName}: from the laptop\n$`));
    await run(laptop, ["send", sendersName, "once more"]);
    expect(await run(phone, ["receive", "--no-wait"])).toBe("");
    expect(await run(phone, ["receive", "--no-wait", "--own-copies"])).toBe("");
    await run(laptop, ["send", sendersName, "for a program"]);
    const told = await run(phone, [
      "receive",
      "--no-wait",
      "--own-copies",
      "--exec",
      'echo "$GOTALK_TO $GOTALK_TO_ID"',
    ]);
    expect(told).toBe(`${sendersName} ${sender.session?.id}\n`);
    const chat = phone.start(["chat", sendersName]);
    await run(laptop, ["send", sendersName, "for a person"]);
    await eventually(() => expect(chat.stdout()).toContain(`${username} to ${sendersName}: for a person\n`));
    chat.child.stdin?.end();
    expect(await chat.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("go on where they were when they log in again after a change of the password", async () => {
    const newPassword = `${PASSWORD} anew`;
    await logIn(laptop);
    await logIn(phone);
    const { deviceId } = savedSession(laptop);
    await run(phone, ["password"], `${PASSWORD}\n${newPassword}\n`);
    await send("meanwhile");
    expect(await laptop.run(["receive", "--no-wait"])).toMatchObject({ code: 77 });
    await run(laptop, ["login", username], newPassword);
    expect(savedSession(laptop).deviceId).toBe(deviceId);
    expect(await rest(laptop)).toEqual(["meanwhile"]);
    expect(await devices(laptop)).toHaveLength(2);
  });

  it("are removed, and the next login there says that messages may be missing", async () => {
    await logIn(laptop);
    await logIn(phone, "--device", "Phone");
    const { deviceId = "" } = savedSession(phone);
    expect(await run(laptop, ["remove-device", deviceId])).toBe("");
    expect(await devices(laptop)).toHaveLength(1);
    expect(await phone.run(["receive", "--no-wait"])).toMatchObject({
      code: 77,
      stderr: "gotalk: The session has ended. Log in first: gotalk login NAME\n",
    });
    expect(await laptop.run(["remove-device", deviceId])).toMatchObject({
      code: 2,
      stderr: "gotalk: You have no such device: gotalk devices lists those that you have.\n",
    });
    const again = await phone.run(["login", username], PASSWORD);
    expect(again).toMatchObject({ code: 0, stdout: "", stderr: expect.stringMatching(/may be missing here\.\n$/) });
    expect(savedSession(phone).deviceId).not.toBe(deviceId);
    await send("to both");
    expect([await rest(laptop), await rest(phone)]).toEqual([["to both"], ["to both"]]);
  });

  it("log themselves out when they remove themselves", async () => {
    await logIn(laptop);
    await run(laptop, ["remove-device", String(savedSession(laptop).deviceId)]);
    expect(await laptop.run(["whoami"])).toMatchObject({
      code: 77,
      stderr: expect.stringMatching(/^gotalk: Nobody is/),
    });
    // It was the only one: what comes meanwhile waits.
    await send("meanwhile");
    await logIn(laptop);
    expect(await rest(laptop)).toEqual(["meanwhile"]);
  });

  it("are ten at most: the next login lists them and says what to do, and replaces one", async () => {
    const other = new Client({ url: stack.url, live: false });
    const ids: string[] = [];
    for (let made = 0; made < 10; made++) {
      other.session = undefined;
      ids.push(String((await other.login({ username, password: PASSWORD, deviceName: `Device ${made}` })).deviceId));
    }
    const refused = await laptop.run(["login", username], PASSWORD);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    const [title, ...lines] = linesOf(refused.stderr);
    expect(title).toBe("gotalk: You have 10 devices, and may have no more:");
    expect(lines.slice(0, 10)).toEqual(
      ids.map((one, n) => expect.stringMatching(new RegExp(`^${one} \\S+ Device ${n} \\(`))),
    );
    expect(lines[10]).toContain("gotalk login --replace ID NAME");
    await logIn(laptop, "--replace", String(ids[3]));
    const left = (await devices(laptop)).map(({ deviceId }) => deviceId);
    expect(left).toHaveLength(10);
    expect(left).not.toContain(ids[3]);
    expect(left).toContain(savedSession(laptop).deviceId);
  });

  /** Saves a session as older versions do. */
  const asBefore = async (computer: Computer, url = stack.url): Promise<Client> => {
    const client = new Client({ url, live: false });
    const { deviceId: _, ...old } = await client.login({ username, password: PASSWORD });
    saveSession(computer, url, old);
    return client;
  };

  it.each([
    ["a first login", "/login", async () => undefined],
    ["a login from a state from before devices existed", "/devices", asBefore],
  ])("keep what waits when %s is killed before the answer to %s arrives", async (_, path, prepare) => {
    let lost = 0;
    let isLosing = false;
    const next = (head: string) => (isLosing && head.startsWith(`POST ${path} `) ? "after" : "none");
    const passed = (head: string) => void (head.startsWith(`POST ${path} `) && lost++);
    const proxy = await startFaultProxy({ port: stack.port, next, passed });
    onTestFinished(() => proxy.close());
    const here = new Computer(proxy.url);
    await prepare(here, proxy.url);
    await send("before the login");
    isLosing = true;
    lost = 0;
    const killed = here.start(["login", username]);
    killed.child.stdin?.end(PASSWORD);
    // The second attempt is made once the answer to the first is lost.
    await eventually(() => expect(lost).toBeGreaterThan(1));
    killed.child.kill("SIGKILL");
    await killed.ended;
    isLosing = false;
    await logIn(here);
    expect(await rest(here)).toEqual(["before the login"]);
    expect((await devices(here)).filter(({ shared }) => !shared)).toMatchObject([{ current: true }]);
  });

  describe("and a state from before devices existed", () => {
    it("works on as the shared device until the next login", async () => {
      const [one, other] = [await asBefore(laptop), await asBefore(phone)];
      await send("one", "two");
      expect([...(await rest(laptop)), ...(await rest(phone))]).toEqual(["one", "two"]);
      expect(await devices(laptop)).toMatchObject([{ deviceId: "shared", shared: true, current: true }]);
      expect(await run(laptop, ["devices"])).toMatch(/^shared \S+ \* shared by all logins .*\n$/);
      expect([one.session?.deviceId, other.session?.deviceId]).toEqual(["shared", "shared"]);
    });

    it("gets a device of its own by that, which has what waits", async () => {
      await asBefore(laptop);
      await send("before the login");
      await logIn(laptop);
      expect(await devices(laptop)).toMatchObject([{ name: hostname(), current: true, shared: false }]);
      expect(await rest(laptop)).toEqual(["before the login"]);
      expect(await run(laptop, ["sessions"])).toMatch(/^\S+ \S+ \* gotalk.*\n$/);
    });

    it("takes along what waits, and leaves it to the others that share it as well", async () => {
      await asBefore(laptop);
      await asBefore(phone);
      await send("before the login");
      await logIn(laptop);
      expect([await rest(laptop), await rest(phone)]).toEqual([["before the login"], ["before the login"]]);
      await send("after it");
      expect([await rest(laptop), await rest(phone)]).toEqual([["after it"], ["after it"]]);
    });

    describe("where there is no room for another device", () => {
      let others: string[];
      beforeEach(async () => {
        await asBefore(laptop);
        await asBefore(phone);
        const other = new Client({ url: stack.url, live: false });
        others = [];
        for (let made = 0; made < 9; made++) {
          other.session = undefined;
          others.push(String((await other.login({ username, password: PASSWORD, deviceName: `${made}` })).deviceId));
        }
        await send("before the login");
      });

      it("takes along what waits with --replace, which the terminal says", async () => {
        const refused = await laptop.run(["login", username], PASSWORD);
        expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("gotalk login --replace ID NAME") });
        expect(savedSession(laptop).deviceId).toBe("shared");
        await logIn(laptop, "--replace", String(others[4]));
        const left = (await devices(laptop)).map(({ deviceId }) => deviceId);
        expect(left).toHaveLength(10);
        expect(left).not.toContain(others[4]);
        expect([await rest(laptop), await rest(phone)]).toEqual([["before the login"], ["before the login"]]);
      });

      it("says that the device to replace is none, and shares on", async () => {
        const refused = await laptop.run(["login", "--replace", "none", username], PASSWORD);
        expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/still shares.*\n.*no such device/) });
        expect(await devices(laptop)).toHaveLength(10);
        expect(await rest(laptop)).toEqual(["before the login"]);
      });

      it("takes the place of the shared one with --replace shared, and says that messages may be missing", async () => {
        const { code, stderr } = await laptop.run(["login", "--replace", "shared", username], PASSWORD);
        expect({ code, stderr }).toEqual({
          code: 0,
          stderr: expect.stringMatching(/^gotalk: .* may be missing here\.\n$/),
        });
        expect(savedSession(laptop).deviceId).not.toBe("shared");
        expect((await devices(laptop)).map(({ deviceId }) => deviceId)).not.toContain("shared");
      });
    });

    it("removes no device with --replace where there is room", async () => {
      await asBefore(laptop);
      await logIn(phone);
      await send("before the login");
      await logIn(laptop, "--replace", String(savedSession(phone).deviceId));
      expect(await devices(laptop)).toHaveLength(2);
      expect(await rest(laptop)).toEqual(["before the login"]);
    });

    it("takes along what waits with --replace shared where there is room", async () => {
      await asBefore(laptop);
      await send("before the login");
      await logIn(laptop, "--replace", "shared");
      expect(await devices(laptop)).toMatchObject([{ name: hostname(), current: true, shared: false }]);
      expect(await rest(laptop)).toEqual(["before the login"]);
    });

    it("stays on the shared device with --shared", async () => {
      await asBefore(laptop);
      await send("before the login");
      await logIn(laptop, "--shared");
      expect(savedSession(laptop).deviceId).toBe("shared");
      expect(await rest(laptop)).toEqual(["before the login"]);
    });
  });
});

/** A server that answers each route by its act. */
async function serverOf(routes: Readonly<Record<string, Act>>) {
  const server = await scripted((response, request, body) => {
    const act = routes[`${request.method} ${request.url}`] ?? problem(404, "not_found");
    act(response, request, body);
  });
  return { ...server, here: new Computer(server.url) };
}

const login = (computer: Computer, ...options: string[]): Promise<Ended> =>
  computer.run(["login", ...options, "alice"], PASSWORD);

describe("a login in the terminal", () => {
  const fieldsOf = (seen: readonly { readonly body: object }[]) =>
    seen.map(({ body }) => body as Record<string, string>);

  it("is the same login when it is repeated after no answer came, by another process", async () => {
    let isReachable = false;
    const own = json(200, { ...session, deviceId: "laptop" });
    const { here, seen } = await serverOf({
      "POST /login": (response, request) => (isReachable ? own : cut)(response, request),
    });
    expect(await login(here)).toMatchObject({ code: 69 });
    isReachable = true;
    expect(await login(here)).toMatchObject({ code: 0, stderr: "" });
    const ids = fieldsOf(seen.filter(({ path }) => path === "/login")).map(({ loginId }) => loginId);
    expect(ids.length).toBeGreaterThan(2);
    expect(new Set(ids).size).toBe(1);
    expect(readdirSync(here.folder)).toEqual(["session.json"]);
    // The next one is another login.
    await login(here);
    expect(fieldsOf(seen).at(-1)).toMatchObject({ deviceId: "laptop" });
    expect(fieldsOf(seen).at(-1)?.["loginId"]).not.toBe(ids[0]);
  });
});

describe("messages that a device has missed", () => {
  it.each([
    ["receive", ["receive", "--no-wait", "--json", "--quiet"]],
    ["chat", ["chat", "bob"]],
  ])("are told of by %s, on stderr", async (_, args) => {
    let syncs = 0;
    const { here, url } = await serverOf({
      "GET /users/bob": json(200, { id: "id-2", username: "bob" }),
      "POST /sync": (response, request) => {
        const first = { ...BATCH, messages: [message], missed: true };
        json(200, syncs++ === 0 ? first : BATCH)(response, request);
      },
    });
    saveSession(here, url, session);
    const running = here.start(args);
    await eventually(() => expect(running.stdout()).toContain("Hello"));
    running.child.stdin?.end();
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^gotalk: Messages are missing here: .*\n$/),
    });
  });
});

describe("the chain of receipts in the state folder", () => {
  it("is a new one on another device, and still knows what was printed", async () => {
    const acks: unknown[] = [];
    const { here, url } = await serverOf({
      "POST /sync": (response, request, body) => {
        acks.push(body?.ack);
        json(200, { ...BATCH, messages: acks.length % 2 === 1 ? [message] : [] })(response, request);
      },
    });
    const receive = async (deviceId: string) => {
      saveSession(here, url, { ...session, deviceId });
      return (await here.run(["receive", "--no-wait", "--json"])).stdout;
    };
    expect(contentsIn(await receive("laptop"))).toEqual(["Hello"]);
    expect(await receive("laptop")).toBe("");
    expect(await receive("phone")).toBe("");
    const [, , again, , anew] = acks;
    expect(again).toBe("receipt-1");
    expect(anew).not.toBe("receipt-1");
  });
});
