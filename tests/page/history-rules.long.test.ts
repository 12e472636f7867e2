import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import fc from "fast-check";
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { conversationLine, END_LINE, headerLine, MOST_PEOPLE, messageLine } from "../../static/src/history/format.ts";
import { compare, type Line, type StoredMessage } from "../../static/src/storage/records.ts";
import { WAIT } from "../support/eventually.ts";
import { usePage } from "../support/page/fixture.ts";
import { histories, messageOf, OWNER, PEOPLE } from "../support/page/histories.ts";
import type { historyInPage, Kept } from "./support/history-in-page.ts";

type InPage = typeof historyInPage;

const ENTRY = fileURLToPath(new URL("support/history-in-page.ts", import.meta.url));

/** Messages that are stored together. */
const BATCH = 200;

/** As they lie in the storage: by their ids. */
const BY_ID = PEOPLE.toSorted((a, b) => (a.peerId < b.peerId ? -1 : 1));

/** As the page keeps them: the newest message of each is its last one. */
const conversationsOf = (messages: readonly StoredMessage[], unread = 0): Line[] =>
  BY_ID.map(({ peerId, name }) => {
    const newest = messages
      .filter((message) => message.peerId === peerId)
      .toSorted(compare)
      .at(-1);
    if (newest === undefined) return { peerId, name, unread: 0 };
    const { id, sentAt, content, senderId } = newest;
    const unreadFrom = unread > 0 ? { unreadFrom: { id, sentAt } } : {};
    return { peerId, name, unread, ...unreadFrom, last: { id, sentAt, content, isOwn: senderId === OWNER.id } };
  });

const keptOf = (messages: readonly StoredMessage[], unread = 0): Kept => ({
  messages: inOrder(messages),
  conversations: conversationsOf(messages, unread),
});

/** The order of the timelines. */
const inOrder = (messages: readonly StoredMessage[]): StoredMessage[] =>
  messages.toSorted((a, b) => a.conversationId.localeCompare(b.conversationId) || compare(a, b));

const HEADER = headerLine(OWNER, new Date());

const linesOf = (messages: readonly StoredMessage[]): string[] => [
  ...PEOPLE.map((person) => conversationLine(person) ?? ""),
  ...messages.map((message) => messageLine(message, OWNER.id) ?? ""),
];

const fileOf = (messages: readonly StoredMessage[]): string => [HEADER, ...linesOf(messages), END_LINE].join("");

/** Enough for several batches. */
const MANY = Array.from({ length: 1_000 }, (_, index) =>
  messageOf(index, index % 2, index % 3 === 0, index, `m ${index}`),
);

const HELLO = messageOf(1, 0, false, 0, "Hello");

