import { describe, expect, it } from "vitest";
import { type FileContent, readFileContent } from "../../../lib/client/index.ts";

const FILE: FileContent = {
  fileId: "Ab_-56789012345678901x",
  name: "../a\0.txt",
  mediaType: "text/plain",
  bytes: 0,
  key: "A".repeat(43),
  iv: "AAAAAAAAAA",
  sha256: `${"A".repeat(43)}=`,
};
const ALL = { ...FILE, width: 1, height: 0.5, duration: 1.5, waveform: "AAEC", preview: "cHJl" };

describe("the content of a message about a file", () => {
  it.each([FILE, ALL])("is read as it was written", (file) => {
    expect(readFileContent(JSON.stringify(file))).toEqual(file);
  });

  it.each<[string, object | string]>([
    ["no JSON", "a"],
    ["no object", "[]"],
    ["no id", { ...FILE, fileId: undefined }],
    ["an empty id", { ...FILE, fileId: "" }],
    ["no name", { ...FILE, name: undefined }],
    ["no key", { ...FILE, key: undefined }],
    ["a key of another length", { ...FILE, key: "A".repeat(42) }],
    ["a key that is no base64", { ...FILE, key: "!".repeat(43) }],
    ["no beginning of the nonces", { ...FILE, iv: undefined }],
    ["a beginning of another length", { ...FILE, iv: "AAAAAAAA" }],
    ["no sum", { ...FILE, sha256: undefined }],
    ["a sum of another length", { ...FILE, sha256: "AAAA" }],
    ["no size", { ...FILE, bytes: undefined }],
    ["a size in words", { ...FILE, bytes: "1" }],
    ["a size below nothing", { ...FILE, bytes: -1 }],
    ["half a byte", { ...FILE, bytes: 0.5 }],
    ["a size that cannot be counted", { ...FILE, bytes: 2 ** 53 }],
  ])("is not taken for one with %s", (_, content) => {
    expect(readFileContent(typeof content === "string" ? content : JSON.stringify(content))).toBeUndefined();
  });

  it.each([
    ["width", [0, -1, 1e6, "3", null, {}]],
    ["height", [0, -1, 1e6, "3", null, {}]],
    ["duration", [0, -1, 1e6, "3", null, {}]],
    ["waveform", ["", 3, null, {}]],
    ["preview", ["", 3, null, {}]],
  ] as const)("is read without a %s that is none", (field, values) => {
    const { [field]: _, ...rest } = ALL;
    for (const value of values) expect(readFileContent(JSON.stringify({ ...ALL, [field]: value }))).toEqual(rest);
  });

  it.each([undefined, "", 3])("has a media type that says nothing for %j", (mediaType) => {
    const read = readFileContent(JSON.stringify({ ...FILE, mediaType }));
    expect(read).toEqual({ ...FILE, mediaType: "application/octet-stream" });
  });

  it("has nothing that this version does not know", () => {
    expect(readFileContent(JSON.stringify({ ...FILE, more: 1 }))).toEqual(FILE);
  });
});
