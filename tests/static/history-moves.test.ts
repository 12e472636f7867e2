import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  type Client,
  type FileContent,
  FileError,
  type FoldedConversation,
  NetworkError,
  newMessageId,
  ProblemError,
  saidIn,
  type Waiting,
} from "../../lib/client/index.ts";
import { type BringingHost, bringHistory, fetchList, NotTaken, openOffer } from "../../static/src/history/bringing.ts";
import { conversationLine, END_LINE, headerLine, messageLine, saidLine } from "../../static/src/history/format.ts";
import { importHistory } from "../../static/src/history/importing.ts";
import { HistoryTooLarge, type TransferWatch, uploadHistory } from "../../static/src/history/offering.ts";
import { packPart, unpacked } from "../../static/src/history/packing.ts";
import { seal } from "../../static/src/history/sealing.ts";
import { storeBatch } from "../../static/src/storage/batches.ts";
import {
  bringingOf,
  deleteBringing,
  expiryOf,
  isExpired,
  isReplaced,
  isTold,
  mayHaveGap,
  type Offer,
  offerIn,
  offeringOf,
  openedOf,
  storeBringing,
  storeOffering,
} from "../../static/src/storage/moves.ts";
import { storeBeginning } from "../../static/src/storage/notices.ts";
import { outgoingFrom } from "../../static/src/storage/outbox.ts";
import type { Stored, StoredMessage } from "../../static/src/storage/records.ts";
import type { Database } from "../../static/src/storage/schema.ts";
import { deletion, edit, reaction } from "../support/messages.ts";
import { newDatabase } from "../support/page/database.ts";
import { histories, messageOf, OWNER, PEOPLE } from "../support/page/histories.ts";

const DAY = 86_400_000;

/** Messages that are read together. */
const BATCH = 200;
const MANY = Array.from({ length: 3 * BATCH }, (_, index) => messageOf(index, index % 2, false, index, `m ${index}`));
const [BOB] = PEOPLE;

const fileOf = (messages: readonly StoredMessage[]): string =>
  [
    headerLine(OWNER, new Date()),
    ...PEOPLE.map((one) => conversationLine(one) ?? ""),
    ...messages.map((message) => messageLine(message, OWNER.id) ?? ""),
    END_LINE,
  ].join("");
const FILE = fileOf(MANY);

/** What waits for a message that is not there. */
const waitingFor = (number: number): Waiting => {
  const { messageId: about } = messageOf(5_000 + number, 0, false, 0, "");
  const { messageId, sentAt } = messageOf(7_000 + number, 0, false, 0, "");
  const mark = { conversationId: BOB.peerId, senderId: BOB.peerId, senderName: "bob", messageId, sentAt };
  return {
    messageId: about,
    marks: { edit: { ...mark, kind: "edit", content: `e ${number}` }, read: { ...mark, kind: "read", content: "" } },
  };
};

/** A store of files, and the client of a device to it. Encryption is the client's own affair. */
class Files {
  readonly blobs = new Map<string, Blob>();
  readonly fetched: string[] = [];
  /** What the next calls fail by, each once. */
  readonly failures: unknown[] = [];
  /** Called before each call. */
  before: () => void = () => {};

  async uploadFile(blob: Blob, options: Parameters<Client["uploadFile"]>[1]): Promise<FileContent> {
    this.#begin(options.signal);
    const fileId = `${this.blobs.size}`.padStart(22, "f");
    this.blobs.set(fileId, blob);
    options.onProgress?.(blob.size, blob.size);
    const secret = { key: "A".repeat(43), iv: "A".repeat(10), sha256: `${"A".repeat(43)}=` };
    return { fileId, name: options.name, mediaType: "application/gzip", bytes: blob.size, ...secret };
  }

  async fetchFile({ fileId }: FileContent, options: Parameters<Client["fetchFile"]>[1] = {}): Promise<Blob> {
    this.#begin(options.signal);
    this.fetched.push(fileId);
    const blob = this.blobs.get(fileId);
    if (blob === undefined) throw new FileError("file_expired");
    options.onProgress?.(blob.size, blob.size);
    return blob;
  }

  newMessageId = (): string => newMessageId();

  #begin(signal: AbortSignal | undefined): void {
    this.before();
    signal?.throwIfAborted();
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
  }
}

