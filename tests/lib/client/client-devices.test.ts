import { afterEach, describe, expect, it, vi } from "vitest";
import {
  Client,
  type InboxState,
  type ListedDevice,
  type Message,
  ProblemError,
  type ReceiveOptions,
  type Session,
  SHARED_DEVICE,
  type TextMessage,
} from "../../../lib/client/index.ts";
import { type Act, cut, done, json, problem, scripted, session, testTiming } from "../../support/client-servers.ts";

const PASSWORD = "correct horse";
const onLaptop: Session = { ...session, deviceId: "laptop" };

const laptop: ListedDevice = {
  deviceId: "laptop",
  name: "Laptop",
  userAgent: "curl/8",
  lastSeen: "2026-01-01",
  current: true,
  shared: false,
};

async function setUp(acts: readonly Act[], before: Session | undefined = session) {
  const { url, seen } = await scripted(...acts);
  const timing = testTiming();
  const client = new Client({ url, timing, session: before, live: false });
  const bodies = () => seen.map(({ body }) => body as Record<string, unknown>);
  return {
    client,
    seen,
    bodies,
    logIn: (more = {}) => client.login({ username: "alice", password: PASSWORD, ...more }),
  };
}

const gaveUp = { retry: { giveUpAfter: 0 } };

describe("a login on a device", () => {
  it("asks by name, and its session bears the device", async () => {
    const { client, logIn, bodies } = await setUp([json(200, onLaptop)]);
    expect(await logIn({ deviceName: "Laptop" })).toEqual(onLaptop);
    expect(client.session).toEqual(onLaptop);
    expect(bodies()).toMatchObject([{ username: "alice", deviceName: "Laptop" }]);
    expect(bodies()[0]).not.toHaveProperty("deviceId");
  });

  it("bears a random loginId, the same in each repeat, and another one in the next login", async () => {
    const { logIn, bodies } = await setUp([cut, problem(503, "unavailable"), json(200, onLaptop)]);
    for (let login = 0; login < 3; login++) await logIn({ deviceName: "Laptop" });
    const ids = bodies().map(({ loginId }) => String(loginId));
    expect(ids.slice(0, 3)).toEqual([ids[0], ids[0], ids[0]]);
    expect(new Set(ids.slice(2)).size).toBe(3);
    for (const loginId of ids) expect(loginId).toMatch(/^[A-Za-z0-9_-]{16,64}$/);
  });

  it("repeats a login that has failed, whatever came in between, until one succeeds", async () => {
    const { url, seen } = await scripted(cut, problem(401, "invalid_credentials"), json(200, onLaptop));
    const client = new Client({ url, timing: testTiming(), ...gaveUp });
    const logIn = () => client.login({ username: "Alice", password: PASSWORD, deviceName: "Laptop" });
    await expect(logIn()).rejects.toMatchObject({ code: "network_fault" });
    await expect(logIn()).rejects.toMatchObject({ code: "invalid_credentials" });
    await logIn();
    const ids = seen.map(({ body }) => (body as { loginId?: string }).loginId);
    expect(new Set(ids).size).toBe(1);
  });

  it.each([
    ["of another user", { username: "bob" }],
    ["for another device", { deviceId: "phone" }],
  ])("takes no login %s for a repeat", async (_, more) => {
    const { url, seen } = await scripted(cut);
    const client = new Client({ url, timing: testTiming(), ...gaveUp });
    const request = { username: "alice", password: PASSWORD, deviceId: "laptop", deviceName: "Laptop" };
    await expect(client.login(request)).rejects.toThrow();
    await expect(client.login({ ...request, ...more })).rejects.toThrow();
    const ids = seen.map(({ body }) => (body as { loginId?: string }).loginId);
    expect(new Set(ids).size).toBe(2);
  });

  it("uses the loginId that it is given", async () => {
    const { logIn, bodies } = await setUp([json(200, onLaptop)]);
    await logIn({ deviceName: "Laptop", loginId: "given-by-the-program" });
    expect(bodies()).toMatchObject([{ loginId: "given-by-the-program" }]);
  });

  it("goes on with the device of the session before", async () => {
    const { client, logIn, bodies } = await setUp([json(200, { ...onLaptop, token: "token-2" })], onLaptop);
    const after = await logIn();
    expect(bodies()).toMatchObject([{ deviceId: "laptop", earlierToken: "token-1" }]);
    expect(after).toEqual({ ...onLaptop, token: "token-2" });
    expect(client.session).toBe(after);
  });

  it.each<[string, Session | undefined, object]>([
    ["of another user's session", { ...onLaptop, username: "bob" }, {}],
    ["of a session on the shared device", { ...session, deviceId: SHARED_DEVICE }, {}],
    ["of a session without one", session, {}],
    ["where the shared one is asked for", onLaptop, { deviceId: SHARED_DEVICE }],
  ])("asks for no device %s", async (_, before, more) => {
    const { logIn, bodies } = await setUp([json(200, { ...session, deviceId: SHARED_DEVICE })], before);
    expect(await logIn(more)).not.toHaveProperty("mayHaveGap");
    expect(bodies()[0]?.["deviceId"]).not.toBe("laptop");
  });

  it.each<[string, Session]>([
    ["another device", { ...session, deviceId: "phone" }],
    ["no device, from an older server", session],
  ])("says that there may be a gap when it gets %s", async (_, answer) => {
    const { logIn } = await setUp([json(200, answer)], onLaptop);
    expect(await logIn({ deviceName: "Laptop" })).toEqual({ ...answer, mayHaveGap: true });
  });

  it("says nothing of a gap when the device goes on under another id", async () => {
    const answer = { ...session, deviceId: "phone", continuedDeviceId: "laptop" };
    const { logIn } = await setUp([json(200, answer)], onLaptop);
    expect(await logIn({ deviceName: "Laptop" })).toEqual(answer);
  });

  it("says that there may be a gap when the device goes on as another one than it asks for", async () => {
    const answer = { ...session, deviceId: "phone", continuedDeviceId: "tablet" };
    const { logIn } = await setUp([json(200, answer)], onLaptop);
    expect(await logIn({ deviceName: "Laptop" })).toEqual({ ...answer, mayHaveGap: true });
  });

  it("says that the device no longer exists, which is the API's word and not a proxy's", async () => {
    const { client, logIn } = await setUp([problem(401, "device_expired")], onLaptop);
    await expect(logIn()).rejects.toSatisfy(
      (error) => error instanceof ProblemError && error.code === "device_expired" && error.status === 401,
    );
    expect(client.session).toBe(onLaptop);
  });

  it("lists the devices when there are too many, and replaces one", async () => {
    const refusal = problem(409, "too_many_devices", {}, { devices: [laptop] });
    const { logIn, bodies } = await setUp([refusal, json(200, { ...session, deviceId: "phone" })]);
    await expect(logIn({ deviceName: "Phone" })).rejects.toMatchObject({ code: "too_many_devices", devices: [laptop] });
    await logIn({ deviceName: "Phone", replaceDeviceId: "laptop" });
    expect(bodies()[1]).toMatchObject({ deviceName: "Phone", replaceDeviceId: "laptop" });
  });

  it.each([undefined, {}, [{ deviceId: 1 }]])("takes no %j for a list of devices in a problem", async (devices) => {
    const { logIn } = await setUp([problem(409, "too_many_devices", {}, { devices })]);
    await expect(logIn()).rejects.toMatchObject({ code: "too_many_devices", devices: [] });
  });

  it.each([7, "", null, {}])("takes no session with the device %j", async (deviceId) => {
    const { url } = await scripted(json(200, { ...session, deviceId }));
    const client = new Client({ url, timing: testTiming(), ...gaveUp });
    await expect(client.login({ username: "alice", password: PASSWORD })).rejects.toMatchObject({
      name: "NetworkError",
    });
  });
});

