import fc from "fast-check";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { HistoryFiles } from "../../static/src/chat/historyFiles.ts";
import { Notices } from "../../static/src/chat/notices.ts";
import { type TabEvent, Tabs } from "../../static/src/chat/tabs.ts";
import { exportHistory } from "../../static/src/history/exporting.ts";
import {
  conversationLine,
  END_LINE,
  headerLine,
  MOST_PEOPLE,
  messageLine,
  saidLine,
} from "../../static/src/history/format.ts";
import { type ImportReport, importHistory, type Refusal } from "../../static/src/history/importing.ts";
import type { StoredMessage } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { WAIT } from "../support/eventually.ts";
import { newDatabase, refusePuts } from "../support/page/database.ts";
import { histories, messageOf, OWNER, PEOPLE } from "../support/page/histories.ts";

/** Lines that are stored together, and messages that are read together. */
const BATCH = 200;

const HEADER = headerLine(OWNER, new Date());
const [BOB] = PEOPLE;
const HELLO = messageOf(1, 0, false, 0, "Hello");
const MANY = Array.from({ length: 450 }, (_, index) => messageOf(index, 0, index % 3 === 0, index, `m ${index}`));

const lineOf = (message: StoredMessage): string => messageLine(message, OWNER.id) ?? "";
const linesOf = (messages: readonly StoredMessage[]): string => messages.map(lineOf).join("");
const fileOf = (messages: readonly StoredMessage[]): string => `${HEADER}${linesOf(messages)}${END_LINE}`;

let database: Database;
beforeEach(async () => {
  database = await newDatabase();
});

/** How a person follows the work, and stops it after so many parts. */
function watching(stopAfter = Number.POSITIVE_INFINITY) {
  const life = new AbortController();
  const parts: number[] = [];
  const onProgress = (part: number): void => {
    if (parts.push(part) >= stopAfter) life.abort();
  };
  return { parts, life, watch: { signal: life.signal, onProgress } };
}

async function bring(text: string, { watch } = watching()): Promise<ImportReport> {
  return importHistory(database, OWNER.id, new Blob([text]), watch);
}

const history = (): Promise<StoredMessage[]> => database.getAllFromIndex("messages", "timeline");

async function write({ watch } = watching()) {
  const file = (await exportHistory(database, OWNER, watch)) ?? expect.fail("it was stopped");
  return { ...file, lines: (await file.blob.text()).split(/(?<=\n)/) };
}

it("a history is the same once it has been in a file", async () => {
  await fc.assert(
    fc.asyncProperty(histories(30), async (messages) => {
      await database.clear("messages");
      await bring(fileOf(messages));
      const before = await history();
      const { blob } = await write();
      await database.clear("messages");
      const { added, end } = await bring(await blob.text());
      expect([added, end]).toEqual([messages.length, { kind: "whole" }]);
      expect(await history()).toEqual(before);
    }),
    { numRuns: 25 },
  );
});

describe("a file that is written", () => {
  it("has whose it is, then the people, then the messages, and its end; and is called by its user and day", async () => {
    await bring([HEADER, ...PEOPLE.map((one) => conversationLine(one) ?? ""), linesOf([HELLO]), END_LINE].join(""));
    vi.useFakeTimers({ now: Date.UTC(2026, 2, 12, 23, 59), toFake: ["Date"] });
    const { name, messages, damaged, blob, lines } = await write();
    vi.useRealTimers();
    expect([name, messages, damaged, blob.type]).toEqual(["gotalk-alice-2026-03-12.jsonl", 1, 0, "application/jsonl"]);
    const [header, ...rest] = lines;
    expect(header).toBe(headerLine(OWNER, new Date(Date.UTC(2026, 2, 12, 23, 59))));
    expect(rest.slice(0, 3).sort()).toEqual(PEOPLE.map((one) => conversationLine(one)).sort());
    expect(rest.slice(3)).toEqual([lineOf(HELLO), END_LINE]);
  });

  it("is read in batches, and tells how far it is", async () => {
    await bring(fileOf(MANY));
    const watched = watching();
    expect((await write(watched)).messages).toBe(MANY.length);
    expect(watched.parts).toEqual([BATCH / MANY.length, (2 * BATCH) / MANY.length, 1]);
  });

  it("leaves out what is damaged, and counts it", async () => {
    await bring(`${HEADER}${conversationLine(BOB)}${lineOf(HELLO)}`);
    const broken = { id: "broken", peerId: HELLO.peerId, sentAt: HELLO.sentAt } as StoredMessage;
    await database.put("messages", broken);
    await database.put("conversations", { peerId: "damaged", name: "<b>", unread: 0 });
    const watched = watching();
    const { messages, damaged, lines } = await write(watched);
    expect([messages, damaged, lines.slice(1)]).toEqual([1, 1, [conversationLine(BOB), lineOf(HELLO), END_LINE]]);
    expect(watched.parts).toEqual([1]);
  });

  it("never tells of more than all, though messages arrive meanwhile", async () => {
    await bring(fileOf(MANY));
    const { watch, parts } = watching();
    const onProgress = (part: number): void => {
      watch.onProgress(part);
      if (parts.length === 1)
        for (const message of MANY) void database.put("messages", { ...message, id: `${message.id}x` });
    };
    await exportHistory(database, OWNER, { ...watch, onProgress });
    expect(parts.length).toBeGreaterThan(3);
    expect(Math.max(...parts)).toBe(1);
  });

  it("is none if the person stops it", async () => {
    await bring(fileOf(MANY));
    const { watch, parts } = watching(1);
    expect(await exportHistory(database, OWNER, watch)).toBeUndefined();
    expect(parts).toHaveLength(1);
  });
});

