import { createHash } from "node:crypto";
import { openAsBlob, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FileCipher } from "../../../lib/client/file-cipher.ts";
import { opened } from "../../../lib/client/file-download.ts";
import { startHash } from "../../../lib/client/file-hash.ts";
import type { Bytes } from "../../../lib/client/file-memory.ts";
import { type SealedFile, sealFile } from "../../../lib/client/file-sealing.ts";
import { FileError } from "../../../lib/client/index.ts";
import { sealedBytes } from "../../../lib/contract/files.ts";
import { temporaryFolder } from "../../support/folders.ts";

const KEY = new Uint8Array(32).fill(1);
const IV = new Uint8Array(7).fill(2);
const cipher = await FileCipher.of(KEY, IV, 16);
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const patterned = (length: number): Bytes => Uint8Array.from({ length }, (_, index) => index % 251);

/** As in a browser, which hashes nothing piece by piece. */
const inBrowser = () => undefined;

async function bodyOf({ body }: SealedFile): Promise<Buffer> {
  if (typeof body !== "function") return Buffer.from(await body.arrayBuffer());
  const segments: Bytes[] = [];
  for await (const segment of body()) segments.push(segment);
  return Buffer.concat(segments);
}

/** A blob that counts the bytes that were read of it, those of them that are still in memory, and the most reads at once. */
function counting(bytes: Bytes) {
  let read = 0;
  let going = 0;
  let most = 0;
  const parts: ArrayBuffer[] = [];
  const blob = new Blob([bytes]);
  const slice = blob.slice.bind(blob);
  blob.slice = (start = 0, end = blob.size) => {
    read += end - start;
    const part = slice(start, end);
    const { arrayBuffer } = part;
    part.arrayBuffer = async () => {
      most = Math.max(most, ++going);
      const buffer = await arrayBuffer.call(part);
      going--;
      parts.push(buffer);
      return buffer;
    };
    return part;
  };
  const held = () => parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { blob, read: () => read, held, most: () => most };
}

describe("sealing a file", () => {
  it.each([0, 1, 16, 17, 100])("gives the same of %i bytes whether it is held in memory or not", async (bytes) => {
    const file = new Blob([patterned(bytes)]);
    const [streamed, held] = [await sealFile(file, cipher), await sealFile(file, cipher, undefined, inBrowser)];
    const body = await bodyOf(streamed);
    expect(await bodyOf(held)).toEqual(body);
    expect(await bodyOf(streamed)).toEqual(body);
    expect([streamed.bytes, held.bytes, body.byteLength]).toEqual(Array(3).fill(sealedBytes(bytes, 16)));
    const sha256 = createHash("sha256").update(body).digest("base64");
    expect([streamed.sha256, held.sha256]).toEqual([sha256, sha256]);
  });

  it("reads one segment before it is asked for the next one, and holds none", async () => {
    const { blob, read } = counting(patterned(160));
    const { body } = await sealFile(blob, cipher);
    expect(read()).toBe(160);
    const segments = (body as () => AsyncIterable<Bytes>)()[Symbol.asyncIterator]();
    expect(read()).toBe(160);
    await segments.next();
    expect(read()).toBe(176);
    await segments.next();
    expect(read()).toBe(192);
  });

  it.each([["in memory", 4, inBrowser] as const, ["piece by piece", 1, startHash] as const])(
    "reads, %s, %i segments at once",
    async (_, count, start) => {
      const { blob, most } = counting(patterned(160));
      await sealFile(blob, cipher, undefined, start);
      expect(most()).toBe(count);
    },
  );

  it.each([["in memory", inBrowser] as const, ["piece by piece", startHash] as const])(
    "frees each segment of the file when it is sealed, %s",
    async (_, start) => {
      const { blob, read, held } = counting(patterned(160));
      await sealFile(blob, cipher, undefined, start);
      expect([read(), held()]).toEqual([160, 0]);
    },
  );

  it("lets nothing pass of a file that has changed since it was hashed", async () => {
    const bytes = patterned(48);
    const before = new Blob([bytes]);
    let current = before;
    const changing = new Blob([bytes]);
    changing.slice = (start, end) => current.slice(start, end);
    const { body } = await sealFile(changing, cipher);
    current = new Blob([bytes.map((byte, index) => (index === 20 ? byte ^ 1 : byte))]);
    const passed: Bytes[] = [];
    const reading = (async () => {
      for await (const segment of (body as () => AsyncIterable<Bytes>)()) passed.push(segment);
    })();
    await expect(reading).rejects.toEqual(new FileError("file_changed"));
    // Only the segment before the change, which is the one that was hashed.
    expect(passed).toHaveLength(1);
  });

  it("says that a file on the disk has changed", async () => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, patterned(48));
    const { body } = await sealFile(await openAsBlob(path), cipher);
    writeFileSync(path, patterned(47));
    const reading = (body as () => AsyncIterable<Bytes>)()[Symbol.asyncIterator]().next();
    await expect(reading).rejects.toMatchObject({ name: "FileError", code: "file_changed" });
  });

  it.each([["in memory", inBrowser] as const, ["piece by piece", startHash] as const])(
    "ends with the signal's reason, %s",
    async (_, start) => {
      const controller = new AbortController();
      const { blob, read } = counting(patterned(160));
      const { slice } = blob;
      blob.slice = (from = 0, to = 0) => {
        if (read() === 32) controller.abort("enough");
        return slice(from, to);
      };
      await expect(sealFile(blob, cipher, controller.signal, start)).rejects.toBe("enough");
      expect(read()).toBe(48);
    },
  );
});

