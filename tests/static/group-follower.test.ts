import { expect, it, onTestFinished } from "vitest";
import { Client, type Group, type GroupEvent, newMessageId } from "../../lib/client/index.ts";
import { GroupFollower } from "../../static/src/chat/groupFollower.ts";
import { Tabs } from "../../static/src/chat/tabs.ts";
import { changeGroup, knownGroup } from "../../static/src/storage/groups.ts";
import type { StoredMessage } from "../../static/src/storage/records.ts";
import { newDatabase } from "../support/page/database.ts";
import { problemText } from "../support/problem-text.ts";

const ME = "me";
const ANN = { id: "ann", username: "ann" };
const GROUP_ID = "g-0123456789012345678901";

const groupAt = (version: number, name = `name ${version}`): Group => ({
  groupId: GROUP_ID,
  name,
  version,
  members: [
    { ...ANN, admin: true },
    { id: ME, username: "me", admin: false },
  ],
});

const told = (event: GroupEvent, groupId = GROUP_ID): StoredMessage => {
  const messageId = newMessageId();
  const place = { id: `ann/${messageId}`, messageId, conversationId: groupId, peerId: groupId };
  return { ...place, senderId: "ann", senderName: "ann", type: "group", content: JSON.stringify(event), sentAt: "" };
};

const renamed = (version: number): StoredMessage =>
  told({ version, event: "renamed", name: `name ${version}`, before: "" });

/** A follower, and a server that has these groups. `onAsk` runs before each answer about one group. */
async function start(server: { groups: readonly Group[]; onAsk?: () => Promise<unknown> }) {
  const [database, tabs, life] = [await newDatabase(), new Tabs(crypto.randomUUID()), new AbortController()];
  onTestFinished(() => {
    life.abort();
    tabs.close();
  });
  const asked: string[] = [];
  const answer = (status: number, body: unknown): Response =>
    new Response(typeof body === "string" ? body : JSON.stringify(body), {
      status,
      headers: { "content-type": status === 200 ? "application/json" : "application/problem+json" },
    });
  const client = new Client({
    url: "http://localhost",
    session: { token: "token", id: ME, username: "me", receipt: "receipt", expiresAt: "never" },
    live: false,
    fetch: async (input) => {
      const path = new URL(String(input)).pathname;
      asked.push(path);
      if (path === "/groups") {
        const groups = server.groups.map(({ members, ...rest }) => ({
          ...rest,
          memberCount: members.length,
          admin: false,
        }));
        return answer(200, { groups });
      }
      const found = server.groups.find(({ groupId }) => path.endsWith(groupId));
      await server.onAsk?.();
      return found === undefined ? answer(404, problemText(404, "unknown_group")) : answer(200, found);
    },
  });
  const follower = new GroupFollower({ client, database, ownId: ME, tabs, signal: life.signal });
  return { database, follower, asked, known: () => knownGroup(database, GROUP_ID) };
}

it("applies events that follow each other, in whatever order they are handed out, without a request", async () => {
  const { database, follower, asked, known } = await start({ groups: [] });
  await changeGroup(database, GROUP_ID, () => groupAt(1));
  await follower.learn([renamed(3), renamed(2)]);
  expect(await known()).toEqual({ ...groupAt(1), version: 3, name: "name 3" });
  expect(await database.get("conversations", GROUP_ID)).toMatchObject({ name: "name 3" });
  expect(asked).toEqual([]);
});

it("asks for a group that it does not know, and where an event is missing, once", async () => {
  const { database, follower, asked, known } = await start({ groups: [groupAt(7)] });
  await follower.learn([{ ...renamed(7), type: "text", content: "Hello" }]);
  expect(await known()).toEqual(groupAt(7));
  expect(asked).toEqual([`/groups/${GROUP_ID}`]);
  await changeGroup(database, GROUP_ID, () => groupAt(2));
  await follower.learn([renamed(5), renamed(7)]);
  expect(await known()).toEqual(groupAt(7));
  expect(asked).toHaveLength(2);
  await follower.learn([{ ...renamed(7), type: "text", content: "Hello" }, renamed(6)]);
  expect(asked).toHaveLength(2);
});

it("compares what is known with the server's list: what is new, changed, or there no more", async () => {
  const { database, follower, asked, known } = await start({ groups: [groupAt(4)] });
  const gone = { ...groupAt(3), groupId: "g-1111111111111111111111" };
  await changeGroup(database, gone.groupId, () => gone);
  await follower.compare();
  expect(await known()).toEqual(groupAt(4));
  // A device that has just begun has a line for each group.
  expect(await database.get("conversations", GROUP_ID)).toEqual({ peerId: GROUP_ID, name: "name 4", unread: 0 });
  expect(await knownGroup(database, gone.groupId)).toEqual({
    ...gone,
    members: [{ ...ANN, admin: true }],
    gone: { how: "unknown" },
  });
  expect(asked).toHaveLength(3);
  // Once more: nothing has changed.
  await follower.compare();
  expect(asked).toHaveLength(4);
});

it("knows of a group which the user made or joined that nobody else has brought them into it, also if a message was faster", async () => {
  const [me, ann] = [
    { id: ME, username: "me", admin: false },
    { ...ANN, admin: true },
  ];
  const joined = { ...groupAt(4), members: [ann, { ...me, joined: true as const }] };
  const line = { peerId: GROUP_ID, name: GROUP_ID, unread: 1 };
  for (const group of [joined, { ...groupAt(4), members: [{ ...ann, joined: true as const }, me] }]) {
    for (const before of [undefined, line]) {
      const { database, follower } = await start({ groups: [group] });
      if (before !== undefined) await database.put("conversations", before);
      await follower.compare();
      const isBegun = group === joined && { isBegun: true };
      const now = { peerId: GROUP_ID, name: "name 4", unread: before?.unread ?? 0, ...isBegun };
      expect(await database.get("conversations", GROUP_ID)).toEqual(now);
    }
  }
});

it("brings back no line that the person has deleted, until a message comes", async () => {
  const { database, follower } = await start({ groups: [groupAt(4)] });
  await changeGroup(database, GROUP_ID, () => groupAt(2));
  await database.delete("conversations", GROUP_ID);
  await follower.compare();
  expect(await database.get("conversations", GROUP_ID)).toBeUndefined();
});

it("takes nobody out of a group that they were added to while it was asking", async () => {
  const server: Parameters<typeof start>[0] = { groups: [] };
  const { database, follower, known } = await start(server);
  await changeGroup(database, GROUP_ID, () => groupAt(2));
  server.onAsk = () => changeGroup(database, GROUP_ID, () => groupAt(5));
  await follower.doubt(GROUP_ID);
  expect(await known()).toEqual(groupAt(5));
  delete server.onAsk;
  await follower.doubt(GROUP_ID);
  expect(await known()).toMatchObject({ version: 5, gone: { how: "unknown" } });
});

it("asks once more for a group whose event has come while it was asking", async () => {
  const server: { groups: Group[]; onAsk?: () => Promise<unknown> } = { groups: [groupAt(5)] };
  const { follower, asked, known } = await start(server);
  let learned: Promise<void> | undefined;
  server.onAsk = async () => {
    delete server.onAsk;
    server.groups = [groupAt(9)];
    learned = follower.learn([renamed(9)]);
    await learned;
  };
  await follower.doubt(GROUP_ID);
  expect(await known()).toEqual(groupAt(9));
  expect(asked).toHaveLength(2);
});
