import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Client, Group, Message } from "../../lib/client/index.ts";
import { json, problem, scripted, session } from "../support/client-servers.ts";
import { newUsername, PASSWORD } from "../support/logins.ts";
import { messageIdAt } from "../support/message-ids.ts";
import { type SharedStack, seedUser, sharedStack } from "../support/shared/index.ts";
import { takeAll } from "../support/taking.ts";
import { Computer, type Ended } from "../support/terminal-client.ts";

interface Somebody {
  readonly username: string;
  readonly client: Client;
  readonly id: string;
}

describe("groups by gotalk", () => {
  let stack: SharedStack;
  let here: Computer;
  /** The user of this computer. */
  let me: Somebody;
  let alice: Somebody;
  let bob: Somebody;
  beforeAll(async () => {
    stack = await sharedStack();
  });
  beforeEach(async () => {
    here = new Computer(stack.url);
    [me, alice, bob] = await Promise.all([here.newcomer(), somebody(), somebody()]);
  });

  const somebody = (): Promise<Somebody> => new Computer(stack.url).newcomer();
  const done = async (...args: readonly string[]): Promise<string> => {
    const ended = await here.run(args);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    return ended.stdout;
  };
  const make = async (name = "Climbing on Tuesday", ...members: Somebody[]): Promise<string> =>
    (await me.client.createGroup({ name, members: (members.length === 0 ? [alice] : members).map(({ id }) => id) }))
      .groupId;
  const membersOf = async (groupId: string): Promise<Record<string, boolean>> => {
    const { members } = await me.client.group(groupId);
    return Object.fromEntries(members.map(({ username, admin }) => [username, admin]));
  };
  const textsTo = async ({ client }: Somebody): Promise<readonly Message[]> =>
    (await takeAll(client)).filter(({ type }) => type !== "group");

  it("makes a group, lists it, and shows its members", async () => {
    const groupId = (await done("group", "create", "Climbing on Tuesday", alice.username, bob.username)).trimEnd();
    expect(groupId).toMatch(/^g-[A-Za-z0-9_-]{22}$/);
    expect(await done("group", "list")).toBe(`${groupId} 3 * Climbing on Tuesday\n`);
    const [shownId, ...members] = (await done("group", "show", "climbing on tuesday")).trimEnd().split("\n");
    expect(shownId).toBe(`${groupId} Climbing on Tuesday`);
    const names = [`    ${me.username} (admin)`, `    ${alice.username}`, `    ${bob.username}`];
    expect(members.sort()).toEqual(names.sort());
    expect(await alice.client.groups()).toMatchObject([{ groupId, admin: false }]);
  });

  it("prints groups for programs", async () => {
    const created: Group = JSON.parse(await done("group", "create", "--json", "Team", alice.username));
    expect(created).toEqual(await me.client.group(created.groupId));
    expect(JSON.parse(await done("group", "show", "--json", "Team"))).toEqual(created);
    expect(JSON.parse(await done("group", "list", "--json"))).toEqual((await me.client.groups())[0]);
    expect(JSON.parse(await done("group", "rename", "--json", "Team", "Crew"))).toMatchObject({ name: "Crew" });
    const added = JSON.parse(await done("group", "add", "--json", "Crew", bob.username));
    expect(added).toEqual(await me.client.group(created.groupId));
    const ranked = JSON.parse(await done("group", "admin", "--json", "Crew", bob.username));
    expect(ranked).toEqual(await me.client.group(created.groupId));
    const { code, link } = JSON.parse(await done("group", "invite", "--json", "Crew"));
    expect(link).toBe(`${stack.url}/#join=${code}&name=Crew`);
  });

  it("makes one member of somebody who is named twice, and none more of the user", async () => {
    await done("group", "create", "Team", alice.username, alice.username.toUpperCase(), me.username);
    expect(await me.client.groups()).toMatchObject([{ memberCount: 2 }]);
  });

  it("adds members, makes admins, and removes both", async () => {
    const groupId = await make("Team");
    const { username: carol } = await somebody();
    expect(await done("group", "add", "Team", bob.username, carol)).toBe("");
    expect(await membersOf(groupId)).toEqual({
      [me.username]: true,
      [alice.username]: false,
      [bob.username]: false,
      [carol]: false,
    });
    expect(await done("group", "admin", "Team", bob.username)).toBe("");
    expect(await membersOf(groupId)).toMatchObject({ [bob.username]: true });
    await done("group", "admin", "--off", groupId, bob.username.toUpperCase());
    expect(await membersOf(groupId)).toMatchObject({ [bob.username]: false });
    expect(await done("group", "remove", "Team", bob.username, carol)).toBe("");
    await done("group", "add", "--admin", "Team", bob.username, alice.username);
    expect(await membersOf(groupId)).toEqual({
      [me.username]: true,
      [alice.username]: true,
      [bob.username]: true,
    });
  });

  it("renames a group, and leaves it", async () => {
    const groupId = await make("Team");
    expect(await done("group", "rename", "--quiet", "Team", "--", "-Crew-")).toBe("");
    expect(await me.client.group(groupId)).toMatchObject({ name: "-Crew-" });
    expect(await done("group", "leave", "--", "-Crew-")).toBe("");
    expect(await me.client.groups()).toEqual([]);
    expect(await alice.client.group(groupId)).toMatchObject({ members: [{ username: alice.username, admin: true }] });
  });

  it("lets others join by a code and by a link", async () => {
    const groupId = await make("Team");
    const [code = "", link = "", ...rest] = (await done("group", "invite", "Team")).split("\n");
    expect(rest).toEqual([""]);
    expect(link).toBe(`${stack.url}/#join=${code}&name=Team`);
    const there = new Computer(stack.url);
    const carol = await there.newcomer();
    expect(await there.run(["group", "join", link])).toMatchObject({ code: 0, stdout: `${groupId}\n`, stderr: "" });
    expect(await there.run(["group", "join", code])).toMatchObject({ code: 0, stdout: `${groupId}\n`, stderr: "" });
    expect(await membersOf(groupId)).toMatchObject({ [carol.username]: false });
    // Another code makes it void.
    await done("group", "invite", "Team");
    await there.run(["group", "leave", groupId]);
    expect(await there.run(["group", "join", code])).toMatchObject({ code: 77, stdout: "" });
  });

  it.each([
    ["of another server", "https://elsewhere.example/#join=g-0123456789012345678901.0", 77, /logged in at/],
    ["without a code", "$url/#join=", 2, /has #join=/],
    ["to something else", "$url/#msg=1", 2, /has #join=/],
    ["that is no URL", "http://", 2, /has #join=/],
  ])("takes no link %s, and tries no code of it", async (_, link, code, words) => {
    const ended = await here.run(["group", "join", link.replace("$url", stack.url)]);
    expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(words) });
  });

  it("sends, replies, reacts, edits and deletes in a group", async () => {
    const groupId = await make("Team");
    const { messageId } = JSON.parse(await done("send", "--json", "Team", "Hello, all"));
    await done("reply", groupId, messageId, "Hello, me");
    await done("react", "team", messageId, "👍");
    await done("edit", "--group", "Team", messageId, "Hello");
    await done("delete", "--group", groupId, messageId);
    const here = { toId: groupId, toName: "Team" };
    expect(await textsTo(alice)).toMatchObject([
      { ...here, type: "text", content: "Hello, all" },
      { ...here, type: "text", about: messageId, content: "Hello, me" },
      { ...here, type: "reaction", about: messageId, content: "👍" },
      { ...here, type: "edit", about: messageId, content: "Hello" },
      { ...here, type: "deletion", about: messageId },
    ]);
  });

  it("sends to the user where a group has the name as well, unless --group says otherwise", async () => {
    const groupId = await make(bob.username);
    await done("send", bob.username, "to Bob");
    await done("send", "--group", bob.username, "to the group");
    expect(await textsTo(bob)).toMatchObject([{ content: "to Bob" }]);
    expect(await textsTo(alice)).toMatchObject([{ content: "to the group", toId: groupId }]);
  });

  it("takes an id for that of a group before it takes it for a name, and never for a user's whose name has no capitals", async () => {
    const groupId = await make("Team");
    const [taken, own] = [groupId.toLowerCase(), `g-${newUsername()}aaaaa`];
    // The same letters are a username. Nobody else than their user may get what is meant for the group.
    const [impostor] = await Promise.all([taken, own].map((username) => seedUser({ username, password: PASSWORD })));
    expect(taken).not.toBe(groupId);
    await done("send", groupId, "to the group");
    await me.client.leaveGroup(groupId);
    expect(await here.run(["send", groupId, "to nobody"])).toMatchObject({ code: 67, stdout: "" });
    expect((await textsTo(alice)).map(({ content }) => content)).toEqual(["to the group"]);
    await done("send", own, "to a user whose name looks like a group's id");
    const named = await me.client.find(taken);
    expect(named.id).toBe(impostor);
    await done("send", taken, "to the user");
  });

  it("refuses a name that several groups have, with their ids, but not one that only one of them spells so", async () => {
    const ids = [await make("Team"), await make("team"), await make("TEAM")];
    const { code, stderr } = await here.run(["send", "tEam", "x"]);
    expect(code).toBe(2);
    for (const id of ids) expect(stderr).toContain(id);
    await done("send", "team", "to the second");
    expect(await textsTo(alice)).toMatchObject([{ toId: ids[1] }]);
    const same = await make("team");
    const refused = await here.run(["group", "leave", "team"]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(same) });
    expect(refused.stderr).not.toContain(String(ids[0]));
    expect(await me.client.groups()).toHaveLength(4);
  });

  it.each([
    ["a group of nobody else", ["group", "create", "Alone"], 2, /one other member/],
    ["a group of oneself", ["group", "create", "Alone", "$me"], 2, /one other member/],
    [
      "a group with nobody's name",
      ["group", "create", "New", "$alice", "nobody-1", "No Body"],
      67,
      /"nobody-1", "No Body"/,
    ],
    [
      "a group without a name",
      ["group", "create", "", "$alice"],
      2,
      /^gotalk: The group's name must have 1 to 64 .*\.\n$/,
    ],
    [
      "a name that shows nothing",
      ["group", "rename", "Team", "\u200b"],
      2,
      /^gotalk: The group's name must have 1 to 64/,
    ],
    ["an unknown group", ["group", "show", "Tea"], 67, /group list/],
    ["an id that is no group's", ["group", "show", "g-0123456789012345678901"], 67, /group list/],
    [
      "a text for nobody and no group",
      ["send", "Nobody at all", "x"],
      67,
      /no user "Nobody at all", and you are in no group/,
    ],
    ["a text for a group that is a user", ["send", "--group", "$alice", "x"], 67, /group list/],
    ["adding nobody", ["group", "add", "Team"], 2, /members/],
    ["adding a user whom nobody knows", ["group", "add", "Team", "$bob", "nobody-1"], 67, /"nobody-1"\. Nothing/],
    ["removing one who is no member", ["group", "remove", "Team", "$alice", "$bob"], 67, /Nothing was changed/],
    ["an admin who is no member", ["group", "admin", "Team", "$bob"], 67, /Nothing was changed/],
    ["the last admin's end", ["group", "admin", "--off", "Team", "$me"], 1, /only admin/],
    ["a code that lets nobody in", ["group", "join", "g-0123456789012345678901.x"], 77, /code/],
    ["what is no command", ["group", "nonsense"], 2, /nonsense/],
    ["no command", ["group"], 2, /create/],
  ])("refuses %s, and changes nothing", async (_, args, code, words) => {
    await make("Team");
    const before = await me.client.groups();
    const names: Record<string, string> = { $me: me.username, $alice: alice.username, $bob: bob.username };
    const ended = await here.run(args.map((word) => names[word] ?? word));
    expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(words) });
    expect(await me.client.groups()).toEqual(before);
  });

  it("takes options before each of its words", async () => {
    const groupId = await make("Team");
    const elsewhere = ["--url", "http://localhost:9"];
    for (const args of [
      [...elsewhere, "group", "list"],
      ["group", ...elsewhere, "list"],
      ["group", "list", ...elsewhere],
    ]) {
      expect(await here.run(args)).toMatchObject({
        code: 77,
        stderr: expect.stringContaining("not at http://localhost:9"),
      });
    }
    expect(await done("--url", "http://localhost:9", "group", "--url", stack.url, "list")).toContain(groupId);
  });

  it("tells in words what only admins may", async () => {
    const { groupId } = await alice.client.createGroup({ name: "Hers", members: [me.id] });
    for (const args of [
      ["add", "Hers", bob.username],
      ["remove", "Hers", alice.username],
      ["rename", "Hers", "Mine"],
      ["invite", "Hers"],
      ["admin", "Hers", me.username],
    ]) {
      const ended = await here.run(["group", ...args]);
      expect(ended).toMatchObject({
        code: 77,
        stdout: "",
        stderr: expect.stringContaining("gotalk group show lists the admins."),
      });
    }
    expect(await done("group", "list")).toBe(`${groupId} 2 Hers\n`);
  });

  it("adds all others though somebody has blocked the user, and ends with the code of that", async () => {
    const groupId = await make("Team");
    const carol = await somebody();
    await bob.client.block(me.id);
    const ended = await here.run(["group", "add", "Team", bob.username, carol.username]);
    expect(ended).toMatchObject({ code: 77, stdout: "", stderr: expect.stringContaining("blocked you") });
    expect(Object.keys(await membersOf(groupId)).sort()).toEqual([me.username, alice.username, carol.username].sort());
  });

  it("shows of which group a message is, and gives a command its id to answer to", async () => {
    const groupId = await make("Team");
    await alice.client.send({ to: groupId, type: "text", content: "Hello, all" });
    const command = '[ "$GOTALK_TO" = Team ] && echo "$GOTALK_TO_ID"';
    expect(await done("receive", "--no-wait", "--exec", command)).toBe(`${groupId}\n`);
    await alice.client.send({ to: groupId, type: "text", content: "Again" });
    expect(await done("receive", "--no-wait")).toContain(`${alice.username} in "Team": Again\n`);
  });
});

