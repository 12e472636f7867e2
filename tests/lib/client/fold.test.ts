import { describe, expect, it } from "vitest";
import {
  comparePositions,
  concernedBy,
  deletedHere,
  type FoldedMessage,
  isNews,
  isShown,
  type Message,
  quotedIn,
  reactionsOf,
  readMessage,
  settingsOf,
  tickOf,
} from "../../../lib/client/index.ts";
import { FoldedStore } from "../../support/folded-store.ts";
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

const folded = (...batch: Message[]): FoldedStore => new FoldedStore().fold(batch);
const only = (...batch: Message[]): FoldedMessage =>
  [...folded(...batch).messages.values()][0] ?? expect.fail("no message");
const conversation = (id: string, ...batch: Message[]) =>
  folded(...batch).conversations.get(id) ?? expect.fail("no conversation");

describe("a message", () => {
  it("has a record of its own, in its conversation", () => {
    expect(only(text("1", "alice", { about: "0", quiet: true, redelivered: true }))).toEqual({
      id: "alice/1",
      messageId: "1",
      conversationId: "alice",
      senderId: "alice",
      senderName: "alice's name",
      type: "text",
      about: "0",
      quiet: true,
      content: "content of 1",
      sentAt: "2026-01-01T00:00:01.000Z",
    });
  });

  it.each([
    ["of another person", text("1", "alice"), "alice"],
    ["to another person", text("1", ME, toPerson("bob")), "bob"],
    ["to oneself", text("1", ME), ME],
    ["of anybody to a group", text("1", "alice", toGroup("g-1")), "g-1"],
    ["to a group", text("1", ME, toGroup("g-1")), "g-1"],
    // A server never says so.
    ["of another person to somebody", text("1", "alice", toPerson("bob")), "alice"],
  ])("%s is in the conversation with that", (_, message, id) => {
    expect(only(message).conversationId).toBe(id);
  });

  it("without a type, of an unknown one, and one that cannot be read are kept as they are", () => {
    const { type: _, ...old } = text("1", "alice");
    const damaged = readMessage({ ...text("3", "alice"), type: "file" }) ?? expect.fail("refused");
    const { messages } = folded(old, unknown("2", "alice"), damaged);
    expect([...messages.values()].map(({ type, content }) => [type, content])).toEqual([
      [undefined, "content of 1"],
      ["poll", "content of 2"],
      ["file?", "content of 3"],
    ]);
  });

  it.each([
    edit("2", "alice", "1"),
    deletion("2", "alice", "1"),
    reaction("2", "alice", "1", "👍"),
    receipt("delivered", "2", "alice", ["1"]),
    receipt("read", "2", "alice", ["1"]),
    own("2", { bob: { muted: true } }),
  ])("has none if it says something of others: $type", (message) => {
    expect(folded(message).messages.size).toBe(0);
  });

  it("that says nothing but its text has a record without more", () => {
    const { type: _, ...old } = text("1", "alice");
    const { redelivered: __, ...rest } = old;
    expect(only(old)).toStrictEqual({ ...rest, id: "alice/1", conversationId: "alice" });
  });

  it("concerns no other conversation, whatever its text says", () => {
    const message = text("1", ME, { ...toPerson("alice"), content: '{"bob":{"muted":true}}' });
    expect(concernedBy([message], ME)).toEqual({ messageIds: ["1"], conversationIds: ["alice"] });
    expect([...folded(message).conversations.keys()]).toEqual(["alice"]);
  });

  it("changes no record but those that it concerns", () => {
    const store = new FoldedStore();
    const many = Array.from({ length: 500 }, (_, index) => text(`m${index}`, "alice", { sentAt: "2026" }));
    store.fold(many);
    store.fold([edit("x", "alice", "m7"), reaction("y", "alice", "m8", "👍")]);
    expect([store.read, store.written]).toEqual([2, 2]);
    store.fold([edit("x", "alice", "m7"), text("m9", "alice", { sentAt: "2026" })]);
    expect([store.read, store.written]).toEqual([3, 0]);
    store.fold([edit("z", "alice", "later"), reaction("y", "bob", "later", "👍", toGroup("g-1"))]);
    expect([store.read, store.written]).toEqual([0, 1]);
    store.fold([edit("z", "alice", "later"), edit("a", "alice", "later")]);
    expect([store.read, store.written]).toEqual([1, 0]);
    store.fold([text("later", "bob", { sentAt: "2025" })]);
    expect([store.read, store.written]).toEqual([1, 2]);
    store.fold([text("later", "alice", { sentAt: "2025" })]);
    expect([store.read, store.written, Object.keys(store.waiting.get("later")?.marks ?? {})]).toEqual([
      3,
      2,
      ["reaction/g-1/bob"],
    ]);
    store.fold([text("later", "zoe", toGroup("g-1"))]);
    expect(store.waiting.size).toBe(0);
    const before = store.messages.get("zoe/later");
    store.fold([text("later", "amy", { ...toGroup("g-1"), sentAt: "2025" })]);
    expect([before?.reactions, store.written]).toEqual([store.messages.get("amy/later")?.reactions, 2]);
    store.fold([text("later", "aaron", { ...toGroup("g-2"), sentAt: "2025" })]);
    store.fold([text("later", "abe", { ...toGroup("g-2"), sentAt: "2024" })]);
    expect(store.written).toBe(1);
    store.fold([text("later", "aa", { ...toGroup("g-2"), sentAt: "2024" })]);
    expect(store.written).toBe(1);
  });
});

