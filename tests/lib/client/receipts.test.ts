import { beforeEach, describe, expect, it } from "vitest";
import { fold, type Message, NetworkError, type Outgoing, ProblemError, Receipts } from "../../../lib/client/index.ts";
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
} from "../../support/messages.ts";
import { settle, VirtualTime } from "../../support/virtual-time.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let time: VirtualTime;
let sent: string[];
let signals: (AbortSignal | undefined)[];
/** What sending waits for, or fails with. */
let sending: () => Promise<void>;
let members: Record<string, number>;
let receipts: Receipts;
let begun: number;

/** Seconds since the test began, to whom, and what. */
const noteOf = ({ to, type, content }: Outgoing): string => `${(time.now() - begun) / SECOND} ${to} ${type} ${content}`;

beforeEach(() => {
  time = new VirtualTime();
  [sent, signals, members] = [[], [], {}];
  begun = time.now();
  sending = async () => {};
  receipts = new Receipts({
    timing: time,
    ownId: ME,
    membersOf: (groupId) => members[groupId],
    send: async (outgoing) => {
      sent.push(noteOf(outgoing));
      signals.push(outgoing.signal);
      await sending();
    },
  });
});

describe("a sender", () => {
  it("is told 5 seconds after the first message, of all that came until then, by one message", async () => {
    receipts.delivered([text("1", "alice")]);
    await time.advance(3 * SECOND);
    receipts.delivered([text("2", "alice"), file("3", "alice"), unknown("4", "alice"), text("1", "alice")]);
    expect(sent).toEqual([]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice delivered ["1","2","3","4"]']);
  });

  it("is told for each 5 seconds anew", async () => {
    receipts.delivered([text("1", "alice")]);
    await time.advance(7 * SECOND);
    receipts.delivered([text("2", "alice")]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice delivered ["1"]', '12 alice delivered ["2"]']);
  });

  it("is told of own messages alone", async () => {
    receipts.delivered([text("1", "alice"), text("2", "bob")]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice delivered ["1"]', '5 bob delivered ["2"]']);
  });

  it("is told what was read, which says that it was delivered", async () => {
    receipts.delivered([text("1", "alice"), text("2", "alice")]);
    receipts.read([text("2", "alice"), text("1", "alice")]);
    receipts.delivered([text("1", "alice")]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice read ["2","1"]']);
  });

  it("is told what was read first, and 5 seconds later what was only delivered", async () => {
    receipts.delivered([text("1", "alice"), text("2", "alice")]);
    receipts.read([text("1", "alice")]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice read ["1"]', '10 alice delivered ["2"]']);
  });

  it("is told of deliveries also while more and more is read", async () => {
    receipts.delivered([text("0", "alice")]);
    for (let second = 1; second <= 20; second++) {
      receipts.read([text(`r${second}`, "alice")]);
      await time.advance(SECOND);
    }
    expect(sent.map((note) => note.split(" ").slice(0, 3).join(" "))).toEqual([
      "5 alice read",
      "10 alice delivered",
      "15 alice read",
      "20 alice read",
    ]);
  });

  it("is told what was read first, whatever was told before", async () => {
    receipts.read([text("1", "alice")]);
    await time.advance(MINUTE);
    receipts.delivered([text("2", "alice")]);
    receipts.read([text("3", "alice")]);
    await time.advance(MINUTE);
    expect(sent.slice(1)).toEqual(['65 alice read ["3"]', '70 alice delivered ["2"]']);
  });

  it("is told of no more than a message has room for at once", async () => {
    const many = Array.from({ length: 900 }, (_, index) => text(`${index}`.padStart(36, "0"), "alice", { sentAt: "" }));
    receipts.read(many);
    await time.advance(MINUTE);
    const told = sent.map((note) => [note.split(" ")[0], JSON.parse(note.split(" ")[3] ?? "").length]);
    expect(told).toEqual([
      ["5", 400],
      ["10", 400],
      ["15", 100],
    ]);
    expect(new Set(sent.flatMap((note) => JSON.parse(note.split(" ")[3] ?? ""))).size).toBe(900);
    expect(Math.max(...sent.map(({ length }) => length))).toBeLessThan(16_384);
  });
});

describe("nobody is told", () => {
  const { type: _, ...old } = text("1", "alice");
  it.each<[string, Message]>([
    ["goTalk's first clients send", old],
    ["the user has sent", text("1", ME, toPerson("alice"))],
    ["the user has sent to oneself", text("1", ME)],
    ["is an edit", edit("2", "alice", "1")],
    ["is a deletion", deletion("2", "alice", "1")],
    ["is a loud edit", edit("2", "alice", "1", { quiet: false })],
    ["is a loud deletion", deletion("2", "alice", "1", { quiet: false })],
    ["says loudly what was delivered", receipt("delivered", "2", "alice", ["1"], { quiet: false })],
    ["is a reaction", reaction("2", "alice", "1", "👍")],
    ["is a loud reaction", reaction("2", "alice", "1", "👍", { quiet: false })],
    ["is a receipt", receipt("delivered", "2", "alice", ["1"])],
    ["is a loud receipt", receipt("read", "2", "alice", ["1"], { quiet: false })],
    ["is for own devices", own("2", {}, "alice", { quiet: false })],
    ["is an event of a group", groupEvent("2", "alice", "g-1", { version: 1, event: "created" })],
    ["is quiet and cannot be read", unknown("2", "alice", { quiet: true })],
  ])("of what %s", async (_name, message) => {
    members = { "g-1": 2 };
    receipts.delivered([message]);
    receipts.read([message]);
    await time.advance(MINUTE);
    expect(sent).toEqual([]);
    expect(time.sleepers).toBe(0);
  });

  it("but of a quiet text and a quiet file", async () => {
    receipts.delivered([text("1", "alice", { quiet: true }), file("2", "alice", { quiet: true })]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice delivered ["1","2"]']);
  });
});

describe("in a group", () => {
  it("the sender is told what was read, and nobody what was delivered", async () => {
    members = { "g-1": 20 };
    const message = text("1", "alice", toGroup("g-1"));
    receipts.delivered([message]);
    await time.advance(MINUTE);
    expect([sent, time.sleepers]).toEqual([[], 0]);
    receipts.read([message, text("2", "alice")]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['65 alice read ["1","2"]']);
  });

  it("a folded message is known as one of a group", async () => {
    members = { "g-1": 2 };
    const [message] = fold(
      { messages: [], waiting: [], conversations: [] },
      [text("1", "alice", toGroup("g-1"))],
      ME,
    ).messages;
    receipts.delivered(message === undefined ? [] : [message]);
    receipts.read(message === undefined ? [] : [message]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice read ["1"]']);
    receipts.delivered([{ messageId: "2", senderId: "alice", type: "text", conversationId: "alice" }]);
    await time.advance(MINUTE);
    expect(sent).toHaveLength(2);
  });

  it.each([
    ["has more than 20 members", { "g-1": 21 }],
    ["is not known", {}],
  ])("that %s nobody is told", async (_, known) => {
    members = known;
    receipts.read([text("1", "alice", toGroup("g-1"))]);
    await time.advance(MINUTE);
    expect(sent).toEqual([]);
  });

  it("nobody is told by a program that knows of no members", async () => {
    const plain = new Receipts({ timing: time, ownId: ME, send: async (one) => void sent.push(noteOf(one)) });
    plain.read([text("1", "alice", toGroup("g-1"))]);
    await time.advance(MINUTE);
    expect(sent).toEqual([]);
  });
});

describe("a user who tells nobody of reading", () => {
  it("still tells of deliveries", async () => {
    receipts.tellsRead = false;
    expect(receipts.tellsRead).toBe(false);
    receipts.delivered([text("1", "alice")]);
    receipts.read([text("1", "alice"), text("2", "alice")]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice delivered ["1"]']);
  });

  it("tells nothing of what was read a moment before", async () => {
    receipts.delivered([text("1", "alice")]);
    receipts.read([text("1", "alice")]);
    receipts.read([text("2", "bob")]);
    receipts.tellsRead = false;
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice delivered ["1"]']);
    receipts.tellsRead = true;
    receipts.read([text("3", "bob")]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice delivered ["1"]', '65 bob read ["3"]']);
  });

  it("tells nothing of what failed to be told while that was so", async () => {
    let fail = (_: Error): void => {};
    sending = () => new Promise((_, reject) => (fail = reject));
    receipts.read([text("1", "alice")]);
    await time.advance(5 * SECOND);
    receipts.tellsRead = false;
    fail(new NetworkError("offline"));
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice read ["1"]']);
  });

  it("keeps what is to be told if that was so before", async () => {
    receipts.read([text("1", "alice")]);
    receipts.tellsRead = true;
    await time.advance(MINUTE);
    expect(sent).toHaveLength(1);
  });
});

describe("a receipt that fails", () => {
  it("for the moment is sent again with what came since", async () => {
    sending = async () => {
      throw new NetworkError("offline");
    };
    receipts.read([text("1", "alice")]);
    await time.advance(6 * SECOND);
    sending = async () => {};
    receipts.read([text("2", "alice")]);
    await time.advance(MINUTE);
    expect(sent).toEqual(['5 alice read ["1"]', '10 alice read ["1","2"]']);
  });

  it("for good is not", async () => {
    sending = async () => {
      throw new ProblemError({ status: 403, code: "blocked", detail: "No." });
    };
    receipts.read([text("1", "alice")]);
    await time.advance(MINUTE);
    expect([sent.length, time.sleepers]).toEqual([1, 0]);
  });
});

describe("at the end", () => {
  it("all is told at once, and nothing again", async () => {
    receipts.delivered([text("1", "alice"), text("2", "bob")]);
    receipts.read([text("3", "bob")]);
    await receipts.flush();
    expect(sent).toEqual(['0 alice delivered ["1"]', '0 bob read ["3"]', '0 bob delivered ["2"]']);
    await settle();
    expect(time.sleepers).toBe(0);
    await time.advance(MINUTE);
    expect(sent).toHaveLength(3);
  });

  it("all is told at once, also what is too much for one message", async () => {
    receipts.read(Array.from({ length: 900 }, (_, index) => text(`${index}`, "alice", { sentAt: "" })));
    receipts.delivered([text("x", "alice")]);
    await receipts.flush();
    const told = sent.map((note) => note.split(" "));
    expect(told.map(([second, , type]) => `${second} ${type}`)).toEqual(["0 read", "0 delivered", "0 read", "0 read"]);
    expect(new Set(told.flatMap(([, , , ids]) => JSON.parse(ids ?? ""))).size).toBe(901);
  });

  it("what fails for the moment is tried once, and again later", async () => {
    sending = async () => {
      throw new NetworkError("offline");
    };
    receipts.delivered([text("1", "alice"), text("2", "alice")]);
    receipts.read([text("1", "alice")]);
    await receipts.flush();
    expect(sent).toEqual(['0 alice read ["1"]', '0 alice delivered ["2"]']);
    sending = async () => {};
    await time.advance(MINUTE);
    expect(sent.slice(2)).toEqual(['5 alice read ["1"]', '10 alice delivered ["2"]']);
  });

  it("is waited for until all was tried", async () => {
    const stored = Promise.withResolvers<void>();
    sending = () => stored.promise;
    receipts.delivered([text("1", "alice")]);
    let isDone = false;
    const flushed = receipts.flush().then(() => {
      isDone = true;
    });
    await settle();
    expect(isDone).toBe(false);
    stored.resolve();
    await flushed;
  });

  it("nothing is told any more, and what is being sent is given up", async () => {
    const stored = Promise.withResolvers<void>();
    sending = () => stored.promise;
    receipts.delivered([text("1", "alice")]);
    await time.advance(5 * SECOND);
    receipts.delivered([text("2", "alice")]);
    receipts.end();
    await settle();
    expect([signals[0]?.aborted, time.sleepers]).toEqual([true, 0]);
    stored.reject(new NetworkError("offline"));
    receipts.read([text("3", "bob")]);
    await receipts.flush();
    await time.advance(MINUTE);
    expect([sent.length, time.sleepers]).toEqual([1, 0]);
  });
});

describe("two people who each write every 2 seconds", () => {
  it.each([
    ["read at once", 0],
    ["read 3 seconds later", 3],
    ["read 7 seconds later", 7],
    ["never read", Number.POSITIVE_INFINITY],
  ])("send at most a receipt for two messages, where what comes is %s", async (_, delay) => {
    const unread: { readonly at: number; readonly message: Message }[] = [];
    const MESSAGES = 300;
    for (let second = 0; second < 2 * MESSAGES; second++) {
      if (second % 2 === 0) {
        const message = text(`${second}`, "alice", { sentAt: "" });
        receipts.delivered([message]);
        unread.push({ at: second + delay, message });
      }
      while (unread[0] !== undefined && unread[0].at <= second) receipts.read([unread.shift()?.message as Message]);
      await time.advance(SECOND);
    }
    await time.advance(MINUTE);
    expect(sent.length).toBeLessThanOrEqual(0.42 * MESSAGES);
    const ids = new Set(sent.flatMap((note) => JSON.parse(note.split(" ")[3] ?? "")));
    expect(ids.size).toBe(MESSAGES);
    // What was read is told as read in the end.
    const read = new Set(sent.flatMap((note) => (note.includes(" read ") ? JSON.parse(note.split(" ")[3] ?? "") : [])));
    expect(read.size).toBe(delay === Number.POSITIVE_INFINITY ? 0 : MESSAGES - unread.length);
  });
});
