import { expect, it } from "vitest";
import type { StoredMessage } from "../../static/src/storage/records.ts";
import { membersThen } from "../../static/src/view/dialogs/membersThen.ts";

const at = (second: number, more: Partial<StoredMessage>): StoredMessage => ({
  id: `id-${second}`,
  messageId: `message-${second}`,
  conversationId: "g-1",
  senderId: "ann",
  senderName: "ann-name",
  sentAt: `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`,
  content: "",
  ...more,
});

const MEMBERS = ["ann", "bob", "cat", "dan", "eve", "fay"].map((id) => ({ id, username: `${id}-name` }));

const event = (second: number, kind: string, id: string): StoredMessage => {
  const [member] = MEMBERS.filter((one) => one.id === id);
  return at(second, { type: "group", content: JSON.stringify({ version: second, event: kind, member }) });
};

it("are all but those who came behind the message and had not been in the group before", () => {
  const events = [
    event(11, "added", "cat"),
    event(12, "joined", "dan"),
    // He was in it, left, and came back.
    event(13, "left", "eve"),
    event(14, "joined", "eve"),
    event(15, "admin", "fay"),
    event(16, "removed", "cat"),
    event(17, "joined", "cat"),
  ];
  expect(membersThen(MEMBERS, events).map(({ id }) => id)).toEqual(["ann", "bob", "eve", "fay"]);
});
