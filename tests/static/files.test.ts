import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { kindOf, readShown, SAVED_TYPE, safeType, shownName } from "../../static/src/files/reading.ts";
import { contentOf } from "../../static/src/storage/content.ts";
import {
  deleteKept,
  enqueueFile,
  finishUpload,
  isUpload,
  keep,
  kept,
  sweep,
  sweepUploads,
} from "../../static/src/storage/files.ts";
import { discard, nextFor, outboxOf, outgoingFrom, requeue, setStatus } from "../../static/src/storage/outbox.ts";
import { newDatabase, refuseBlobs, refusePuts } from "../support/page/database.ts";

const ABC = new Blob(["abc"]);
const blob = (bytes: number): Blob => new Blob([new Uint8Array(bytes)]);
const bringer = (id: string) => ({ id: `bob/${id}`, conversationId: "bob" });
const CONTENT = { fileId: "f-1", name: "a.txt", mediaType: "text/plain", bytes: 3, key: "k", iv: "i", sha256: "s" };

/** A file in the outbox that is not uploaded. */
async function waiting() {
  const database = await newDatabase();
  const said = { peerId: "bob", type: "file", content: JSON.stringify({ name: "a.txt", bytes: 3 }) };
  const message = { ...outgoingFrom({ ...said, messageId: randomUUID() }), upload: randomUUID() };
  await enqueueFile(database, message, ABC);
  const [queued] = (await outboxOf(database)).filter(isUpload);
  if (queued === undefined) throw new Error("There is no file in the outbox.");
  return { database, queued };
}

describe("a file in the outbox", () => {
  it("is not sent before it is uploaded, and then under the id that it had, with its content kept", async () => {
    const { database, queued } = await waiting();
    expect(await nextFor(database, "bob")).toBeUndefined();
    await finishUpload(database, queued, CONTENT, "me");
    const next = await nextFor(database, "bob");
    expect(next).toMatchObject({ messageId: queued.messageId, content: JSON.stringify(CONTENT), status: "pending" });
    expect(next?.upload).toBeUndefined();
    expect(await (await contentOf(database, "f-1"))?.text()).toBe("abc");
    expect(await kept(database)).toEqual({ count: 1, bytes: 3 });
    expect(await database.get("files", "f-1")).toMatchObject({ id: `me/${queued.messageId}`, conversationId: "bob" });
  });

  it("is written once: its content stays where it is, as long as its message is there", async () => {
    const { database, queued } = await waiting();
    refusePuts("bytes");
    await finishUpload(database, queued, CONTENT, "me");
    await sweepUploads(database);
    await sweep(database);
    expect(await database.getAllKeys("bytes")).toEqual([queued.upload]);
    expect(await (await contentOf(database, "f-1"))?.text()).toBe("abc");
    await discard(database, queued);
    await sweep(database);
    expect([await database.getAllKeys("bytes"), await kept(database)]).toEqual([[], { count: 0, bytes: 0 }]);
  });

  it("is removed with the files that are kept, once it is uploaded", async () => {
    const { database, queued } = await waiting();
    await finishUpload(database, queued, CONTENT, "me");
    await deleteKept(database);
    expect(await database.getAllKeys("bytes")).toEqual([]);
  });

  it("that an older version of the page has uploaded, under its fileId, is read and removed as before", async () => {
    const { database, queued } = await waiting();
    await finishUpload(database, queued, CONTENT, "me");
    const { place: _, ...old } = (await database.get("files", "f-1")) ?? expect.fail("It is not kept.");
    await database.put("files", old);
    await database.put("bytes", new Blob(["old"]), "f-1");
    await sweepUploads(database);
    expect(await database.getAllKeys("bytes")).toEqual(["f-1"]);
    expect(await (await contentOf(database, "f-1"))?.text()).toBe("old");
    await deleteKept(database);
    expect(await database.getAllKeys("bytes")).toEqual([]);
  });

  it("is uploaded again after Retry, and not sent", async () => {
    const { database, queued } = await waiting();
    await setStatus(database, queued, { status: "failed", problem: "Too large" });
    await requeue(database, [queued], () => randomUUID());
    expect(await nextFor(database, "bob")).toBeUndefined();
    expect(await outboxOf(database)).toMatchObject([{ upload: queued.upload, status: "pending" }]);
  });

  it("that was deleted does not come back, and its content goes", async () => {
    const { database, queued } = await waiting();
    await discard(database, queued);
    await finishUpload(database, queued, CONTENT, "me");
    await sweepUploads(database);
    expect([await outboxOf(database), await database.getAllKeys("bytes"), await kept(database)]).toEqual([
      [],
      [],
      { count: 0, bytes: 0 },
    ]);
  });

  it("is there as a whole or not at all", async () => {
    const database = await newDatabase();
    refusePuts("bytes");
    const message = outgoingFrom({ peerId: "bob", type: "file", content: "{}", messageId: randomUUID() });
    await expect(enqueueFile(database, { ...message, upload: "u" }, blob(1))).rejects.toThrow("refused");
    expect(await outboxOf(database)).toEqual([]);
  });

  it("is stored as bytes where the browser takes no Blob, once, and is kept so", async () => {
    refuseBlobs();
    const { database, queued } = await waiting();
    expect(await outboxOf(database)).toHaveLength(1);
    expect(await database.get("bytes", queued.upload)).toBeInstanceOf(ArrayBuffer);
    await finishUpload(database, queued, CONTENT, "me");
    await keep(database, "f-2", ABC, bringer("2"));
    for (const id of ["f-1", "f-2"]) expect(await (await contentOf(database, id))?.text()).toBe("abc");
    expect(await kept(database)).toEqual({ count: 2, bytes: 6 });
  });

  it("is not tried as bytes where there is no room", async () => {
    const refused = refuseBlobs(new DOMException("full", "QuotaExceededError"));
    await expect(waiting()).rejects.toThrow("full");
    expect(refused).toHaveLength(1);
  });
});