describe("a registration that proves the password", () => {
  it("logs in by a name, so that the user's first device is not the shared one", async () => {
    const acts = [cut, problem(409, "username_taken"), json(200, onLaptop), done];
    const { client, bodies } = await setUp(acts, undefined);
    await client.register({ username: "alice", password: PASSWORD });
    expect(bodies()[2]).toEqual({
      username: "alice",
      password: PASSWORD,
      deviceName: expect.stringMatching(/\S/),
      loginId: expect.stringMatching(/^[\w-]{16,64}$/),
    });
  });

  it("fails by another refusal than that the name is taken, and by one of the login", async () => {
    const refused = await setUp([cut, problem(403, "forbidden")], undefined);
    await expect(refused.client.register({ username: "alice", password: PASSWORD })).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(refused.bodies()).toHaveLength(2);
    const busy = await setUp([cut, problem(409, "username_taken"), problem(429, "too_many_requests")], undefined);
    await expect(busy.client.register({ username: "alice", password: PASSWORD })).rejects.toMatchObject({
      code: "too_many_requests",
    });
  });

  it("leaves no device behind where its session cannot be ended: the next login goes on with it", async () => {
    const onPhone: Session = { ...session, deviceId: "phone" };
    const proven = [cut, problem(409, "username_taken"), json(200, onLaptop), problem(403, "forbidden")];
    const { client, logIn, bodies } = await setUp([...proven, json(200, onLaptop), json(200, onPhone)], undefined);
    await client.register({ username: "Alice", password: PASSWORD });
    await logIn({ deviceName: "Laptop" });
    client.session = undefined;
    await logIn({ deviceName: "Phone" });
    const [proof, , login, next] = bodies().slice(2);
    expect(login).toMatchObject({ deviceName: "Laptop", loginId: proof?.["loginId"] });
    expect(next?.["loginId"]).not.toBe(login?.["loginId"]);
  });
});

