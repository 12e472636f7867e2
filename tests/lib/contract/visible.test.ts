import { describe, expect, it } from "vitest";
import { isBlank } from "../../../lib/contract/visible.ts";

describe("a text in which nothing is to be seen", () => {
  it.each([
    ["spaces of all kinds", " \t\n\r\u0085\u00a0\u2003\u2028\u2029\u3000"],
    ["control characters", "\u0000\u0007\u001b\u007f"],
    ["zero width characters", "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e"],
    ["marks of direction", "\u200e\u200f\u202a\u202e\u2066\u2069\u061c"],
    ["Hangul fillers", "\u3164\u115f\u1160\uffa0"],
    ["variation selectors and tags", "\ufe0f\u{e0100}\u{e0041}\u{e007f}"],
    ["empty braille and the null notehead", "\u2800\u{1d159}"],
    ["marks of annotations", "\ufff9\ufffa\ufffb"],
    ["nothing", ""],
  ])("holds %s", (_, text) => {
    expect(isBlank(text)).toBe(true);
    expect([...text].filter((character) => !isBlank(character))).toEqual([]);
  });

  it.each([
    ["a family", "👩\u200d👩\u200d👧\u200d👦"],
    ["a heart with its variation", "❤\ufe0f"],
    ["a flag made of tags", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}"],
    ["a letter among spaces", " \u200b.\u2800"],
    ["Korean", "한글"],
    ["Persian with a non-joiner", "می\u200cخواهم"],
    ["Braille", "\u2801"],
    ["an Arabic number sign", "\u0600"],
    ["a mark alone", "\u0301"],
    ["a private character", "\ue000"],
    ["the replacement character", "\ufffd"],
  ])("is not %s", (_, text) => {
    expect(isBlank(text)).toBe(false);
  });
});
