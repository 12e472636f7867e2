import { signal } from "@preact/signals";
import { expect, it } from "vitest";
import type { Mirror } from "../../static/src/chat/mirror.ts";
import { Strangers } from "../../static/src/chat/strangers.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import { conversationsOf } from "../../static/src/storage/conversations.ts";
import { changeGroup } from "../../static/src/storage/groups.ts";
import { type Conversation, conversationFrom, type QueuedMessage } from "../../static/src/storage/records.ts";
import { ME, own } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";

const GROUP = "g-0123456789abcdefghijkl";
const last = { id: "bob/1", sentAt: "2026-01-01T00:00:00.000Z", content: "hi", isOwn: false };

/** The strangers of a tab whose list has these conversations. The user is writing an answer to each of the given ids. */
function withAnswersTo(...ids: string[]) {
  const answers = ids.map(
    (peerId, sequence): QueuedMessage => ({
      ...{ sequence, peerId, messageId: `m-${sequence}`, content: "Who are you?" },
      ...{ writtenAt: "2026-01-01T00:00:00.000Z", status: "pending" },
    }),
  );
  const conversations = ["bob", GROUP].map((peerId) => conversationFrom({ peerId, name: peerId, unread: 1, last }));
  const mirror = {
    conversations: signal<readonly Conversation[] | undefined>(conversations),
    outbox: signal<readonly QueuedMessage[]>(answers),
    refreshed: Promise.resolve(),
  };
  return new Strangers({
    mirror: mirror as unknown as ConstructorParameters<typeof Strangers>[0]["mirror"],
    ownId: "me",
    account: { blocked: signal(new Map()) },
  });
}

it("a request is undecided until an answer to it waits, and nothing else goes back before that answer is sent", async () => {
  const asked = withAnswersTo();
  expect(["bob", GROUP].map((id) => [asked.isUndecided(id), asked.isRequest(id)])).toEqual([
    [true, true],
    [true, true],
  ]);
  const answered = withAnswersTo("bob", GROUP);
  for (const id of ["bob", GROUP]) {
    expect([answered.isUndecided(id), answered.isRequest(id), answered.mayHear(id)]).toEqual([false, true, false]);
  }
  expect(await answered.among(["bob", GROUP])).toEqual(new Set(["bob", GROUP]));
});

it("nobody hears that the user is typing in a group of which no message came here, until it is accepted", async () => {
  const database = await newDatabase();
  await changeGroup(database, GROUP, () => ({ groupId: GROUP, name: "Us", version: 2, members: [] }));
  const conversations = signal(await conversationsOf(database));
  const mirror = { conversations, outbox: signal([]) } as Partial<Mirror> as Mirror;
  const strangers = new Strangers({ mirror, ownId: ME, account: { blocked: signal(new Map()) } });
  expect(strangers.mayHear(GROUP)).toBe(false);
  await storeBatch(database, ME, [own("1", { [GROUP]: { accepted: true } })], { receipt: "r", recent: [] });
  conversations.value = await conversationsOf(database);
  expect(strangers.mayHear(GROUP)).toBe(true);
});