describe("a session that gets a device of its own", () => {
  const moved = { ...session, token: "token-2", receipt: "receipt-of-the-answer", deviceId: "laptop" };

  it("goes on under the new token, with the chain of receipts that it has", async () => {
    const { client, seen, bodies } = await setUp([cut, problem(503, "unavailable"), json(200, moved)]);
    const after = { ...moved, receipt: session.receipt };
    expect(await client.moveToOwnDevice({ deviceName: "Laptop" })).toEqual(after);
    expect(client.session).toEqual(after);
    expect(seen).toMatchObject(Array(3).fill({ method: "POST", path: "/devices", authorization: "Bearer token-1" }));
    const [first] = bodies();
    expect(first).toEqual({ id: "id-1", deviceName: "Laptop", loginId: expect.stringMatching(/^[\w-]{16,64}$/) });
    expect(bodies()).toEqual([first, first, first]);
  });

  it("is repeated with the same loginId after a call that failed", async () => {
    const { url, seen } = await scripted(cut, json(200, moved));
    const client = new Client({ url, session, timing: testTiming(), ...gaveUp });
    await expect(client.moveToOwnDevice({ deviceName: "Laptop" })).rejects.toMatchObject({ code: "network_fault" });
    expect(client.session).toBe(session);
    await client.moveToOwnDevice({ deviceName: "Laptop" });
    expect(seen[1]?.body).toEqual(seen[0]?.body);
  });

  it("uses the loginId that it is given", async () => {
    const { client, bodies } = await setUp([json(200, moved)]);
    await client.moveToOwnDevice({ deviceName: "Laptop", loginId: "given-by-the-program" });
    expect(bodies()).toMatchObject([{ loginId: "given-by-the-program" }]);
  });

  it("stays as it is where it has one, without a request", async () => {
    const { client, seen } = await setUp([], onLaptop);
    expect(await client.moveToOwnDevice({ deviceName: "Laptop" })).toBe(onLaptop);
    expect(seen).toEqual([]);
  });

  it("stays as it is on a server that is too old for devices", async () => {
    const { client } = await setUp([problem(404, "not_found")]);
    expect(await client.moveToOwnDevice({ deviceName: "Laptop" })).toEqual(session);
    expect(client.session).toEqual(session);
  });

  it("leaves a login alone that may have to be repeated", async () => {
    const { url, seen } = await scripted(cut, json(200, moved), json(200, onLaptop));
    const client = new Client({ url, session, timing: testTiming(), ...gaveUp });
    const logIn = () => client.login({ username: "alice", password: PASSWORD, deviceName: "Laptop" });
    await expect(logIn()).rejects.toMatchObject({ code: "network_fault" });
    await client.moveToOwnDevice({ deviceName: "Laptop", loginId: "given-by-the-program" });
    await client.moveToOwnDevice({ deviceName: "Laptop" });
    client.session = undefined;
    await logIn();
    const [first, , again] = seen.map(({ body }) => (body as { loginId?: string }).loginId);
    expect(again).toBe(first);
  });

  it("says that there are too many", async () => {
    const { client } = await setUp([problem(409, "too_many_devices", {}, { devices: [laptop] })]);
    await expect(client.moveToOwnDevice({ deviceName: "x" })).rejects.toMatchObject({ devices: [laptop] });
    expect(client.session).toBe(session);
  });
});

