import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { Transform } from "node:stream";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { CERTIFICATE, KEY } from "../support/certificate.ts";
import { eventually } from "../support/eventually.ts";
import { newUsername, PASSWORD } from "../support/logins.ts";
import { type SharedStack, sharedStack } from "../support/shared/index.ts";
import { Computer, type Ended, FAST_CLOCK, hasContainers, preloading } from "../support/terminal-client.ts";

const HOST = "talk.example.test";
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** What the machine of a user may be like. */
describe("gotalk on a machine", () => {
  let stack: SharedStack;
  let here: Computer;
  beforeAll(async () => {
    stack = await sharedStack();
  });
  beforeEach(() => {
    here = new Computer(stack.url);
  });

  const ended = (computer: Computer, args: readonly string[], env: NodeJS.ProcessEnv, input = ""): Promise<Ended> => {
    const running = computer.start(args, env);
    running.child.stdin?.end(input);
    return running.ended;
  };

  describe("without a home folder", () => {
    // What Node does for a user id that is in no password file.
    const homeless = {
      HOME: undefined,
      ...preloading(
        `import os from "node:os";
         import { syncBuiltinESMExports } from "node:module";
         os.homedir = () => { throw Object.assign(new Error("uv_os_homedir returned ENOENT"), { code: "ERR_SYSTEM_ERROR" }); };
         syncBuiltinESMExports();`,
      ),
    };

    it("says what it is, and how it is used", async () => {
      const env = { ...homeless, XDG_CONFIG_HOME: undefined };
      expect(await ended(here, ["--version"], env)).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
      expect(await ended(here, ["--help"], env)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/no home folder/),
        stderr: "",
      });
    });

    it("says what to set before it logs in", async () => {
      const refused = await ended(here, ["login", "alice"], { ...homeless, XDG_CONFIG_HOME: undefined }, PASSWORD);
      expect(refused).toMatchObject({
        code: 78,
        stdout: "",
        stderr: expect.stringMatching(/^gotalk: .*set HOME or XDG_CONFIG_HOME/),
      });
    });

    it.each([
      ["an empty HOME", { HOME: "", XDG_CONFIG_HOME: undefined }],
      ["a relative one", { HOME: "here", XDG_CONFIG_HOME: undefined }],
    ])("takes no %s, which would leave the token where one happens to be", async (_, env) => {
      expect((await ended(here, ["whoami"], env)).code).toBe(78);
    });

    it("works where XDG_CONFIG_HOME is set", async () => {
      const { username } = await here.newcomer();
      expect(await ended(here, ["whoami"], homeless)).toMatchObject({ code: 0, stdout: `${username}\n`, stderr: "" });
    });
  });

  it("is named in the list of sessions", async () => {
    const { username } = await here.newcomer();
    await here.run(["login", username], PASSWORD);
    const { stdout } = await here.run(["sessions"]);
    expect(stdout).toMatch(new RegExp(` \\* gotalk/${version} \\(${process.platform} ${process.arch}\\)$`, "m"));
  });

  describe("where the server's certificate is from an authority of its own", () => {
    let terminator: TlsServer;
    beforeAll(async () => {
      terminator = createTlsServer({ key: KEY, cert: CERTIFICATE }, (socket) => {
        const server = connect(stack.port, "127.0.0.1");
        socket.pipe(server).pipe(socket);
        for (const end of [server, socket]) end.on("error", () => [server, socket].map((each) => each.destroy()));
      });
      terminator.listen(0, "127.0.0.1");
      await once(terminator, "listening");
    });
    afterAll(() => terminator?.close());

    it("refuses it, says what to do, and takes it then", async () => {
      const username = newUsername();
      const url = `https://localhost:${(terminator.address() as AddressInfo).port}`;
      const register = (env: NodeJS.ProcessEnv) =>
        ended(here, ["register", username], { GOTALK_URL: url, NO_PROXY: "*", ...env }, PASSWORD);
      const refused = await register({ ...FAST_CLOCK, NODE_EXTRA_CA_CERTS: undefined, NODE_USE_SYSTEM_CA: undefined });
      expect(refused).toMatchObject({
        code: 69,
        stderr: expect.stringMatching(/self-signed certificate.*NODE_EXTRA_CA_CERTS/),
      });
      const file = join(here.home, "authority.pem");
      writeFileSync(file, CERTIFICATE);
      expect(await register({ NODE_EXTRA_CA_CERTS: file })).toMatchObject({ code: 0, stderr: "" });
    });
  });

  describe("where the state cannot be saved", () => {
    it("asks for no password, and begins no session", async () => {
      symlinkSync(join(here.home, "nothing", "at all"), here.folder);
      for (const args of [
        ["login", "bob"],
        ["register", newUsername()],
      ]) {
        // Stdin is not ended: nothing is read of it.
        expect(await here.start(args).ended).toMatchObject({
          code: 74,
          stderr: expect.stringMatching(/gotalk cannot be written/),
        });
      }
    });

    it("ends the session that it cannot save, and leaves nothing half-written", async () => {
      const { username, client } = await here.newcomer();
      const before = await client.sessions();
      const login = here.onTerminal(["login", username]);
      await eventually(() => expect(login.stdout()).toContain("Password:"));
      // No file can take the place of a folder.
      const file = join(here.folder, "session.json");
      rmSync(file);
      mkdirSync(file);
      login.child.stdin?.write(`${PASSWORD}\n`);
      expect(await login.ended).toMatchObject({
        code: 74,
        stdout: expect.stringMatching(/session\.json cannot be written/),
      });
      expect(await client.sessions()).toEqual(before);
      expect(readdirSync(here.folder)).toEqual(["session.json"]);
    });
  });

  it("takes an empty GOTALK_URL for none", async () => {
    const { username } = await here.newcomer();
    expect(await ended(here, ["whoami"], { GOTALK_URL: "" })).toMatchObject({ code: 0, stdout: `${username}\n` });
    expect(await ended(here, ["login", username], { GOTALK_URL: "" }, PASSWORD)).toMatchObject({ code: 0, stderr: "" });
  });

  it("says how to leave a server that is gone", async () => {
    await here.newcomer();
    const file = join(here.folder, "session.json");
    const { session } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify({ url: "http://127.0.0.1:9", session }));
    const left = await ended(here, ["logout"], { ...FAST_CLOCK, GOTALK_URL: undefined });
    expect(left).toMatchObject({ code: 69, stderr: expect.stringContaining(`on this computer only, remove ${file}`) });
    rmSync(file);
    expect(await ended(here, ["whoami"], {})).toMatchObject({
      code: 77,
      stderr: expect.stringMatching(/Nobody is logged in/),
    });
  });

  it.skipIf(!hasContainers())("takes no chain from a receiver in another container of its host name", async () => {
    await here.newcomer();
    const chains = () => readdirSync(here.folder).filter((name) => /^inbox\..*\.json$/.test(name));
    const receivers = [here.startInContainer(["receive"])];
    onTestFinished(() => receivers.forEach(({ child }) => void child.kill("SIGKILL")));
    await eventually(() => expect(chains()).toHaveLength(1));
    const [first] = chains();
    receivers.push(here.startInContainer(["receive"]));
    await eventually(() => expect(chains()).toHaveLength(2));
    expect(chains()).toContain(first);
  });

  describe("behind a proxy", () => {
    let proxy: Server;
    let targets: string[];
    /** What came through tunnels. */
    let passed: string;
    let isOpen: boolean;
    beforeEach(async () => {
      targets = [];
      passed = "";
      isOpen = true;
      // It leads to the stack, by the name that this knows.
      const renamed = () =>
        new Transform({
          transform: (chunk: Buffer, _, done) => {
            const text = chunk.toString("latin1");
            passed += text;
            done(null, Buffer.from(text.replaceAll(HOST, `localhost:${stack.port}`), "latin1"));
          },
        });
      proxy = createServer((_, response) => void response.writeHead(403).end());
      proxy.on("connect", (request, socket) => {
        targets.push(String(request.url));
        if (!isOpen) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
        const server = connect(stack.port, "localhost", () => {
          socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
          socket.pipe(renamed()).pipe(server).pipe(socket);
        });
        for (const end of [server, socket]) end.on("error", () => [server, socket].map((each) => each.destroy()));
      });
      proxy.listen(0, "127.0.0.1");
      await once(proxy, "listening");
    });
    afterAll(() => proxy?.closeAllConnections());

    const address = () => `127.0.0.1:${(proxy.address() as AddressInfo).port}`;

    /** Somebody who is logged in at a server that only the proxy knows. */
    async function inside() {
      const person = await here.newcomer();
      const file = join(here.folder, "session.json");
      const { session } = JSON.parse(readFileSync(file, "utf8"));
      writeFileSync(file, JSON.stringify({ url: `http://${HOST}`, session }));
      return person;
    }
    const env = (more: NodeJS.ProcessEnv) => ({ GOTALK_URL: undefined, no_proxy: "", NO_PROXY: "", ...more });

    it.each(["HTTP_PROXY", "http_proxy"])("reaches the server by %s, with and without http://", async (name) => {
      const { username } = await inside();
      for (const value of [address(), `http://${address()}`]) {
        const { code, stderr } = await ended(here, ["send", username, "through"], env({ [name]: value }));
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      }
      expect(new Set(targets)).toEqual(new Set([`${HOST}:80`]));
    });

    it("reaches a server of https:// by HTTPS_PROXY, and by that alone", async () => {
      isOpen = false;
      const { username } = await here.newcomer();
      const login = (name: string) => {
        const url = `https://${HOST}`;
        return ended(here, ["login", username], env({ ...FAST_CLOCK, GOTALK_URL: url, [name]: address() }), PASSWORD);
      };
      expect(await login("HTTPS_PROXY")).toMatchObject({
        code: 69,
        stderr: expect.stringMatching(/^gotalk: No answer/),
      });
      expect(new Set(targets)).toEqual(new Set([`${HOST}:443`]));
      targets = [];
      expect((await login("HTTP_PROXY")).code).toBe(69);
      expect(targets).toEqual([]);
    });

    it("is woken through it", async () => {
      const { client, id } = await inside();
      const following = here.start(["receive", "--json"], env({ HTTP_PROXY: address() }));
      await eventually(() => expect(passed).toContain("GET /live "));
      await client.send({ to: id, content: "Are you there?" });
      await eventually(() => expect(following.stdout()).toContain("Are you there?"));
      following.child.kill("SIGTERM");
      expect(await following.ended).toMatchObject({ signal: "SIGTERM", stderr: "" });
    });

    it("ends with 69 when that refuses", async () => {
      const { username } = await inside();
      isOpen = false;
      const refused = await ended(here, ["send", username, "x"], env({ ...FAST_CLOCK, HTTP_PROXY: address() }));
      expect(refused).toMatchObject({ code: 69, stderr: expect.stringMatching(/No answer/) });
    });

    it("asks it for nothing that NO_PROXY lists, nor for this machine", async () => {
      const { username } = await inside();
      const listed = await ended(
        here,
        ["send", username, "x"],
        env({ ...FAST_CLOCK, HTTP_PROXY: address(), NO_PROXY: ".example.test" }),
      );
      expect(listed.code).toBe(69);
      const local = new Computer(stack.url);
      await local.newcomer();
      expect((await ended(local, ["whoami"], env({ HTTP_PROXY: address() }))).code).toBe(0);
      expect(targets).toEqual([]);
    });

    it.each(["socks5://localhost:1080", "http://"])("takes no %s for a proxy", async (value) => {
      const { username } = await inside();
      const refused = await ended(here, ["send", username, "x"], env({ HTTP_PROXY: value }));
      expect(refused).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/HTTP_PROXY does not hold a proxy's address/),
      });
    });

    it.each([["register"], ["login"]])("%s warns of a password that goes unencrypted", async (command) => {
      const run = (...options: string[]) =>
        ended(
          here,
          [command, newUsername(), ...options],
          env({ HTTP_PROXY: address(), GOTALK_URL: `http://${HOST}` }),
          PASSWORD,
        );
      const warning = new RegExp(`^gotalk: Warning: http://${HOST} is not encrypted\\.`);
      expect((await run()).stderr).toMatch(warning);
      expect((await run("--quiet")).stderr).not.toMatch(warning);
    });

    it.each([["password"], ["delete-account", "--yes"]])("%s warns of it, too", async (...command) => {
      await inside();
      const { stderr } = await ended(here, command, env({ HTTP_PROXY: address() }), "not the password\nanother one\n");
      expect(stderr).toMatch(/^gotalk: Warning: .* is not encrypted/);
    });
  });
});
