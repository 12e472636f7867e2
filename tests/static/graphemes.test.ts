import { describe, expect, it } from "vitest";
import { firstCharacter, shortened } from "../../static/src/text/graphemes.ts";

const FAMILY = "👩‍👩‍👧‍👦";
const FLAG = "🇺🇳";

describe("a text that is shortened", () => {
  it.each([
    ["letters", "abcdef", 3, "abc…"],
    ["one that fits", "abc", 3, "abc"],
    ["none", "", 3, ""],
    ["families", FAMILY.repeat(3), 2, `${FAMILY.repeat(2)}…`],
    ["flags", FLAG.repeat(3), 2, `${FLAG.repeat(2)}…`],
    ["letters with marks", "e\u0301e\u0301", 1, "e\u0301…"],
    ["line breaks", "a\r\nb", 2, "a\r\n…"],
  ])("is cut between characters as readers see them: %s", (_, text, most, expected) => {
    expect(shortened(text, most)).toBe(expected);
  });

  it("is cut within a character that has no end, and not within a surrogate pair", () => {
    expect(shortened(`a${"\u030d".repeat(1_000)}`, 1)).toBe(`a${"\u030d".repeat(31)}…`);
    expect(shortened(`a${"\u{e0100}".repeat(1_000)}`, 1)).toBe(`a${"\u{e0100}".repeat(15)}…`);
  });

  it("begins with its first character", () => {
    expect([FAMILY, `${FLAG}x`, "bob", ""].map(firstCharacter)).toEqual([FAMILY, FLAG, "b", ""]);
  });
});
