import { expect, it, onTestFinished } from "vitest";
import { Client, type Group, ProblemError } from "../../lib/client/index.ts";
import { Groups } from "../../static/src/chat/groups.ts";
import { type TabEvent, Tabs } from "../../static/src/chat/tabs.ts";
import { changeGroup, knownGroup } from "../../static/src/storage/groups.ts";
import { type Act, done, json, problem, scripted, session, testTiming } from "../support/client-servers.ts";
import { eventually } from "../support/eventually.ts";
import { newDatabase } from "../support/page/database.ts";

const GROUP_ID = "g-0123456789012345678901";
const BOB = { id: "bob", username: "bob" };

const groupAt = (version: number): Group => ({
  groupId: GROUP_ID,
  name: `name ${version}`,
  version,
  members: [
    { ...BOB, admin: false },
    { id: session.id, username: "alice", admin: true },
  ],
});

/** The groups of a tab whose server plays a script. */
async function setUp(...acts: Act[]) {
  const [server, database, tabs] = [await scripted(...acts), await newDatabase(), new Tabs(crypto.randomUUID())];
  onTestFinished(() => tabs.close());
  const told: TabEvent[] = [];
  tabs.listen((event) => told.push(event));
  const client = new Client({ url: server.url, timing: testTiming(), session, retry: { giveUpAfter: 0 } });
  const groups = new Groups({ database, tabs, ownId: session.id, ask: (work) => work(client) });
  const asked = () => server.seen.map(({ method, path }) => `${method} ${path}`);
  return { groups, database, tabs, told, asked, seen: server.seen, stored: () => knownGroup(database, GROUP_ID) };
}

it.each<[string, (groups: Groups) => Promise<unknown>, string, object]>([
  ["is asked for", (groups) => groups.refresh(GROUP_ID), `GET /groups/${GROUP_ID}`, {}],
  ["is renamed", (groups) => groups.rename(GROUP_ID, "Tea"), `PATCH /groups/${GROUP_ID}`, { name: "Tea" }],
  ["gets a member", (groups) => groups.add(GROUP_ID, "bob"), `PUT /groups/${GROUP_ID}/members/bob`, {}],
  [
    "gets an admin",
    (groups) => groups.setAdmin(GROUP_ID, "bob", true),
    `PUT /groups/${GROUP_ID}/members/bob`,
    { admin: true },
  ],
  ["is joined", (groups) => groups.join("code"), "POST /groups/join", { code: "code" }],
])(
  "a group that %s is shown and stored as the server says, and the other tabs hear of it",
  async (_, act, path, body) => {
    const { groups, told, asked, seen, stored } = await setUp(json(200, groupAt(3)));
    await act(groups);
    expect([asked(), seen[0]?.body]).toEqual([[path], body]);
    expect([groups.of(GROUP_ID), await stored()]).toEqual([groupAt(3), groupAt(3)]);
    expect(told).toEqual([{ type: "groups" }]);
  },
);

it("a group that is joined is named", async () => {
  const { groups } = await setUp(json(200, groupAt(3)));
  expect(await groups.join("code")).toBe(GROUP_ID);
});

it("the other tabs hear nothing where nothing has changed, and nothing is known of another group", async () => {
  const { groups, told } = await setUp(json(200, groupAt(3)));
  await groups.refresh(GROUP_ID);
  await groups.refresh(GROUP_ID);
  expect(told).toHaveLength(1);
  expect(groups.of("g-2")).toBeUndefined();
});

it("a group is made of the draft once, and the next draft is empty and another group", async () => {
  const { groups, seen } = await setUp(problem(403, "blocked"), json(201, groupAt(1)));
  const { groupKey } = groups.draft.value;
  expect(groups.draft.value).toEqual({ name: "", members: [], groupKey: expect.stringMatching(/^.{16,}$/) });
  groups.draft.value = { name: " Tea ", members: [BOB], groupKey };
  await expect(groups.create()).rejects.toThrow(ProblemError);
  expect(groups.draft.value.name).toBe(" Tea ");
  expect(await groups.create()).toBe(GROUP_ID);
  const made = { name: "Tea", members: ["bob"], groupKey };
  expect(seen.map(({ body }) => body)).toEqual([made, made]);
  expect(groups.draft.value).toMatchObject({ name: "", members: [] });
  expect(groups.draft.value.groupKey).not.toBe(groupKey);
  expect(groups.of(GROUP_ID)).toEqual(groupAt(1));
});