describe("what comes once more", () => {
  it.each<[string, Message, ...Message[]]>([
    ["a message", text("1", "alice")],
    ["an event of a group", groupEvent("1", "alice", "g-1", { version: 1, event: "created" })],
    ["an edit", edit("2", "alice", "1"), text("1", "alice")],
    ["a deletion", deletion("2", "alice", "1"), text("1", "alice")],
    ["a reaction", reaction("2", "alice", "1", "👍"), text("1", "alice")],
    ["a receipt", receipt("read", "2", "alice", ["1"]), text("1", ME, toPerson("alice"))],
    ["an edit that waits", edit("2", "alice", "1")],
    ["a deletion that waits", deletion("2", "alice", "1")],
    ["a setting", own("1", { alice: { muted: true } })],
    ["how far a conversation is read", own("1", { alice: { readUpTo: { sentAt: "2026", id: "alice/1" } } })],
  ])("changes no record: %s", (_, message, ...before) => {
    const store = folded(...before, message);
    expect(store.fold([{ ...message, redelivered: true }]).written).toBe(0);
  });
});

describe("an edit", () => {
  it("gives a text its new content, and says so", () => {
    const { content, edited } = only(text("1", "alice"), edit("2", "alice", "1", { content: "new" }));
    expect([content, edited]).toEqual(["new", { messageId: "2", sentAt: "2026-01-01T00:00:02.000Z" }]);
  });

  it("counts for a text of goTalk's first clients", () => {
    const { type: _, ...old } = text("1", "alice");
    expect(only(old, edit("2", "alice", "1")).content).toBe("edit 2");
  });

  it("counts only if it is the one with the greatest id, whatever the times say", () => {
    const edits = [edit("3", "alice", "1", { sentAt: "2026" }), edit("2", "alice", "1", { sentAt: "2027" })];
    expect(only(text("1", "alice"), ...edits).content).toBe("edit 3");
    expect(only(...edits, text("1", "alice")).content).toBe("edit 3");
    const inTime = [edit("2", "alice", "1", { sentAt: "2026" }), edit("3", "alice", "1", { sentAt: "2027" })];
    for (const order of [inTime, inTime.toReversed()]) {
      expect(only(...order, text("1", "alice")).content).toBe("edit 3");
    }
  });

  it.each([
    ["of another person", edit("2", "bob", "1", toGroup("g-1"))],
    ["said in another conversation", edit("2", "alice", "1")],
    ["about another message", edit("2", "alice", "9", toGroup("g-1"))],
  ])("%s does not count", (_, one) => {
    expect(only(text("1", "alice", toGroup("g-1")), one)).not.toHaveProperty("edited");
    expect(only(one, text("1", "alice", toGroup("g-1"))).content).toBe("content of 1");
  });

  it.each([
    file("1", "alice"),
    unknown("1", "alice"),
    groupEvent("1", "alice", "g-1", { version: 1, event: "created" }),
  ])("of a $type does not count", (message) => {
    const fields = message.toId === undefined ? {} : toGroup("g-1");
    expect(only(message, edit("2", "alice", "1", fields)).content).toBe(message.content);
  });

  it("counts for its sender's message, though another sender with a smaller id used the same messageId", () => {
    const group = toGroup("g-1");
    const store = folded(text("1", "zoe", group), edit("2", "zoe", "1", group), text("1", "alice", group));
    expect(store.messages.get("zoe/1")?.content).toBe("edit 2");
    expect(store.messages.get("alice/1")?.content).toBe("content of 1");
  });
});