describe("opening what was fetched", () => {
  const bytesIn = async (blob: Blob): Promise<Bytes> => new Uint8Array(await blob.arrayBuffer());

  /** What a message says of a file, and what is stored of it. */
  async function stored(bytes: Bytes) {
    const sealed = await bodyOf(await sealFile(new Blob([bytes]), await FileCipher.of(KEY, IV)));
    const sha256 = createHash("sha256").update(sealed).digest();
    const file = {
      fileId: "f",
      name: "n",
      mediaType: "m/m",
      bytes: bytes.byteLength,
      key: Buffer.from(KEY).toString("base64url"),
      iv: Buffer.from(IV).toString("base64url"),
      sha256: base64(sha256),
    };
    return { file, sealed: Uint8Array.from(sealed), sha256 };
  }

  it("gives the file", async () => {
    const { file, sealed, sha256 } = await stored(patterned(100));
    // In one piece, and by its segments: here it is one. What is opened is lost, and only a copy can be opened twice.
    for (const form of [sealed.slice(), [sealed]]) {
      expect(await bytesIn(await opened(form, sha256, file))).toEqual(patterned(100));
    }
  });

  it("takes a sum in the alphabet for URLs for the same", async () => {
    const { file, sealed, sha256 } = await stored(patterned(100));
    const said = { ...file, sha256: sha256.toString("base64url") };
    expect(await bytesIn(await opened(sealed, sha256, said))).toEqual(patterned(100));
  });

  it("decrypts nothing when the sum is another one, although the key opens it", async () => {
    const { file, sealed, sha256 } = await stored(patterned(100));
    const before = sealed.slice();
    const other = Uint8Array.from(sha256, (byte, index) => (index === 31 ? byte ^ 1 : byte));
    await expect(opened(sealed, other, file)).rejects.toEqual(new FileError("file_corrupt"));
    expect(sealed).toEqual(before);
  });

  it.each([
    ["a key that does not open it", { key: Buffer.alloc(32).toString("base64url") }],
    ["a key that is no base64", { key: "!" }],
    ["a beginning of the nonces that is no base64", { iv: "!" }],
    ["a key of another length", { key: "AA" }],
    ["a sum that is no base64", { sha256: "!" }],
  ])("refuses %s", async (_, wrong) => {
    const { file, sealed, sha256 } = await stored(patterned(100));
    const opening = opened(sealed, sha256, { ...file, ...wrong });
    await expect(opening).rejects.toMatchObject({ name: "FileError", code: "file_corrupt" });
  });
});
