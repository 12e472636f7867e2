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
      /^2026-03-1\d \d\d:03 eve: a\n {4}b\n {4}c\n {4}d\n$/,
    );
  });

  it("marks what may have come before", () => {
    expect(messageLine({ ...MESSAGE, redelivered: true })).toContain("eve (may have come before): x");
  });
});
