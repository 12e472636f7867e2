import { validate, version } from "uuid";
import { describe, expect, it, vi } from "vitest";
import { Client, type ClientOptions, NetworkError, newMessageId, ProblemError } from "../../../lib/client/index.ts";
import {
  type Act,
  cut,
  done,
  halfBody,
  json,
  problem,
  scripted,
  session,
  silence,
  testTiming,
} from "../../support/client-servers.ts";

const credentials = { username: "alice", password: "correct horse" };
const user = { id: "id-1", username: "alice" };

/** A send that the server took, under the id that the client chose. */
const sent: Act = (response, request, { messageId } = {}) =>
  json(202, { status: "received", messageId, sentAt: "2026-01-01T00:00:00.000Z" })(response, request);

async function setUp(acts: Act[], options: Partial<ClientOptions> = {}) {
  const server = await scripted(...acts);
  const timing = testTiming();
  return { ...server, timing, client: new Client({ url: server.url, timing, session, ...options }) };
}

const failure = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error) => error,
  );

describe("send", () => {
  it("makes a UUIDv7 before the first attempt and keeps it in every retry", async () => {
    const { client, seen } = await setUp([cut, halfBody, problem(503, "unavailable"), sent]);
    expect(await client.send({ to: "id-2", content: "hi" })).toMatchObject({ status: "received" });
    const ids = seen.map(({ body }) => body.messageId);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
    expect(version(ids[0] ?? "")).toBe(7);
    expect(seen[0]).toMatchObject({
      method: "POST",
      path: "/send",
      authorization: "Bearer token-1",
      body: { id: "id-1", sendToId: "id-2", content: "hi" },
    });
  });

  it("uses the messageId that it is given", async () => {
    const { client, seen } = await setUp([sent]);
    const messageId = newMessageId();
    await client.send({ to: "id-2", content: "hi", messageId });
    expect(seen[0]?.body.messageId).toBe(messageId);
    expect(validate(messageId)).toBe(true);
  });

  it("backs off exponentially, with full jitter, up to a maximum", async () => {
    const { client, timing } = await setUp([cut, cut, cut, cut, sent], { retry: { base: 100, max: 400 } });
    await client.send({ to: "id-2", content: "hi" });
    expect(timing.sleeps).toEqual([50, 100, 200, 200]);
  });

  it.each([408, 429, 500, 502, 503, 504])("tries again after %i", async (status) => {
    const { client, seen } = await setUp([problem(status, "passing"), sent]);
    await client.send({ to: "id-2", content: "hi" });
    expect(seen).toHaveLength(2);
  });

  it.each([400, 401, 403, 404, 409, 413, 415, 501])("takes %i as final", async (status) => {
    const code = status === 401 ? "invalid_token" : "final";
    const { client, seen } = await setUp([problem(status, code), sent]);
    await expect(client.send({ to: "id-2", content: "hi" })).rejects.toMatchObject({ status, code });
    expect(seen).toHaveLength(1);
  });

  it.each([
    ["7", 7_000],
    ["0", 0],
    ["Thu, 01 Jan 2026 00:00:09 GMT", 9_000],
    ["Thu, 01 Jan 2015 00:00:09 GMT", 0],
    ["-5", 0],
    ["1.5", 0],
    ["soon", 0],
    ["Someday, it will work", 0],
  ])("waits as long as Retry-After: %s asks for, and a jitter more", async (header, asked) => {
    const { client, timing } = await setUp([problem(503, "unavailable", { "retry-after": header }), sent]);
    await client.send({ to: "id-2", content: "hi" });
    expect(timing.sleeps).toEqual([asked + 100]);
  });

  it("gives up when the time is over, with the last error", async () => {
    const { client, seen, timing } = await setUp([cut, cut, problem(503, "unavailable")], {
      retry: { base: 100, max: 100, giveUpAfter: 149 },
    });
    await expect(client.send({ to: "id-2", content: "hi" })).rejects.toMatchObject({ code: "unavailable" });
    expect(seen).toHaveLength(3);
    expect(timing.sleeps).toEqual([50, 50]);
  });

  it("does not wait for a Retry-After that comes too late", async () => {
    const { client, timing } = await setUp([problem(429, "too_many_attempts", { "retry-after": "900" })]);
    await expect(client.send({ to: "id-2", content: "hi" })).rejects.toMatchObject({ retryAfter: 900 });
    expect(timing.sleeps).toEqual([]);
  });

  it("tells of each retry", async () => {
    const { client } = await setUp([cut, problem(503, "unavailable"), sent]);
    const onRetry = vi.fn();
    await client.send({ to: "id-2", content: "hi", onRetry });
    expect(onRetry.mock.calls).toEqual([
      [expect.any(NetworkError), 100],
      [expect.any(ProblemError), 200],
    ]);
  });

  it("ends by the signal in the middle of a request", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const { client } = await setUp([() => controller.abort(reason)]);
    expect(await failure(client.send({ to: "id-2", content: "hi", signal: controller.signal }))).toBe(reason);
  });

  it("ends by the signal in the middle of a wait, on the real clock", async () => {
    const controller = new AbortController();
    const { url, seen } = await scripted(problem(503, "unavailable", { "retry-after": "3600" }));
    const client = new Client({ url, session, retry: { giveUpAfter: Number.POSITIVE_INFINITY } });
    const onRetry = () => setImmediate(() => controller.abort());
    const call = client.send({ to: "id-2", content: "hi", signal: controller.signal, onRetry });
    await expect(call).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
    expect(seen).toHaveLength(1);
  });

  it("sends nothing when the signal is aborted already", async () => {
    const { client, seen } = await setUp([sent]);
    const signal = AbortSignal.abort();
    await expect(client.send({ to: "id-2", content: "hi", signal })).rejects.toThrow(signal.reason);
    expect(seen).toEqual([]);
  });

  it("leaves no timer behind that would keep a process alive", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const { client } = await setUp([sent], { timeout: 3_600_000 });
    const before = timers();
    await client.send({ to: "id-2", content: "hi" });
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it("takes silence for a network fault, and tries again", async () => {
    const { client, seen } = await setUp([silence, sent], { timeout: 2_000 });
    const onRetry = vi.fn();
    await client.send({ to: "id-2", content: "hi", onRetry });
    expect(seen).toHaveLength(2);
    expect(onRetry.mock.calls[0]?.[0]).toMatchObject({ code: "network_fault", cause: { name: "TimeoutError" } });
  });

  it("leaves no listener on a signal that outlives it", async () => {
    const { client } = await setUp([cut, sent]);
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    await client.send({ to: "id-2", content: "hi", signal });
    expect(added.mock.calls.length).toBeGreaterThan(1);
    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
  });
});