it("a group that may have been made cannot be changed until an answer says so, whatever a limit says meanwhile", async () => {
  const acts = [problem(500, "internal"), problem(429, "too_many_messages")];
  const { groups } = await setUp(...acts, json(201, groupAt(1)));
  groups.draft.value = { ...groups.draft.value, name: "Tea", members: [BOB] };
  const { groupKey } = groups.draft.value;
  for (const status of [500, 429]) {
    await expect(groups.create()).rejects.toMatchObject({ status });
    expect(groups.draft.value).toEqual({ name: "Tea", members: [BOB], groupKey, mayExist: true });
  }
  expect(await groups.create()).toBe(GROUP_ID);
  expect(groups.draft.value.mayExist).toBeUndefined();
});

it("a group of which an answer says that it was not made can be changed, and has another key", async () => {
  const { groups } = await setUp(problem(500, "internal"), problem(403, "blocked"));
  groups.draft.value = { ...groups.draft.value, name: "Tea", members: [BOB] };
  const { groupKey } = groups.draft.value;
  await expect(groups.create()).rejects.toMatchObject({ status: 500 });
  await expect(groups.create()).rejects.toMatchObject({ status: 403 });
  expect(groups.draft.value).toEqual({ name: "Tea", members: [BOB], groupKey: expect.not.stringContaining(groupKey) });
});

it("a group that is made or joined here is none that somebody else has brought the user into, and one that is asked for may be", async () => {
  const ways = [
    { status: 201, act: (groups: Groups) => groups.create() },
    { status: 200, act: (groups: Groups) => groups.join("code") },
    { status: 200, act: (groups: Groups) => groups.refresh(GROUP_ID) },
  ];
  const begun = ways.map(async ({ status, act }) => {
    const { groups, database } = await setUp(json(status, groupAt(1)));
    await act(groups);
    return (await database.get("conversations", GROUP_ID))?.isBegun;
  });
  expect(await Promise.all(begun)).toEqual([true, true, undefined]);
});

it("a user is looked up by name", async () => {
  const { groups, asked } = await setUp(json(200, BOB));
  expect([await groups.find("bob"), asked()]).toEqual([BOB, ["GET /users/bob"]]);
});

it("a member is removed, and then the group is asked for", async () => {
  const { groups, asked } = await setUp(done, json(200, groupAt(4)));
  await groups.remove(GROUP_ID, "bob");
  expect(asked()).toEqual([`DELETE /groups/${GROUP_ID}/members/bob`, `GET /groups/${GROUP_ID}`]);
  expect(groups.of(GROUP_ID)).toEqual(groupAt(4));
});

it("a group that was left is kept as one that the user has left", async () => {
  const { groups, asked, stored } = await setUp(json(200, groupAt(3)), done);
  await groups.refresh(GROUP_ID);
  await groups.leave(GROUP_ID);
  expect(asked().at(-1)).toBe(`DELETE /groups/${GROUP_ID}/members/${session.id}`);
  const left = { ...groupAt(3), members: [{ ...BOB, admin: false }], gone: { how: "left" } };
  expect([groups.of(GROUP_ID), await stored()]).toEqual([left, left]);
});

it("an invite link is stored with its group", async () => {
  const { groups, asked } = await setUp(json(200, groupAt(3)), json(200, { code: "g-0.secret" }));
  await groups.refresh(GROUP_ID);
  await groups.invite(GROUP_ID);
  expect(asked().at(-1)).toBe(`POST /groups/${GROUP_ID}/invite`);
  expect(groups.of(GROUP_ID)).toEqual({ ...groupAt(3), invite: "g-0.secret" });
});

it("a group of which nothing is known stays unknown when it is left or gets a link", async () => {
  const { groups, stored } = await setUp(done, json(200, { code: "g-0.secret" }));
  await groups.leave(GROUP_ID);
  await groups.invite(GROUP_ID);
  expect([groups.of(GROUP_ID), await stored()]).toEqual([undefined, undefined]);
});

it("a tab shows what another one has stored once it hears of it, and looks at no other event", async () => {
  const { groups, database, tabs } = await setUp(done);
  await changeGroup(database, GROUP_ID, () => groupAt(5));
  tabs.emit({ type: "seen" });
  // A read that the event had begun would end before these.
  for (let read = 0; read < 3; read++) await knownGroup(database, GROUP_ID);
  expect(groups.of(GROUP_ID)).toBeUndefined();
  tabs.emit({ type: "groups" });
  await eventually(() => expect(groups.of(GROUP_ID)).toEqual(groupAt(5)));
});