describe("the list of devices", () => {
  it("is asked for again when no answer comes", async () => {
    const { client, seen } = await setUp([cut, problem(503, "unavailable"), json(200, { devices: [laptop] })]);
    expect(await client.devices()).toEqual([laptop]);
    expect(seen[2]).toMatchObject({ method: "GET", path: "/devices", authorization: "Bearer token-1" });
  });

  it("is empty on a server that is too old for devices", async () => {
    const { client } = await setUp([problem(404, "not_found")]);
    expect(await client.devices()).toEqual([]);
  });

  it("is not empty because of another refusal", async () => {
    const { client } = await setUp([problem(404, "unknown_user")]);
    await expect(client.devices()).rejects.toMatchObject({ code: "unknown_user" });
  });
});

describe("the removal of a device", () => {
  it("keeps the session, unless it is the device of this client", async () => {
    const { client, seen } = await setUp([done], onLaptop);
    await client.removeDevice("a/b");
    expect(seen).toMatchObject([{ method: "DELETE", path: "/devices/a%2Fb", authorization: "Bearer token-1" }]);
    expect(client.session).toBe(onLaptop);
    await client.removeDevice("laptop");
    expect(client.session).toBeUndefined();
  });

  it("ends a session without a device with the shared one", async () => {
    const { client } = await setUp([done]);
    await client.removeDevice(SHARED_DEVICE);
    expect(client.session).toBeUndefined();
  });

  it("has succeeded when a repeat finds no device after an attempt without an answer", async () => {
    const { client } = await setUp([cut, problem(404, "unknown_device")], onLaptop);
    await client.removeDevice("phone");
    expect(client.session).toBe(onLaptop);
  });

  it("of this client has failed by another refusal, and its session goes on", async () => {
    const { client } = await setUp([problem(503, "unavailable"), problem(403, "forbidden")], onLaptop);
    await expect(client.removeDevice("laptop")).rejects.toMatchObject({ code: "forbidden" });
    expect(client.session).toBe(onLaptop);
  });

  it("of this client has succeeded when a repeat finds no session", async () => {
    const { client } = await setUp([problem(503, "unavailable"), problem(401, "invalid_token")], onLaptop);
    await client.removeDevice("laptop");
    expect(client.session).toBeUndefined();
  });

  it.each<[string, Act[], string]>([
    ["no device at once", [problem(404, "unknown_device")], "unknown_device"],
    [
      "no device after a refusal that has done nothing",
      [problem(429, "x"), problem(404, "unknown_device")],
      "unknown_device",
    ],
    ["the end of this session", [cut, problem(401, "invalid_token")], "invalid_token"],
    ["another refusal", [cut, problem(403, "forbidden")], "forbidden"],
  ])("of another device fails by %s", async (_, acts, code) => {
    const { client } = await setUp(acts, onLaptop);
    await expect(client.removeDevice("phone")).rejects.toMatchObject({ code });
  });
});

const message = (messageId: string, more: Partial<TextMessage> = {}): Message => ({
  messageId,
  senderId: "bob",
  senderName: "bob",
  content: `content of ${messageId}`,
  sentAt: "2026-01-01T00:00:00.000Z",
  redelivered: false,
  ...more,
});

const ownCopy = (messageId: string): Message =>
  message(messageId, { senderId: "id-1", senderName: "alice", toId: "id-2", toName: "bob" });

