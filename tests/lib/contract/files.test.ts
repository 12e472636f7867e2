import { describe, expect, it } from "vitest";
import { FILE_BYTES, SEGMENT_BYTES, sealedBytes } from "../../../lib/contract/files.ts";

describe("the size of an encrypted file", () => {
  it.each([
    [0, 16],
    [1, 17],
    [SEGMENT_BYTES, SEGMENT_BYTES + 16],
    [SEGMENT_BYTES + 1, SEGMENT_BYTES + 33],
    [FILE_BYTES, FILE_BYTES + 25 * 16],
  ])("is of %i bytes %i", (bytes, sealed) => {
    expect(sealedBytes(bytes)).toBe(sealed);
  });
});
