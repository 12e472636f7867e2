import { expect, it } from "vitest";
import { fold, type Message } from "../../lib/client/index.ts";
import { pendingMarks, withPending } from "../../static/src/chat/pending.ts";
import { outgoingFrom } from "../../static/src/storage/outbox.ts";
import { type QueuedMessage, type StoredMessage, storedFrom } from "../../static/src/storage/records.ts";
import { ME, text, toPerson } from "../support/messages.ts";

/** What is said in a message of these types. */
const CONTENTS: Readonly<Record<string, string>> = { deletion: "", reaction: "👍", own: "{}" };

const USER = { id: ME, username: "me" };

const waits = (type: string | undefined, messageId: string, about?: string, peerId = "bob"): QueuedMessage => ({
  ...outgoingFrom({
    ...{ peerId, content: CONTENTS[type ?? ""] ?? `content of ${messageId}`, messageId },
    ...(type !== undefined && { type }),
    ...(about !== undefined && { about }),
  }),
  sequence: 1,
});

function stored(message: Message): StoredMessage {
  const [folded] = fold({ messages: [], waiting: [], conversations: [] }, [message], ME).messages;
  return storedFrom(folded ?? expect.fail("there is no message"));
}

it("what waits about messages of a conversation is found by what it is about, in the order in which it was done", () => {
  const [edit, like, deletion] = [waits("edit", "4", "1"), waits("reaction", "5", "1"), waits("deletion", "6", "2")];
  const others = [
    // An answer has a place of its own.
    ...[waits(undefined, "7", "1"), waits("text", "8", "1"), waits("own", "9")],
    ...[waits("edit", "10", "1", "carol"), waits("edit", "11")],
  ];
  const marks = pendingMarks([edit, ...others, like, deletion], "bob");
  expect([...marks]).toEqual([
    ["1", [edit, like]],
    ["2", [deletion]],
  ]);
});

it("a message is shown as it will be once these are sent", () => {
  const mine = stored(text("1", ME, toPerson("bob")));
  const edit = waits("edit", "4", "1");
  const shown = withPending(mine, [edit, waits("reaction", "5", "1")], USER);
  expect(shown).toEqual({
    ...mine,
    content: "content of 4",
    edited: { messageId: "4", sentAt: edit.writtenAt },
    reactions: { [ME]: expect.objectContaining({ emoji: "👍", name: "me" }) },
  });
  expect(withPending(mine, [waits("deletion", "6", "1")], USER)).toMatchObject({ peerId: "bob", content: "" });
});

it("a message stays as it is where something waits that cannot be read", () => {
  const mine = stored(text("1", ME, toPerson("bob")));
  const unreadable = { ...waits("reaction", "5", "1"), content: "x".repeat(1_000) };
  expect(withPending(mine, [unreadable], USER)).toBe(mine);
});

it("a message that these do not change stays the same object", () => {
  const theirs = stored(text("1", "bob"));
  expect(withPending(theirs, [waits("edit", "4", "1")], USER)).toBe(theirs);
  expect(withPending(theirs, [], USER)).toBe(theirs);
});