const batch = (receipt: string, messages: readonly Message[] = [], more: object = {}): Act =>
  json(200, { messages, receipt, more: false, ...more });

/** A server that plays the acts and then ends the loop. */
async function receiving(acts: readonly Act[], before: Session = onLaptop) {
  const controller = new AbortController();
  const last: Act = (response, request) => {
    batch("receipt-end")(response, request);
    controller.abort();
  };
  const { url, seen } = await scripted(...acts, last);
  const client = new Client({ url, session: before, timing: testTiming(), live: false });
  const drain = async (options: ReceiveOptions = {}): Promise<string[]> => {
    const got: string[] = [];
    for await (const { messageId } of client.receive({ signal: controller.signal, ...options })) got.push(messageId);
    return got;
  };
  return { client, drain, acks: () => seen.map(({ body }) => body.ack) };
}

describe("own copies", () => {
  it("are skipped, and acknowledged like all others", async () => {
    const acts = [batch("receipt-1", [ownCopy("1"), message("2"), ownCopy("3")]), batch("receipt-2", [ownCopy("4")])];
    const { drain, acks } = await receiving(acts);
    expect(await drain()).toEqual(["2"]);
    expect(acks()).toEqual(["receipt-0", "receipt-1", "receipt-2"]);
  });

  it("are acknowledged by a loop that ends when nothing is left", async () => {
    const { drain, acks } = await receiving([batch("receipt-1", [ownCopy("1")]), batch("receipt-2")]);
    expect(await drain({ follow: false })).toEqual([]);
    expect(acks()).toEqual(["receipt-0", "receipt-1"]);
  });

  it("come to a program that asks for them, with their receiver", async () => {
    const { client } = await receiving([batch("receipt-1", [ownCopy("1")]), batch("receipt-2")]);
    const got: Message[] = [];
    for await (const one of client.receive({ follow: false, ownCopies: true })) got.push(one);
    expect(got).toEqual([ownCopy("1")]);
  });

  it.each([{ toId: 7 }, { toName: 7 }, { toId: "" }])("with %j are not the API's", async (wrong) => {
    const { client } = await receiving([batch("r", [{ ...ownCopy("1"), ...(wrong as object) }])]);
    await expect(client.sync()).rejects.toMatchObject({ name: "NetworkError" });
  });
});

describe("missed messages", () => {
  const missed = { missed: true };
  afterEach(() => void vi.restoreAllMocks());

  it("are told of before the batch is acknowledged, and before its messages", async () => {
    const { client, acks } = await receiving([batch("receipt-1", [message("1")], missed)]);
    const events: string[] = [];
    const onMissed = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      events.push(`missed after ${acks().length} sync`);
    };
    for await (const { messageId } of client.receive({ follow: false, onMissed })) events.push(messageId);
    expect(events).toEqual(["missed after 1 sync", "1"]);
  });

  it("are told of once for all batches that say so, and again later", async () => {
    const acts = [
      batch("receipt-1", [message("1")], missed),
      batch("receipt-2", [message("2")], missed),
      batch("receipt-3", [message("3")]),
      batch("receipt-4", [message("4")], missed),
    ];
    const onMissed = vi.fn();
    const { drain } = await receiving(acts);
    await drain({ onMissed });
    expect(onMissed).toHaveBeenCalledTimes(2);
  });

  it("are acknowledged without a message by a loop that ends when nothing is left", async () => {
    const { drain, acks } = await receiving([batch("receipt-1", [], missed), batch("receipt-1")]);
    const onMissed = vi.fn();
    await drain({ follow: false, onMissed });
    expect(onMissed).toHaveBeenCalledTimes(1);
    expect(acks()).toEqual(["receipt-0", "receipt-1"]);
  });

  it("end such a loop all the same where a server says so for ever", async () => {
    const { client, acks } = await receiving(Array(9).fill(batch("receipt-1", [], missed)));
    for await (const _ of client.receive({ follow: false, onMissed: () => undefined }));
    expect(acks()).toHaveLength(2);
  });

  it("are not acknowledged when the program fails, and told of again", async () => {
    const again = batch("receipt-1", [message("1")], missed);
    const { drain, acks } = await receiving([again, again]);
    const onMissed = vi.fn().mockImplementationOnce(() => {
      throw new Error("no paper");
    });
    await expect(drain({ onMissed })).rejects.toThrow("no paper");
    expect(await drain({ onMissed })).toEqual(["1"]);
    expect(onMissed).toHaveBeenCalledTimes(2);
    expect(acks()).toEqual(["receipt-0", "receipt-0", "receipt-1"]);
  });

  it("are told of on the console where the program does not ask", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { drain } = await receiving([batch("receipt-1", [message("1")], missed)]);
    expect(await drain()).toEqual(["1"]);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/missed messages/)]]);
  });

  it("stand in the answer of a sync", async () => {
    const { client } = await receiving([batch("receipt-1", [], missed)]);
    expect(await client.sync()).toMatchObject(missed);
  });

  it("are no other word than true or false", async () => {
    const { client } = await receiving([batch("receipt-1", [], { missed: "yes" })]);
    await expect(client.sync()).rejects.toMatchObject({ name: "NetworkError" });
  });
});

