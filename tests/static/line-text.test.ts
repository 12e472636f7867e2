import { describe, expect, it } from "vitest";
import type { QueuedMessage } from "../../static/src/storage/records.ts";
import { saying } from "../../static/src/text/saying.ts";
import { lastText, prefixOf } from "../../static/src/view/lineText.ts";

const ME = "me";
const last = (more: object = {}) => ({ id: "ann/m-1", sentAt: "2026", content: "Hello", isOwn: false, ...more });
const UNREADABLE = "This message cannot be shown here. Update goTalk to see it.";
const QUEUED: QueuedMessage = {
  sequence: 1,
  peerId: "ann",
  messageId: "m-2",
  content: "Waits",
  writtenAt: "2026",
  status: "pending",
};

describe("what a message says", () => {
  it.each([
    [{ content: "Hello" }, { text: "Hello", isNote: false }],
    [
      { content: "Hello", type: "text" },
      { text: "Hello", isNote: false },
    ],
    [
      { content: '{"mediaType":"image/webp","name":"a.webp"}', type: "file" },
      { text: "Picture", isNote: true },
    ],
    [
      { content: '{"mediaType":"video/mp4","name":"a.mp4"}', type: "file" },
      { text: "Video", isNote: true },
    ],
    [
      { content: '{"mediaType":"audio/ogg","name":"a.ogg"}', type: "file" },
      { text: "Sound", isNote: true },
    ],
    [
      { content: '{"mediaType":"text/html","name":"a.html"}', type: "file" },
      { text: "File: a.html", isNote: true },
    ],
    [
      { content: "{}", type: "x-later" },
      { text: UNREADABLE, isNote: true },
    ],
    [
      { content: "", type: "text", deleted: "2026" },
      { text: "Message deleted", isNote: true },
    ],
  ])("of %j is %j", (message, said) => {
    expect(saying(message)).toEqual(said);
  });
});

describe("the newest message in the list", () => {
  const event = (value: object, more: object = {}) =>
    last({ type: "group", content: JSON.stringify({ version: 1, ...value }), ...more });
  const group = { groupId: "g-1", name: "Tea", version: 1, members: [{ id: "ann", username: "anna", admin: false }] };

  it("is its words", () => {
    expect(lastText(last(), ME, undefined)).toBe("Hello");
    expect(lastText(last({ type: "poll" }), ME, undefined)).toBe(UNREADABLE);
  });

  it("is what happened in a group, by whom, as they are called now", () => {
    const renamed = { event: "renamed", name: "Tea" };
    expect(lastText(event(renamed, { senderName: "ann" }), ME, undefined)).toBe("ann renamed the group to “Tea”");
    expect(lastText(event(renamed, { senderName: "ann" }), ME, group)).toBe("anna renamed the group to “Tea”");
    expect(lastText(event(renamed, { id: `${ME}/m-1` }), ME, group)).toBe("You renamed the group to “Tea”");
    expect(lastText(event(renamed), ME, undefined)).toBe(" renamed the group to “Tea”");
  });

  it.each<[string, QueuedMessage | undefined, ReturnType<typeof last> | undefined]>([
    ["", undefined, undefined],
    ["", undefined, last()],
    ["", undefined, event({ event: "created" }, { senderName: "ann" })],
    ["ann: ", undefined, last({ senderName: "ann" })],
    ["You: ", undefined, last({ isOwn: true, senderName: "me" })],
    ["You: ", QUEUED, last({ senderName: "ann" })],
    ["Not sent: ", { ...QUEUED, problem: "The server is busy." }, last()],
  ])("has %j in front of it", (prefix, queued, message) => {
    expect(prefixOf(queued, message)).toBe(prefix);
  });
});
