import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Session } from "../../lib/client/index.ts";
import { computerHere, type InProcess } from "../support/client-in-process.ts";
import { type Act, done, json, problem, scripted, session } from "../support/client-servers.ts";
import { PASSWORD } from "../support/logins.ts";

const LAPTOP: Session = { ...session, token: "token-2", deviceId: "laptop" };
const SHARED: Session = { ...session, token: "token-2", deviceId: "shared" };
const GAP = expect.stringMatching(/^gotalk: The earlier device .* may be missing here\.\n$/);
const STILL_SHARED = /^gotalk: You are logged in, but .* log in again\.\n/;

/** A server that answers each route by its acts in turn, and by the last one from then on; and a computer. */
async function setUp(routes: Readonly<Record<string, Act | readonly Act[]>>) {
  const counts = new Map<string, number>();
  const { url, seen } = await scripted((response, request, body) => {
    const route = `${request.method} ${request.url}`;
    const acts = [routes[route] ?? problem(404, "not_found")].flat();
    const turn = counts.get(route) ?? 0;
    counts.set(route, turn + 1);
    (acts[turn] ?? acts.at(-1))?.(response, request, body);
  });
  const here = computerHere(url);
  // Whether there is another device to ask for the settings: see devices.test.ts.
  const steps = () => seen.filter(({ method, path }) => `${method} ${path}` !== "GET /devices");
  return {
    ...{ url, here },
    logIn: (...options: string[]) => here.run(["login", ...options, "alice"], { input: PASSWORD }),
    /** The requests so far: with which token, to which route. */
    requests: () => steps().map(({ method, path, authorization }) => `${authorization?.slice(7)} ${method} ${path}`),
    bodies: () => steps().map(({ body }) => body as Record<string, string>),
  };
}

const fileOf = ({ folder }: InProcess, name = "session.json"): string => join(folder, name);
const savedIn = (here: InProcess, name?: string) => JSON.parse(readFileSync(fileOf(here, name), "utf8"));

function save(here: InProcess, value: object, name?: string): void {
  mkdirSync(here.folder, { recursive: true });
  writeFileSync(fileOf(here, name), JSON.stringify(value));
}

