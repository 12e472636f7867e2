import { describe, expect, it } from "vitest";
import { localTime } from "../../cli/local-time.ts";
import { datedBy, Quotes, quoted } from "../../cli/quotes.ts";
import { lengthWords, sizeWords } from "../../cli/size-words.ts";
import { messageLine } from "../../cli/text.ts";
import { isForPeople, isText, wordsOf } from "../../cli/wording.ts";
import { type Message, newMessageId } from "../../lib/client/index.ts";
import {
  deletion,
  edit,
  file,
  groupEvent,
  ME,
  own,
  reaction,
  receipt,
  text,
  toGroup,
  toPerson,
  unknown,
} from "../support/messages.ts";

/** A time of this machine's calendar, and how it is shown. */
const [MOMENT, SHOWN] = [new Date(2026, 2, 5, 9, 7), "2026-03-05 09:07"];

/** A message id of that moment. */
const idOfMoment = (): string => {
  const time = MOMENT.getTime().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}${newMessageId().slice(13)}`;
};

describe("the size of a file", () => {
  it.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1_000, "1.0 KB"],
    [99_400, "99.4 KB"],
    [99_500, "100 KB"],
    [1_300_000, "1.3 MB"],
    [26_214_400, "26.2 MB"],
    [5_000_000_000, "5.0 GB"],
    [5_000_000_000_000, "5000 GB"],
  ])("of %i bytes is %s", (bytes, words) => {
    expect(sizeWords(bytes)).toBe(words);
  });
});

describe("the length of a voice message", () => {
  it.each([
    [0.2, "0:01"],
    [11.6, "0:12"],
    [59.6, "1:00"],
    [100_000, "1666:40"],
  ])("of %d seconds is %s", (seconds, words) => {
    expect(lengthWords(seconds)).toBe(words);
  });
});

describe("what a message is", () => {
  const { type: _, ...old } = text("1", "anna");

  it.each<[Message, boolean, boolean]>([
    [text("1", "anna"), true, true],
    [old, true, true],
    [file("1", "anna"), false, true],
    [edit("1", "anna", "0"), false, true],
    [deletion("1", "anna", "0"), false, true],
    [reaction("1", "anna", "0", "👍"), false, true],
    [groupEvent("1", "anna", "g-1", { version: 1, event: "joined" }), false, true],
    [unknown("1", "anna"), false, true],
    [unknown("1", "anna", { quiet: true }), false, false],
    [text("1", "anna", { quiet: true }), true, true],
    [{ ...old, quiet: true }, true, true],
    [file("1", "anna", { quiet: true }), false, true],
    [groupEvent("1", "anna", "g-1", { version: 1, event: "joined" }), false, true],
    [receipt("delivered", "1", "anna", ["0"]), false, false],
    [receipt("read", "1", "anna", ["0"]), false, false],
    [own("1", {}), false, false],
    ...[receipt("delivered", "1", "anna", ["0"]), receipt("read", "1", "anna", ["0"]), own("1", {})].map(
      (message): [Message, boolean, boolean] => [{ ...message, quiet: false } as unknown as Message, false, false],
    ),
  ])("of %j: a text is %s, for people is %s", (message, isOne, isShown) => {
    expect([isText(message), isForPeople(message)]).toEqual([isOne, isShown]);
  });

  it("is for people also where an event of a group is quiet", () => {
    expect(isForPeople({ ...groupEvent("1", "anna", "g-1", { version: 1, event: "joined" }), quiet: true })).toBe(true);
  });
});

describe("what a message says", () => {
  const words = (message: Message, ...before: Message[]) => {
    const quotes = new Quotes(ME);
    for (const one of before) quotes.add(one);
    return wordsOf(message, { quotes });
  };
  const named = (name: unknown) => ({ content: JSON.stringify({ name }) });
  const voice = (more: object = {}) => {
    const place = { fileId: "f", key: "A".repeat(43), iv: "AAAAAAAAAA", sha256: `${"A".repeat(43)}=` };
    const said = { name: "voice.webm", mediaType: "audio/webm", bytes: 48_000, duration: 12.3, waveform: "AAEC" };
    return { content: JSON.stringify({ ...place, ...said, ...more }) };
  };

  it.each<[string, Message]>([
    [": hello", text("1", "anna", { content: "hello" })],
    [" (may be a repeat): hello", text("1", "anna", { content: "hello", redelivered: true })],
    [' sent the file "a plan.pdf"', file("1", "anna", named("a plan.pdf"))],
    [" sent a file", file("1", "anna", named(7))],
    [' sent the voice message "voice.webm" (0:12, 48.0 KB)', file("1", "anna", voice())],
    [' sent the voice message "voice.webm" (48.0 KB)', file("1", "anna", voice({ duration: 1e9 }))],
    [' sent the voice message "voice.webm" (48.0 KB)', file("1", "anna", voice({ duration: "12" }))],
    [' sent the file "voice.webm" (48.0 KB)', file("1", "anna", voice({ waveform: 7 }))],
    [' sent the file "voice.webm" (48.0 KB)', file("1", "anna", voice({ mediaType: { toString: 1, valueOf: 1 } }))],
    [" sent a voice message", file("1", "anna", voice({ name: 7 }))],
    [" sent a file", file("1", "anna", { content: "no JSON" })],
    [" edited a message: new", edit("1", "anna", "m0", { content: "new" })],
    [" deleted a message", deletion("1", "anna", "m0")],
    [" reacted with 👍 to a message", reaction("1", "anna", "m0", "👍")],
    [" took back the reaction to a message", reaction("1", "anna", "m0", "")],
    [' sent a message of the type "poll", which this version of gotalk cannot show', unknown("1", "anna")],
    [" to anna's name: hello", text("1", ME, { ...toPerson("anna"), content: "hello" })],
    [' in "name of g-1": hello', text("1", "anna", { ...toGroup("g-1"), content: "hello" })],
    [" (may be a repeat) joined a group", { ...joined("a group"), redelivered: true }],
  ])("is %j", (said, message) => {
    expect(words(message)).toBe(said.replace("a group", '"a group"'));
  });

  it("of an event of a group is told without a name where it has none", () => {
    const event = (kind: string, more: object = {}) => {
      const { toName: _, ...nameless } = groupEvent("1", "anna", "g-1", { version: 1, event: kind, ...more });
      return words(nameless);
    };
    expect(event("joined")).toBe(' joined ""');
    expect(event("created")).toBe(' made the group ""');
    expect(event("renamed")).toBe(' renamed the group "" to ""');
  });

  function joined(name: string): Message {
    return { ...groupEvent("1", "anna", "g-1", { version: 1, event: "joined" }), toName: name };
  }

  it("names the message that it is about by its time, where that is not known", () => {
    const about = idOfMoment();
    expect(words(reaction("1", "anna", about, "👍"))).toBe(` reacted with 👍 to the message of ${SHOWN}`);
    expect(words(deletion("1", "anna", about))).toBe(` deleted the message of ${SHOWN}`);
    expect(words(text("1", "anna", { about, content: "yes" }))).toBe(`, answering the message of ${SHOWN}: yes`);
    expect(datedBy("no id")).toBe("a message");
  });

  it("names the message that it is about by its first words or its file, where that is known", () => {
    const long = text("0", "anna", { content: "All of us meet at the station at nine, and nobody is late" });
    expect(words(reaction("1", "anna", "0", "👍"), long)).toBe(
      ' reacted with 👍 to "All of us meet at the station at nine, ..."',
    );
    expect(words(text("1", "anna", { about: "0", content: "yes" }), file("0", "anna", voice()))).toBe(
      ', answering the voice message "voice.webm": yes',
    );
    const plan = file("0", "anna", named("plan.pdf"));
    expect(words(text("1", "anna", { about: "0", content: "yes" }), plan)).toBe(', answering the file "plan.pdf": yes');
    expect(words(file("1", "anna", { ...named("b"), ...{ about: "0" } }), plan)).toBe(
      ', answering the file "plan.pdf" sent the file "b"',
    );
    const { type: _, ...old } = text("0", "anna", { content: "old" });
    expect(words(edit("1", "anna", "0", { content: "new" }), old)).toBe(' edited "old": new');
  });

  it("stays unknown where what was not shown is edited", () => {
    const [late, answer] = [edit("2", "anna", "m0", { content: "new" }), reaction("3", "anna", "m0", "👍")];
    expect(words(answer, late)).toBe(" reacted with 👍 to a message");
  });

  it("is quoted on one line, without the quotation marks that others have written", () => {
    expect(quoted(' a "b"\n\n c ')).toBe(`"a 'b' c"`);
  });
});

describe("a line", () => {
  const ids = (message: Message) => messageLine(message, { hasIds: true }).slice("2026-01-01 00:00".length);

  it("bears the id of what can be answered, where that is asked for", () => {
    expect(ids(text("7", "anna", { content: "x" }))).toBe(" 7 anna's name: x\n");
    expect(ids(file("7", "anna"))).toBe(" 7 anna's name sent a file\n");
    expect(ids(reaction("7", "anna", "m0", "👍"))).toBe(" anna's name reacted with 👍 to a message\n");
    expect(messageLine(text("7", "anna", { content: "x" })).slice("2026-01-01 00:00".length)).toBe(" anna's name: x\n");
  });

  it("begins with the time of this machine's calendar, and with whatever else the server has sent as one", () => {
    expect(localTime(MOMENT.toISOString())).toBe(SHOWN);
    expect(localTime("no time")).toBe("no time");
  });
});
