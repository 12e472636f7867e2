import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { logIn, register } from "../../static/src/chat/login.ts";
import { deleteLogins, openLoginId, rememberedLogin, rememberLogin } from "../../static/src/chat/logins.ts";
import { loadSession } from "../../static/src/chat/storedSession.ts";
import { type Act, cut, done, json, problem, scripted, session } from "../support/client-servers.ts";
import { stubLocalStorage } from "../support/page/local-storage.ts";

const CREDENTIALS = { username: "alice", password: "correct horse" };
const LAPTOP = { ...session, deviceId: "laptop" };
const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

const browser = (storage?: object) => vi.stubGlobal("navigator", { userAgent: USER_AGENT, maxTouchPoints: 0, storage });

beforeEach(() => {
  stubLocalStorage();
  browser();
});
afterEach(() => {
  deleteLogins("alice");
  vi.unstubAllGlobals();
});

/** A server that plays these acts. The page asks it by paths alone. */
async function serve(...acts: Act[]) {
  const { url, seen } = await scripted(...acts);
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => fetch(new URL(path, url), init));
  return { paths: () => seen.map(({ path }) => path), bodies: () => seen.map(({ body }) => body) };
}

describe("a login in the page", () => {
  it("makes the browser a device, called by its name, and goes on as that one the next time", async () => {
    const { bodies } = await serve(json(200, LAPTOP));
    const loginId = openLoginId("alice");
    await logIn(CREDENTIALS, undefined);
    expect(bodies()).toEqual([{ ...CREDENTIALS, deviceName: "Firefox on Linux", loginId }]);
    expect(loadSession().value).toEqual(LAPTOP);
    await logIn(CREDENTIALS, undefined);
    expect(bodies()[1]).toMatchObject({ deviceId: "laptop", earlierToken: "token-1" });
    expect(bodies()[1]).not.toMatchObject({ loginId });
  });

  it("names the device that it replaces", async () => {
    const { bodies } = await serve(json(200, LAPTOP));
    await logIn(CREDENTIALS, "phone");
    expect(bodies()).toMatchObject([{ replaceDeviceId: "phone" }]);
  });

  it("that is refused is told, stores nothing, and goes on under its id", async () => {
    const { bodies } = await serve(problem(401, "invalid_credentials"));
    rememberLogin(LAPTOP);
    const loginId = openLoginId("alice");
    await expect(logIn(CREDENTIALS, undefined)).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(loadSession().value).toBeUndefined();
    expect(rememberedLogin("alice")).toEqual({ earlierToken: "token-1", deviceId: "laptop" });
    await expect(logIn(CREDENTIALS, undefined)).rejects.toThrow();
    expect(bodies()).toMatchObject([{ loginId }, { loginId }]);
  });

  it("waits for a busy server for 5 seconds at most", async () => {
    const { paths } = await serve(problem(503, "unavailable", { "retry-after": "6" }));
    await expect(logIn(CREDENTIALS, undefined)).rejects.toMatchObject({ code: "unavailable" });
    expect(paths()).toEqual(["/login"]);
  });

  it.each([
    ["allows it", async () => true],
    ["refuses it", () => Promise.reject(new Error("refused"))],
  ])("asks the browser to keep the history, and does not depend on it: the browser %s", async (_, answer) => {
    const persist = vi.fn(answer);
    browser({ persist });
    await serve(json(200, LAPTOP));
    await logIn(CREDENTIALS, undefined);
    expect(persist).toHaveBeenCalledTimes(1);
  });

  it("works in a browser that cannot be asked", async () => {
    browser({});
    await serve(json(200, LAPTOP));
    await logIn(CREDENTIALS, undefined);
    expect(loadSession().value).toEqual(LAPTOP);
  });
});

describe("a registration in the page", () => {
  const alice = { id: session.id, username: "alice" };

  it("sends the invitation, and says under which name the user is registered", async () => {
    const { bodies } = await serve(json(201, alice));
    expect(await register({ ...CREDENTIALS, username: "Alice" }, "invitation")).toBe("alice");
    expect(bodies()).toEqual([{ ...CREDENTIALS, username: "Alice", inviteCode: "invitation" }]);
  });

  it("whose first answer was lost is proven by a login, whose device is that of the next login", async () => {
    const { paths, bodies } = await serve(cut, problem(409, "username_taken"), json(200, LAPTOP), done);
    expect(await register(CREDENTIALS, undefined)).toBe("alice");
    expect(paths()).toEqual(["/register", "/register", "/login", "/logout"]);
    expect(bodies()[2]).toMatchObject({ loginId: openLoginId("alice") });
  });
});