let [laptop, phone]: Database[] = [];
let files: Files;
/** What a page is told of messages that were there and have changed. */
let told: Stored[];
let online: (() => void)[] = [];
beforeEach(async () => {
  online = [];
  vi.stubGlobal("addEventListener", (_: string, listener: () => void) => online.push(listener));
  onTestFinished(() => void vi.unstubAllGlobals());
  [laptop, phone] = await Promise.all([newDatabase(), newDatabase()]);
  files = new Files();
  told = [];
});

const open = (database: Database | undefined): Database => database ?? expect.fail("there is no database");

function watching(onOutage: (error: unknown) => void = (error) => expect.fail(`outage: ${error}`)) {
  const life = new AbortController();
  const parts: number[] = [];
  const watch: TransferWatch = { signal: life.signal, onProgress: (part) => parts.push(part), onOutage };
  return { life, parts, watch };
}

const uploading = (watch: TransferWatch, mostParts?: number) =>
  uploadHistory(
    { client: files, database: open(laptop), user: OWNER, partBytes: 1, ...(mostParts && { mostParts }) },
    watch,
  );

const offered = (sealed: string, id = newMessageId()): Offer => ({ id, version: 1, sealed });

const bringingHost = (): BringingHost => ({
  ...{ client: files, database: open(phone), ownId: OWNER.id },
  onChanged: (stored) => void told.push(stored),
});

const give = (database: Database, text = FILE) =>
  importHistory(database, OWNER.id, new Blob([text]), { signal: new AbortController().signal, onProgress: () => {} });

const history = (database: Database): Promise<StoredMessage[]> => database.getAllFromIndex("messages", "timeline");

/** Opens an offer on the phone, and fetches its list. */
const openedBy = async (offer: Offer, code: string, { watch } = watching()) =>
  fetchList(bringingHost(), await openOffer(bringingHost(), offer, code), watch);

/** Uploads the history of the laptop and opens it on the phone. */
async function opened() {
  await give(open(laptop));
  const { sealed, code } = await uploading(watching().watch);
  const offer = offered(sealed);
  return { offer, bringing: await openedBy(offer, code) };
}

describe("a history in parts", () => {
  it("has each message once and all people, wherever it is cut, and is the same when the parts are read", async () => {
    await fc.assert(
      fc.asyncProperty(histories(30), fc.integer({ min: 1, max: 20_000 }), async (messages, partBytes) => {
        const [from, to] = await Promise.all([newDatabase(), newDatabase()]);
        const lines = messages.map((message) => messageLine(message, OWNER.id) ?? "");
        const people = PEOPLE.map((one) => conversationLine(one) ?? "");
        await give(from, [headerLine(OWNER, new Date()), ...people, ...lines, END_LINE].join(""));
        let after: Awaited<ReturnType<typeof packPart>>["last"];
        const reports: (readonly [unknown, number])[] = [];
        for (let isLast = false; !isLast; ) {
          const part = await packPart(from, OWNER, {
            after,
            signal: watching().watch.signal,
            onRead: () => {},
            partBytes,
          });
          const source = unpacked(part.blob, part.plainBytes);
          const report = await importHistory(to, OWNER.id, source, watching().watch);
          reports.push([report.end, report.known + report.damaged]);
          ({ last: after, isLast } = part);
        }
        expect(new Set(reports.map((one) => JSON.stringify(one)))).toEqual(new Set(['[{"kind":"whole"},0]']));
        expect(await history(to)).toEqual(await history(from));
        expect(await to.getAll("conversations")).toEqual(await from.getAll("conversations"));
      }),
      { numRuns: 15 },
    );
  });

  it("has what waits for other messages behind all of these, each once, wherever it is cut", async () => {
    const few = fc.record({ waits: fc.nat(12), partBytes: fc.integer({ min: 1, max: 4_000 }) });
    const many = fc.record({ waits: fc.constantFrom(BATCH, 2 * BATCH + 1), partBytes: fc.constant(40_000) });
    await fc.assert(
      fc.asyncProperty(fc.nat(30), fc.oneof(few, many), async (count, { waits, partBytes }) => {
        const from = await newDatabase();
        await give(from, fileOf(MANY.slice(0, count)));
        const records = Array.from({ length: waits }, (_, index) => waitingFor(index));
        await Promise.all(records.map((record) => from.put("waiting", record)));
        const lines: string[] = [];
        let after: Awaited<ReturnType<typeof packPart>>["last"];
        let [messages, damaged] = [0, 0];
        for (let isLast = false; !isLast; ) {
          const { signal } = watching().watch;
          const part = await packPart(from, OWNER, { after, signal, onRead: () => {}, partBytes });
          const text = await new Response(unpacked(part.blob, part.plainBytes).stream()).text();
          lines.push(...text.split(/(?<=\n)/).filter((line) => !/"type":"(header|conversation|end)"/.test(line)));
          messages += part.messages;
          damaged += part.damaged;
          ({ last: after, isLast } = part);
        }
        const said = records.flatMap(saidIn).map((one) => saidLine(one, OWNER.id));
        const inOrder = await history(from);
        expect(lines).toEqual([...inOrder.map((one) => messageLine(one, OWNER.id)), ...said]);
        expect([messages, damaged]).toEqual([count, 0]);
      }),
      { numRuns: 15 },
    );
  });

  it("is read up to the bytes that it says: a small file may become a large one", async () => {
    const bomb = new Blob([gzipSync(Buffer.alloc(30_000_000, "x"))]);
    const source = unpacked(bomb, 1_000_000);
    let read = 0;
    const all = (async () => {
      const reader = source.stream().getReader();
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) read += chunk.value.byteLength;
    })();
    await expect(all).rejects.toThrow(RangeError);
    expect(read).toBeLessThanOrEqual(1_000_000);
  });
});

