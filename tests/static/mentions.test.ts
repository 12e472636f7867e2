import { describe, expect, it } from "vitest";
import { pieces } from "../../static/src/text/links.ts";
import { begunMention, mentionPieces, mentions } from "../../static/src/text/mentions.ts";

const NAMES = new Set(["bob", "bob.", "ann", "ann.lee", "x_y", "---", "jos", "a.b-c_d", "bob2"]);

const named = (text: string, names = NAMES): string[] =>
  mentionPieces(text, (name) => names.has(name)).flatMap(({ name = [] }) => name);

/** Without the odd names, as groups mostly are. */
const USUAL = new Set(["bob", "ann", "jos"]);

describe("a mention", () => {
  it.each([
    ["@ann", ["ann"], "alone"],
    ["Hello @ann, and @bob2!", ["ann", "bob2"], "several, with punctuation behind them"],
    ["@ANN @Ann", ["ann", "ann"], "in any case"],
    ["(@ann)", ["ann"], "in brackets"],
    ["“@ann”", ["ann"], "in quotes"],
    ["@ann's hat", ["ann"], "with a genitive"],
    ["@ann.lee", ["ann.lee"], "the longest name there is"],
    ["@ann.lee.", ["ann.lee"], "at the end of a sentence"],
    ["@bob.", ["bob."], "a name that ends with a point, before any shorter one"],
    ["@ann.", ["ann"], "a point that ends a sentence"],
    ["@ann...", ["ann"], "an ellipsis"],
    ["@ann-", ["ann"], "a dash"],
    ["@ann_", ["ann"], "an underscore"],
    ["@ann.smith", [], "the name of somebody else, which only begins like it"],
    ["@anna", [], "a longer word"],
    ["@an", [], "a part of a name"],
    ["@x_y @--- @a.b-c_d", ["x_y", "---", "a.b-c_d"], "names of odd characters"],
    ["@josé", [], "a letter that no name has, composed"],
    ["@jose\u0301", [], "and decomposed"],
    ["@jos1é", [], "behind a number, too"],
    ["@ann你好", ["ann"], "a script that has no spaces behind it"],
    ["你好@ann", ["ann"], "and before it"],
    ["ann@bob.com", [], "a mail address"],
    ["a.@ann b-@ann c/@ann d+@ann", [], "parts of addresses and paths"],
    ["@@ann", [], "two signs"],
    ["@ann@bob2", ["ann"], "an address of another network has the first name only"],
    ["@ann @ann", ["ann", "ann"], "each time"],
    ["@nobody @", [], "nobody"],
    ["\n@ann\n", ["ann"], "on a line of its own"],
  ])("in %j names %j: %s", (text, expected) => {
    expect(named(text)).toEqual(expected);
  });

  it("leaves every character of the text where it is", () => {
    for (const text of ["", "no mention", "@ann", "a @ann b @bob. c", "@ann@bob2", "😀@ann😀 @ANN."]) {
      const parts = mentionPieces(text, (name) => NAMES.has(name));
      expect(parts.map((part) => part.text).join("")).toBe(text);
    }
  });

  it("ends a sentence where nobody has the name with the point", () => {
    expect(named("@bob.", USUAL)).toEqual(["bob"]);
  });

  it("of a user is found among the parts of a text, and not in a link", () => {
    expect(mentions(pieces("Ask @ann."), "ann")).toBe(true);
    expect(mentions(pieces("Ask @anna."), "ann")).toBe(false);
    expect(mentions(pieces("See https://example.com/@ann"), "ann")).toBe(false);
    expect(mentions(pieces("Write to ann@ann.com"), "ann")).toBe(false);
  });

  it("takes no long time in a long text without an end", () => {
    const text = "@a.-_".repeat(3_000);
    expect(named(text)).toEqual([]);
  });

  it("is looked for in no more than a name, however much punctuation is behind it", () => {
    const asked: string[] = [];
    const text = `@${".".repeat(16_300)}`;
    const isName = (name: string) => {
      asked.push(name);
      return false;
    };
    expect(mentionPieces(text, isName)).toEqual([{ text }]);
    // Each length up to the longest one, and nothing.
    expect(asked.length).toBeLessThanOrEqual(33);
    expect(Math.max(...asked.map(({ length }) => length))).toBe(32);
  });

  it("of a name of any length is found, and one before much punctuation, too", () => {
    const longest = "a".repeat(32);
    const names = new Set([longest, "bob"]);
    expect(named(`@${longest}, @${longest}.`, names)).toEqual([longest, longest]);
    expect(named(`@${longest}a @${longest}.a`, names)).toEqual([]);
    expect(named(`@bob${".".repeat(100)}`, names)).toEqual(["bob"]);
    expect(named(`@bob${".".repeat(100)}a`, names)).toEqual([]);
  });
});

describe("a mention that is being written", () => {
  it.each([
    ["@", 1, { start: 0, typed: "" }],
    ["@An", 3, { start: 0, typed: "an" }],
    ["Hello @an and", 9, { start: 6, typed: "an" }],
    ["Hello @an and", 13, undefined],
    ["Hello @an and", 6, undefined],
    ["ann@bo", 6, undefined],
    ["@an!", 4, undefined],
    [`${"x".repeat(100)} @an`, 104, { start: 101, typed: "an" }],
  ])("in %j at %i is %j", (text, cursor, expected) => {
    expect(begunMention(text, cursor)).toEqual(expected);
  });
});
