import { describe, expect, it } from "vitest";
import { readFoldedFields } from "../../static/src/history/folded-fields.ts";

const [ID, TIME] = ["0195f3a0-0000-7000-8000-0123456789ab", "2026-01-01T00:00:00.000Z"];
const [ANN, BOB] = ["0195f3a0-1234-4000-9000-0123456789ab", "0195f3a0-1234-4000-9000-0123456789ac"];
const REACTION = { emoji: "👍", name: "ann", messageId: ID, sentAt: TIME };

describe("what a line of a history says of a message beside its text", () => {
  it("is read as it is, and is the name of nobody where there is nothing", () => {
    expect(readFoldedFields({})).toStrictEqual({ senderName: "" });
    const { messageType, ...fields } = {
      ...{ senderName: "ann", messageType: "file", about: ID, quiet: true },
      ...{ edited: { messageId: ID, sentAt: TIME }, deleted: TIME },
      reactions: { [ANN]: REACTION, [BOB]: { ...REACTION, emoji: "" } },
      receipts: { [ANN]: { delivered: TIME }, [BOB]: { delivered: TIME, read: TIME } },
    };
    expect(readFoldedFields({ messageType, ...fields })).toStrictEqual({ ...fields, type: messageType });
  });

  it.each<[string, unknown[]]>([
    ["senderName", ["", "x".repeat(100)]],
    ["messageType", ["text", "file", "group", "poll", "poll?", "a/b.c+d-9", "x".repeat(32)]],
    ["reactions", [{}, { [ANN]: { ...REACTION, emoji: "👩‍👩‍👧‍👦", name: "x".repeat(100) } }]],
    ["receipts", [{}]],
  ])("%s may be any of %j", (field, values) => {
    for (const value of values) expect(readFoldedFields({ [field]: value }), String(value)).toBeDefined();
  });

  it.each<[string, unknown[]]>([
    ["senderName", [1, null, "x".repeat(101)]],
    ["messageType", [1, "", "Text", "poll??", "a b", "x".repeat(33), "text\n"]],
    ["messageType", ["edit", "deletion", "reaction", "delivered", "read", "own"]],
    ["about", [1, "", "x"]],
    ["quiet", [false, "true", 1]],
    ["edited", [null, "x", {}, { messageId: ID }, { messageId: "x", sentAt: TIME }, { messageId: ID, sentAt: "x" }]],
    ["deleted", [true, "x", "2026-01-01"]],
    ["reactions", [null, "x", "", 1, [], [REACTION], { ann: REACTION }, { [ANN]: null }]],
    [
      "reactions",
      [
        { [ANN]: REACTION, [BOB]: {} },
        { [ANN]: REACTION, bob: REACTION },
      ],
    ],
    ["reactions", [{ [ANN]: { ...REACTION, emoji: "x".repeat(101) } }, { [ANN]: { ...REACTION, name: 1 } }]],
    ["reactions", [{ [ANN]: { ...REACTION, messageId: "x" } }, { [ANN]: { ...REACTION, sentAt: "x" } }]],
    ["receipts", [null, [], { [ANN]: {} }, { [ANN]: { read: TIME } }, { [ANN]: { delivered: TIME, read: "x" } }]],
  ])("%s is damaged as any of %j", (field, values) => {
    for (const value of values) expect(readFoldedFields({ [field]: value }), JSON.stringify(value)).toBeUndefined();
  });
});
