import { describe, expect, it } from "vitest";
import {
  conversationOf,
  groupEventIn,
  isGroupId,
  isOwnCopy,
  keyOf,
  messageIdsIn,
  ownChangesIn,
  readMessage,
} from "../../../lib/client/index.ts";

const plain = {
  messageId: "1",
  senderId: "alice",
  senderName: "Alice",
  content: "Hello",
  sentAt: "2026-01-01T00:00:00.000Z",
  redelivered: false,
};

const read = (fields: object) => readMessage({ ...plain, ...fields });

describe("a message", () => {
  it.each([
    plain,
    { ...plain, toId: "bob", toName: "Bob" },
    { ...plain, type: "text", about: "0", quiet: true },
    { ...plain, type: "file", content: '{"name":"a.pdf"}' },
    { ...plain, type: "edit", about: "0" },
    { ...plain, type: "deletion", about: "0", content: "" },
    { ...plain, type: "reaction", about: "0", content: "👩🏻‍❤️‍💋‍👩🏻" },
    { ...plain, type: "reaction", about: "0", content: "" },
    { ...plain, type: "reaction", about: "0", content: "🏴󠁧󠁢󠁥󠁮󠁧󠁿" },
    { ...plain, type: "reaction", about: "0", content: "🇦🇹" },
    { ...plain, type: "reaction", about: "0", content: "1️⃣" },
    { ...plain, type: "reaction", about: "0", content: `a${"\u0301".repeat(31)}` },
    { ...plain, type: "delivered", content: '["1","2"]' },
    { ...plain, type: "read", content: "[]" },
    { ...plain, type: "own", content: '{"alice":{"muted":true}}' },
    { ...plain, type: "group", content: '{"version":1,"event":"created"}' },
    { ...plain, type: "poll/vote", about: "0", quiet: true, content: "" },
    { ...plain, type: "constructor" },
    { ...plain, ofALaterVersion: [7] },
  ])("is read as it is: $type $content", (message) => {
    expect(readMessage(message)).toStrictEqual(message);
    expect(Object.keys(read({}) ?? {})).toEqual(Object.keys(plain));
  });

  it.each([
    { messageId: "" },
    { senderId: 7 },
    { senderName: undefined },
    { sentAt: null },
    { content: undefined },
    { content: 7 },
    { redelivered: "no" },
    { toId: "" },
    { toName: 7 },
  ])("is none of goTalk's with %j", (wrong) => {
    expect(read(wrong)).toBeUndefined();
  });

  it.each([
    ["file", "not JSON"],
    ["file", "[]"],
    ["file", '"a.pdf"'],
    ["file", "null"],
    ["edit", " ", "0"],
    ["edit", "new"],
    ["deletion", ""],
    ["reaction", "👍"],
    ["reaction", `a${"\u0301".repeat(32)}`, "0"],
    ["reaction", "WW", "0"],
    ["reaction", "👍👍", "0"],
    ["reaction", "👍 ", "0"],
    ["reaction", "👍\u202e", "0"],
    ["reaction", "\u202e👍", "0"],
    ["reaction", "\u2066👍", "0"],
    ["delivered", "1"],
    ["read", "[1]"],
    ["read", '"1"'],
    ["own", "[]"],
    ["group", "{}"],
    ["group", '{"version":1}'],
    ["group", '{"version":"1","event":"created"}'],
  ])("of the type %s that says %j is kept as one that cannot be read", (type, content, about?: string) => {
    const message = read({ type, content, about });
    expect(message).toMatchObject({ type: `${type}?`, content });
    // As a page has stored it.
    expect(readMessage(message)).toEqual(message);
  });

  it("that an earlier version could not read is read by one that can", () => {
    expect(read({ type: "edit?", about: "0" })).toMatchObject({ type: "edit" });
    expect(read({ type: "poll?" })).toMatchObject({ type: "poll?" });
  });

  it("is read without what a server never says", () => {
    expect(read({ type: 7 })).toEqual({ ...plain, type: "?" });
    expect(read({ about: 7, quiet: "yes" })).toStrictEqual(plain);
    expect(read({ about: "", quiet: false })).toStrictEqual(plain);
  });

  it("of nothing is empty where it may be: the server hands out a space", () => {
    expect(read({ type: "deletion", about: "0", content: " " })?.content).toBe("");
    expect(read({ type: "reaction", about: "0", content: " " })?.content).toBe("");
    expect(read({ type: "text", content: " " })?.content).toBe(" ");
    expect(read({ type: "poll", content: " " })?.content).toBe(" ");
    expect(read({ content: " " })?.content).toBe(" ");
  });
});

describe("what a message is", () => {
  it("is told by its sender and its id", () => {
    expect(keyOf(plain)).toBe("alice/1");
  });

  it.each<[string | undefined, string, string]>([
    [undefined, "bob", "alice"],
    [undefined, "alice", "alice"],
    ["carol", "alice", "carol"],
    ["carol", "bob", "alice"],
    ["g-1", "alice", "g-1"],
    ["g-1", "bob", "g-1"],
  ])("belongs to a conversation: from alice to %s, for %s: %s", (toId, ownId, conversation) => {
    expect(conversationOf({ senderId: "alice", ...(toId !== undefined && { toId }) }, ownId)).toBe(conversation);
  });

  it("is an own copy only if the user has sent it, and not to oneself alone", () => {
    expect(isOwnCopy({ senderId: "alice", toId: "bob" }, "alice")).toBe(true);
    expect(isOwnCopy({ senderId: "alice", toId: "g-1" }, "bob")).toBe(false);
    expect(isOwnCopy({ senderId: "alice" }, "alice")).toBe(false);
  });

  it("goes to a group or to a user, by the id", () => {
    expect([isGroupId("g-1"), isGroupId("1-g-")]).toEqual([true, false]);
  });
});

describe("contents", () => {
  it("of receipts are ids of messages", () => {
    expect(messageIdsIn({ content: '["1","2"]' })).toEqual(["1", "2"]);
    expect(messageIdsIn({ content: "1" })).toEqual([]);
    // Shorter ids would have room for ten times as many.
    const many = Array.from({ length: 4_000 }, (_, index) => `${index}`);
    expect(messageIdsIn({ content: JSON.stringify(many) })).toEqual(many.slice(0, 400));
  });

  it("of the user's own messages are changes by conversation", () => {
    const changes = { alice: { muted: true }, "g-1": { readUpTo: { sentAt: "2026", id: "alice/1" } } };
    expect(ownChangesIn({ content: JSON.stringify(changes) })).toEqual(changes);
    expect(ownChangesIn({ content: '{"alice":7}' })).toEqual({ alice: {} });
    expect(ownChangesIn({ content: "7" })).toEqual({});
  });

  it("of groups are events", () => {
    const alice = { id: "alice", username: "Alice" };
    const event = {
      ...{ version: 3, event: "left", name: "Friends", before: "Fiends" },
      ...{ member: alice, admin: false, newAdmin: { id: "bob", username: "Bob" } },
    };
    expect(groupEventIn({ content: JSON.stringify(event) })).toEqual(event);
    const damaged = {
      version: 3,
      event: "left",
      name: 7,
      before: "",
      member: "alice",
      admin: 1,
      newAdmin: { id: "bob" },
    };
    expect(groupEventIn({ content: JSON.stringify(damaged) })).toStrictEqual({ version: 3, event: "left" });
    const nameless = { version: 3, event: "left", member: { username: "Alice" } };
    expect(groupEventIn({ content: JSON.stringify(nameless) })).toStrictEqual({ version: 3, event: "left" });
  });
});