describe("files that are kept", () => {
  it("make room for others, the oldest ones first", async () => {
    const database = await newDatabase();
    for (const [at, id] of ["a", "b", "c"].entries()) {
      await keep(database, id, blob(40), bringer(id), 1_000);
      const file = await database.get("files", id);
      if (file) await database.put("files", { ...file, keptAt: at });
    }
    await keep(database, "d", blob(40), bringer("d"), 100);
    expect(await database.getAllKeys("files")).toEqual(["c", "d"]);
    expect(await database.getAllKeys("bytes")).toEqual(["c", "d"]);
    expect(await kept(database)).toEqual({ count: 2, bytes: 80 });
  });

  it("go with their messages, and what waits in the outbox stays", async () => {
    const { database, queued } = await waiting();
    const message = { messageId: "1", conversationId: "bob", senderId: "bob", senderName: "bob", sentAt: "2026" };
    await database.put("messages", { ...message, id: "bob/1", type: "file", content: '{"fileId":"here"}' });
    await database.put("messages", { ...message, id: "bob/2", type: "file", content: "", deletedHere: true });
    for (const [fileId, id] of [
      ["here", "1"],
      ["deleted", "2"],
      ["unknown", "3"],
    ] as const)
      await keep(database, fileId, blob(1), bringer(id));
    await sweep(database);
    expect(await database.getAllKeys("files")).toEqual(["here"]);
    expect(await database.getAllKeys("bytes")).toEqual([queued.upload, "here"].sort());
    await deleteKept(database);
    expect(await database.getAllKeys("bytes")).toEqual([queued.upload]);
  });
});

describe("what a sender says of a file", () => {
  it.each([
    ["image/png", "Picture", "image/png"],
    ["IMAGE/PNG; charset=x", "Picture", "image/png"],
    ["video/mp4", "Video", "video/mp4"],
    ["audio/ogg;codecs=opus", "Sound", "audio/ogg"],
    ["image/svg+xml", "File", SAVED_TYPE],
    ["text/html", "File", SAVED_TYPE],
    ["application/xhtml+xml", "File", SAVED_TYPE],
    ["text/xml", "File", SAVED_TYPE],
    ["application/pdf", "File", SAVED_TYPE],
    ["text/javascript", "File", SAVED_TYPE],
    ["multipart/x-mixed-replace", "File", SAVED_TYPE],
    ["constructor", "File", SAVED_TYPE],
    ["", "File", SAVED_TYPE],
    ["image/png, text/html", "File", SAVED_TYPE],
  ])("%j is a %s, and %s here", (mediaType, kind, type) => {
    expect([kindOf(mediaType), safeType(mediaType)]).toEqual([kind, type]);
  });

  it.each([
    ["report.pdf", "report.pdf"],
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["C:\\run.exe", "C:_run.exe"],
    ["photo\u202egpj.exe", "photo_gpj.exe"],
    ["a\u0000b\nc", "a_b_c"],
    ["", "file"],
    ["   ", "file"],
    ["👩‍🚀 große Datei.txt", "👩‍🚀 große Datei.txt"],
    [`${"x".repeat(300)}.txt`, `${"x".repeat(196)}.txt`],
  ])("the name %j is shown as %j", (name, shown) => {
    expect(shownName(name)).toBe(shown);
  });

  it("is left out where it cannot be meant", () => {
    const content = { name: 3, mediaType: 4, bytes: -1, width: 1e9, height: 5, duration: "x", preview: 7 };
    expect(readShown(JSON.stringify(content))).toEqual({ name: "file", kind: "File", mediaType: SAVED_TYPE, bytes: 0 });
    expect(readShown("no JSON")).toEqual({ name: "file", kind: "File", mediaType: SAVED_TYPE, bytes: 0 });
    const sound = { name: "a.png", mediaType: "image/png", bytes: 9, width: 3, height: 2, preview: "x" };
    expect(readShown(JSON.stringify(sound))).toEqual({
      ...{ name: "a.png", kind: "Picture", mediaType: "image/png", bytes: 9, preview: "x" },
      size: { width: 3, height: 2 },
    });
  });
});
