import { createCipheriv, createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileCipher } from "../../../lib/client/file-cipher.ts";
import { nonceOf, segmentsOf } from "../../../lib/client/file-format.ts";
import type { Bytes } from "../../../lib/client/file-memory.ts";
import { SEGMENT_BYTES, sealedBytes, TAG_BYTES } from "../../../lib/contract/files.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
const IV = Uint8Array.from({ length: 7 }, (_, index) => 0xa0 + index);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const patterned = (length: number): Bytes => Uint8Array.from({ length }, (_, index) => index % 251);

/** Seals all of a file. */
async function sealAll(cipher: FileCipher, file: Bytes): Promise<Bytes> {
  const sealed = new Uint8Array(sealedBytes(file.byteLength, cipher.segmentBytes));
  for (const segment of segmentsOf(file.byteLength, cipher.segmentBytes)) {
    sealed.set(await cipher.seal(file.subarray(segment.start, segment.end), segment), segment.sealedStart);
  }
  return sealed;
}

/** The same by another implementation: Node's, with nonces that are written down here. */
function sealedByNode(file: Uint8Array, segmentBytes: number): Buffer {
  const count = Math.max(1, Math.ceil(file.byteLength / segmentBytes));
  const parts = Array.from({ length: count }, (_, index) => {
    const place = Buffer.alloc(4);
    place.writeUInt32BE(index);
    const nonce = Buffer.concat([IV, place, Buffer.of(index === count - 1 ? 1 : 0)]);
    const cipher = createCipheriv("aes-256-gcm", KEY, nonce);
    const start = index * segmentBytes;
    const text = cipher.update(file.subarray(start, start + segmentBytes));
    return Buffer.concat([text, cipher.final(), cipher.getAuthTag()]);
  });
  return Buffer.concat(parts);
}

describe("the format of an encrypted file", () => {
  it("has a nonce of 12 bytes: the beginning, the place, and whether it is the last one", () => {
    expect(hex(nonceOf(IV, { index: 0, isLast: false }))).toBe("a0a1a2a3a4a5a6" + "00000000" + "00");
    expect(hex(nonceOf(IV, { index: 0x01020304, isLast: true }))).toBe("a0a1a2a3a4a5a6" + "01020304" + "01");
  });

  it.each([
    [0, 16],
    [1, 17],
    [SEGMENT_BYTES - 1, SEGMENT_BYTES + 15],
    [SEGMENT_BYTES, SEGMENT_BYTES + 16],
    [SEGMENT_BYTES + 1, SEGMENT_BYTES + 33],
    [25 * SEGMENT_BYTES, 25 * SEGMENT_BYTES + 25 * 16],
  ])("stores a file of %i bytes in %i", (bytes, sealed) => {
    expect(sealedBytes(bytes)).toBe(sealed);
  });

  it("cuts a file into segments of 1 MiB, of which the last one may be shorter", () => {
    const size = SEGMENT_BYTES;
    expect([...segmentsOf(size + 5)]).toEqual([
      { index: 0, isLast: false, start: 0, end: size, sealedStart: 0, sealedEnd: size + 16 },
      { index: 1, isLast: true, start: size, end: size + 5, sealedStart: size + 16, sealedEnd: size + 37 },
    ]);
  });

  it.each([0, 1, 4, 5, 8])("cuts a file of %i bytes so that the segments follow on each other to its end", (bytes) => {
    const segments = [...segmentsOf(bytes, 4)];
    expect(segments.map(({ isLast }) => isLast)).toEqual(segments.map((_, index) => index === segments.length - 1));
    expect(segments.map(({ start }) => start)).toEqual([0, ...segments.map(({ end }) => end)].slice(0, -1));
    expect(segments.map(({ sealedStart }) => sealedStart)).toEqual(
      [0, ...segments.map(({ sealedEnd }) => sealedEnd)].slice(0, -1),
    );
    expect([segments.at(-1)?.end, segments.at(-1)?.sealedEnd]).toEqual([bytes, sealedBytes(bytes, 4)]);
  });

  it.each([
    [0, 4, "4d34eaed9250e09e52907c89588102a2"],
    [3, 4, "77604bc08a91d1e93309efa8301d583e9e8065"],
    [4, 4, "77604b1d0166b10368c0a1ab73df761ebb0dc4de"],
    [
      9,
      4,
      "0ad01eaa2f01b568f23dcdd495953881b3acc4cd55e711c0913e393a9078a06ed06716fe30e7f855e9c2c5a4b06e1e51cf97ad859ee71217e2",
    ],
  ])("seals %i bytes in segments of %i as in the vector", async (bytes, segmentBytes, vector) => {
    const cipher = await FileCipher.of(KEY, IV, segmentBytes);
    expect(hex(await sealAll(cipher, patterned(bytes)))).toBe(vector);
  });

  it("seals files of several segments as in the vector, by their SHA-256", async () => {
    const cipher = await FileCipher.of(KEY, IV);
    const sealed = await sealAll(cipher, patterned(2 * SEGMENT_BYTES + 12_345));
    expect(createHash("sha256").update(sealed).digest("hex")).toBe(
      "4e11a23e0e9c52460d72990c3651be5b8706a40fa59505804644beeaf62126e1",
    );
  });

  it("is what another implementation makes of it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 10 }), async (file, size) => {
        const cipher = await FileCipher.of(KEY, IV, size);
        expect(hex(await sealAll(cipher, Uint8Array.from(file)))).toBe(hex(sealedByNode(file, size)));
      }),
    );
  });
});

