import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client, type Session } from "../../lib/client/index.ts";
import { openLoginId } from "../../static/src/chat/logins.ts";
import { moveToOwnDevice } from "../../static/src/chat/moving.ts";
import { type Act, json, problem, scripted, session, silence } from "../support/client-servers.ts";
import { stubLocalStorage } from "../support/page/local-storage.ts";

const MOVED: Session = { ...session, token: "token-2", deviceId: "laptop" };
const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

const online = (onLine: boolean) => vi.stubGlobal("navigator", { onLine, userAgent: USER_AGENT, maxTouchPoints: 0 });

beforeEach(() => {
  stubLocalStorage();
  online(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** An attempt at a server that acts so. A failure is not repeated within it. */
async function attempt(act: Act, begun: Session | undefined = session) {
  const { url, seen } = await scripted(act);
  const client = new Client({ url, session: begun, live: false, retry: { giveUpAfter: 0 } });
  const moved: Session[] = [];
  return { move: await moveToOwnDevice(client, (one) => void moved.push(one)), moved, seen, client };
}

describe("a session of an older page", () => {
  it.each([undefined, "shared"])("(on %s) gets a device of its own, called by the browser", async (deviceId) => {
    const loginId = openLoginId("alice");
    const { move, moved, seen, client } = await attempt(json(200, MOVED), { ...session, deviceId });
    expect(seen).toMatchObject([
      { method: "POST", path: "/devices", body: { deviceName: "Firefox on Linux", loginId, id: session.id } },
    ]);
    expect([move, moved]).toEqual(["done", [client.session]]);
    expect(client.session).toEqual(MOVED);
  });

  it.each<[string, Session | undefined]>([
    ["has one already", { ...session, deviceId: "laptop" }],
    ["has ended", undefined],
  ])("that %s is left alone, also without a network", async (_, begun) => {
    online(false);
    const { url, seen } = await scripted(json(200, MOVED));
    const client = new Client({ url, session: begun, live: false });
    const onMoved = vi.fn();
    expect(await moveToOwnDevice(client, onMoved)).toBe("done");
    expect([onMoved.mock.calls, seen]).toEqual([[], []]);
  });

  it("stays as it is on a server that is too old for devices", async () => {
    const { move, moved } = await attempt(problem(404, "not_found"));
    expect([move, moved]).toEqual(["done", []]);
  });

  it("is not moved without a network", async () => {
    online(false);
    const { move, moved, seen } = await attempt(json(200, MOVED));
    expect([move, moved, seen]).toEqual(["again", [], []]);
  });

  it.each<[string, Act, string]>([
    ["is busy", problem(503, "unavailable"), "again"],
    ["has no room for another device", problem(409, "too_many_devices"), "full"],
    ["says that the session has ended", problem(401, "invalid_token"), "done"],
    ["says that this is forbidden", problem(403, "forbidden"), "done"],
  ])("goes on as it is where the server %s", async (_, act, outcome) => {
    const { move, moved, client } = await attempt(act);
    expect([move, moved, client.session]).toEqual([outcome, [], session]);
  });

  it("is not waited for longer than 10 seconds: meanwhile the page neither sends nor receives", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((milliseconds) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new DOMException("The time is over.", "TimeoutError")), milliseconds / 100);
      return controller.signal;
    });
    const { move, moved } = await attempt(silence);
    expect(timeout.mock.calls).toEqual([[10_000]]);
    expect([move, moved]).toEqual(["again", []]);
  });
});