describe("a login in the terminal", () => {
  it("asks for a device with the host's name, and says on a terminal which one it got", async () => {
    const { here, url, bodies } = await setUp({ "POST /login": json(200, LAPTOP) });
    const told = await here.run(["login", "Alice"], { input: PASSWORD, isTerminal: true });
    expect(told).toEqual({
      code: 0,
      stdout: "",
      stderr: `Logged in at ${url} as alice. This computer is the device ${hostname()}.\n`,
    });
    expect(bodies()).toEqual([
      { username: "Alice", password: PASSWORD, deviceName: hostname(), loginId: expect.any(String) },
    ]);
    expect(savedIn(here)).toEqual({ url, session: LAPTOP, deviceName: hostname() });
    expect(readdirSync(here.folder)).toEqual(["session.json"]);
  });

  it.each<[string, Session, string]>([
    ["the shared device", SHARED, " It shares the messages with all logins without a device of their own."],
    ["a server that is too old for devices", session, ""],
  ])("says on a terminal what it means to be on %s", async (_, given, place) => {
    const { here, url } = await setUp({ "POST /login": json(200, given) });
    const told = await here.run(["login", "--shared", "alice"], { input: PASSWORD, isTerminal: true });
    expect(told.stderr).toBe(`Logged in at ${url} as alice.${place}\n`);
  });

  it("goes on as the device that the computer was, under the same name", async () => {
    const { here, url, logIn, bodies, requests } = await setUp({ "POST /login": json(200, LAPTOP) });
    save(here, { url, session: { ...LAPTOP, token: "token-1" }, deviceName: "Desk" });
    expect(await logIn()).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(bodies()).toMatchObject([{ deviceName: "Desk", deviceId: "laptop", earlierToken: "token-1" }]);
    // The server has ended the session that the device had.
    expect(requests()).toEqual(["undefined POST /login"]);
    expect(savedIn(here)).toEqual({ url, session: LAPTOP, deviceName: "Desk" });
  });

  it("after a logout shows the token of the session that has ended, and keeps the name", async () => {
    const { here, url, logIn, requests, bodies } = await setUp({ "POST /login": json(200, LAPTOP) });
    save(here, { url, earlier: { username: "alice", token: "token-1" }, deviceName: "Desk" });
    expect(await logIn()).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(bodies()).toMatchObject([{ deviceName: "Desk", earlierToken: "token-1" }]);
    expect(bodies()[0]).not.toHaveProperty("deviceId");
    expect(requests()).toEqual(["undefined POST /login"]);
  });

  it("ends the earlier session where that was on another device, and says that messages may be missing", async () => {
    const { here, url, logIn, requests } = await setUp({ "POST /login": json(200, LAPTOP), "POST /logout": done });
    save(here, { url, session: { ...session, deviceId: "gone" } });
    expect(await logIn()).toEqual({ code: 0, stdout: "", stderr: GAP });
    expect(requests()).toEqual(["undefined POST /login", "token-1 POST /logout"]);
    expect(savedIn(here).session).toEqual({ ...LAPTOP, mayHaveGap: true });
  });

  it("has taken place though the earlier session could not be ended", async () => {
    const { here, url, logIn } = await setUp({ "POST /login": json(200, LAPTOP), "POST /logout": problem(400, "odd") });
    save(here, { url, session: { ...session, username: "bob", deviceId: "phone" } });
    expect(await logIn()).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("of another user ends the earlier session, and tells the server nothing of its device", async () => {
    const { here, url, logIn, requests, bodies } = await setUp({
      "POST /login": json(200, LAPTOP),
      "POST /logout": done,
    });
    save(here, { url, session: { ...session, username: "bob", deviceId: "phone" }, deviceName: "Bob's phone" });
    await logIn();
    expect(requests()).toEqual(["undefined POST /login", "token-1 POST /logout"]);
    expect(bodies()[0]).toEqual({
      ...{ username: "alice", password: PASSWORD },
      ...{ deviceName: hostname(), loginId: expect.any(String) },
    });
  });

  it("at another server leaves the earlier session alone, and tells nothing of it", async () => {
    const { here, logIn, requests, bodies } = await setUp({ "POST /login": json(200, LAPTOP) });
    save(here, { url: "https://elsewhere.example.com", session: { ...session, deviceId: "phone" } });
    await logIn();
    expect(requests()).toEqual(["undefined POST /login"]);
    expect(bodies()[0]).not.toHaveProperty("earlierToken");
    expect(bodies()[0]).not.toHaveProperty("deviceId");
  });

  it("with --shared is on the shared device, ends the session of its own one, and keeps the name for later", async () => {
    const { here, url, logIn, requests, bodies } = await setUp({
      "POST /login": json(200, SHARED),
      "POST /logout": done,
    });
    save(here, { url, session: { ...session, deviceId: "laptop" }, deviceName: "Desk" });
    expect(await logIn("--shared")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(bodies()[0]).toMatchObject({ deviceId: "shared", earlierToken: "token-1" });
    expect(bodies()[0]).not.toHaveProperty("deviceName");
    expect(requests()).toEqual(["undefined POST /login", "token-1 POST /logout"]);
    expect(savedIn(here)).toEqual({ url, session: SHARED, deviceName: "Desk" });
  });

  it("on the shared device again ends the earlier session there", async () => {
    const { here, url, logIn, requests } = await setUp({ "POST /login": json(200, SHARED), "POST /logout": done });
    save(here, { url, session: { ...session, deviceId: "shared" } });
    expect(await logIn("--shared")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(requests()).toEqual(["undefined POST /login", "token-1 POST /logout"]);
  });

  it("takes no --device for a login that shares", async () => {
    const { logIn, requests } = await setUp({});
    expect(await logIn("--shared", "--device", "x")).toMatchObject({ code: 2 });
    expect(requests()).toEqual([]);
  });

  it("says that the device no longer exists", async () => {
    const { logIn } = await setUp({ "POST /login": problem(401, "device_expired") });
    expect(await logIn()).toMatchObject({
      code: 77,
      stderr: "gotalk: The device was removed, or not used for 30 days. Log in first: gotalk login NAME\n",
    });
  });

  it("works with a server that is too old for devices, with a new state and with an old one", async () => {
    const { here, logIn, requests } = await setUp({ "POST /login": json(200, session), "POST /logout": done });
    for (let time = 0; time < 2; time++) {
      expect(await logIn()).toEqual({ code: 0, stdout: "", stderr: "" });
      expect(savedIn(here).session).toEqual(session);
    }
    expect(requests().map((request) => request.split(" ").at(-1))).toEqual(["/login", "/login", "/logout", "/devices"]);
  });

  it("warns that others can read the password, before it asks for it", async () => {
    const { here } = await setUp({});
    const unnamed = await here.run(["--url", "http://talk.example.com", "login"]);
    expect(unnamed).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^gotalk: Warning: http:\/\/talk\.example\.com is not .*\n.*NAME is missing\.\n$/),
    });
  });

  it("that could not be saved is not begun, and no password is asked for", async () => {
    const { here, requests } = await setUp({ "POST /login": json(200, LAPTOP) });
    symlinkSync(join(dirname(here.folder), "nothing", "at all"), here.folder);
    expect(await here.run(["login", "alice"])).toMatchObject({
      code: 74,
      stderr: expect.stringContaining("cannot be written"),
    });
    expect(requests()).toEqual([]);
  });

  it.each<[string, Act]>([
    ["ended", done],
    ["ended, as far as the server lets it be,", problem(400, "odd")],
  ])("that cannot be saved in the end is %s, and its repeat is another login", async (_, logout) => {
    const { here, logIn, requests, bodies } = await setUp({
      "POST /login": (...request) => {
        if (bodies().length === 1) mkdirSync(fileOf(here));
        json(200, LAPTOP)(...request);
      },
      "POST /logout": logout,
    });
    expect(await logIn()).toMatchObject({
      code: 74,
      stderr: expect.stringContaining("session.json cannot be written"),
    });
    expect(requests()).toEqual(["undefined POST /login", "token-2 POST /logout"]);
    expect(readdirSync(here.folder)).toEqual(["session.json"]);
    rmSync(fileOf(here), { recursive: true });
    await logIn();
    expect(bodies()[2]?.["loginId"]).not.toBe(bodies()[0]?.["loginId"]);
  });
});

describe("the id of a login", () => {
  const idsOf = (bodies: readonly Record<string, string>[]) => bodies.map(({ loginId }) => loginId);

  it("is the same until the login has taken place, for another process as well, and then another one", async () => {
    const { here, logIn, bodies } = await setUp({
      "POST /login": [problem(401, "invalid_credentials"), problem(501, "odd"), json(200, LAPTOP)],
    });
    await logIn();
    await here.run(["login", "ALICE"], { input: PASSWORD });
    await logIn();
    await logIn();
    const [first, ...more] = idsOf(bodies());
    expect(first).toMatch(/^[\w-]{16,}$/);
    expect(more.slice(0, 2)).toEqual([first, first]);
    expect(more[2]).not.toBe(first);
  });

  it("is neither another user's nor another server's", async () => {
    const { here, url, logIn, bodies } = await setUp({ "POST /login": problem(401, "invalid_credentials") });
    await logIn();
    await here.run(["login", "bob"], { input: PASSWORD });
    await here.run(["--url", url.replace("127.0.0.1", "localhost"), "login", "bob"], { input: PASSWORD });
    expect(new Set(idsOf(bodies())).size).toBe(bodies().length);
    expect(bodies()).toHaveLength(3);
  });

  it("is a new one if the saved one is damaged", async () => {
    const { here, logIn, bodies } = await setUp({ "POST /login": problem(401, "invalid_credentials") });
    await logIn();
    save(here, { ...savedIn(here, "login.json"), loginId: 5 }, "login.json");
    await logIn();
    const [first, second] = idsOf(bodies());
    expect(second).toMatch(/^[\w-]{16,}$/);
    expect(second).not.toBe(first);
  });

  it("may be forgotten meanwhile, by another login that took place at the same time", async () => {
    const { here, logIn } = await setUp({
      "POST /login": (...request) => {
        rmSync(fileOf(here, "login.json"));
        json(200, LAPTOP)(...request);
      },
    });
    expect(await logIn()).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("a login after one on the shared device", () => {
  const moved: Session = { ...session, token: "token-3", deviceId: "laptop" };
  const devices = [
    { deviceId: "d-1", name: "Desk", userAgent: "", lastSeen: "2026-01-02", current: false, shared: false },
  ];
  const full = problem(409, "too_many_devices", {}, { devices });
  const usual = { "POST /login": json(200, SHARED), "POST /logout": done };

  it.each([undefined, "shared"])("(of %s) is there alone first, and then gets its own device", async (deviceId) => {
    const { here, url, requests, bodies } = await setUp({ ...usual, "POST /devices": json(200, moved) });
    save(here, { url, session: { ...session, deviceId } });
    const told = await here.run(["login", "--device", "Desk", "alice"], { input: PASSWORD, isTerminal: true });
    expect(told).toEqual({
      code: 0,
      stdout: "",
      stderr: `Logged in at ${url} as alice. This computer is the device Desk.\n`,
    });
    expect(requests()).toEqual(["undefined POST /login", "token-1 POST /logout", "token-2 POST /devices"]);
    const [login, , move] = bodies();
    expect(login).toMatchObject({ deviceId: "shared" });
    expect(login).not.toHaveProperty("deviceName");
    expect(move).toEqual({ id: session.id, deviceName: "Desk", loginId: login?.["loginId"] });
    expect(savedIn(here)).toEqual({ url, session: moved, deviceName: "Desk" });
    expect(readdirSync(here.folder)).toEqual(["session.json"]);
  });

  it("stays there, and says so, when there is no room for another device", async () => {
    const { here, url, logIn, requests } = await setUp({ ...usual, "POST /devices": full });
    save(here, { url, session });
    const { code, stderr } = await logIn();
    expect(code).toBe(1);
    expect(stderr).toMatch(STILL_SHARED);
    expect(stderr).toMatch(/\ngotalk: You have 1 devices.*\nd-1 2026-01-02 Desk\n.*--replace/);
    expect(requests().at(-1)).toBe("token-2 POST /devices");
    expect(savedIn(here).session).toEqual(SHARED);
    expect(readdirSync(here.folder).sort()).toEqual(["login.json", "session.json"]);
  });

  it("removes the device of --replace only if there is no room, and moves then", async () => {
    const { here, url, logIn, requests } = await setUp({
      ...usual,
      "POST /devices": [full, json(200, moved)],
      "DELETE /devices/d-1": done,
    });
    save(here, { url, session });
    expect(await logIn("--replace", "d-1")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(requests().slice(2)).toEqual([
      "token-2 POST /devices",
      "token-2 DELETE /devices/d-1",
      "token-2 POST /devices",
    ]);
    expect(savedIn(here).session).toEqual(moved);
  });

  it("removes none after another failure", async () => {
    const { here, url, logIn, requests } = await setUp({ ...usual, "POST /devices": problem(403, "forbidden") });
    save(here, { url, session });
    expect(await logIn("--replace", "d-1")).toMatchObject({ code: 77, stderr: expect.stringMatching(STILL_SHARED) });
    expect(requests().at(-1)).toBe("token-2 POST /devices");
  });

  it("moves with --replace shared as well while there is room, and takes along what waits", async () => {
    const { here, url, logIn, requests } = await setUp({ ...usual, "POST /devices": json(200, moved) });
    save(here, { url, session: { ...session, deviceId: "shared" } });
    expect(await logIn("--replace", "shared")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(requests()).toEqual(["undefined POST /login", "token-1 POST /logout", "token-2 POST /devices"]);
    expect(savedIn(here).session).toEqual(moved);
  });

  it("takes the place of the shared device with --replace shared only if there is no room, and says what that may cost", async () => {
    const { here, url, logIn, requests, bodies } = await setUp({
      ...usual,
      "POST /login": [json(200, SHARED), json(200, LAPTOP)],
      "POST /devices": full,
    });
    save(here, { url, session: { ...session, deviceId: "shared" } });
    const { code, stderr } = await logIn("--replace", "shared");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/may be missing/) });
    expect(requests().slice(2)).toEqual(["token-2 POST /devices", "undefined POST /login"]);
    expect(bodies().at(-1)).toMatchObject({ deviceName: hostname(), replaceDeviceId: "shared" });
    expect(savedIn(here).session).toEqual(LAPTOP);
  });
});

describe("a terminal says that it tries again", () => {
  const busy = problem(503, "unavailable");
  const AGAIN = "Detail of unavailable. Trying again ...\n";

  it("where a login meets a busy server, and each step after it", async () => {
    const { here, url } = await setUp({
      "POST /login": [busy, json(200, SHARED)],
      "POST /logout": done,
      "POST /devices": [busy, problem(409, "too_many_devices"), json(200, { ...session, deviceId: "laptop" })],
      "DELETE /devices/d-1": [busy, done],
    });
    save(here, { url, session });
    const { code, stderr } = await here.run(["login", "--replace", "d-1", "alice"], {
      input: PASSWORD,
      isTerminal: true,
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(new RegExp(`^${AGAIN}${AGAIN}${AGAIN}Logged in at `));
  });

  it("where the devices are listed, and where one is removed", async () => {
    const { here, url } = await setUp({
      "GET /devices": [busy, json(200, { devices: [] })],
      "DELETE /devices/d-1": [busy, done],
    });
    save(here, { url, session: LAPTOP });
    expect((await here.run(["devices"], { isTerminal: true })).stderr.startsWith(AGAIN)).toBe(true);
    expect((await here.run(["remove-device", "d-1"], { isTerminal: true })).stderr.startsWith(AGAIN)).toBe(true);
  });
});

describe("the devices in the terminal", () => {
  const desk = { deviceId: "d-1", name: "Desk\u001b[2J", userAgent: "curl/8", lastSeen: "2026-01-02" };
  const list = [
    { ...desk, current: true, shared: false },
    { ...desk, deviceId: "d-2", name: "Phone", current: false, shared: false },
  ];

  it("are listed, as lines for people and for programs", async () => {
    const { here, url } = await setUp({ "GET /devices": json(200, { devices: list }) });
    save(here, { url, session: LAPTOP });
    const lines = "d-1 2026-01-02 * Desk\\u001b[2J (curl/8)\nd-2 2026-01-02 Phone (curl/8)\n";
    expect(await here.run(["devices"], { isTerminal: true })).toEqual({ code: 0, stdout: lines, stderr: "" });
    const { stdout } = await here.run(["devices", "--json"]);
    const [first, second, rest] = stdout.split("\n");
    expect([first, second].map((line) => JSON.parse(line ?? ""))).toEqual(list);
    expect(rest).toBe("");
  });

  it("are none on a server that is too old for them, which the terminal says", async () => {
    const { here, url } = await setUp({});
    save(here, { url, session });
    expect(await here.run(["devices"], { isTerminal: true })).toEqual({
      code: 0,
      stdout: "",
      stderr: "This server is too old for devices: all logins of a user share the messages.\n",
    });
    expect(await here.run(["remove-device", "x"])).toMatchObject({ code: 1 });
  });

  it("are removed, which logs nobody out here", async () => {
    const { here, url, requests } = await setUp({ "DELETE /devices/d-1": done });
    save(here, { url, session: LAPTOP });
    expect(await here.run(["remove-device", "d-1"], { isTerminal: true })).toEqual({
      code: 0,
      stdout: "",
      stderr: "The device d-1 is removed.\n",
    });
    expect(requests()).toEqual(["token-2 DELETE /devices/d-1"]);
    expect(savedIn(here)).toEqual({ url, session: LAPTOP });
  });

  it("are removed with the computer's own one, which is logged out then, and goes on later under its name", async () => {
    const { here, url } = await setUp({ "DELETE /devices/laptop": done });
    save(here, { url, session: LAPTOP, deviceName: "Desk" });
    expect(await here.run(["remove-device", "laptop"])).toMatchObject({ code: 0 });
    expect(savedIn(here)).toEqual({ url, earlier: { username: "alice", token: "token-2" }, deviceName: "Desk" });
  });

  it.each<[string, Act, string]>([
    [
      "is not known",
      problem(501, "odd"),
      "gotalk: The device may be removed: gotalk devices lists the devices that are left.\n",
    ],
    ["is known", problem(403, "forbidden"), ""],
  ])("say what to do if a removal fails, and whether it took place %s", async (_, act, hint) => {
    const { here, url } = await setUp({ "DELETE /devices/d-1": act });
    save(here, { url, session: LAPTOP });
    const { code, stderr } = await here.run(["remove-device", "d-1"]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^gotalk: (The device may.*\ngotalk: )?Detail of .*\n$/);
    expect(stderr.startsWith(hint) && stderr.includes("may be removed")).toBe(hint !== "");
    expect(savedIn(here)).toEqual({ url, session: LAPTOP });
  });
});
