import { readFileSync } from "node:fs";
import fc from "fast-check";
import { v7 } from "uuid";
import { describe, expect, it, vi } from "vitest";
import type { Mark, Said } from "../../lib/client/index.ts";
import {
  conversationLine,
  END_LINE,
  headerLine,
  messageLine,
  readLine,
  saidLine,
} from "../../static/src/history/format.ts";
import { linesOf, type TextLine } from "../../static/src/history/lines.ts";
import type { StoredMessage } from "../../static/src/storage/records.ts";
import { histories, messageOf, OWNER, PEOPLE } from "../support/page/histories.ts";

const { id: ownId } = OWNER;
const [BOB] = PEOPLE;
const GROUP = `g-${"a".repeat(22)}`;
const read = (text: string) => readLine(text, ownId);
const MESSAGE = messageOf(1, 0, false, 0, "Hello");
const ENTRY = JSON.parse(messageLine(MESSAGE, ownId) ?? "");
const HEADER = JSON.parse(headerLine(OWNER, new Date(0)));
const with_ = (changes: object) => read(JSON.stringify({ ...ENTRY, ...changes }));

describe("a line of a history", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(histories(5), (messages) => {
        const lines = messages.map((message) => messageLine(message, ownId) ?? "");
        expect(lines.map(read)).toEqual(messages.map((message) => ({ type: "message", message })));
        expect(lines.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
      }),
    );
    expect(read(headerLine(OWNER, new Date(0)))).toEqual({
      type: "header",
      isNewer: false,
      userId: ownId,
      username: "alice",
    });
    expect(read(conversationLine(BOB) ?? "")).toEqual({ type: "conversation", ...BOB });
    expect(read(END_LINE)).toEqual({ type: "end" });
  });

  it("has what was said about a message, and is skipped by older readers if it is no text", () => {
    const { sentAt, messageId } = MESSAGE;
    const said = {
      ...MESSAGE,
      ...{ type: "text" as const, about: messageId, edited: { messageId, sentAt } },
      reactions: { [BOB.peerId]: { emoji: "👍", name: "bob", messageId, sentAt } },
      receipts: { [BOB.peerId]: { delivered: sentAt, read: sentAt } },
    };
    const poll = { ...MESSAGE, type: "poll" as unknown as "file" };
    const group = { conversationId: GROUP, peerId: GROUP };
    const typeOf = (message: StoredMessage) => JSON.parse(messageLine(message, ownId) ?? "{}").type;
    const all = [said, { ...MESSAGE, content: "", deleted: sentAt }, poll, { ...MESSAGE, ...group }];
    for (const message of all) expect(read(messageLine(message, ownId) ?? "")).toEqual({ type: "message", message });
    expect(all.map(typeOf)).toEqual(["message", "entry", "entry", "entry"]);
    const { type: _, ...old } = MESSAGE;
    expect(typeOf(old)).toBe("message");
    expect(read(conversationLine({ peerId: GROUP, name: "Our Group" }) ?? "")).toMatchObject({ name: "Our Group" });
  });

  it.each([
    ["a type of what is said about others", { messageType: "edit" }],
    ["a type of another form", { messageType: "A b" }],
    ["a reply to no message", { about: "x" }],
    ["an edit without a time", { edited: { messageId: MESSAGE.messageId } }],
    ["a deletion and a text", { deleted: MESSAGE.sentAt }],
    ["reactions in a list", { reactions: [] }],
    ["a reaction of nobody", { reactions: { x: { emoji: "a", name: "b", ...MESSAGE } } }],
    ["a reaction without an emoji", { reactions: { [BOB.peerId]: { name: "b", ...MESSAGE } } }],
    ["a text as a reaction", { reactions: { [BOB.peerId]: { emoji: "Buy now", name: "b", ...MESSAGE } } }],
    ["a receipt of another form", { receipts: { [BOB.peerId]: { delivered: "yesterday" } } }],
    ["quiet that is a text", { quiet: "true" }],
    ["a name of the sender that is no text", { senderName: 5 }],
  ])("is damaged if it has %s", (_, changes) => {
    expect(with_({})).toBeDefined();
    expect(with_(changes)).toBeUndefined();
  });

  it("may have fields that are not known, or be of a type that is not known", () => {
    const message = { type: "message", message: MESSAGE };
    expect(with_({ votes: [{ by: ownId }], constructor: 1 })).toEqual(message);
    expect(read(JSON.stringify(ENTRY).replace("{", '{"__proto__":{"content":"other"},'))).toEqual(message);
    expect(read('{"type":"reaction","content":5}')).toEqual({ type: "unknown" });
    expect(read(JSON.stringify({ ...HEADER, device: "phone" }))).toMatchObject({ type: "header", userId: ownId });
  });

  it.each([
    ["no JSON", "{"],
    ["the half of a line", JSON.stringify(ENTRY).slice(0, 80)],
    ["two lines in one", `${JSON.stringify(ENTRY)}${JSON.stringify(ENTRY)}`],
    ["null", "null"],
    ["a number", "5"],
    ["a list", `[${JSON.stringify(ENTRY)}]`],
    ["a text", '"message"'],
    ["too deep", "[".repeat(500_000)],
    ["without a type", "{}"],
    ["with a type that is no text", '{"type":5}'],
    ["with all of it in its prototype", `{"__proto__":${JSON.stringify(ENTRY)}}`],
    ["of a person without a name", JSON.stringify({ type: "conversation", peerId: BOB.peerId })],
    ["of a person with markup as a name", JSON.stringify({ type: "conversation", peerId: BOB.peerId, name: "<b>bob" })],
    ["of a person with another name for an id", JSON.stringify({ type: "conversation", peerId: "bob", name: "bob" })],
    ["of another format", JSON.stringify({ ...HEADER, format: "signal" })],
    ["of a version that is no number", JSON.stringify({ ...HEADER, version: "1" })],
    ["of half a version", JSON.stringify({ ...HEADER, version: 1.5 })],
    ["of version 0", JSON.stringify({ ...HEADER, version: 0 })],
    ["of nobody", JSON.stringify({ ...HEADER, userId: undefined })],
    ["of somebody with an odd name", JSON.stringify({ ...HEADER, username: "A\u202eB" })],
  ])("that is %s is damaged", (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each([
    ["no text", { content: 5 }],
    ["an empty text", { content: "" }],
    ["half a surrogate pair", { content: "a\ud83d" }],
    ["a text that is a byte too long", { content: "x".repeat(16_385) }],
    ["a text that is too long in UTF-8", { content: "é".repeat(8_193) }],
    ["no receiver", { peerId: undefined, senderId: ownId }],
    ["a receiver in capitals", { peerId: BOB.peerId.toUpperCase(), senderId: ownId }],
    ["a key of prototypes as its receiver", { peerId: "__proto__", senderId: ownId }],
    ["a sender of another conversation", { senderId: PEOPLE[1].peerId }],
    ["an id that is no UUIDv7", { messageId: crypto.randomUUID() }],
    ["an id that is too long", { messageId: `${ENTRY.messageId}0` }],
    [
      "an id behind something else",
      { messageId: `${ENTRY.messageId.replace("-", "").slice(0, 12)}${ENTRY.messageId}` },
    ],
    ["a receiver whose id is too long", { peerId: `${BOB.peerId}0`, senderId: ownId }],
    ["a receiver whose id is behind something else", { peerId: `0${BOB.peerId}`, senderId: ownId }],
    ["no time", { sentAt: undefined }],
    ["a time that is a number", { sentAt: Date.parse(MESSAGE.sentAt) }],
    ["a time of another form", { sentAt: "2026-03-01T12:00:00Z" }],
    ["a time that is none", { sentAt: "yesterday" }],
    ["a time that does not exist", { sentAt: "2026-02-30T12:00:00.000Z" }],
    ["a time of another zone", { sentAt: "2026-03-01T13:00:00.000+01:00" }],
    ["a time out of all range", { sentAt: "+275760-09-13T00:00:00.000Z" }],
    ["a time 32 days after its id", { sentAt: "2026-04-02T12:00:00.001Z" }],
    ["a time 32 days before its id", { sentAt: "2026-01-28T11:59:59.999Z" }],
  ])("of a message with %s is damaged", (_, changes) => {
    expect(with_(changes)).toBeUndefined();
  });

  it("of a message is damaged if its time is more than a day ahead: it would be the newest of its conversation for good", () => {
    const at = (ahead: number) => {
      const msecs = Date.now() + ahead;
      return with_({ messageId: v7({ msecs }), sentAt: new Date(msecs).toISOString() });
    };
    const day = 86_400_000;
    expect(at(day + 60_000)).toBeUndefined();
    expect(at(7_900 * 365 * day)).toBeUndefined();
    expect(at(day)).toMatchObject({ type: "message" });
  });

  it("of a message from a device whose clock is behind is written all the same", () => {
    const msecs = Date.now() + 5 * 86_400_000;
    const id = `${BOB.peerId}/${v7({ msecs })}`;
    expect(messageLine({ ...MESSAGE, id, sentAt: new Date(msecs).toISOString() }, ownId)).toBeDefined();
  });

  it.each([
    ["the longest text", { content: "é".repeat(8_192) }],
    ["a time 32 days after its id", { sentAt: "2026-04-02T12:00:00.000Z" }],
    ["nothing to be seen in its text", { content: " " }],
  ])("of a message with %s is whole", (_, changes) => {
    expect(with_(changes)).toMatchObject({ type: "message", message: changes });
  });

  it("says that it is of a newer version, whatever else that version has", () => {
    expect(read('{"type":"header","format":"gotalk-history","version":2}')).toEqual({
      ...{ type: "header", isNewer: true, userId: "", username: "" },
    });
  });

  it("is not written if it would not be read", () => {
    expect(messageLine({ ...MESSAGE, content: 5 as never }, ownId)).toBeUndefined();
    expect(messageLine({ ...MESSAGE, id: "damaged" }, ownId)).toBeUndefined();
    expect(messageLine({ ...MESSAGE, id: undefined as never }, ownId)).toBeUndefined();
    expect(messageLine({ ...MESSAGE, id: MESSAGE.id.replace("/", ":") }, ownId)).toBeUndefined();
    expect(conversationLine({ ...BOB, name: 5 as never })).toBeUndefined();
    expect(conversationLine({ ...BOB, name: BOB.peerId })).toBeUndefined();
  });
});

