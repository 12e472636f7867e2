import { describe, expect, it } from "vitest";
import { jsonLine, messageLine, visible } from "../../cli/text.ts";

const MESSAGE = {
  messageId: "m",
  senderId: "s",
  senderName: "eve",
  content: "x",
  sentAt: "2026-03-12T19:03:58.000Z",
  redelivered: false,
};

/** Columns in a terminal that shows each character by itself. */
const widestOf = (line: string): number =>
  [...line].reduce((sum, each) => {
    if (/^[\p{Mn}\p{Cf}\u200d]$/u.test(each)) return sum;
    return (
      sum + (/^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uff00-\uff60]|\p{Extended_Pictographic}$/u.test(each) ? 2 : 1)
    );
  }, 0);

describe("text for a terminal", () => {
  it.each([
    ["an escape sequence", "a\u001b]0;title\u0007b", "a\\u001b]0;title\\u0007b"],
    ["an escape sequence of one C1 control", "\u009b2J", "\\u009b2J"],
    ["a carriage return that writes over a line", "paid\rnot", "paid\\u000dnot"],
    ["a backspace and a delete", "a\bb\u007f", "a\\u0008b\\u007f"],
    ["a change of the reading direction", "\u202egnp.exe\u2066", "\\u202egnp.exe\\u2066"],
    ["a line separator", "a\u2028b", "a\\u2028b"],
  ])("shows %s", (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it("leaves alone what people write", () => {
    const text = "Añb שלום 你好 👩‍👩‍👧 z̷\n\ttab";
    expect(visible(text)).toBe(text);
    expect(visible("a\r\nb")).toBe("a\nb");
  });

  it("writes JSON that is the same value, on one line", () => {
    const value = { content: "\u001b[2J\u009b\u2028\n👋" };
    const line = jsonLine(value);
    expect(JSON.parse(line)).toEqual(value);
    expect(line).toMatch(/^[^\p{Cc}\u2028]+\n$/u);
  });

  it("indents the further lines of a message, whatever ends them", () => {
    expect(messageLine({ ...MESSAGE, content: "a\nb\r\nc\rd" })).toMatch(
      /^2026-03-1\d \d\d:\d\d eve: a\n {4}b\n {4}c\n {4}d\n$/,
    );
  });

  it("says to whom an own copy went", () => {
    expect(messageLine({ ...MESSAGE, toId: "r", toName: "bob", redelivered: true })).toMatch(
      /^2026-03-1\d \d\d:\d\d eve to bob \(may be a repeat\): x\n$/,
    );
  });

  it("wraps to the terminal's width, with the indent, at spaces where it can", () => {
    const lines = (content: string) =>
      messageLine({ ...MESSAGE, content }, { columns: 30 })
        .slice(0, -1)
        .split("\n");
    const head = expect.stringMatching(/^2026-03-1\d \d\d:\d\d eve: aaa $/);
    expect(lines("aaa bbb ccc")).toEqual([head, "    bbb ccc"]);
    const half = "x".repeat(26);
    expect(lines(`aaa ${half}${half}x`)).toEqual([head, `    ${half}`, `    ${half}`, "    x"]);
  });

  it.each([
    ["wide characters", "漢字".repeat(30)],
    ["families of emoji, which some terminals show side by side", "👩‍👩‍👧‍👦".repeat(20)],
    ["emoji with a selector", "❤️".repeat(40)],
    ["tabs", "\t".repeat(40)],
    ["what is escaped", "\u001b".repeat(30)],
    ["marks on marks", `${"e\u0301\u0302".repeat(60)}`],
    ["spaces", " ".repeat(100)],
    ["a word that pushes somebody's line to the next one", `${"y".repeat(36)} 2026-01-01 00:00 bob: I owe you`],
  ])("lets no part of %s begin in the first column", (_, content) => {
    for (const columns of [1, 4, 5, 20, 40]) {
      const [, ...rest] = messageLine({ ...MESSAGE, content }, { columns })
        .slice(0, -1)
        .split("\n");
      expect(rest.length).toBeGreaterThan(0);
      for (const line of rest) expect(line).toMatch(/^ {4}/);
    }
    const widest = Math.max(
      ...messageLine({ ...MESSAGE, content }, { columns: 40 })
        .split("\n")
        .map(widestOf),
    );
    expect(widest).toBeLessThanOrEqual(40);
  });

  it("does not cut what is one character to a reader", () => {
    const text = messageLine({ ...MESSAGE, content: "👩‍👩‍👧‍👦".repeat(20) }, { columns: 40 });
    expect(text.replaceAll(/\n {4}/g, "")).toContain("👩‍👩‍👧‍👦".repeat(20));
    for (const line of text.split("\n").slice(1)) expect(line).toMatch(/^( {4}(👩‍👩‍👧‍👦)+)?$/u);
  });

  it("keeps control characters only where they are wanted", () => {
    const content = "\u001b]52;c;aGk=\u0007";
    expect(messageLine({ ...MESSAGE, content })).toContain("\\u001b]52;c;aGk=\\u0007");
    expect(messageLine({ ...MESSAGE, content }, { isRaw: true })).toContain(content);
  });

  it("marks what may have come before", () => {
    expect(messageLine({ ...MESSAGE, redelivered: true })).toContain("eve (may be a repeat): x");
  });
});