describe("a deletion", () => {
  it("takes the content and what was edited, for good", () => {
    const before = [text("1", "alice"), edit("2", "alice", "1")];
    const message = only(...before, deletion("3", "alice", "1"), edit("4", "alice", "1"));
    expect([message.content, message.deleted, message.edited]).toEqual(["", "2026-01-01T00:00:03.000Z", undefined]);
  });

  it("is of the first time that it was said", () => {
    const said = [deletion("3", "alice", "1"), deletion("2", "alice", "1"), deletion("4", "alice", "1")];
    expect(only(text("1", "alice"), ...said).deleted).toBe("2026-01-01T00:00:02.000Z");
    expect(only(...said, text("1", "alice")).deleted).toBe("2026-01-01T00:00:02.000Z");
  });

  it.each([
    ["of another person", text("1", "alice", toGroup("g-1")), deletion("2", "bob", "1", toGroup("g-1"))],
    ["said in another conversation", text("1", "alice", toGroup("g-1")), deletion("2", "alice", "1")],
    [
      "of an event of a group",
      groupEvent("1", "alice", "g-1", { version: 1, event: "created" }),
      deletion("2", "alice", "1", toGroup("g-1")),
    ],
  ])("%s does not count", (_, message, one) => {
    expect(only(message, one)).not.toHaveProperty("deleted");
  });

  it.each([file("1", "alice"), unknown("1", "alice")])("of a $type counts", (message) => {
    expect(only(message, deletion("2", "alice", "1")).content).toBe("");
  });
});

describe("a reaction", () => {
  it("is one for each person: the last one", () => {
    const message = only(
      text("1", "alice", toGroup("g-1")),
      reaction("2", "bob", "1", "👍", toGroup("g-1")),
      reaction("4", "bob", "1", "🎉", toGroup("g-1")),
      reaction("3", "bob", "1", "👎", toGroup("g-1")),
      reaction("5", ME, "1", "🎉", toGroup("g-1")),
    );
    expect(reactionsOf(message)).toEqual([
      {
        emoji: "🎉",
        people: [
          { id: "bob", name: "bob's name" },
          { id: ME, name: "me's name" },
        ],
      },
    ]);
  });

  it("is taken back by an empty one, also if that comes first", () => {
    const message = only(
      reaction("3", "alice", "1", ""),
      text("1", ME, toPerson("alice")),
      reaction("2", "alice", "1", "👍"),
    );
    expect(reactionsOf(message)).toEqual([]);
  });

  it("counts only if it is the one with the greatest id, whatever the times say, also if all come before the message", () => {
    const said = [reaction("2", "alice", "1", "👍"), reaction("3", "alice", "1", "🎉", { sentAt: "2027" })];
    for (const order of [said, said.toReversed()]) {
      expect(reactionsOf(only(...order, text("1", "alice"))).map(({ emoji }) => emoji)).toEqual(["🎉"]);
    }
  });

  it("is shown in the order in which each emoji and each person came first, by the id of the person at one time", () => {
    const at = (sentAt: string) => ({ ...toGroup("g-1"), sentAt });
    const message = only(
      text("1", ME, toGroup("g-1")),
      reaction("2", "zoe", "1", "👍", at("2026-02")),
      reaction("3", "bob", "1", "🎉", at("2026-01")),
      reaction("4", "amy", "1", "👍", at("2026-02")),
    );
    expect(reactionsOf(message).map(({ emoji, people }) => [emoji, ...people.map(({ id }) => id)])).toEqual([
      ["🎉", "bob"],
      ["👍", "amy", "zoe"],
    ]);
    expect(reactionsOf(only(text("1", ME)))).toEqual([]);
  });

  it("counts only in the conversation of its message", () => {
    expect(only(text("1", "alice", toGroup("g-1")), reaction("2", "alice", "1", "👍"))).not.toHaveProperty("reactions");
  });

  it("means the message of the smaller sender where two have used one id, whichever came first", () => {
    const group = toGroup("g-1");
    const [of, other] = [text("1", "alice", group), text("1", "zoe", group)];
    const said = reaction("2", "bob", "1", "👍", group);
    for (const order of [
      [of, other, said],
      [other, of, said],
      [of, said, other],
      [other, said, of],
      [said, other, of],
    ]) {
      const { messages } = folded(...order);
      expect(messages.get("alice/1")).toHaveProperty("reactions.bob.emoji", "👍");
      expect(messages.get("zoe/1")).not.toHaveProperty("reactions");
    }
  });
});