describe("answers", () => {
  it("makes a typed error of a problem", async () => {
    const errors = [{ field: "content", detail: "is empty" }, null];
    const { client } = await setUp([problem(400, "invalid_request", { "retry-after": "3" }, { errors })]);
    const error = await failure(client.send({ to: "id-2", content: "" }));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      status: 400,
      code: "invalid_request",
      detail: "Detail of invalid_request.",
      fields: [
        { field: "content", detail: "is empty" },
        { field: "", detail: "" },
      ],
      requestId: "request-1",
      retryAfter: 3,
      message: "400 invalid_request: Detail of invalid_request.",
    });
  });

  it("takes an address where nobody listens for a network fault", async () => {
    const { url, client } = await setUp([cut], { retry: { giveUpAfter: 0 } });
    const nobody = new Client({ url: "http://127.0.0.1:1/", session, retry: { giveUpAfter: 0 } });
    await expect(nobody.send({ to: "id-2", content: "hi" })).rejects.toThrow(NetworkError);
    await expect(client.find("bob")).rejects.toThrow("No answer to GET /users/bob.");
    expect(url).not.toBe("");
  });
});

describe("register", () => {
  it("makes a user and no session", async () => {
    const { client, seen } = await setUp([json(201, user)], { session: undefined });
    expect(await client.register(credentials)).toEqual(user);
    expect(seen).toMatchObject([{ method: "POST", path: "/register", body: credentials, authorization: undefined }]);
    expect(client.session).toBeUndefined();
  });

  it("says that a name is taken", async () => {
    const { client, seen } = await setUp([problem(409, "username_taken")]);
    await expect(client.register(credentials)).rejects.toMatchObject({ code: "username_taken" });
    expect(seen).toHaveLength(1);
  });

  it.each([
    ["a lost answer", cut],
    ["a 503 after the user was made", problem(503, "unavailable")],
  ])("finds its own user after %s, and ends the session that proved it", async (_name, fault) => {
    const taken = problem(409, "username_taken");
    const { client, seen } = await setUp([fault, taken, json(200, { ...session, token: "token-2" }), cut, done]);
    expect(await client.register(credentials)).toEqual(user);
    expect(seen.map(({ path }) => path)).toEqual(["/register", "/register", "/login", "/logout", "/logout"]);
    expect(seen[2]?.body).toMatchObject(credentials);
    expect(seen[3]?.authorization).toBe("Bearer token-2");
    expect(client.session).toEqual(session);
  });

  it("says that the name is taken when the password does not open it", async () => {
    const { client } = await setUp([cut, problem(409, "username_taken"), problem(401, "invalid_credentials")]);
    await expect(client.register(credentials)).rejects.toMatchObject({ code: "username_taken" });
  });

  it("does not fail because the session that proved it cannot be ended", async () => {
    const taken = problem(409, "username_taken");
    const { client } = await setUp([cut, taken, json(200, session), problem(400, "invalid_request")]);
    expect(await client.register(credentials)).toEqual(user);
  });

  it("says what kept it from finding out", async () => {
    const { client } = await setUp([cut, problem(409, "username_taken"), problem(429, "too_many_attempts")]);
    await expect(client.register(credentials)).rejects.toMatchObject({ code: "too_many_attempts" });
  });

  it("does not doubt a refusal after a 429, which has made nothing", async () => {
    const { client, seen } = await setUp([problem(429, "too_many_attempts"), problem(409, "username_taken")]);
    await expect(client.register(credentials)).rejects.toMatchObject({ code: "username_taken" });
    expect(seen).toHaveLength(2);
  });
});