describe("gotalk and a server that plays a part", () => {
  const ID = messageIdAt(0);
  const GROUP = { groupId: "g-0123456789012345678901", name: "Team", version: 1 };
  const members = ["ann", "bob", "carl"].map((username) => ({ id: `id-${username}`, username, admin: false }));
  const shown = json(200, { ...GROUP, members });
  const accepted = (missedBy: readonly string[]) =>
    json(202, { status: "received", messageId: ID, sentAt: "2026-01-01T00:00:00.000Z", missedBy });

  async function at(
    ...acts: Parameters<typeof scripted>
  ): Promise<{ run(...args: string[]): Promise<Ended>; paths(): (string | undefined)[] }> {
    const { url, seen } = await scripted(...acts);
    const here = new Computer(url);
    here.logIn({ url, session: { ...session, expiresAt: "2099-01-01T00:00:00.000Z" } });
    return { run: (...args) => here.run(args), paths: () => seen.map(({ path }) => path) };
  }

  it("prints no control characters of a group's name", async () => {
    const name = "\u202eTeam";
    const listed = { ...GROUP, name, memberCount: 3, admin: false };
    const { run } = await at(json(200, { groups: [listed] }), json(200, { ...GROUP, name, members }));
    for (const command of [["list"], ["show", GROUP.groupId]]) {
      const { stdout } = await run("group", ...command);
      expect(stdout).toContain("\\u202eTeam");
      expect(stdout).not.toContain(name);
    }
  });

  it("tells who has missed a message, and calls that no failure", async () => {
    const { run } = await at(shown, accepted(["id-bob", "id-carl", "id-gone"]), shown);
    const ended = await run("send", "--message-id", ID, GROUP.groupId, "Hello");
    expect(ended).toMatchObject({ code: 0, stdout: "" });
    expect(ended.stderr).toMatch(/^gotalk: Not delivered to bob, carl and id-gone: .* All others have it\.\n$/);
  });

  it("tells it by ids where the names cannot be read", async () => {
    const { run } = await at(shown, accepted(["id-bob"]), problem(404, "unknown_group"));
    const ended = await run("send", "--message-id", ID, GROUP.groupId, "Hello");
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining("Not delivered to id-bob:") });
  });

  it("tells in words that the user was removed from the group meanwhile", async () => {
    const { run } = await at(shown, problem(404, "unknown_group"));
    const ended = await run("send", "--message-id", ID, GROUP.groupId, "Hello");
    expect(ended).toMatchObject({ code: 67, stderr: expect.stringContaining("You are not in this group") });
  });

  it("knows no user at a server that is too old for groups, as before", async () => {
    const { run, paths } = await at(problem(404, "unknown_user"), problem(404, "not_found"));
    expect(await run("send", "nobody", "Hello")).toMatchObject({ code: 67, stdout: "" });
    expect(paths()).toEqual(["/users/nobody", "/groups"]);
  });

  it("sends to a user by the same calls as before groups", async () => {
    const { run, paths } = await at(json(200, { id: "id-bob", username: "bob" }), accepted([]));
    expect(await run("send", "--message-id", ID, "bob", "Hello")).toMatchObject({ code: 0, stderr: "" });
    expect(paths()).toEqual(["/users/bob", "/send"]);
  });
});