describe("a reply", () => {
  it("quotes the message of its conversation, of the smaller sender where two have used one id", () => {
    const group = toGroup("g-1");
    const store = folded(
      text("1", "zoe", group),
      text("1", "alice", group),
      text("1", "aaron"),
      text("2", "bob", group),
    );
    const all = [...store.messages.values()];
    const quoted = (messageId: string, conversationId: string) => quotedIn(all, { messageId, conversationId })?.id;
    expect(quoted("1", "g-1")).toBe("alice/1");
    expect(quotedIn(all.toReversed(), { messageId: "1", conversationId: "g-1" })?.id).toBe("alice/1");
    expect(quoted("1", "aaron")).toBe("aaron/1");
    expect(quoted("3", "g-1")).toBeUndefined();
    expect(quoted("1", "g-2")).toBeUndefined();
  });
});

describe("a receipt", () => {
  const mine = text("1", ME, toPerson("alice"));
  const [delivered, read] = ["2026-01-01T00:00:02.000Z", "2026-01-01T00:00:03.000Z"];

  it("says since when the other person has a message, and since when it is read", () => {
    const all = [receipt("delivered", "2", "alice", ["1", "8"]), receipt("read", "3", "alice", ["1"])];
    expect(only(mine, ...all).receipts).toEqual({ alice: { delivered, read } });
    expect(only(...all, mine).receipts).toEqual({ alice: { delivered, read } });
  });

  it("of reading implies that of delivery", () => {
    expect(only(mine, receipt("read", "3", "alice", ["1"])).receipts).toEqual({ alice: { delivered: read, read } });
    const late = [receipt("read", "3", "alice", ["1"]), receipt("delivered", "4", "alice", ["1"])];
    expect(only(mine, ...late).receipts).toEqual({ alice: { delivered: read, read } });
  });

  it.each<[string, Message, Message]>([
    ["of the user", mine, receipt("read", "2", ME, ["1"], toPerson("alice"))],
    ["of somebody who is not in the conversation", mine, receipt("read", "2", "bob", ["1"])],
    ["about a message of somebody else", text("1", "alice"), receipt("read", "2", "alice", ["1"])],
  ])("%s does not count", (_, message, one) => {
    expect(only(message, one)).not.toHaveProperty("receipts");
    expect(only(one, message)).not.toHaveProperty("receipts");
  });

  it("counts for a message to a group, from anybody, though it comes from the person alone", () => {
    const message = only(
      text("1", ME, toGroup("g-1")),
      receipt("read", "2", "bob", ["1"]),
      receipt("read", "3", "alice", ["1"]),
    );
    expect(Object.keys(message.receipts ?? {})).toEqual(["bob", "alice"]);
  });

  it("means the user's own message, though another sender used the same id", () => {
    const { messages } = folded(mine, text("1", "alice"), receipt("read", "2", "alice", ["1"]));
    expect(messages.get("alice/1")).not.toHaveProperty("receipts");
    expect(messages.get("me/1")).toHaveProperty("receipts");
  });

  it("moves the tick of a message; reading is shown only to a user who tells of it", () => {
    const ticks = (...said: Message[]) => [tickOf(only(mine, ...said)), tickOf(only(mine, ...said), false)];
    expect(ticks()).toEqual(["sent", "sent"]);
    expect(ticks(receipt("delivered", "2", "alice", ["1"]))).toEqual(["delivered", "delivered"]);
    expect(ticks(receipt("read", "2", "alice", ["1"]))).toEqual(["read", "delivered"]);
    expect(tickOf(only(text("1", ME, toGroup("g-1")), receipt("read", "2", "bob", ["1"])))).toBe("sent");
  });
});

