import { describe, expect, it } from "vitest";
import { Client } from "../../../lib/client/index.ts";
import { problem, scripted, session, testTiming } from "../../support/client-servers.ts";

describe.each(["", ".", ".."])("%j, which would mean another route in a path", (text) => {
  it.each<[string, string, (client: Client) => Promise<unknown>]>([
    ["user", "unknown_user", (client) => client.find(text)],
    ["user to block", "unknown_user", (client) => client.block(text)],
    ["user to unblock", "unknown_user", (client) => client.unblock(text)],
    ["session", "not_found", (client) => client.endSession(text)],
    ["device", "unknown_device", (client) => client.removeDevice(text)],
    ["group", "unknown_group", (client) => client.group(text)],
    ["group to rename", "unknown_group", (client) => client.renameGroup(text, "Climbing")],
    ["group to leave", "unknown_group", (client) => client.leaveGroup(text)],
    ["group to invite to", "unknown_group", (client) => client.inviteToGroup(text)],
    ["member to add", "unknown_user", (client) => client.addMember("g-1", text)],
    ["member to remove", "unknown_user", (client) => client.removeMember("g-1", text)],
    ["new admin", "unknown_user", (client) => client.setAdmin("g-1", text, true)],
  ])("names no %s, and nothing is asked", async (_, code, call) => {
    const { url, seen } = await scripted(problem(405, "method_not_allowed"));
    const client = new Client({ url, timing: testTiming(), session });
    const detail = expect.stringMatching(/\.$/);
    await expect(call(client)).rejects.toMatchObject({ name: "ProblemError", status: 404, code, detail });
    expect(seen).toEqual([]);
  });
});