describe("a file that is read", () => {
  it("is stored in batches, and tells how far it is", async () => {
    const text = fileOf(MANY);
    const watched = watching();
    expect(await bring(text, watched)).toEqual({
      ...{
        added: MANY.length,
        known: 0,
        changed: 0,
        damaged: 0,
        firstDamaged: undefined,
        leftOut: 0,
        end: { kind: "whole" },
      },
    });
    const bytesOf = (messages: number): number => `${HEADER}${linesOf(MANY.slice(0, messages))}`.length;
    expect(watched.parts).toEqual([BATCH, 2 * BATCH].map((messages) => bytesOf(messages) / text.length));
    expect(await history()).toEqual(MANY);
  });

  it("that comes again adds nothing, and one that has a message twice adds it once", async () => {
    await bring(fileOf(MANY.slice(0, 3)));
    expect(await bring(fileOf(MANY.slice(2, 5)))).toMatchObject({ added: 2, known: 1 });
    const other = messageOf(900, 1, false, 0, "Hi");
    expect(await bring(fileOf([other, other]))).toMatchObject({ added: 1, known: 1 });
  });

  it("changes nothing that is here, and takes nothing that is said about others: anybody may have written it", async () => {
    await bring(fileOf([HELLO]));
    const before = await history();
    const { messageId, sentAt, senderId, conversationId } = HELLO;
    const forged = { ...HELLO, content: "forged", edited: { messageId, sentAt } };
    const mark = {
      kind: "deletion",
      conversationId,
      senderId,
      senderName: "",
      messageId,
      sentAt,
      content: "",
    } as const;
    const said = saidLine([messageId, mark], OWNER.id);
    const report = await bring([HEADER, lineOf(forged), said, END_LINE].join(""));
    expect(report).toMatchObject({ added: 0, known: 1, changed: 0, damaged: 0, end: { kind: "whole" } });
    expect([await history(), await database.count("waiting")]).toEqual([before, 0]);
  });

  it("leaves whole batches if the person stops it, and adds the rest the next time", async () => {
    const { added, end } = await bring(fileOf(MANY), watching(1));
    expect([added, end]).toEqual([BATCH, { kind: "stopped" }]);
    expect(await bring(fileOf(MANY))).toMatchObject({ added: MANY.length - BATCH, known: BATCH });
  });

  it("brings its whole batches and says how it failed, if no more can be stored", async () => {
    const { watch, life } = watching();
    const onProgress = (): void => refusePuts("messages");
    const report = await importHistory(database, OWNER.id, new Blob([fileOf(MANY)]), { ...watch, onProgress });
    expect(report).toMatchObject({ added: BATCH, end: { kind: "failed", error: { message: "refused" } } });
    expect([await history(), life.signal.aborted]).toEqual([MANY.slice(0, BATCH), false]);
  });

  it("is taken but for its damaged lines, which are counted", async () => {
    const damaged = ["{", "null", `"${"x".repeat(2_000_000)}"`];
    const text = [`\ufeff${HEADER}`, "\r\n", lineOf(HELLO), ...damaged.map((line) => `${line}\r\n`), END_LINE].join("");
    const report = await bring(`${text}\n`);
    expect(report).toMatchObject({ added: 1, damaged: 3, firstDamaged: 4, leftOut: 0, end: { kind: "whole" } });
  });

  it("may have lines that a later version has added", async () => {
    const report = await bring(`${HEADER}{"type":"reaction"}\n${fileOf([HELLO])}`);
    expect(report).toMatchObject({ added: 1, damaged: 0, end: { kind: "whole" } });
  });

  it("brings no more people than a list can show, and their messages; the lines about others are counted", async () => {
    const people = Array.from({ length: MOST_PEOPLE }, (_, index) => ({
      ...{ peerId: `0f000000-0000-4000-8000-${String(index).padStart(12, "0")}`, name: `name-${index}` },
    }));
    const [first] = people;
    const peerId = first?.peerId ?? "";
    const known = { ...HELLO, id: `${peerId}/${HELLO.messageId}`, conversationId: peerId, peerId, senderId: peerId };
    const crowd = people.map((one) => conversationLine(one));
    const report = await bring(
      [HEADER, ...crowd, lineOf(HELLO), conversationLine(BOB), lineOf(known), END_LINE].join(""),
    );
    expect(report).toMatchObject({ added: 1, leftOut: 2, end: { kind: "whole" } });
    expect(await history()).toEqual([known]);
    expect(await database.count("conversations")).toBe(MOST_PEOPLE);
  });

  it.each([
    ["in a line", -20, 1],
    ["between two lines", -END_LINE.length, 0],
  ])("that is cut off %s is said to be, and the rest is taken", async (_, end, damaged) => {
    const report = await bring(fileOf([HELLO, messageOf(2, 0, false, 1, "Hi")]).slice(0, end));
    expect(report).toMatchObject({ added: 2 - damaged, damaged, end: { kind: "cut" } });
  });

  it("is cut off if it goes on behind its end", async () => {
    expect(await bring(fileOf([HELLO]) + lineOf(messageOf(2, 0, false, 1, "Hi")))).toMatchObject({
      ...{ added: 2, end: { kind: "cut" } },
    });
  });

  it("is cut off if nothing comes behind its first line, and a history without messages is not", async () => {
    expect(await bring(HEADER)).toMatchObject({ added: 0, damaged: 0, end: { kind: "cut" } });
    expect(await bring(HEADER + END_LINE)).toMatchObject({ added: 0, damaged: 0, end: { kind: "whole" } });
  });

  it.each<[string, string, Refusal]>([
    ["empty", "", { kind: "empty" }],
    ["nothing but empty lines", "\n \r\n", { kind: "empty" }],
    ["a picture", "\u0089PNG\r\n\u001a\n\u0000", { kind: "foreign" }],
    ["other JSON lines", '{"a":1}\n', { kind: "foreign" }],
    ["too long a line", "x".repeat(2_000_000), { kind: "foreign" }],
    ["a history without its first line", linesOf([HELLO]), { kind: "foreign" }],
    [
      "the history of another user",
      fileOf([HELLO]).replace(OWNER.id, BOB.peerId),
      { kind: "other user", username: "alice" },
    ],
    ["newer", fileOf([HELLO]).replace('"version":1', '"version":2'), { kind: "newer" }],
  ])("is refused if it is %s, and nothing is stored", async (_, text, reason) => {
    expect(await bring(text)).toMatchObject({
      added: 0,
      known: 0,
      damaged: 0,
      leftOut: 0,
      end: { kind: "refused", reason },
    });
    expect(await history()).toEqual([]);
  });

  it("is refused with another user's behind one's own, and taken with one's own behind it", async () => {
    const other = fileOf([messageOf(2, 0, false, 1, "Not mine")]).replace(OWNER.id, BOB.peerId);
    expect(await bring(fileOf([HELLO]) + other)).toMatchObject({ end: { kind: "refused" } });
    expect(await history()).toEqual([]);
    expect(await bring(fileOf([HELLO]) + fileOf(MANY.slice(2)))).toMatchObject({ added: MANY.length - 1 });
  });
});

