import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { type FoldedConversation, type Message, newMessageId } from "../../lib/client/index.ts";
import { CONTENT_BYTES } from "../../lib/contract/limits.ts";
import { Introductions } from "../../static/src/chat/introductions.ts";
import { isRequest } from "../../static/src/chat/requests.ts";
import { Tabs } from "../../static/src/chat/tabs.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { conversationsOf } from "../../static/src/storage/conversations.ts";
import { changeGroup } from "../../static/src/storage/groups.ts";
import { offerIn } from "../../static/src/storage/moves.ts";
import { outboxOf } from "../../static/src/storage/outbox.ts";
import { storeOwnChanges } from "../../static/src/storage/own-changes.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { tellsReadIn } from "../../static/src/storage/settings.ts";
import { byteLength } from "../../static/src/text/bytes.ts";
import { groupEvent, ME, own, text, toPerson } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";

const USER = { id: ME, username: "me" };

/** The new device. */
let phone: Database;
/** The device that is asked. */
let laptop: Database;
beforeEach(async () => {
  vi.stubGlobal("navigator", { onLine: true });
  onTestFinished(() => void vi.unstubAllGlobals());
  [phone, laptop] = await Promise.all([newDatabase(), newDatabase()]);
});

const put = (database: Database, ...messages: Message[]) =>
  storeBatch(database, ME, messages, { receipt: "r", recent: [] });

const foldedIn = (database: Database, id: string): Promise<FoldedConversation | undefined> =>
  database.get("folded", id);

const linesIn = async (database: Database) =>
  Object.fromEntries(
    (await conversationsOf(database)).map(({ peerId, unread, settings }) => [peerId, { unread, ...settings }]),
  );

/** What waits to be sent to the user's devices, as they will get it. */
const answers = async (database: Database): Promise<Message[]> =>
  (await outboxOf(database)).map(({ messageId, content }) => ({ ...own(messageId, {}), content }));

/** What the laptop answers to a question of a new device. */
async function answerOf(deviceId = "d-phone"): Promise<Message[]> {
  const tabs = new Tabs(ME);
  onTestFinished(() => tabs.close());
  const client = { newMessageId, session: { deviceId: "d-laptop" } as never };
  const introductions = new Introductions({ client, database: laptop, user: USER, tabs });
  const question = own(newMessageId(), { [ME]: { asksAs: deviceId } });
  const before = await outboxOf(laptop);
  // The question that is known when the work begins is none.
  await introductions.answer((await foldedIn(laptop, ME)) ?? { id: ME });
  const { own: said } = await put(laptop, question);
  if (said === undefined) throw new Error("the question was not stored");
  await introductions.answer(said);
  // Once.
  await introductions.answer(said);
  return (await answers(laptop)).slice(before.length);
}

const UP_TO = { sentAt: "2026-01-01T00:00:05.000Z", id: "bob/5" };

it("a new device learns all settings that hold, each by the message that first said it", async () => {
  await put(
    laptop,
    text("01", ME, toPerson("bob")),
    text("05", "bob"),
    text("06", "carol"),
    own("10", { [ME]: { hidesRead: true }, bob: { muted: true, pinned: true, readUpTo: UP_TO, ofALaterVersion: 7 } }),
    own("11", {
      carol: { accepted: true, archived: true, archivedUpTo: { sentAt: "2026-01-01T00:00:06.000Z", id: "carol/06" } },
    }),
    own("12", { bob: { pinned: false } }),
  );
  const answer = await answerOf();
  expect(answer).toHaveLength(1);
  await put(phone, ...answer);
  expect(await tellsReadIn(phone, ME)).toBe(false);
  for (const id of [ME, "bob", "carol"]) {
    const { asksAs: _, accepted: __, ...values } = (await foldedIn(laptop, id))?.own ?? {};
    const { accepted, ...learned } = (await foldedIn(phone, id))?.own ?? {};
    expect([id, learned]).toEqual([id, values]);
    expect(accepted?.value).toBe(id === ME ? undefined : true);
  }
  // What comes after that is in its place at once.
  await put(phone, text("05", "bob"), text("06", "carol"));
  expect(await linesIn(phone)).toEqual({
    bob: { unread: 0, isAccepted: true, isMuted: true, isPinned: false, isArchived: false },
    carol: { unread: 1, isAccepted: true, isMuted: false, isPinned: false, isArchived: true },
  });
});