describe("what the user's own devices say of conversations", () => {
  it("holds until a later message says otherwise, each setting by itself", () => {
    const { own: values } = conversation(
      "alice",
      own("3", { alice: { muted: false } }),
      own("2", { alice: { muted: true, pinned: true, ofALaterVersion: 7 }, bob: { archived: true } }),
    );
    expect(values).toEqual({
      muted: { value: false, messageId: "3" },
      pinned: { value: true, messageId: "2" },
      ofALaterVersion: { value: 7, messageId: "2" },
    });
  });

  it("counts from the message that first said it, if another device passes it on", () => {
    const passedOn = (messageId: string) => ({ muted: { value: true, messageId }, pinned: { value: true, messageId } });
    const said = [own("5", { alice: { muted: false } }), own("7", { alice: { known: passedOn("3") } })];
    for (const order of [said, said.toReversed()]) {
      expect(conversation("alice", ...order).own).toEqual({
        muted: { value: false, messageId: "5" },
        pinned: { value: true, messageId: "3" },
      });
    }
    const later = own("8", { alice: { known: passedOn("6") } });
    expect(conversation("alice", later, ...said).own).toEqual(passedOn("6"));
    for (const known of [7, [], { muted: true }, { muted: { value: true } }, { muted: { messageId: "9" } }]) {
      expect(conversation("alice", own("1", { alice: { known } }))).toStrictEqual({ id: "alice" });
    }
  });

  it("is read up to the furthest position, whichever is said last", () => {
    const near = { sentAt: "2026-01-01", id: "alice/9" };
    const far = { sentAt: "2026-01-02", id: "alice/1" };
    const said = [own("2", { alice: { readUpTo: far } }), own("3", { alice: { readUpTo: near } })];
    expect(conversation("alice", ...said).readUpTo).toEqual(far);
    expect(conversation("alice", ...said.toReversed()).readUpTo).toEqual(far);
    expect(conversation("alice", ...said)).toStrictEqual({ id: "alice", readUpTo: far });
    expect(conversation("alice", own("2", { alice: { readUpTo: { sentAt: "2026", id: 1 } } }))).toEqual({
      id: "alice",
    });
    expect(conversation("alice", own("2", { alice: { readUpTo: { sentAt: 1, id: "alice/1" } } }))).toEqual({
      id: "alice",
    });
  });

  it("counts from the user alone", () => {
    expect(folded(own("2", { alice: { muted: true } }, "alice")).all).toEqual({
      messages: {},
      waiting: {},
      conversations: {},
    });
  });

  it("is told in settings", () => {
    const none = { isAccepted: false, isMuted: false, isPinned: false, isArchived: false };
    expect(settingsOf({ id: "alice" })).toEqual(none);
    const set = (changes: object) => settingsOf(conversation("alice", own("1", { alice: changes })));
    expect(set({ accepted: true })).toEqual({ ...none, isAccepted: true });
    expect(set({ muted: true })).toEqual({ ...none, isMuted: true });
    expect(set({ pinned: true })).toEqual({ ...none, isPinned: true });
    expect(set({ archived: true })).toEqual({ ...none, isArchived: true });
    expect(set({ archived: "true" })).toEqual(none);
  });
});

describe("a conversation", () => {
  it.each<[string, boolean, Message]>([
    ["a text", true, text("1", ME, toPerson("alice"))],
    ["a quiet text", true, text("1", ME, { ...toPerson("alice"), quiet: true })],
    ["a file", true, file("1", ME, toPerson("alice"))],
    ["a text of the other person", false, text("1", "alice")],
    ["a quiet message of an unknown type", false, unknown("1", ME, { ...toPerson("alice"), quiet: true })],
  ])("is accepted by %s: %s", (_, isAccepted, message) => {
    expect(settingsOf(conversation("alice", message)).isAccepted).toBe(isAccepted);
  });

  it("of a group that the user has made is accepted, and one that somebody else added the user to is not", () => {
    const made = (by: string) => conversation("g-1", groupEvent("1", by, "g-1", { version: 1, event: "created" }));
    expect(settingsOf(made(ME)).isAccepted).toBe(true);
    expect(settingsOf(made("alice")).isAccepted).toBe(false);
  });

  it("is not accepted by reactions", () => {
    const { conversations } = folded(text("1", "alice"), reaction("2", ME, "1", "👍", toPerson("alice")));
    expect(settingsOf(conversations.get("alice") ?? { id: "" }).isAccepted).toBe(false);
  });

  it("has the name that its newest message gives it", () => {
    const later = text("2", "alice", { senderName: "alice" });
    expect(conversation("alice", later, text("1", "alice")).name?.text).toBe("alice");
    expect(conversation("alice", text("1", "alice"), later).name?.text).toBe("alice");
    expect(conversation("bob", text("1", ME, toPerson("bob"))).name?.text).toBe("bob's name");
    expect(conversation("g-1", text("1", "alice", toGroup("g-1", "Friends"))).name?.text).toBe("Friends");
    const { toName: _, ...nameless } = text("1", ME, toPerson("bob"));
    expect(conversation("bob", nameless)).not.toHaveProperty("name");
  });

  it("knows the greatest version of its group", () => {
    const events = [1, 3, 2].map((version) => groupEvent(`${version}`, "alice", "g-1", { version, event: "added" }));
    expect(conversation("g-1", ...events).version).toBe(3);
    const spoken = text("4", "alice", { ...toGroup("g-1"), content: '{"version":9,"event":"added"}' });
    expect(conversation("g-1", ...events, spoken).version).toBe(3);
  });
});