/** A file, sealed in segments of 4 bytes. */
async function sealedFile(file: Bytes) {
  const cipher = await FileCipher.of(KEY, IV, 4);
  return { cipher, sealed: await sealAll(cipher, file) };
}

/** A file of several segments and something that may be done to what is stored of it. */
const FILE = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));

describe("opening an encrypted file", () => {
  it("gives the file, in the memory of what was stored", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        const { cipher, sealed } = await sealedFile(Uint8Array.from(bytes));
        const opened = await cipher.openAll(sealed, bytes.byteLength);
        expect(hex(opened)).toBe(hex(bytes));
        expect(opened.buffer).toBe(sealed.buffer);
      }),
    );
  });

  it("refuses a file in which any bit is another one", async () => {
    await fc.assert(
      fc.asyncProperty(FILE, fc.nat(), async (file, bit) => {
        const { cipher, sealed } = await sealedFile(file);
        const place = bit % (8 * sealed.byteLength);
        sealed[place >> 3] = (sealed[place >> 3] ?? 0) ^ (1 << (place & 7));
        await expect(cipher.openAll(sealed, file.byteLength)).rejects.toThrow(DOMException);
      }),
    );
  });

  it("refuses a file that is cut off, between segments as well", async () => {
    await fc.assert(
      fc.asyncProperty(FILE, fc.nat(), async (file, length) => {
        const { cipher, sealed } = await sealedFile(file);
        const shorter = length % file.byteLength;
        const kept = sealed.slice(0, sealedBytes(shorter, 4));
        await expect(cipher.openAll(kept, shorter)).rejects.toThrow(DOMException);
      }),
    );
  });

  it("refuses a file that goes on behind its last segment", async () => {
    await fc.assert(
      fc.asyncProperty(FILE, fc.uint8Array({ minLength: 1, maxLength: 20 }), async (file, more) => {
        const { cipher, sealed } = await sealedFile(file);
        const longer = file.byteLength + more.byteLength;
        const added = new Uint8Array(sealedBytes(longer, 4));
        added.set(sealed);
        added.set(more, sealed.byteLength);
        await expect(cipher.openAll(added, longer)).rejects.toThrow(DOMException);
      }),
    );
  });

  it("refuses a file whose segments are in another order", async () => {
    const file = fc.uint8Array({ minLength: 9, maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));
    await fc.assert(
      fc.asyncProperty(file, fc.nat(), fc.nat(), async (bytes, first, second) => {
        const { cipher, sealed } = await sealedFile(bytes);
        // All but the last one, so that all are equally long.
        const count = Math.ceil(bytes.byteLength / 4) - 1;
        const [one, other] = [first % count, second % count];
        fc.pre(one !== other);
        const at = (index: number) => sealed.slice(index * (4 + TAG_BYTES), (index + 1) * (4 + TAG_BYTES));
        const [here, there] = [at(one), at(other)];
        sealed.set(there, one * (4 + TAG_BYTES));
        sealed.set(here, other * (4 + TAG_BYTES));
        await expect(cipher.openAll(sealed, bytes.byteLength)).rejects.toThrow(DOMException);
      }),
    );
  });

  it("refuses a file under another key, or with another beginning of the nonces", async () => {
    await fc.assert(
      fc.asyncProperty(FILE, fc.nat({ max: 31 }), fc.nat({ max: 6 }), async (file, inKey, inIv) => {
        const { sealed } = await sealedFile(file);
        const changed = (bytes: Bytes, place: number) =>
          bytes.map((byte, index) => (index === place ? byte ^ 1 : byte));
        for (const cipher of [
          await FileCipher.of(changed(KEY, inKey), IV, 4),
          await FileCipher.of(KEY, changed(IV, inIv), 4),
        ]) {
          await expect(cipher.openAll(sealed.slice(), file.byteLength)).rejects.toThrow(DOMException);
        }
      }),
    );
  });
});