describe("login and logout", () => {
  it("keeps the session, through network faults and 503", async () => {
    const { client, seen } = await setUp([cut, problem(503, "unavailable"), json(200, session)], {
      session: undefined,
    });
    expect(await client.login(credentials)).toEqual(session);
    expect(client.session).toEqual(session);
    expect(seen).toHaveLength(3);
  });

  it("does not wait out a 429", async () => {
    const { client, seen } = await setUp([problem(429, "too_many_attempts", { "retry-after": "1" })]);
    await expect(client.login(credentials)).rejects.toMatchObject({ status: 429, retryAfter: 1 });
    expect(seen).toHaveLength(1);
  });

  it.each([
    ["of the session that it has of this user", {}, session.username.toUpperCase(), session.token],
    ["that it is given, rather than that", { earlierToken: "given" }, session.username, "given"],
    ["of nobody else's session", {}, "somebody-else", undefined],
  ])("shows the token %s", async (_, options, username, earlierToken) => {
    const { client, seen } = await setUp([json(200, { ...session, username: username.toLowerCase() })]);
    await client.login({ username, password: "a password", ...options });
    expect(seen[0]?.body).toEqual({ username, password: "a password", earlierToken, loginId: expect.any(String) });
  });

  it("keeps the former session when a login fails", async () => {
    const { client } = await setUp([problem(401, "invalid_credentials")]);
    await expect(client.login(credentials)).rejects.toMatchObject({ status: 401 });
    expect(client.session).toBe(session);
  });

  it.each([
    ["204", [done]],
    ["401, as after a lost answer", [cut, problem(401, "invalid_token")]],
  ] satisfies [string, Act[]][])("logs out by a %s", async (_name, acts) => {
    const { client, seen } = await setUp(acts);
    await client.logout();
    expect(seen[0]).toMatchObject({ path: "/logout", authorization: "Bearer token-1", body: { id: "id-1" } });
    expect(client.session).toBeUndefined();
  });

  it.each([
    ["meets no network", cut, NetworkError],
    ["is refused otherwise", problem(400, "invalid_request"), ProblemError],
  ] as const)("keeps the session when a logout %s, so that it can be tried again", async (_, act, kind) => {
    const { client } = await setUp([act], { retry: { giveUpAfter: 0 } });
    await expect(client.logout()).rejects.toThrow(kind);
    expect(client.session).toBe(session);
  });

  it("keeps a session that began while the former one was being ended", async () => {
    const later = { ...session, token: "token-2" };
    const { client } = await setUp([
      (response, request) => {
        client.session = later;
        done(response, request);
      },
    ]);
    await client.logout();
    expect(client.session).toBe(later);
  });

  it.each<[string, (client: Client) => Promise<unknown>]>([
    ["send", (client) => client.send({ to: "id-2", content: "hi" })],
    ["sync", (client) => client.sync()],
    ["find", (client) => client.find("bob")],
    ["logout", (client) => client.logout()],
    ["receive", async (client) => client.receive()],
  ])("%s asks for a login, and no server", async (_name, call) => {
    const { client, seen } = await setUp([sent], { session: undefined });
    await expect(call(client)).rejects.toMatchObject({ status: 401, code: "not_logged_in" });
    expect(seen).toEqual([]);
  });
});

