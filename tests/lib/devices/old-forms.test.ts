import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectionKey, holderKey, profileKey, sessionKey } from "../../../lib/database/account-keys.ts";
import { putRecord } from "../../../lib/database/put-record.ts";
import { Connections } from "../../../lib/live/connections.ts";
import { Listeners } from "../../../lib/live/listeners.ts";
import { newOpaqueId, newUserId } from "../../../lib/runtime/ids.ts";
import { bearer, json } from "../../support/api.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { eventsApi } from "../../support/events.ts";
import { encrypted } from "../../support/forgeries.ts";
import { type MadeFunctions, makeFunctions } from "../../support/functions.ts";
import { newPerson, type Person } from "../../support/logins.ts";
import { expectProblem } from "../../support/problems.ts";

const HOUR = 3_600;

/** Everything as a version of before there were devices has stored it, byte for byte in its attributes. */
describe.each(engines)("What was stored before there were devices ($name)", ({ start }) => {
  let engine: TestEngine;
  let functions: MadeFunctions;
  let api: ReturnType<typeof eventsApi>;
  let sender: Person;
  let user: { readonly id: string; readonly username: string };

  beforeAll(async () => {
    engine = await start();
    functions = await makeFunctions(engine);
    api = eventsApi(functions);
    sender = await newPerson(api);
  });
  afterAll(() => engine?.stop());
  beforeEach(async () => {
    user = {
      id: newUserId(),
      username: `u${newOpaqueId()
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, "")}`,
    };
    await putRecord(engine.accounts, { ...profileKey(user.id), username: user.username, createdAt: Date.now() });
  });

  /** A session and its token. */
  async function oldSession(): Promise<{ readonly sessionId: string; readonly token: string }> {
    const [sessionId, now] = [newOpaqueId(), Math.floor(Date.now() / 1_000)];
    const record = {
      ...sessionKey(user.id, sessionId),
      createdAt: 1_000 * now,
      expiresAt: now + HOUR,
      userAgent: "old",
    };
    await putRecord(engine.accounts, record);
    const claims = { iss: "gotalk", aud: "gotalk", sub: user.id, sid: sessionId, name: user.username };
    return { sessionId, token: await encrypted({ ...claims, iat: now, exp: now + HOUR }, functions.tokenKey) };
  }

  const send = (content: string) =>
    api(json("/send", { token: sender.token, id: sender.id, sendToId: user.id, content }));
  const sync = (token: string) => api(json("/sync", { token, id: user.id }));
  const contentsOf = ({ body }: { body: Readonly<Record<string, unknown>> }) =>
    (body["messages"] as { content: string }[]).map(({ content }) => content);

  it("a profile without devices: messages to it arrive", async () => {
    const { token } = await oldSession();
    expect((await send("hello")).status).toBe(202);
    expect(contentsOf(await sync(token))).toEqual(["hello"]);
  });

  it("a session without a device, and its token: they are on the shared one", async () => {
    const { sessionId, token } = await oldSession();
    const { body } = await api(bearer(token, { method: "GET", path: "/sessions" }));
    expect(body["sessions"]).toMatchObject([{ sessionId, deviceId: "shared", userAgent: "old", current: true }]);
    const devices = (await api(bearer(token, { method: "GET", path: "/devices" }))).body["devices"];
    expect(devices).toMatchObject([{ deviceId: "shared", shared: true, current: true, name: "" }]);
    expect((await api(json("/logout", { token, id: user.id }))).status).toBe(204);
    expectProblem(await sync(token), 401, "invalid_token");
  });

  it("two sessions: they divide the messages, as before", async () => {
    const [one, two] = [await oldSession(), await oldSession()];
    await send("to one of them");
    expect([...contentsOf(await sync(one.token)), ...contentsOf(await sync(two.token))]).toEqual(["to one of them"]);
  });

  it("a session gets a device of its own, and loses nothing by it", async () => {
    const { token } = await oldSession();
    await send("before");
    const own = { deviceName: "Laptop", loginId: newOpaqueId() };
    const { status, body } = await api(json("/devices", { token, id: user.id, ...own }));
    expect(status).toBe(200);
    await send("after");
    expect(contentsOf(await sync(String(body["token"])))).toEqual(["before", "after"]);
    expectProblem(await sync(token), 401, "invalid_token");
  });

  it("a session can be ended from elsewhere, and the shared device removed with it", async () => {
    const [one, two, three] = [await oldSession(), await oldSession(), await oldSession()];
    const own = { deviceName: "Laptop", loginId: newOpaqueId() };
    const { body } = await api(json("/devices", { token: one.token, id: user.id, ...own }));
    const remove = (path: string) => api(bearer(String(body["token"]), { method: "DELETE", path }));
    expect((await remove(`/sessions/${two.sessionId}`)).status).toBe(204);
    expectProblem(await sync(two.token), 401, "invalid_token");
    expect((await sync(three.token)).status).toBe(200);
    expect((await remove("/devices/shared")).status).toBe(204);
    expectProblem(await sync(three.token), 401, "invalid_token");
  });

  it("a connection without a device: it is the shared one's, and its holder the user's first channel", async () => {
    const [connectionId, expiresAt] = ["old=", Math.floor(Date.now() / 1_000) + HOUR];
    const { sessionId } = await oldSession();
    await putRecord(engine.accounts, { ...connectionKey(user.id, connectionId), sessionId, expiresAt });
    await putRecord(engine.accounts, { ...holderKey(connectionId), userId: user.id, expiresAt });
    const [listeners, connections] = [
      new Listeners(engine.accounts, Date.now),
      new Connections(engine.accounts, Date.now),
    ];
    expect(await listeners.list(user.id, true)).toEqual([{ connectionId, sessionId, deviceId: "shared" }]);
    expect(await connections.holderOf(connectionId, true)).toEqual({ userId: user.id, channel: undefined });
  });
});