describe("the chain of receipts", () => {
  const saved = (deviceId: string | undefined): InboxState => ({ receipt: "saved", recent: ["bob/1"], deviceId });
  const acts = () => [batch("receipt-1", [message("1"), message("2")])];

  it("is of a device: its state says so", async () => {
    const { client, drain } = await receiving(acts());
    const states: InboxState[] = [];
    await drain({ onState: (state) => void states.push(state) });
    expect(states.map(({ deviceId }) => deviceId)).toEqual(Array(states.length).fill("laptop"));
    expect(client.receive().state).toMatchObject({ deviceId: "laptop" });
  });

  it.each<[string, string | undefined, Session]>([
    ["on the same device", "laptop", onLaptop],
    ["on it under another id", "laptop", { ...onLaptop, deviceId: "phone", continuedDeviceId: "laptop" }],
    ["from the shared device to one of its own", SHARED_DEVICE, onLaptop],
    ["from before there were devices", undefined, onLaptop],
    ["on the shared device", SHARED_DEVICE, { ...session, deviceId: SHARED_DEVICE }],
    ["on an older server", undefined, session],
  ])("goes on %s", async (_, deviceId, now) => {
    const { drain, acks } = await receiving(acts(), now);
    expect(await drain({ state: saved(deviceId) })).toEqual(["2"]);
    expect(acks()).toEqual(["saved", "receipt-1"]);
  });

  it.each<[string, Session]>([
    ["another device", { ...session, deviceId: "phone" }],
    ["the shared device", { ...session, deviceId: SHARED_DEVICE }],
    ["no device, after a server was rolled back", session],
  ])("begins anew on %s, each time under another receipt, and still skips what is known", async (_, now) => {
    const { client, drain, acks } = await receiving(acts(), now);
    const [one, other] = [saved("laptop"), saved("laptop")].map((state) => client.receive({ state }).state.receipt);
    expect(one).toMatch(/^[\w-]{16,64}$/);
    expect(other).not.toBe(one);
    expect(await drain({ state: saved("laptop") })).toEqual(["2"]);
    const [first] = acks();
    expect([session.receipt, "saved"]).not.toContain(first);
    expect(acks()).toEqual([first, "receipt-1"]);
  });

  it("of this client begins anew after a login that got another device", async () => {
    const phone = json(200, { ...session, deviceId: "phone", receipt: "receipt-of-login" });
    const { client, acks } = await receiving([batch("receipt-1", [message("1")]), batch("receipt-2"), phone]);
    for await (const _ of client.receive({ follow: false }));
    expect(acks()).toEqual(["receipt-0", "receipt-1"]);
    await client.login({ username: "alice", password: PASSWORD, deviceName: "x" });
    const { receipt, recent, deviceId } = client.receive().state;
    expect({ recent, deviceId }).toEqual({ recent: ["bob/1"], deviceId: "phone" });
    expect(["receipt-1", "receipt-2"]).not.toContain(receipt);
  });
});