describe("the history of the page", () => {
  const notice = { what: "begins", others: ["phone"] } as const;

  /** The history of a page with a notice, and what its tabs are told. */
  async function setUp() {
    const tabs = new Tabs(OWNER.id);
    onTestFinished(() => tabs.close());
    const notices = new Notices(database, tabs);
    await notices.tell(notice);
    const told: TabEvent[] = [];
    tabs.listen((event) => void told.push(event));
    return { files: new HistoryFiles(database, OWNER, tabs, notices), notices, told };
  }

  it("is shown anew in all tabs once a file is read, and the notice has done its work", async () => {
    const { files, notices, told } = await setUp();
    const report = await files.import(new Blob([fileOf([HELLO])]), watching().watch);
    expect(report).toMatchObject({ added: 1, end: { kind: "whole" } });
    await expect.poll(() => notices.current.value, WAIT).toBeUndefined();
    expect(told).toEqual([
      { type: "changed", isImport: true },
      { type: "notice", notice: undefined },
    ]);
  });

  it("is shown anew after a part of a file as well, and the notice stays", async () => {
    const { files, notices, told } = await setUp();
    const report = await files.import(new Blob([HEADER, lineOf(HELLO)]), watching().watch);
    expect(report).toMatchObject({ added: 1, end: { kind: "cut" } });
    await database.get("state", "notice");
    expect([told, notices.current.value]).toEqual([[{ type: "changed", isImport: true }], notice]);
  });

  it("goes into a file of its user", async () => {
    const { files } = await setUp();
    await bring(fileOf([HELLO]));
    expect(await files.export(watching().watch)).toMatchObject({
      ...{ name: expect.stringMatching(/^gotalk-alice-/), messages: 1 },
    });
  });
});
