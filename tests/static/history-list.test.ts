import { describe, expect, it } from "vitest";
import { FILE_BYTES } from "../../lib/contract/files.ts";
import { type HistoryList, MOST_PART_BYTES, MOST_PARTS, readList, writeList } from "../../static/src/history/list.ts";

const OWN = "0e000000-0000-4000-8000-00000000000a";
const FILE = {
  fileId: "f".repeat(22),
  name: "part 1",
  mediaType: "application/gzip",
  bytes: 1_000,
  key: "A".repeat(43),
  iv: "A".repeat(10),
  sha256: `${"A".repeat(43)}=`,
};
const PART = { file: FILE, plainBytes: 5_000 };
const LIST: HistoryList = { userId: OWN, begunAt: "2026-03-12T18:30:00.000Z", parts: [PART, PART] };

const changed = (change: object): string => JSON.stringify({ ...JSON.parse(writeList(LIST)), ...change });
const withPart = (change: object): string => changed({ parts: [PART, { ...PART, ...change }] });

describe("the list of a history's parts", () => {
  it("is read as it was written, also with fields of a later version", () => {
    expect(readList(writeList(LIST), OWN)).toEqual(LIST);
    expect(readList(changed({ more: 1 }), OWN)).toEqual(LIST);
    const most = { ...LIST, parts: Array.from({ length: MOST_PARTS }, () => PART) };
    expect(readList(writeList(most), OWN)).toEqual(most);
  });

  it.each([
    ["no JSON", "{", "damaged"],
    ["no object", "[]", "damaged"],
    ["another format", changed({ format: "gotalk-history" }), "damaged"],
    ["no version", changed({ version: "1" }), "damaged"],
    ["a later version, whatever it has", changed({ version: 2, userId: 1 }), "newer"],
    ["of another user", changed({ userId: OWN.replace("a", "b") }), "other user"],
    ["of no user", changed({ userId: "alice" }), "damaged"],
    ["without a time", changed({ begunAt: "yesterday" }), "damaged"],
    ["without parts", changed({ parts: {} }), "damaged"],
    ["with no part", changed({ parts: [] }), "damaged"],
    ["with too many parts", changed({ parts: Array.from({ length: MOST_PARTS + 1 }, () => PART) }), "damaged"],
    ["with a part that is none", changed({ parts: [PART, null] }), "damaged"],
    ["with a part without a file", withPart({ file: undefined }), "damaged"],
    ["with a file without a key", withPart({ file: { ...FILE, key: "" } }), "damaged"],
    ["with a file that is too large", withPart({ file: { ...FILE, bytes: FILE_BYTES + 1 } }), "damaged"],
    ["with a part that becomes too large", withPart({ plainBytes: MOST_PART_BYTES + 1 }), "damaged"],
    ["with a part that becomes nothing", withPart({ plainBytes: 0 }), "damaged"],
    ["with a part that becomes half a byte", withPart({ plainBytes: 0.5 }), "damaged"],
    ["with a part whose size is a text", withPart({ plainBytes: "5000" }), "damaged"],
  ])("is refused if it is %s", (_, text, reason) => {
    expect(readList(text, OWN)).toBe(reason);
  });
});