describe("find", () => {
  it("looks a name up, through faults", async () => {
    const { client, seen } = await setUp([cut, problem(429, "slow"), json(200, { id: "id-2", username: "a/b?c" })]);
    expect(await client.find("a/b?c")).toEqual({ id: "id-2", username: "a/b?c" });
    expect(seen[2]).toMatchObject({ method: "GET", path: "/users/a%2Fb%3Fc", authorization: "Bearer token-1" });
  });

  it.each(["", ".", ".."])("knows nobody called %j, which would be another path", async (name) => {
    const { client, seen } = await setUp([json(200, user)]);
    await expect(client.find(name)).rejects.toMatchObject({ status: 404, code: "unknown_user" });
    expect(seen).toEqual([]);
  });
});

describe("sync", () => {
  const batch = { messages: [], receipt: "receipt-1", more: false };

  it("passes what it is given and tries once", async () => {
    const { client, seen } = await setUp([json(200, batch), json(200, batch), problem(503, "unavailable")]);
    expect(await client.sync({ ack: "receipt-0", limit: 5 })).toEqual(batch);
    await client.sync();
    await expect(client.sync()).rejects.toMatchObject({ status: 503 });
    expect(seen.map(({ body }) => body)).toEqual([
      { id: "id-1", ack: "receipt-0", limit: 5 },
      { id: "id-1" },
      { id: "id-1" },
    ]);
  });

  it("ends by the signal, and does not begin when that is aborted already", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const { client, seen } = await setUp([() => controller.abort(reason)]);
    expect(await failure(client.sync({ signal: controller.signal }))).toBe(reason);
    expect(await failure(client.sync({ signal: controller.signal }))).toBe(reason);
    expect(seen).toHaveLength(1);
  });

  it.each([{ receipt: "r" }, { messages: {}, receipt: "r" }, { messages: [] }, { messages: [{}], receipt: "r" }])(
    "takes %j for a network fault",
    async (answer) => {
      const { client } = await setUp([json(200, answer)]);
      await expect(client.sync()).rejects.toThrow(NetworkError);
    },
  );
});

it("takes a URL with a slash at its end, and calls the global fetch as a plain function", async () => {
  const { url, seen } = await scripted(json(200, user));
  await new Client({ url: `${url}/`, session }).find("alice");
  expect(seen[0]?.path).toBe("/users/alice");
});
