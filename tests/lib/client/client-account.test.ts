import { describe, expect, it } from "vitest";
import { Client, ProblemError } from "../../../lib/client/index.ts";
import { type Act, cut, done, json, problem, scripted, session, testTiming } from "../../support/client-servers.ts";

const listed = {
  sessionId: "session-1",
  createdAt: "2026-01-01T00:00:00.000Z",
  expiresAt: "2026-02-01T00:00:00.000Z",
  userAgent: "curl/8",
  current: true,
};

async function setUp(...acts: Act[]) {
  const server = await scripted(...acts);
  return { ...server, client: new Client({ url: server.url, timing: testTiming(), session }) };
}

const isProblem = (code: string) => (error: unknown) => error instanceof ProblemError && error.code === code;

describe("the client's own account", () => {
  it.each<[string, (client: Client) => Promise<unknown>, string, string, object, Act, unknown]>([
    [
      "changes the password",
      (client) => client.changePassword({ password: "old", newPassword: "new" }),
      "POST",
      "/password",
      { id: "id-1", password: "old", newPassword: "new" },
      done,
      undefined,
    ],
    [
      "lists sessions",
      (client) => client.sessions(),
      "GET",
      "/sessions",
      {},
      json(200, { sessions: [listed] }),
      [listed],
    ],
    ["ends a session", (client) => client.endSession("a/b"), "DELETE", "/sessions/a%2Fb", {}, done, undefined],
    [
      "lists blocks",
      (client) => client.blocks(),
      "GET",
      "/blocks",
      {},
      json(200, { blocks: [{ id: "id-2", username: "bob" }] }),
      [{ id: "id-2", username: "bob" }],
    ],
    ["blocks", (client) => client.block("id-2"), "PUT", "/blocks/id-2", {}, done, undefined],
    ["unblocks", (client) => client.unblock("id-2"), "DELETE", "/blocks/id-2", {}, done, undefined],
  ])("%s, and tries again when no answer comes", async (_, call, method, path, body, answer, result) => {
    const { client, seen } = await setUp(cut, problem(503, "unavailable"), answer);
    expect(await call(client)).toEqual(result);
    expect(seen).toHaveLength(3);
    for (const request of seen) expect(request).toEqual({ method, path, body, authorization: "Bearer token-1" });
  });

  it("deletes the account, tries again when no answer comes, and ends the session", async () => {
    const { client, seen } = await setUp(cut, problem(503, "unavailable"), done);
    await client.deleteAccount("old");
    const request = { authorization: "Bearer token-1", body: { id: "id-1", password: "old" } };
    expect(seen).toMatchObject(Array(3).fill({ ...request, method: "POST", path: "/account/delete" }));
    expect(client.session).toBeUndefined();
  });

  it("tells at once when the password is wrong, or was so too often, and keeps the session", async () => {
    for (const [status, code] of [
      [401, "invalid_credentials"],
      [429, "too_many_attempts"],
    ] as const) {
      const refusal = problem(status, code, { "retry-after": "9" });
      const { client, seen } = await setUp(refusal, refusal);
      await expect(client.changePassword({ password: "a", newPassword: "b" })).rejects.toSatisfy(isProblem(code));
      await expect(client.deleteAccount("a")).rejects.toSatisfy(isProblem(code));
      expect(seen).toHaveLength(2);
      expect(client.session).toBe(session);
    }
  });

  it("takes no ended session for a deletion that was done, though an attempt may have done it", async () => {
    for (const failure of [cut, problem(503, "unavailable")]) {
      const { client } = await setUp(failure, problem(401, "invalid_token"));
      await expect(client.deleteAccount("old")).rejects.toSatisfy(isProblem("invalid_token"));
      expect(client.session).toBe(session);
    }
  });

  it("takes no other answer for a list", async () => {
    for (const answer of [{}, { sessions: {} }, { sessions: [{ sessionId: 1 }] }, { sessions: [null] }]) {
      const { client } = await setUp(json(200, answer), json(200, { sessions: [] }));
      expect(await client.sessions()).toEqual([]);
    }
  });

  it("needs somebody who is logged in", async () => {
    const client = new Client({ url: "http://127.0.0.1:9" });
    for (const call of [
      () => client.sessions(),
      () => client.blocks(),
      () => client.block("x"),
      () => client.unblock("x"),
      () => client.endSession("x"),
      () => client.devices(),
      () => client.removeDevice("x"),
      () => client.moveToOwnDevice({ deviceName: "x" }),
      () => client.deleteAccount("x"),
      () => client.changePassword({ password: "a", newPassword: "b" }),
    ]) {
      await expect(call()).rejects.toSatisfy(isProblem("not_logged_in"));
    }
  });

  it("registers with an invite code, and sends none where there is none", async () => {
    const user = { id: "id-1", username: "alice" };
    const { client, seen } = await setUp(json(201, user));
    await client.register({ username: "alice", password: "p", inviteCode: "CODE" });
    await client.register({ username: "alice", password: "p" });
    expect(seen.map(({ body }) => body)).toEqual([
      { username: "alice", password: "p", inviteCode: "CODE" },
      { username: "alice", password: "p" },
    ]);
  });
});