describe("an upload of the history", () => {
  it("is in parts, with progress, and goes on behind the last whole part after a stop and after a failure", async () => {
    await give(open(laptop));
    const first = watching();
    files.before = () => files.blobs.size === 1 && first.life.abort();
    await expect(uploading(first.watch)).rejects.toThrow("aborted");
    expect(files.blobs.size).toBe(1);
    files.before = () => {};
    files.failures.push(new ProblemError({ status: 429, code: "too_many_files", detail: "", retryAfter: 3_600 }));
    await expect(uploading(watching().watch)).rejects.toThrow(ProblemError);
    const kept = await offeringOf(open(laptop), OWNER.id, Date.now());
    expect(kept).toMatchObject({ messages: BATCH, damaged: 0 });
    const { watch, parts } = watching();
    const { code, messages } = await uploading(watch);
    expect([code, messages]).toEqual([kept?.code, MANY.length]);
    // Three parts and their list.
    expect(files.blobs.size).toBe(4);
    expect(parts).toEqual(parts.toSorted((one, other) => one - other));
    expect([parts[0], parts.at(-1)]).toEqual([1.5 / 3, 1]);
  });

  it("waits for the network by itself, and for nothing else", async () => {
    await give(open(laptop));
    files.failures.push(new NetworkError("away"), new ProblemError({ status: 503, code: "unavailable", detail: "" }));
    const outages: unknown[] = [];
    await uploading(
      watching((error) => {
        outages.push(error);
        // Before it sleeps: the network is there again.
        queueMicrotask(() => online.at(-1)?.());
      }).watch,
    );
    expect(outages).toHaveLength(2);
    files.failures.push(new NetworkError("a portal", { status: 302 }));
    await storeOffering(open(laptop), undefined);
    await expect(uploading(watching().watch)).rejects.toThrow("a portal");
  });

  it("is refused if it has too many parts", async () => {
    await give(open(laptop));
    await expect(uploading(watching().watch, 2)).rejects.toThrow(HistoryTooLarge);
  });

  it("of nothing is one part", async () => {
    const { parts, messages, isWhole } = await uploading(watching().watch);
    expect([parts.length, messages, isWhole]).toEqual([1, 0, true]);
  });
});