it("a new device learns of the last history that another one has uploaded", async () => {
  const history = (sealed: string) => ({ [ME]: { history: { version: 1, sealed } } });
  await put(laptop, own("10", history("first")), own("11", history("second")));
  await put(phone, ...(await answerOf()));
  expect(offerIn(await foldedIn(phone, ME))).toEqual({
    id: expect.stringMatching(/11$/),
    version: 1,
    sealed: "second",
  });
  // An older page that answers as well knows the first one.
  await put(
    phone,
    own("12", { [ME]: { known: { history: { value: history("first")[ME]?.history, messageId: "00" } } } }),
  );
  expect(offerIn(await foldedIn(phone, ME))?.sealed).toBe("second");
});

it("a new device takes the group of a person who is accepted for accepted, and that of a stranger for a request", async () => {
  const [friends, strangers] = ["g-0123456789abcdefghijkl", "g-0123456789abcdefghijkm"] as const;
  const added = { version: 2, event: "added", member: { id: ME, username: "me" } };
  await put(
    laptop,
    text("01", ME, toPerson("bob")),
    groupEvent("02", "bob", friends, added),
    groupEvent("03", "eve", strangers, added),
  );
  for (const groupId of [friends, strangers])
    await changeGroup(phone, groupId, () => ({ groupId, name: groupId, version: 2, members: [] }));
  await put(phone, ...(await answerOf()));
  const all = await conversationsOf(phone);
  expect(all.filter(isRequest).map(({ peerId }) => peerId)).toEqual([strangers]);
});

it("the answer replaces nothing that was said meanwhile, and brings back nothing that was taken back", async () => {
  await put(laptop, text("05", "bob"), own("10", { [ME]: { hidesRead: true }, bob: { muted: true, archived: true } }));
  // Said by a third device. The laptop does not have it yet, and answers by a message with a greater id.
  const meanwhile = own("11", { [ME]: { hidesRead: false }, bob: { muted: false } });
  const answer = await answerOf();
  const tablet = await newDatabase();
  await put(phone, meanwhile, ...answer);
  await put(tablet, ...answer, meanwhile);
  await put(laptop, meanwhile, ...answer);
  for (const database of [phone, tablet, laptop]) {
    expect(await tellsReadIn(database, ME)).toBe(true);
    expect((await foldedIn(database, "bob"))?.own).toMatchObject({
      muted: { value: false, messageId: "11" },
      archived: { value: true, messageId: "10" },
    });
  }
});

it("what is not sent yet is left out: it may get another id, and reaches all devices by itself", async () => {
  await put(laptop, own("10", { bob: { pinned: true } }));
  await storeOwnChanges(laptop, USER, { bob: { muted: true } }, newMessageId);
  const [answer] = await answerOf();
  expect(JSON.parse(answer?.content ?? "")).toEqual({ bob: { known: { pinned: { value: true, messageId: "10" } } } });
});

it("many settings go out in as few messages as have room for them, those of the newest conversations first", async () => {
  const ids = Array.from({ length: 500 }, (_, number) => `user-${String(number).padStart(3, "0")}`);
  const at = (number: number) => ({ sentAt: new Date(Date.UTC(2026, 0, 1) + number).toISOString() });
  await put(
    laptop,
    own("10", { [ME]: { hidesRead: true } }),
    ...ids.map((id, number) => text("05", id, at(number))),
    own("11", Object.fromEntries(ids.map((id) => [id, { muted: true, accepted: true }]))),
    own("12", { "user-499": { later: "ä".repeat(CONTENT_BYTES / 2 - 50) } }),
  );
  const answer = await answerOf();
  const sizes = answer.map(({ content }) => byteLength(content));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(CONTENT_BYTES);
  expect(answer).toHaveLength(Math.ceil(sizes.reduce((sum, size) => sum + size) / CONTENT_BYTES));
  await put(phone, ...answer);
  expect(await tellsReadIn(phone, ME)).toBe(false);
  const learned = (await phone.getAllKeys("folded")).filter((id) => id !== ME);
  // One has no room in a message.
  expect(learned).toEqual(ids.slice(101, 499));
});

it("a device does not answer itself", async () => {
  await put(laptop, own("10", { [ME]: { hidesRead: true } }));
  expect(await answerOf("d-laptop")).toEqual([]);
});