describe("a line of what is said about a message that is not there", () => {
  const { messageId, sentAt } = MESSAGE;
  const ABOUT = messageOf(9, 0, false, 0, "Not here").messageId;
  const said = (kind: Mark["kind"], content = "", more: Partial<Mark> = {}): Said => [
    ABOUT,
    { kind, conversationId: BOB.peerId, senderId: BOB.peerId, senderName: "bob", messageId, sentAt, content, ...more },
  ];
  const EDIT = said("edit", "The new text");
  const LINE = JSON.parse(saidLine(EDIT, ownId) ?? "");
  const with_ = (changes: object) => read(JSON.stringify({ ...LINE, ...changes }));

  it.each<[string, Said]>([
    ["an edit", EDIT],
    ["a deletion", said("deletion")],
    ["a reaction", said("reaction", "👍")],
    ["a reaction that was taken back", said("reaction")],
    ["a delivery", said("delivered")],
    ["a reading", said("read")],
    ["an own edit", said("edit", "x", { senderId: ownId })],
    ["somebody's in a group", said("edit", "x", { conversationId: GROUP })],
    ["somebody's without a name", said("edit", "x", { senderName: "" })],
  ])("is read as it was written: %s", (_, one) => {
    expect(read(saidLine(one, ownId) ?? "")).toEqual({ type: "said", said: one });
  });

  it("has the fields of a message, and no others", () => {
    expect(LINE).toEqual({
      ...{ type: "said", peerId: BOB.peerId, senderId: BOB.peerId, senderName: "bob", messageId, sentAt },
      ...{ messageType: "edit", about: ABOUT, content: "The new text" },
    });
    expect(saidLine(said("edit", "x", { senderName: "" }), ownId)).not.toContain("senderName");
    expect(with_({ later: 1 })).toEqual({ type: "said", said: EDIT });
  });

  it.each([
    ["nothing that it says", { messageType: undefined }],
    ["a type that says nothing of others", { messageType: "text" }],
    ["a key of prototypes as its type", { messageType: "constructor" }],
    ["nothing that it is about", { about: undefined }],
    ["a name for what it is about", { about: "x" }],
    ["an edit without a text", { content: "" }],
    ["a deletion with a text", { messageType: "deletion" }],
    ["a text as a reaction", { messageType: "reaction" }],
    ["a receipt with a text", { messageType: "read" }],
    ["a receipt without a content", { messageType: "delivered", content: undefined }],
    ["a sender of another conversation", { senderId: PEOPLE[1].peerId }],
    ["an id that is none", { messageId: "x" }],
    ["no conversation", { peerId: undefined, senderId: ownId }],
    ["a time that is none", { sentAt: "yesterday" }],
    ["a time 32 days after its id", { sentAt: "2026-04-02T12:00:00.001Z" }],
    ["a sender's name that is too long", { senderName: "x".repeat(101) }],
  ])("is damaged if it has %s", (_, changes) => {
    expect(with_(changes)).toBeUndefined();
  });

  it("is damaged if it is more than a day ahead: nothing that is said later would count", () => {
    const at = (ahead: number) => {
      const msecs = Date.now() + ahead;
      return with_({ messageId: v7({ msecs }), sentAt: new Date(msecs).toISOString() });
    };
    expect(at(86_460_000)).toBeUndefined();
    expect(at(86_340_000)).toMatchObject({ type: "said" });
  });

  it("is not written if it would not be read", () => {
    expect(saidLine(said("edit"), ownId)).toBeUndefined();
    expect(saidLine(said("edit", "x", { senderId: PEOPLE[1].peerId }), ownId)).toBeUndefined();
  });
});

