import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { FileCipher } from "../../../lib/client/file-cipher.ts";
import { IV_BYTES, KEY_BYTES } from "../../../lib/client/file-content.ts";
import { segmentsOf } from "../../../lib/client/file-format.ts";
import { get } from "../../../lib/client/file-get.ts";
import type { RunningHash } from "../../../lib/client/file-hash.ts";
import type { Bytes } from "../../../lib/client/file-memory.ts";
import { type Received, receiverOf } from "../../../lib/client/file-received.ts";
import { SEGMENT_BYTES, sealedBytes, TAG_BYTES } from "../../../lib/contract/files.ts";

/** Two whole segments and a beginning of a third one. */
const FILE = Uint8Array.from(randomBytes(2 * SEGMENT_BYTES + 5));
const SEALED_BYTES = sealedBytes(FILE.byteLength);
const SEALED_SEGMENT = SEGMENT_BYTES + TAG_BYTES;

const cipher = await FileCipher.of(new Uint8Array(KEY_BYTES), new Uint8Array(IV_BYTES));
const sealed = new Uint8Array(SEALED_BYTES);
for (const segment of segmentsOf(FILE.byteLength)) {
  sealed.set(await cipher.seal(FILE.slice(segment.start, segment.end), segment), segment.sealedStart);
}
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
const bytesIn = async (blob: Blob): Promise<Bytes> => new Uint8Array(await blob.arrayBuffer());

/** What is stored, as it comes: in parts of these lengths, over and over. */
function* partsOf(lengths: readonly number[]): Generator<Bytes> {
  for (let [at, turn] = [0, 0]; at < sealed.byteLength; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield sealed.slice(at, at + length);
    at += length;
  }
}

describe("a download", () => {
  it.each<[string, readonly number[]]>([
    ["in one part", [SEALED_BYTES]],
    ["segment by segment", [SEALED_SEGMENT]],
    ["in parts that end within segments, and empty ones", [65_536, 0, 1]],
    ["in parts that begin in one segment and end in another", [SEALED_SEGMENT + 1, SEALED_SEGMENT - 2]],
    ["in a part that holds more than a segment", [7, 2 * SEALED_SEGMENT]],
  ])("that comes %s is there by its segments, and opens to the file", async (_, lengths) => {
    const receiver = receiverOf(SEALED_BYTES, createHash("sha256"));
    for (const part of partsOf(lengths)) receiver.add(part);
    const received = await receiver.end();
    const segments = received.sealed as readonly Bytes[];
    expect(segments.map(({ byteLength }) => byteLength)).toEqual([SEALED_SEGMENT, SEALED_SEGMENT, 5 + TAG_BYTES]);
    expect(Buffer.concat(segments).equals(sealed)).toBe(true);
    expect([...received.sha256]).toEqual([...sha256(sealed)]);
    expect(Buffer.from(await bytesIn(await cipher.openEach(segments, FILE.byteLength))).equals(FILE)).toBe(true);
    // What was opened holds no memory any more.
    expect(segments.map(({ byteLength }) => byteLength)).toEqual([0, 0, 0]);
  });

  it("is there in one piece where bytes cannot be hashed as they come", async () => {
    const receiver = receiverOf(SEALED_BYTES, undefined);
    for (const part of partsOf([65_536])) receiver.add(part);
    const received = await receiver.end();
    expect(Buffer.from(received.sealed as Bytes).equals(sealed)).toBe(true);
    expect([...received.sha256]).toEqual([...sha256(sealed)]);
  });

  it("that has a segment in which something is missing, moved or added does not open", async () => {
    const receive = async (): Promise<Bytes[]> => {
      const receiver = receiverOf(SEALED_BYTES, createHash("sha256"));
      for (const part of partsOf([SEALED_SEGMENT])) receiver.add(part);
      return [...((await receiver.end()).sealed as readonly Bytes[])];
    };
    const [first, second, last] = (await receive()) as [Bytes, Bytes, Bytes];
    for (const segments of [
      [second, first, last],
      [first.slice(), second.slice()],
      [first.slice(), last.slice(), last.slice()],
    ]) {
      await expect(cipher.openEach(segments, FILE.byteLength)).rejects.toThrow(DOMException);
    }
  });

  describe("from a stream", () => {
    const download = (stream: ReadableStream, hash: RunningHash): Promise<Received> => {
      const connection = { fetch: async () => new Response(stream), timeout: 60_000, timing: { now: Date.now } };
      return get(connection as never, "https://files.example.com/f", { bytes: SEALED_BYTES, hash });
    };

    it.each<[string, "bytes" | undefined, number]>([
      ["of bytes, which are its reader's, leaves no memory behind", "bytes", 0],
      ["of another kind, whose parts somebody may still need, takes nothing away", undefined, SEALED_BYTES],
    ])("%s", async (_, type, left) => {
      const parts: Bytes[] = [];
      const stream = new ReadableStream({
        ...(type && { type }),
        start: (controller: { enqueue(part: Bytes): void; close(): void }) => {
          controller.enqueue(sealed.slice());
          controller.close();
        },
      } as never);
      const received = await download(stream, { update: (part) => parts.push(part), digest: () => sha256(sealed) });
      expect(Buffer.concat(received.sealed as readonly Bytes[]).equals(sealed)).toBe(true);
      expect(parts.map(({ byteLength }) => byteLength)).toEqual([left]);
    });
  });
});
