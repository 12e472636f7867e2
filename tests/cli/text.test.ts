import { describe, expect, it } from "vitest";
import { Quotes } from "../../cli/quotes.ts";
import { jsonLine, messageLine, visible } from "../../cli/text.ts";
import type { Message } from "../../lib/client/index.ts";
import { deletion, edit, groupEvent, ME, reaction, text, toGroup, toPerson } from "../support/messages.ts";

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

  it("keeps tabs where lines are not wrapped", () => {
    expect(messageLine({ ...MESSAGE, content: "a\tb" })).toMatch(/ eve: a\tb\n$/);
    expect(messageLine({ ...MESSAGE, content: "a\tb" }, { columns: 80 })).toMatch(/ eve: a {4}b\n$/);
  });

  it("keeps control characters only where they are wanted", () => {
    const content = "\u001b]52;c;aGk=\u0007";
    expect(messageLine({ ...MESSAGE, content })).toContain("\\u001b]52;c;aGk=\\u0007");
    expect(messageLine({ ...MESSAGE, content }, { isRaw: true })).toContain(content);
  });

  it("marks what may have come before", () => {
    expect(messageLine({ ...MESSAGE, redelivered: true })).toContain("eve (may be a repeat): x");
  });

  it("colours the name by its user, and leaves it plain where it is wrapped", () => {
    const coloured = (senderId: string, columns?: number) =>
      messageLine({ ...MESSAGE, senderId }, { columns, hasColours: true });
    expect(coloured("s").replaceAll("\u001b", "ESC")).toMatch(
      /^ESC\[2m2026-03-1\d \d\d:\d\d ESC\[22mESC\[3\dmeveESC\[39m: x\n$/,
    );
    const colours = ["a", "b", "c", "d", "e"].map((id) => /\[(3\d)m/.exec(coloured(id))?.[1]);
    expect(new Set(colours).size).toBe(5);
    expect(coloured("s", 12)).toBe(messageLine(MESSAGE, { columns: 12 }));
  });
});

describe("what a message is about", () => {
  const about = "m1";
  const known = (...messages: Message[]) => {
    const quotes = new Quotes(ME);
    for (const message of messages) quotes.add(message);
    return (message: Message) =>
      messageLine(message, { quotes })
        .replace(/^[-\d]{10} [:\d]{5} /, "")
        .trimEnd();
  };

  it("is told by its first words, within quotation marks that it cannot end", () => {
    const shown = known(text("m1", "anna", { content: 'yes": I owe you\n"' }));
    expect(shown(reaction("2", "anna", about, "👍"))).toBe(`anna's name reacted with 👍 to "yes': I owe you '"`);
  });

  it("is the message of that conversation", () => {
    const shown = known(text("m1", "anna", { content: "to me" }), text("m1", "bert", toGroup("g-1")));
    expect(shown(text("2", "bert", { about }))).toMatch(/^bert's name, answering a message: /);
    expect(shown(text("2", ME, { about, ...toPerson("anna") }))).toMatch(/ to anna's name, answering "to me": /);
  });

  it("is the message of the smaller sender, where two have used one id, whichever came first", () => {
    const both = [
      text("m1", "bert", { ...toGroup("g-1"), content: "b" }),
      text("m1", "anna", { ...toGroup("g-1"), content: "a" }),
    ];
    for (const messages of [both, both.toReversed()]) {
      const shown = known(...messages);
      expect(shown(reaction("2", "carl", about, "👍", toGroup("g-1")))).toContain(' to "a"');
      expect(shown(edit("2", "bert", about, toGroup("g-1")))).toContain(' edited "b":');
    }
  });

  it("is changed and deleted by its sender alone", () => {
    const first = text("m1", "anna", { ...toGroup("g-1"), content: "a" });
    const answer = reaction("9", "carl", about, "👍", toGroup("g-1"));
    expect(known(first, edit("2", "aaron", about, toGroup("g-1")))(answer)).toContain(' to "a"');
    expect(known(first, deletion("2", "aaron", about, toGroup("g-1")))(answer)).toContain(' to "a"');
    const edited = edit("2", "anna", about, { ...toGroup("g-1"), content: "new" });
    expect(known(first, edited)(answer)).toContain(' to "new"');
    expect(known(first, edited, deletion("3", "anna", about, toGroup("g-1")))(answer)).toMatch(/ to a message$/);
  });

  it("is forgotten after a thousand other messages", () => {
    const others = (count: number) => Array.from({ length: count }, (_, n) => text(`o${n}`, "anna"));
    const first = text("m1", "anna", { content: "a" });
    const answer = reaction("2", "anna", about, "👍");
    expect(known(first, ...others(999))(answer)).toContain(' to "a"');
    expect(known(first, ...others(1_000))(answer)).toMatch(/ to a message$/);
  });
});

describe("a message in the chat of a group", () => {
  const shown = (message: Message, here = "g-1") =>
    messageLine(message, { here })
      .replace(/^[-\d]{10} [:\d]{5} /, "")
      .trimEnd();

  it("says of which conversation it is, unless it is of that group", () => {
    const content = "x";
    expect(shown(text("1", "anna", { ...toGroup("g-1"), content }))).toBe("anna's name: x");
    expect(shown(text("1", "anna", { ...toGroup("g-2"), content }))).toBe(`anna's name in "name of g-2": x`);
    expect(shown(text("1", "anna", { content }))).toBe("anna's name to you: x");
    expect(shown(text("1", ME, { ...toPerson("anna"), content }))).toBe("me's name to anna's name: x");
    expect(shown(text("1", "anna", { content }), "anna")).toBe("anna's name: x");
    expect(shown(text("1", "anna", { ...toGroup("g-1"), content }), "anna")).toBe(`anna's name in "name of g-1": x`);
  });

  it("tells an event of that group without the name", () => {
    const event = { version: 2, event: "joined", member: { id: "anna", username: "anna" } };
    expect(shown(groupEvent("1", "anna", "g-1", event))).toBe("anna's name joined the group");
    expect(shown(groupEvent("1", "anna", "g-2", event))).toBe(`anna's name joined "name of g-2"`);
    const renamed = { version: 2, event: "renamed", name: "New", before: "Old" };
    expect(shown(groupEvent("1", "anna", "g-1", renamed))).toBe(`anna's name renamed the group "Old" to "New"`);
  });
});

describe("what happens in a group", () => {
  const member = { id: "b", username: "bert" };
  const line = (event: object) =>
    messageLine(groupEvent("1", "anna", "g-1", { version: 1, ...event }))
      .replace(/^[-\d]{10} [:\d]{5} /, "")
      .trimEnd();

  it.each([
    [{ event: "created", name: "Climbing" }, 'made the group "Climbing"'],
    [{ event: "added", member }, 'added bert to "name of g-1"'],
    [{ event: "added", member, admin: true }, 'added bert to "name of g-1" as an admin'],
    [{ event: "joined", member }, 'joined "name of g-1"'],
    [{ event: "removed", member }, 'removed bert from "name of g-1"'],
    [{ event: "left", member }, 'left "name of g-1"'],
    [{ event: "left", member, newAdmin: member }, 'left "name of g-1". bert is an admin now'],
    [{ event: "renamed", name: "New", before: 'Old" and' }, `renamed the group "Old' and" to "New"`],
    [{ event: "admin", member, admin: true }, 'made bert an admin of "name of g-1"'],
    [{ event: "admin", member, admin: false }, 'removed bert\'s admin rights in "name of g-1"'],
    [{ event: "of a later version" }, 'changed "name of g-1"'],
    [{ event: "removed" }, 'removed somebody from "name of g-1"'],
  ])("is told in words: %j", (event, words) => {
    expect(line(event)).toBe(`anna's name ${words}`);
  });

  it("is said in the group, whose name cannot look like the words around it", () => {
    const message = text("m1", "anna", { ...toGroup("g-1", 'x": I owe you'), content: "hello" });
    expect(messageLine(message)).toMatch(/ anna's name in "x': I owe you": hello\n$/);
  });
});