describe("what is kept of an upload", () => {
  const begunAt = "2026-03-01T00:00:00.000Z";
  const at = (days: number): number => Date.parse(begunAt) + days * DAY;
  const unfinished = { code: "C", begunAt, parts: [], messages: 0, damaged: 0 };

  const say = (database: Database, sealed: string) =>
    database.put("folded", {
      id: OWNER.id,
      own: { history: { value: { version: 1, sealed }, messageId: newMessageId() } },
    });

  it("is gone on with for 30 days, and shown for 60, as long as no later history was offered", async () => {
    const database = open(laptop);
    const kept = async (days: number) => (await offeringOf(database, OWNER.id, at(days))) !== undefined;
    await storeOffering(database, unfinished);
    expect([await kept(29), await kept(31)]).toEqual([true, false]);
    await storeOffering(database, { ...unfinished, sealed: "mine" });
    expect(await kept(1)).toBe(false);
    await say(database, "mine");
    expect([await kept(1), await kept(59), await kept(61)]).toEqual([true, true, false]);
    await say(database, "another");
    expect(await kept(1)).toBe(false);
    await database.put("state", { garbage: 1 } as never, "offering");
    expect(await kept(1)).toBe(false);
    expect(expiryOf({ begunAt })).toBe("2026-04-30T00:00:00.000Z");
  });
});

describe("what has become of an upload", () => {
  const sealed = "A-_b";
  const offering = { code: "C", begunAt: new Date().toISOString(), parts: [], messages: 0, damaged: 0 };
  const say = (database: Database, value: string) =>
    database.put("folded", {
      id: OWNER.id,
      own: { history: { value: { version: 1, sealed: value }, messageId: newMessageId() } },
    });

  it("is that another history was offered since, and nothing else", async () => {
    const database = open(laptop);
    const replaced = () => isReplaced(database, OWNER.id);
    expect(await replaced()).toBe(false);
    await say(database, "another");
    expect(await replaced()).toBe(false);
    await storeOffering(database, offering);
    expect(await replaced()).toBe(false);
    await storeOffering(database, { ...offering, sealed });
    expect(await replaced()).toBe(true);
    await say(database, sealed);
    expect(await replaced()).toBe(false);
  });

  it("is told as soon as no message waits that tells it, whatever its id and its form", async () => {
    const database = open(laptop);
    const told = () => isTold(database, OWNER.id, sealed);
    const history = { value: { version: 1, sealed }, messageId: newMessageId() };
    for (const said of [{ history: history.value }, { known: { history } }]) {
      expect(await told()).toBe(true);
      const content = JSON.stringify({ [OWNER.id]: said });
      const sequence = await database.add(
        "outbox",
        outgoingFrom({ peerId: OWNER.id, type: "own", content, messageId: newMessageId() }),
      );
      expect(await told()).toBe(false);
      await database.delete("outbox", sequence);
    }
    const other = { peerId: OWNER.id, type: "own", content: "{}", messageId: newMessageId() };
    await database.add("outbox", outgoingFrom(other));
    expect(await told()).toBe(true);
  });
});

describe("an offer of a history", () => {
  const own = (value: unknown, messageId = "m"): FoldedConversation => ({
    id: OWNER.id,
    own: { history: { value, messageId } },
  });

  it.each([
    ["nothing", undefined],
    ["no setting", { id: OWNER.id }],
    ["a text", own("x")],
    ["null", own(null)],
    ["no version", own({ sealed: "x" })],
    ["a text for a version", own({ version: "1", sealed: "x" })],
    ["a number for what is sealed", own({ version: 1, sealed: 1 })],
  ])("is none if it is %s", (_, said) => {
    expect(offerIn(said)).toBeUndefined();
  });

  it("is what the user's devices have said last", () => {
    expect(offerIn(own({ version: 1, sealed: "x", more: 1 }, "id"))).toEqual({ id: "id", version: 1, sealed: "x" });
  });

  it("is of no use after 60 days", () => {
    const offer = offered("x", newMessageId());
    expect([isExpired(offer, Date.now() + 59 * DAY), isExpired(offer, Date.now() + 61 * DAY)]).toEqual([false, true]);
  });

  it("is opened by its code alone, and only if its list is for this user and this page", async () => {
    const { sealed, code } = await uploading(watching().watch);
    const refused = (offer: Offer, by = code) =>
      openedBy(offer, by).then(
        () => "taken",
        (error: unknown) => (error instanceof NotTaken ? error.reason : String(error)),
      );
    expect(await refused(offered(sealed), `0${code.slice(1)}`)).toBe(code.startsWith("0") ? "taken" : "wrong code");
    expect(await refused({ ...offered(sealed), version: 2 })).toBe("newer");
    expect(await refused(offered(await seal("{}", code, OWNER.id)))).toBe("damaged");
    const listed = async (text: string) => {
      const file = await files.uploadFile(new Blob([text]), { name: "list" });
      return refused(offered(await seal(JSON.stringify(file), code, OWNER.id)));
    };
    expect(await listed("no list")).toBe("damaged");
    expect(await listed(`{"format":"gotalk-history-parts","version":2}`)).toBe("newer");
    expect(await bringingOf(open(phone), offered(sealed))).toBeUndefined();
    files.blobs.clear();
    expect(await refused(offered(sealed))).toContain("no longer stored");
  });
});

