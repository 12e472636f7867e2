import { describe, expect, it } from "vitest";
import { Client, type Group, NetworkError, ProblemError } from "../../../lib/client/index.ts";
import { type Act, cut, done, json, problem, scripted, session, testTiming } from "../../support/client-servers.ts";

const GROUP: Group = {
  groupId: "g-1",
  name: "Climbing",
  version: 2,
  members: [{ id: "id-1", username: "alice", admin: true }],
};
const LISTED = { groupId: "g-1", name: "Climbing", version: 2, memberCount: 3, admin: false };

async function setUp(...acts: Act[]) {
  const server = await scripted(...acts);
  return { ...server, client: new Client({ url: server.url, timing: testTiming(), session }) };
}

describe("the client's groups", () => {
  it.each<[string, (client: Client) => Promise<unknown>, string, string, object, Act, unknown]>([
    ["lists", (client) => client.groups(), "GET", "/groups", {}, json(200, { groups: [LISTED] }), [LISTED]],
    ["shows", (client) => client.group("g/1"), "GET", "/groups/g%2F1", {}, json(200, GROUP), GROUP],
    [
      "renames",
      (client) => client.renameGroup("g-1", "X"),
      "PATCH",
      "/groups/g-1",
      { name: "X" },
      json(200, GROUP),
      GROUP,
    ],
    [
      "adds",
      (client) => client.addMember("g-1", "i/2"),
      "PUT",
      "/groups/g-1/members/i%2F2",
      {},
      json(200, GROUP),
      GROUP,
    ],
    [
      "makes admin",
      (client) => client.setAdmin("g-1", "id-2", true),
      "PUT",
      "/groups/g-1/members/id-2",
      { admin: true },
      json(200, GROUP),
      GROUP,
    ],
    [
      "makes no longer admin",
      (client) => client.setAdmin("g-1", "id-2", false),
      "PUT",
      "/groups/g-1/members/id-2",
      { admin: false },
      json(200, GROUP),
      GROUP,
    ],
    [
      "removes",
      (client) => client.removeMember("g-1", "id-2"),
      "DELETE",
      "/groups/g-1/members/id-2",
      {},
      done,
      undefined,
    ],
    ["leaves", (client) => client.leaveGroup("g-1"), "DELETE", "/groups/g-1/members/id-1", {}, done, undefined],
    [
      "invites",
      (client) => client.inviteToGroup("g-1"),
      "POST",
      "/groups/g-1/invite",
      {},
      json(200, { code: "c" }),
      "c",
    ],
    ["joins", (client) => client.joinGroup("c"), "POST", "/groups/join", { code: "c" }, json(200, GROUP), GROUP],
  ])("%s, and tries again when no answer comes", async (_, call, method, path, body, answer, result) => {
    const { client, seen } = await setUp(cut, problem(503, "unavailable"), answer);
    expect(await call(client)).toEqual(result);
    expect(seen).toHaveLength(3);
    for (const request of seen) expect(request).toEqual({ method, path, body, authorization: "Bearer token-1" });
  });

  it("makes a group under one key however often it tries, and another one under another", async () => {
    const { client, seen } = await setUp(cut, json(201, GROUP), json(201, GROUP), json(201, GROUP));
    const group = { name: "Climbing", members: ["id-2"] };
    expect(await client.createGroup(group)).toEqual(GROUP);
    await client.createGroup(group);
    await client.createGroup({ ...group, groupKey: "a key of its own" });
    expect(seen.map(({ path }) => path)).toEqual(Array(4).fill("/groups"));
    const bodies = seen.map(({ body }) => body as { groupKey: string });
    expect(bodies.map((body) => ({ ...body, groupKey: "" }))).toEqual(Array(4).fill({ ...group, groupKey: "" }));
    const [first, again, other, own] = bodies.map(({ groupKey }) => groupKey);
    expect(first).toMatch(/^[\w-]{16,64}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(own).toBe("a key of its own");
  });

  it("takes it for left when the answer was lost, and tells of a group that it was never in", async () => {
    const { client, seen } = await setUp(cut, problem(404, "unknown_group"));
    await client.leaveGroup("g-1");
    expect(seen).toHaveLength(2);
    const isUnknown = (error: unknown) => error instanceof ProblemError && error.code === "unknown_group";
    await expect(client.leaveGroup("g-1")).rejects.toSatisfy(isUnknown);
  });

  it("does not take it for left for another reason", async () => {
    const { client } = await setUp(cut, problem(403, "not_an_admin"));
    await expect(client.leaveGroup("g-1")).rejects.toThrow(ProblemError);
  });

  it("tells when the group is gone while it removes somebody else", async () => {
    const { client } = await setUp(cut, problem(404, "unknown_group"));
    await expect(client.removeMember("g-1", "id-2")).rejects.toThrow(ProblemError);
  });

  it.each<[string, (client: Client) => Promise<unknown>, object[]]>([
    [
      "a group",
      (client) => client.group("g-1"),
      [
        {},
        { ...GROUP, name: undefined },
        { ...GROUP, version: "2" },
        { ...GROUP, members: undefined },
        { ...GROUP, members: [{ id: "id-1", username: "alice" }] },
        { ...GROUP, members: [...GROUP.members, { id: "id-2", username: "bob" }] },
        { ...GROUP, members: [{ id: "id-1", admin: true }] },
      ],
    ],
    [
      "a list",
      (client) => client.groups(),
      [
        {},
        { groups: [{ ...LISTED, name: undefined }] },
        { groups: [{ ...LISTED, version: undefined }] },
        { groups: [{ ...LISTED, memberCount: "3" }] },
        { groups: [{ ...LISTED, admin: undefined }] },
        { groups: [LISTED, { ...LISTED, admin: undefined }] },
      ],
    ],
    ["a code", (client) => client.inviteToGroup("g-1"), [{}, { code: 7 }]],
  ])("takes no answer for %s that the API never sends", async (_, call, answers) => {
    for (const answer of answers) {
      const { client } = await setUp(json(200, answer));
      await expect(call(client), JSON.stringify(answer)).rejects.toThrow(NetworkError);
    }
  });
});