it("the examples in docs/history.md are a history", () => {
  const page = readFileSync(new URL("../../docs/history.md", import.meta.url), "utf8");
  const [, example = ""] = /```json\n([^`]*)```/.exec(page) ?? [];
  const [header = "", ...lines] = example.trimEnd().split("\n");
  const { userId } = JSON.parse(header);
  const written = headerLine({ id: userId, username: "alice" }, new Date("2026-03-12T18:30:00.000Z"));
  expect(`${header}\n`).toBe(written);
  const [conversation, message, end] = lines.map((line) => readLine(line, userId));
  expect(conversation).toMatchObject({ type: "conversation", name: "bob" });
  expect(message).toMatchObject({ type: "message", message: { content: "Hello, Bob!" } });
  expect(end).toEqual({ type: "end" });
  expect(lines.length).toBe(3);
  const [said = ""] = /^\{"type":"said".*$/m.exec(page) ?? [];
  expect(readLine(said, userId)).toMatchObject({ type: "said", said: [expect.any(String), { kind: "edit" }] });
});

/** Splits as a browser may: into chunks of any size. */
const inChunks = (bytes: Uint8Array, sizes: readonly number[]): Blob => {
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>]);
  blob.stream = () => {
    let at = 0;
    let turn = 0;
    return new ReadableStream({
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        const size = sizes[turn++ % sizes.length] ?? 1;
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      },
    });
  };
  return blob;
};

async function allOf(file: Blob): Promise<TextLine[]> {
  const lines: TextLine[] = [];
  for await (const line of linesOf(file)) lines.push(line);
  return lines;
}

const textsOf = async (blob: Blob): Promise<(string | undefined)[]> => (await allOf(blob)).map(({ text }) => text);

const LONGEST = 1_048_576;

describe("the lines of a file", () => {
  it("are the same whatever chunks they come in, and say how far the file is read", async () => {
    const lines = fc.array(
      fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", "").replace(/^\ufeff+/, "")),
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (texts, sizes) => {
        const bytes = new TextEncoder().encode(texts.map((text) => `${text}\n`).join(""));
        const found = await allOf(inChunks(bytes, sizes));
        expect(found.map(({ text }) => text)).toEqual(texts);
        let read = 0;
        expect(found.map((line) => line.read)).toEqual(
          texts.map((text) => (read += new TextEncoder().encode(text).length + 1)),
        );
      }),
    );
  });

  it("may begin with a byte order mark, and the last one need not end", async () => {
    expect(await textsOf(new Blob(["\ufeffa\r\n\nb"]))).toEqual(["a\r", "", "b"]);
    expect(await textsOf(new Blob([]))).toEqual([]);
  });

  it("that are no UTF-8 are told apart from the others", async () => {
    const bytes = Uint8Array.from([97, 10, 0xff, 0xfe, 10, 0xe2, 0x82, 10, 98]);
    expect(await textsOf(inChunks(bytes, [3]))).toEqual(["a", undefined, undefined, "b"]);
  });

  it("that are too long are told once, as soon as they are, and are not kept", async () => {
    const long = `${"x".repeat(LONGEST + 1)}${"x".repeat(LONGEST)}`;
    expect(await textsOf(new Blob(["a\n", long, "\nb"]))).toEqual(["a", undefined, "b"]);
    expect(await textsOf(new Blob(["a\n", long]))).toEqual(["a", undefined]);
    expect((await textsOf(new Blob(["x".repeat(LONGEST), "\nb"]))).map((text) => text?.length)).toEqual([LONGEST, 1]);
    const endless = new Blob([]);
    endless.stream = () =>
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(LONGEST).fill(120)) });
    expect(await linesOf(endless).next()).toEqual({ done: false, value: { text: undefined, read: 2 * LONGEST } });
  });

  it("are not read any more once the reader stops", async () => {
    const file = new Blob([]);
    const cancel = vi.fn();
    file.stream = () =>
      new ReadableStream({ pull: (controller) => controller.enqueue(Uint8Array.from([97, 10])), cancel });
    for await (const { text } of linesOf(file)) {
      expect([text, cancel.mock.calls.length]).toEqual(["a", 0]);
      break;
    }
    expect(cancel).toHaveBeenCalledOnce();
  });
});
