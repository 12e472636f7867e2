import { randomUUID } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { FileError, NetworkError, ProblemError, type UploadOptions } from "../../lib/client/index.ts";
import { type TabEvent, Tabs } from "../../static/src/chat/tabs.ts";
import { uploadAll } from "../../static/src/files/uploads.ts";
import { explainFile, isLost } from "../../static/src/files/words.ts";
import { enqueueFile, kept } from "../../static/src/storage/files.ts";
import { discard, outboxOf, outgoingFrom } from "../../static/src/storage/outbox.ts";
import { sizeText, timeText } from "../../static/src/text/sizes.ts";
import { eventually } from "../support/eventually.ts";
import { newDatabase } from "../support/page/database.ts";

const USER = { id: "me", username: "me" };

/** The outbox of a leading tab with these files, and a server that answers as it is told. */
async function uploading(names: readonly string[], answer: (name: string, options: UploadOptions) => Promise<void>) {
  const database = await newDatabase();
  for (const name of names) {
    const content = JSON.stringify({ name, mediaType: "text/plain", bytes: 3, width: 4, height: 5 });
    const message = outgoingFrom({ peerId: "bob", type: "file", content, messageId: name });
    await enqueueFile(database, { ...message, mayHaveArrived: false, upload: randomUUID() }, new Blob(["abc"]));
  }
  const tabs = new Tabs(randomUUID());
  const life = new AbortController();
  onTestFinished(() => {
    life.abort();
    tabs.close();
  });
  const asked: string[] = [];
  const told: TabEvent[] = [];
  tabs.listen((event) => told.push(event));
  const client = {
    uploadFile: async (file: Blob, options: UploadOptions) => {
      asked.push(options.name);
      await answer(options.name, options);
      const { name, mediaType = "", width, height } = options;
      const bytes = file.size;
      return { name, mediaType, width, height, bytes, fileId: `f-${name}`, key: "k", iv: "i", sha256: "s" };
    },
  };
  const start = () => uploadAll({ client, database, tabs, user: USER, signal: life.signal });
  start();
  return { database, tabs, asked, told, start };
}

describe("files of the outbox", () => {
  it("are uploaded one after the other, and their messages say where they are", async () => {
    let going = 0;
    let most = 0;
    const { database, asked, told, start } = await uploading(["a", "b", "c"], async (_, { onProgress }) => {
      most = Math.max(most, ++going);
      onProgress?.(1, 4);
      await Promise.resolve();
      going--;
    });
    // It is going on already.
    start();
    await eventually(async () => expect((await kept(database)).count).toBe(3));
    expect([asked, most]).toEqual([["a", "b", "c"], 1]);
    expect(await outboxOf(database)).toMatchObject(
      ["a", "b", "c"].map((name) => ({ messageId: name, content: expect.stringContaining(`"fileId":"f-${name}"`) })),
    );
    expect(told.filter(({ type }) => type === "upload")).toMatchObject([
      { part: 0.25 },
      { part: 0.25 },
      { part: 0.25 },
    ]);
    await eventually(async () => expect(told.filter(({ type }) => type === "queued")).toHaveLength(3));
  });

  it("that the server refuses are left to the person, and the others go on", async () => {
    const { database } = await uploading(["a", "b"], async (name) => {
      if (name === "a") throw new ProblemError({ status: 413, code: "file_too_large", detail: "" });
    });
    await eventually(async () => expect((await kept(database)).count).toBe(1));
    expect(await outboxOf(database)).toMatchObject([
      { messageId: "a", status: "failed", problem: "This file is too large.", upload: expect.any(String) },
      { messageId: "b", status: "pending" },
    ]);
  });

  it("wait as long as the server asks, whatever wakes them", async () => {
    const { database, asked, start } = await uploading(["a"], async () => {
      throw new ProblemError({ status: 429, code: "too_many_files", detail: "", retryAfter: 7_200 });
    });
    const problem = "You have sent as many files as you may for now. Files go on in 2 h.";
    await eventually(async () => expect(await outboxOf(database)).toMatchObject([{ status: "pending", problem }]));
    for (let times = 0; times < 3; times++) start();
    await eventually(async () => expect(await outboxOf(database)).toMatchObject([{ problem }]));
    expect(asked).toEqual(["a"]);
  });

  it("are tried again after a failure of the network, at once if it is said to be back", async () => {
    let isDown = true;
    const { database, start } = await uploading(["a"], async () => {
      if (isDown) throw new NetworkError("down");
    });
    await eventually(async () =>
      expect(await outboxOf(database)).toMatchObject([{ problem: "The server cannot be reached." }]),
    );
    isDown = false;
    start();
    await eventually(async () => expect((await kept(database)).count).toBe(1));
    expect((await outboxOf(database))[0]?.problem).toBeUndefined();
  });

  it("that are deleted meanwhile are stopped", async () => {
    const { database, tabs, asked } = await uploading(
      ["a", "b"],
      (name, { signal }) =>
        new Promise((resolve, reject) => {
          if (name === "b") resolve();
          signal?.addEventListener("abort", () => reject(signal.reason));
        }),
    );
    await eventually(() => Promise.resolve(expect(asked).toEqual(["a"])));
    const [first] = await outboxOf(database);
    if (first) await discard(database, first);
    tabs.emit({ type: "queued" });
    await eventually(async () => expect((await kept(database)).count).toBe(1));
    expect(await outboxOf(database)).toMatchObject([{ messageId: "b" }]);
  });
});

describe("in words", () => {
  it.each([
    [new FileError("file_expired"), "This file is no longer on the server. Ask the sender to send it again.", true],
    [
      new FileError("file_corrupt"),
      "This file is damaged: it is not what was sent. Ask the sender to send it again.",
      true,
    ],
    [
      new FileError("file_changed"),
      "This file could not be read. It may have been moved or deleted. Attach it again.",
      true,
    ],
    [
      new ProblemError({ status: 404, code: "unknown_file", detail: "" }),
      "This file is no longer on the server. Ask the sender to send it again.",
      true,
    ],
    [new ProblemError({ status: 503, code: "unavailable", detail: "" }), "The server is busy.", false],
    [new NetworkError("down"), "The server cannot be reached.", false],
  ])("%s", (error, words, isForGood) => {
    expect([explainFile(error), isLost(error)]).toEqual([words, isForGood]);
  });

  it("sizes and times are short", () => {
    expect([9, 312_400, 4_230_000, 123_400_000].map(sizeText)).toEqual(["9 bytes", "312 kB", "4.2 MB", "123 MB"]);
    expect([7, 61.9, 750].map(timeText)).toEqual(["0:07", "1:01", "12:30"]);
  });
});