describe("a history that is brought", () => {
  it("is the same, with progress, and then it is forgotten where it was", async () => {
    const { offer, bringing } = await opened();
    const { watch, parts } = watching();
    expect(await bringHistory(bringingHost(), bringing, watch)).toMatchObject({
      done: 3,
      added: MANY.length,
      leftOut: 0,
    });
    expect(await history(open(phone))).toEqual(await history(open(laptop)));
    expect(parts).toEqual(parts.toSorted((one, other) => one - other));
    expect(parts.at(-1)).toBeGreaterThan(0.9);
    expect(await bringingOf(open(phone), offer)).toBeUndefined();
    const again = await bringHistory(bringingHost(), bringing, watching().watch);
    expect([again.added, await history(open(phone))]).toEqual([0, await history(open(laptop))]);
  });

  it("brings what was edited, deleted and said on the other device since, by another upload, and tells what has changed", async () => {
    const { bringing } = await opened();
    await bringHistory(bringingHost(), bringing, watching().watch);
    const bobs = MANY.filter(({ conversationId }) => conversationId === BOB.peerId);
    const [one, two, three] = bobs.map(({ messageId }) => messageId);
    const at = (index: number) => {
      const { messageId, sentAt } = messageOf(9_000 + index, 0, false, 9_000, "");
      return { messageId, sentAt };
    };
    const notThere = messageOf(8_000, 0, false, 8_000, "").messageId;
    const said = [
      edit("", BOB.peerId, one ?? "", { ...at(1), content: "Edited" }),
      deletion("", BOB.peerId, two ?? "", at(2)),
      reaction("", BOB.peerId, three ?? "", "👍", at(3)),
      edit("", BOB.peerId, notThere, { ...at(4), content: "Of none" }),
    ];
    await storeBatch(open(laptop), OWNER.id, said, { receipt: "r", recent: [] });
    await storeOffering(open(laptop), undefined);
    const { sealed, code } = await uploading(watching().watch);
    const again = await openedBy(offered(sealed), code);
    expect(told).toEqual([]);
    expect(await bringHistory(bringingHost(), again, watching().watch)).toMatchObject({ added: 0, changed: 3 });
    expect(await history(open(phone))).toEqual(await history(open(laptop)));
    expect(told.flatMap(({ messages }) => messages.map(({ messageId }) => messageId))).toEqual([one, two, three]);
    expect(told.flatMap(({ news }) => news)).toEqual([]);
    const waiting = await open(phone).getAll("waiting");
    expect(waiting.map(({ messageId }) => messageId)).toEqual([notThere]);
    expect(waiting).toEqual(await open(laptop).getAll("waiting"));
  });

  it("is opened by its code once, whatever becomes of the network, and the code is not kept", async () => {
    await give(open(laptop));
    const { sealed, code } = await uploading(watching().watch);
    const offer = offered(sealed);
    const state = () => open(phone).getAll("state");
    const waits = watching();
    files.before = () => waits.life.abort();
    await expect(openedBy(offer, code, waits)).rejects.toThrow("aborted");
    files.before = () => {};
    expect(JSON.stringify(await state())).not.toContain(code);
    const later = { ...offer, id: newMessageId() };
    expect(await openedOf(open(phone), later)).toBeUndefined();
    await deleteBringing(open(phone), { offerId: later.id });
    const kept = (await openedOf(open(phone), offer)) ?? expect.fail("nothing is kept");
    const bringing = await fetchList(bringingHost(), kept, watching().watch);
    // What the code has opened is not needed any more.
    expect(await state()).toEqual([bringing]);
    expect(await bringHistory(bringingHost(), bringing, watching().watch)).toMatchObject({ added: MANY.length });
    expect(await state()).toEqual([]);
    await openOffer(bringingHost(), offer, code);
    await deleteBringing(open(phone), { offerId: offer.id });
    expect(await state()).toEqual([]);
  });

  it("goes on with the part at which it ended: none is fetched twice that is here", async () => {
    const { offer, bringing } = await opened();
    files.fetched.length = 0;
    const { watch, life } = watching();
    files.before = () => files.fetched.length === 1 && life.abort();
    await expect(bringHistory(bringingHost(), bringing, watch)).rejects.toThrow("aborted");
    files.before = () => {};
    const kept = (await bringingOf(open(phone), offer)) ?? expect.fail("nothing is kept");
    expect([kept.done, kept.added]).toEqual([1, BATCH]);
    expect(await bringHistory(bringingHost(), kept, watching().watch)).toMatchObject({ done: 3, added: MANY.length });
    expect(files.fetched).toHaveLength(3);
  });

  it("is not gone on with if a later one was offered", async () => {
    const { offer } = await opened();
    expect(await bringingOf(open(phone), offer)).toMatchObject({ done: 0 });
    expect(await bringingOf(open(phone), { ...offer, id: newMessageId() })).toBeUndefined();
    expect(await bringingOf(open(phone), undefined)).toBeUndefined();
    await open(phone).put("state", { garbage: 1 } as never, "bringing");
    expect(await bringingOf(open(phone), offer)).toBeUndefined();
    await open(phone).delete("state", "bringing");
  });

  it("that another tab has opened later stays, when an earlier one is done", async () => {
    const { bringing } = await opened();
    const later = { ...bringing, offerId: newMessageId() };
    await storeBringing(open(phone), later);
    await deleteBringing(open(phone), bringing);
    expect(await open(phone).get("state", "bringing")).toEqual(later);
    await deleteBringing(open(phone), later);
    expect(await open(phone).get("state", "bringing")).toBeUndefined();
  });

  const packed = (text: string): Blob => new Blob([gzipSync(text)]);
  const small = (id: string): string =>
    [headerLine({ id, username: "alice" }, new Date()), messageLine(MANY[0] as StoredMessage, OWNER.id), END_LINE].join(
      "",
    );

  it.each([
    ["is no gzip", new Blob(["no gzip"]), 100, "damaged"],
    ["is cut off", packed(small(OWNER.id)).slice(0, 200), 10_000, "damaged"],
    ["has more than it says", packed(small(OWNER.id)), 100, "damaged"],
    ["has no end", packed(small(OWNER.id).replace(END_LINE, "")), 10_000, "damaged"],
    ["is no history", packed("PNG\n"), 10_000, "damaged"],
    ["is of another user", packed(small(randomUUID())), 10_000, "other user"],
    ["is of a newer version", packed(small(OWNER.id).replace('"version":1', '"version":2')), 10_000, "newer"],
  ])("is refused at a part that %s, and the part before stays", async (_, blob, plainBytes, reason) => {
    const { bringing } = await opened();
    const file = await files.uploadFile(blob, { name: "part" });
    const parts = [...bringing.list.parts.slice(0, 1), { file, plainBytes }];
    const brought = bringHistory(bringingHost(), { ...bringing, list: { ...bringing.list, parts } }, watching().watch);
    await expect(brought).rejects.toMatchObject({ reason });
    expect((await history(open(phone))).length).toBeGreaterThanOrEqual(BATCH);
  });

  it("may lack what came before this device began, if the other one had begun to gather it", async () => {
    const database = open(phone);
    const list = (begunAt: number) => ({ begunAt: new Date(begunAt).toISOString() });
    const [before, after] = [list(Date.now() - 1_000), list(Date.now() + 1_000)];
    const gap = (deviceId: string | undefined, one: typeof before) => mayHaveGap(database, OWNER.id, deviceId, one);
    expect(await gap("d-phone", before)).toBe(false);
    await storeBeginning(database, { deviceId: "d-phone", messageId: newMessageId() });
    expect(await Promise.all([gap("d-phone", before), gap("d-phone", after)])).toEqual([true, false]);
    expect(await Promise.all([gap("d-tablet", before), gap(undefined, before)])).toEqual([false, false]);
    // An earlier version of the page has stored nothing of it.
    const asksAs = { value: "d-tablet", messageId: newMessageId() };
    await database.put("folded", { id: OWNER.id, own: { asksAs } });
    expect(await Promise.all([gap("d-tablet", before), gap("d-tablet", after)])).toEqual([true, false]);
  });
});