describe("a history that goes into a file and comes from one", () => {
  const { stranger } = usePage();
  let page: Page;
  /** Pages that show nothing and have the page's storage. */
  let newPage: () => Promise<Page>;
  const runs = { numRuns: 40 };
  const newPlace = (): string => `place-${randomUUID()}`;

  beforeEach(async () => {
    const { context, url } = await stranger("alice");
    const { outputFiles } = await build({ entryPoints: [ENTRY], bundle: true, write: false, format: "iife" });
    newPage = async () => {
      const fresh = await context.newPage();
      await fresh.goto(`${url}/manifest.webmanifest`);
      await fresh.evaluate(outputFiles[0]?.text ?? "");
      return fresh;
    };
    page = await newPage();
  });

  const call = <Name extends keyof InPage>(
    name: Name,
    ...values: Parameters<InPage[Name]>
  ): Promise<Awaited<ReturnType<InPage[Name]>>> =>
    page.evaluate(([key, all]) => Reflect.get(globalThis, "historyInPage")[key](...all), [name, values] as const);
  const exported = async (place: string): Promise<string> => (await call("export", place, OWNER)).text;
  const imported = (place: string, text: string, stopAfter?: number) =>
    call("import", place, OWNER, text, ...(stopAfter === undefined ? [] : [stopAfter]));

  it("is the same in an empty browser, where nothing is unread", async () => {
    await fc.assert(
      fc.asyncProperty(histories(30), fc.nat(3), async (messages, unread) => {
        const [from, to] = [newPlace(), newPlace()];
        await call("fill", from, keptOf(messages, unread));
        const report = await imported(to, await exported(from));
        expect(report).toEqual({
          added: messages.length,
          known: 0,
          changed: 0,
          damaged: 0,
          leftOut: 0,
          end: { kind: "whole" },
        });
        expect(await call("read", to)).toEqual(keptOf(messages));
      }),
      runs,
    );
  });

  it("joins what is there, which stays as it is, and changes nothing when it comes again", async () => {
    const sides = fc.array(fc.constantFrom("here", "file", "both"), { minLength: 30, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(histories(30), sides, fc.nat(3), async (messages, where, unread) => {
        const place = newPlace();
        const here = messages.filter((_, index) => where[index] !== "file");
        const inFile = messages.filter((_, index) => where[index] !== "here");
        const before = keptOf(here, unread);
        await call("fill", place, before);
        const text = fileOf(inFile);
        const added = messages.length - here.length;
        const known = inFile.length - added;
        expect(await imported(place, text)).toMatchObject({ added, known });
        const unreadBefore = new Map(before.conversations.map((line) => [line.peerId, line]));
        const joined = {
          messages: inOrder(messages),
          conversations: conversationsOf(messages).map((line) => {
            const { unread: count, unreadFrom } = unreadBefore.get(line.peerId) ?? line;
            return { ...line, unread: count, ...(unreadFrom && { unreadFrom }) };
          }),
        };
        expect(await call("read", place)).toEqual(joined);
        expect(await imported(place, text)).toMatchObject({ added: 0, known: inFile.length });
        expect(await call("read", place)).toEqual(joined);
      }),
      runs,
    );
  });

  it("is the same whatever the order of its lines, also when some come twice", async () => {
    const shuffled = histories(20).chain((messages) => {
      const lines = [...linesOf(messages), ...linesOf(messages.slice(0, 5))];
      return fc.tuple(fc.constant(messages), fc.shuffledSubarray(lines, { minLength: lines.length }));
    });
    await fc.assert(
      fc.asyncProperty(shuffled, async ([messages, lines]) => {
        const place = newPlace();
        const { added, known } = await imported(place, [HEADER, ...lines, END_LINE].join(""));
        expect([added, known]).toEqual([messages.length, Math.min(5, messages.length)]);
        expect(await call("read", place)).toEqual(keptOf(messages));
      }),
      runs,
    );
  });

  it("may have messages of people whose name it does not tell: the name comes with another file", async () => {
    const place = newPlace();
    await imported(place, [HEADER, messageLine(HELLO, OWNER.id), END_LINE].join(""));
    const bob = async () =>
      (await call("read", place)).conversations.find(({ peerId }) => peerId === HELLO.conversationId);
    const before = await bob();
    expect(before).toMatchObject({ name: HELLO.conversationId, last: { content: "Hello" } });
    await imported(place, fileOf([]));
    expect(await bob()).toEqual({ ...before, name: "bob" });
    const renamed = conversationLine({ peerId: HELLO.conversationId, name: "robert" });
    await imported(place, [HEADER, renamed, END_LINE].join(""));
    expect(await bob()).toEqual({ ...before, name: "bob" });
  });

  it("that is stopped leaves whole batches, and comes in whole the next time", async () => {
    const place = newPlace();
    const report = await imported(place, fileOf(MANY), 2);
    expect(report).toMatchObject({ added: 2 * BATCH - PEOPLE.length, end: { kind: "stopped" } });
    const stored = MANY.slice(0, report.added);
    expect(await call("read", place)).toEqual(keptOf(stored));
    const again = await imported(place, fileOf(MANY));
    expect(again).toMatchObject({ added: MANY.length - stored.length, known: stored.length });
    expect(await call("read", place)).toEqual(keptOf(MANY));
  });

  it("whose import ends with its page leaves whole batches, and comes in whole the next time", async () => {
    const place = newPlace();
    const text = fileOf(MANY);
    void call("importEndlessly", place, OWNER, text.slice(0, text.length / 2)).catch(() => undefined);
    const other = page;
    page = await newPage();
    await expect.poll(async () => (await call("read", place)).messages.length, WAIT).toBeGreaterThan(BATCH);
    await other.close();
    const { messages, conversations } = await call("read", place);
    expect((messages.length + PEOPLE.length) % BATCH).toBe(0);
    expect({ messages, conversations }).toEqual(keptOf(MANY.slice(0, messages.length)));
    await imported(place, text);
    expect(await call("read", place)).toEqual(keptOf(MANY));
  });

  it("and arrives from the server at the same time is there once", async () => {
    const place = newPlace();
    const messages = MANY.slice(0, 500);
    await call("importWhileReceiving", place, OWNER, fileOf(messages), messages.slice(200, 400));
    const { messages: stored, conversations } = await call("read", place);
    expect(stored).toEqual(inOrder(messages));
    const lasts = conversationsOf(messages).map(({ last }) => last?.content);
    expect(conversations.map(({ last }) => last?.content)).toEqual(lasts);
  });

  it("leaves a message in the outbox that another device has: it may not have reached its receiver", async () => {
    const place = newPlace();
    const own = messageOf(1, 0, true, 0, "On its way");
    const { conversationId: peerId, content, sentAt } = own;
    const waiting = {
      peerId,
      content,
      messageId: own.id.slice(OWNER.id.length + 1),
      status: "failed",
      writtenAt: sentAt,
    };
    await call("fill", place, { ...keptOf([]), outbox: [waiting as never] });
    expect(await imported(place, fileOf([own, HELLO]))).toMatchObject({ added: 1, known: 1 });
    expect(await call("read", place)).toEqual(keptOf([HELLO]));
    expect((await exported(place)).includes("On its way")).toBe(false);
  });

  it("is taken but for its damaged lines, which are counted", async () => {
    const [place, from] = [newPlace(), newPlace()];
    const damaged = ["{", "null", '{"type":"message"}', "\udbff", "a\u0000b", `"${"x".repeat(2_000_000)}"`];
    const lines = linesOf(MANY.slice(0, 250)).flatMap((line, index) =>
      index < damaged.length ? [line, `${damaged[index]}\r\n`] : [line],
    );
    const text = `\ufeff${[HEADER, "\r\n", ...lines, '{"type":"from the future"}\n', END_LINE].join("").replaceAll(/\r?\n/g, "\r\n")}`;
    const report = await imported(place, text);
    expect(report).toEqual({
      added: 250,
      known: 0,
      changed: 0,
      damaged: 6,
      firstDamaged: 4,
      leftOut: 0,
      end: { kind: "whole" },
    });
    expect(await call("read", place)).toEqual(keptOf(MANY.slice(0, 250)));
    const broken = { id: "damaged", peerId: HELLO.peerId, sentAt: HELLO.sentAt } as StoredMessage;
    await call("fill", from, { messages: [HELLO, broken], conversations: [] });
    expect(await call("export", from, OWNER)).toMatchObject({ messages: 1, damaged: 1 });
  });

  it.each([
    ["a batch and its receipt", "batch", "messages"],
    ["a batch and its receipt", "batch", "conversations"],
    ["a batch and its receipt", "batch", "state"],
    ["a message before its sync", "preview", "conversations"],
    ["a message that was sent", "sent", "messages"],
    ["a draft that moves", "draft", "drafts"],
  ] as const)("stores %s as a whole or not at all: %s, %s", async (_, step, store) => {
    const place = newPlace();
    const { peerId, content, sentAt, id } = HELLO;
    const waiting = { peerId, content, messageId: id.split("/")[1], status: "pending", writtenAt: sentAt };
    await call("fill", place, { ...keptOf([]), outbox: [waiting as never] });
    const { before, after, hasFailed } = await call("stepInVain", place, OWNER, HELLO, step, store);
    expect(hasFailed).toBe(true);
    expect(after).toEqual(before);
    expect([before.outbox.length, before.drafts.length, before.inbox]).toEqual([1, 1, undefined]);
  });

  it("brings no more people than a list can show, and their messages; the lines about others are counted", async () => {
    const place = newPlace();
    const crowd = Array.from({ length: MOST_PEOPLE }, (_, index) => {
      const peerId = `0f000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
      return conversationLine({ peerId, name: `name-${index}` });
    });
    const peerId = "0f000000-0000-4000-8000-000000000000";
    const known = messageLine(
      { ...HELLO, id: `${peerId}/${HELLO.messageId}`, conversationId: peerId, senderId: peerId },
      OWNER.id,
    );
    // Two lines about bob, who is one too many.
    const surplus = [messageLine(HELLO, OWNER.id), conversationLine(PEOPLE[0])];
    const report = await imported(place, [HEADER, ...crowd, ...surplus, known, END_LINE].join(""));
    expect(report).toEqual({ added: 1, known: 0, changed: 0, damaged: 0, leftOut: 2, end: { kind: "whole" } });
    const { conversations, messages } = await call("read", place);
    expect(conversations.length).toBe(MOST_PEOPLE);
    expect(messages.map((message) => message.peerId)).toEqual([peerId]);
  });

  it.each([
    ["in a line", -20, 1],
    ["between two lines", -END_LINE.length, 0],
  ])("that is cut off %s is said to be, and the rest is taken", async (_, end, damaged) => {
    const place = newPlace();
    const report = await imported(place, fileOf([HELLO, messageOf(2, 0, false, 1, "Hi")]).slice(0, end));
    expect(report).toMatchObject({ added: 2 - damaged, damaged, end: { kind: "cut" } });
  });

  it.each([
    ["an empty file", "", { kind: "empty" }],
    ["nothing but empty lines", "\n\r\n", { kind: "empty" }],
    ["a picture", "\u0089PNG\r\n\u001a\n\u0000", { kind: "foreign" }],
    ["other JSON lines", '{"a":1}\n', { kind: "foreign" }],
    ["a history without its first line", linesOf([HELLO]).join(""), { kind: "foreign" }],
    [
      "the history of another user",
      fileOf([HELLO]).replace(OWNER.id, PEOPLE[0].peerId),
      { kind: "other user", username: "alice" },
    ],
    ["a newer version", fileOf([HELLO]).replace('"version":1', '"version":2'), { kind: "newer" }],
  ])("is refused if it is %s, and nothing is stored", async (_, text, reason) => {
    const place = newPlace();
    const nothing = { added: 0, known: 0, changed: 0, damaged: 0, leftOut: 0 };
    expect(await imported(place, text)).toEqual({ ...nothing, end: { kind: "refused", reason } });
    expect(await call("read", place)).toEqual({ messages: [], conversations: [] });
  });

  it("of another user behind one's own is refused as well", async () => {
    const place = newPlace();
    const other = fileOf([messageOf(2, 0, false, 1, "Not mine")]).replace(OWNER.id, PEOPLE[0].peerId);
    expect(await imported(place, fileOf([HELLO]) + other)).toMatchObject({ end: { kind: "refused" } });
    expect((await call("read", place)).messages).toEqual([]);
    expect(await imported(place, fileOf([HELLO]) + fileOf(MANY))).toMatchObject({ added: 1 + MANY.length });
  });
});
