import { expect, it, vi } from "vitest";
import type { Chat } from "../../static/src/chat/chat.ts";
import type { StoredMessage } from "../../static/src/storage/records.ts";
import { react, reactionOf } from "../../static/src/view/reaction.ts";

const given = (emoji: string) => ({ emoji, name: "name", messageId: "m-2", sentAt: "2026" });
const MESSAGE: StoredMessage = {
  id: "ann/m-1",
  messageId: "m-1",
  conversationId: "ann",
  senderId: "ann",
  senderName: "ann",
  content: "Hello",
  sentAt: "2026",
};
const REACTED = { ...MESSAGE, reactions: { me: given("👍"), bob: given("🎉"), cat: given("") } };

it("a person has the reaction that they gave and did not take back", () => {
  expect(["me", "bob", "cat", "dan"].map((id) => reactionOf(REACTED, id))).toEqual(["👍", "🎉", undefined, undefined]);
  expect(reactionOf(MESSAGE, "me")).toBeUndefined();
});

it("a person reacts, and takes the reaction back by the same emoji once more", () => {
  const say = vi.fn(async () => {});
  const chat = { session: { id: "me" }, writing: { say }, attempt: () => undefined } as unknown as Chat;
  react(chat, MESSAGE, "👍");
  react(chat, REACTED, "🎉");
  react(chat, REACTED, "👍");
  expect(say.mock.calls).toEqual([
    ["reaction", MESSAGE, "👍"],
    ["reaction", REACTED, "🎉"],
    ["reaction", REACTED, ""],
  ]);
});