describe("what waits", () => {
  it("is one record for all that is about one messageId, without what it does not need", () => {
    const said = { senderId: "alice", senderName: "alice's name", conversationId: "alice" };
    const sentAt = "2026-01-01T00:00:02.000Z";
    expect(folded(receipt("read", "2", "alice", ["1"])).all).toEqual({
      messages: {},
      conversations: {},
      waiting: {
        "1": {
          messageId: "1",
          marks: { "read/alice/alice": { ...said, kind: "read", messageId: "2", sentAt, content: "" } },
        },
      },
    });
  });
});

describe("a receipt of the user's own", () => {
  it("waits for nothing: it is about messages of others", () => {
    expect(folded(receipt("read", "2", ME, ["1"], toPerson("alice"))).waiting.size).toBe(0);
  });
});

describe("what waits beside something else", () => {
  it("gives way to what counts in its place", () => {
    const store = folded(edit("2", "alice", "1"), reaction("3", "alice", "1", "👍"));
    expect(store.fold([edit("4", "alice", "1")]).written).toBe(1);
    expect(Object.values(store.waiting.get("1")?.marks ?? {}).map(({ content }) => content)).toEqual(["edit 4", "👍"]);
  });
});

describe("a receipt about many messages that are not there", () => {
  it("leaves no more records than a client names messages", () => {
    const many = Array.from({ length: 4_000 }, (_, index) => `${index}`);
    const { waiting } = folded(receipt("read", "2", "alice", many));
    expect([...waiting.keys()]).toEqual(many.slice(0, 400));
  });
});

describe("a message that was deleted here", () => {
  it("stays deleted, whatever is said of it and however often it comes", () => {
    const store = folded(text("1", "alice"));
    store.messages.set("alice/1", deletedHere(store.messages.get("alice/1") ?? expect.fail("not there")));
    for (const said of [text("1", "alice"), edit("2", "alice", "1")]) {
      store.fold([said]);
      expect(store.messages.get("alice/1")).toMatchObject({ content: "", deletedHere: true });
    }
  });
});

describe("a message is shown", () => {
  it("unless it was deleted here, or is quiet and cannot be read", () => {
    expect(isShown(only(text("1", "alice", { quiet: true })))).toBe(true);
    expect(isShown(only(file("1", "alice", { quiet: true })))).toBe(true);
    expect(isShown(only(unknown("1", "alice")))).toBe(true);
    expect(isShown(only(text("1", "alice"), deletion("2", "alice", "1")))).toBe(true);
    expect(isShown(only(unknown("1", "alice", { quiet: true })))).toBe(false);
    expect(isShown(deletedHere(only(text("1", "alice"))))).toBe(false);
    const { type: _, ...old } = text("1", "alice", { quiet: true });
    expect(isShown(only(old))).toBe(true);
    const event = { ...groupEvent("1", "alice", "g-1", { version: 1, event: "created" }), quiet: true };
    expect(isShown(only(event))).toBe(true);
  });

  it("as unread if somebody else has written it, and it is still there", () => {
    expect(isNews(only(text("1", "alice")), ME)).toBe(true);
    expect(isNews(only(text("1", ME, toPerson("alice"))), ME)).toBe(false);
    expect(isNews(only(text("1", "alice"), deletion("2", "alice", "1")), ME)).toBe(false);
    expect(isNews(only(groupEvent("1", "alice", "g-1", { version: 1, event: "created" })), ME)).toBe(false);
    expect(isNews(deletedHere(only(text("1", "alice"))), ME)).toBe(false);
  });

  it("by its time, and by its id at one time", () => {
    const at = (sentAt: string, id: string) => ({ sentAt, id });
    const positions = [at("2", "a"), at("1", "b"), at("1", "a")];
    expect(positions.toSorted(comparePositions)).toEqual([at("1", "a"), at("1", "b"), at("2", "a")]);
    expect(comparePositions(at("1", "a"), at("1", "a"))).toBe(0);
  });
});
