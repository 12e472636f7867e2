import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  concernedByFolded,
  deletedHere,
  type FoldedMessage,
  type Message,
  merge,
  saidIn,
} from "../../../lib/client/index.ts";
import { FoldedStore } from "../../support/folded-store.ts";
import { deliveries, messages } from "../../support/message-sets.ts";
import {
  deletion,
  edit,
  file,
  groupEvent,
  ME,
  reaction,
  receipt,
  text,
  toGroup,
  toPerson,
  unknown,
} from "../../support/messages.ts";

const NOTHING = { messages: [], waiting: [], conversations: [] };

const folded = (...batch: Message[]): FoldedStore => new FoldedStore().fold(batch);
const inBatches = (batches: readonly (readonly Message[])[], store = new FoldedStore()): FoldedStore =>
  batches.reduce<FoldedStore>((before, batch) => before.fold(batch), store);

/** What travels: of conversations that the user has written in them. */
const travelling = ({ all: { messages: there, waiting, conversations } }: FoldedStore) => ({
  ...{ messages: there, waiting },
  answered: Object.values(conversations)
    .flatMap(({ id, isAnswered }) => (isAnswered ? id : []))
    .toSorted(),
});

/** Which devices get a message. */
const place = fc.constantFrom("old" as const, "new" as const, "both" as const);

/** Messages of which each device gets some, in batches of its own. */
const devices = messages.chain((sent) =>
  fc.array(place, { minLength: sent.length, maxLength: sent.length }).chain((places) => {
    const of = (device: "old" | "new") =>
      sent.filter((_, index) => places[index] !== (device === "old" ? "new" : "old"));
    return fc.record({ sent: fc.constant(sent), old: deliveries(of("old")), fresh: deliveries(of("new")) });
  }),
);

const RUNS = { numRuns: 300 };

describe("what two devices have folded", () => {
  it("is merged to what one device would have folded of all, whenever the one is merged into the other and how often", () => {
    fc.assert(
      fc.property(devices, fc.nat(), fc.nat(), fc.nat(), ({ sent, old, fresh }, earlier, early, late) => {
        const cut = early % (fresh.length + 1);
        const end = cut + (late % (fresh.length + 1 - cut));
        const store = inBatches(fresh.slice(0, cut)).merge(inBatches(old.slice(0, earlier % (old.length + 1))));
        inBatches(fresh.slice(cut, end), store).merge(inBatches(old));
        expect(travelling(inBatches(fresh.slice(end), store))).toEqual(travelling(folded(...sent)));
      }),
      RUNS,
    );
  });

  it("is the same whichever is merged into the other, and writes nothing once it is known", () => {
    fc.assert(
      fc.property(devices, ({ old, fresh }) => {
        const [one, other] = [inBatches(old).merge(inBatches(fresh)), inBatches(fresh).merge(inBatches(old))];
        expect(travelling(one)).toEqual(travelling(other));
        expect([one.merge(inBatches(fresh)).written, one.merge(other).written]).toEqual([0, 0]);
      }),
      RUNS,
    );
  });

  it("leaves deleted what was deleted here, and changes nothing else by that", () => {
    fc.assert(
      fc.property(devices, fc.nat(), fc.nat(), ({ old, fresh }, moment, which) => {
        const undisturbed = inBatches(fresh).merge(inBatches(old));
        const store = inBatches(fresh.slice(0, moment % (fresh.length + 1)));
        const there = [...store.messages.values()];
        const victim = there[which % (there.length || 1)];
        if (victim === undefined) return;
        store.messages.set(victim.id, deletedHere(victim));
        store.merge(inBatches(old));
        inBatches(fresh, store).merge(inBatches(old));
        const kept = undisturbed.messages.get(victim.id) ?? victim;
        undisturbed.messages.set(victim.id, { ...kept, content: "", deletedHere: true });
        expect(store.all.messages).toEqual(undisturbed.all.messages);
        expect(store.all.waiting).toEqual(undisturbed.all.waiting);
      }),
      RUNS,
    );
  });
});

describe("of a message that both devices have", () => {
  const [hers, mine] = [text("1", "alice"), text("1", ME, toPerson("alice"))];
  const merged = (message: Message, here: readonly Message[], there: readonly Message[]): FoldedMessage => {
    const store = folded(message, ...here).merge(folded(message, ...there));
    expect(store.waiting.size).toBe(0);
    return [...store.messages.values()][0] ?? expect.fail("no message");
  };

  it("the last edit counts, wherever it came", () => {
    const [first, last] = [edit("2", "alice", "1"), edit("3", "alice", "1")];
    for (const [here, there] of [
      [[], [last]],
      [[first], [last]],
      [[last], [first]],
      [[last], []],
    ] as const) {
      expect(merged(hers, here, there)).toMatchObject({ content: "edit 3", edited: { messageId: "3" } });
    }
  });

  it("a deletion is final, wherever it came, and its content never comes back", () => {
    const gone = deletion("2", "alice", "1");
    const deleted = { content: "", deleted: gone.sentAt };
    expect(merged(hers, [], [gone])).toMatchObject(deleted);
    expect(merged(hers, [gone], [edit("3", "alice", "1")])).toMatchObject(deleted);
    expect(merged(hers, [edit("3", "alice", "1")], [gone])).not.toHaveProperty("edited");
    const again = deletion("4", "alice", "1");
    for (const [here, there] of [
      [gone, again],
      [again, gone],
    ] as const) {
      expect(merged(hers, [here], [there]).deleted).toBe(gone.sentAt);
    }
  });

  it("each person's last reaction counts, and one that was taken back stays so", () => {
    const [first, last] = [reaction("2", "alice", "1", "👍"), reaction("3", "alice", "1", "")];
    const said = { emoji: "", name: "alice's name", messageId: "3", sentAt: last.sentAt };
    expect(merged(hers, [first], [last]).reactions).toEqual({ alice: said });
    expect(merged(hers, [last], [first]).reactions).toEqual({ alice: said });
    const my = reaction("4", ME, "1", "🎉", toPerson("alice"));
    expect(Object.keys(merged(hers, [last], [my]).reactions ?? {}).toSorted()).toEqual(["alice", ME]);
  });

  it("each receipt counts from the first time", () => {
    const [delivered, read] = [receipt("delivered", "2", "alice", ["1"]), receipt("read", "3", "alice", ["1"])];
    const times = { alice: { delivered: delivered.sentAt, read: read.sentAt } };
    expect(merged(mine, [delivered], [read]).receipts).toEqual(times);
    expect(merged(mine, [read], [delivered]).receipts).toEqual(times);
    expect(merged(mine, [], [delivered]).receipts).toEqual({ alice: { delivered: delivered.sentAt } });
  });

  it("nothing changes if the other device knows no more: an old history undoes nothing", () => {
    const said = [edit("2", "alice", "1"), reaction("3", "alice", "1", "👍")];
    for (const before of [[], said.slice(0, 1), said]) {
      expect(folded(hers, ...said).merge(folded(hers, ...before)).written).toBe(0);
    }
  });
});

describe("a message that one device has", () => {
  it("comes with what was said about it there, and gets what has waited for it here", () => {
    const store = folded(edit("4", "alice", "1")).merge(
      folded(text("1", "alice"), edit("3", "alice", "1"), reaction("2", "alice", "1", "👍")),
    );
    expect(store.messages.get("alice/1")).toMatchObject({ content: "edit 4", reactions: { alice: { emoji: "👍" } } });
    expect(store.waiting.size).toBe(0);
  });

  it("gets what has waited for it on the other device, and what waits for none goes on waiting", () => {
    const there = folded(edit("3", "alice", "1"), reaction("4", "bob", "2", "👍"));
    const store = folded(text("1", "alice")).merge(there);
    expect(store.messages.get("alice/1")).toMatchObject({ content: "edit 3" });
    expect(store.waiting).toEqual(new Map([["2", there.waiting.get("2")]]));
  });

  it("takes the reactions over that the other device had given to a message of the same id and a greater sender", () => {
    const group = toGroup("g-1");
    const zoes = [text("1", "zoe", group), reaction("2", "bob", "1", "👍", group)];
    const store = folded(text("1", "alice", group), reaction("3", "zoe", "1", "🎉", group)).merge(folded(...zoes));
    expect(Object.keys(store.messages.get("alice/1")?.reactions ?? {})).toEqual(["zoe", "bob"]);
    expect(store.messages.get("zoe/1")).not.toHaveProperty("reactions");
  });

  it("is left out if it was deleted on the other device alone", () => {
    const there = folded(text("1", ME, toPerson("alice")), text("2", "alice"));
    for (const one of [...there.messages.values()]) there.messages.set(one.id, deletedHere(one));
    expect(folded().merge(there).all).toEqual(folded().all);
    const edited = folded(text("2", "alice"), edit("3", "alice", "2"));
    edited.messages.set("alice/2", deletedHere(edited.messages.get("alice/2") ?? expect.fail("not there")));
    const store = folded(text("2", "alice"));
    expect([store.merge(edited).written, store.messages.get("alice/2")?.content]).toEqual([0, "content of 2"]);
  });
});

describe("a record that is wrong", () => {
  const { sentAt } = text("9", "alice");
  const receipts = { alice: { delivered: sentAt, read: sentAt } };

  it.each<[string, Message, Partial<FoldedMessage>]>([
    ["an edit of a file", file("1", "alice"), { edited: { messageId: "9", sentAt } }],
    ["an edit of what cannot be shown", unknown("1", "alice"), { edited: { messageId: "9", sentAt } }],
    ["a deletion of an event", groupEvent("1", "alice", "g-1", { version: 1, event: "created" }), { deleted: sentAt }],
    ["a receipt of somebody else's message", text("1", "alice"), { receipts }],
    ["a receipt of somebody who is not in the conversation", text("1", ME, toPerson("bob")), { receipts }],
  ])("changes no message here, and leaves nothing waiting: %s", (_, message, wrong) => {
    const [record] = folded(message).messages.values();
    const store = folded(message);
    const there = folded();
    there.messages.set(record?.id ?? "", { ...(record ?? expect.fail("no message")), ...wrong });
    expect([store.merge(there).written, store.waiting.size]).toEqual([0, 0]);
  });
});

it("a merge concerns the messages, their conversations, and what is said about others, each once", () => {
  const there = folded(
    text("1", "alice"),
    text("1", ME, toPerson("alice")),
    edit("4", "bob", "3"),
    reaction("5", "bob", "3", "👍"),
  );
  const said = [...there.waiting.values()].flatMap(saidIn);
  expect(said.map(([about, { kind }]) => [about, kind])).toEqual([
    ["3", "edit"],
    ["3", "reaction"],
  ]);
  expect(concernedByFolded([...there.messages.values()], said)).toEqual({
    ...{ messageIds: ["1", "3"], conversationIds: ["alice"] },
  });
});

it("a merge accepts a conversation that the user has written in on the other device", () => {
  const messagesThere = [...folded(text("1", ME, toPerson("alice")), text("2", "bob")).messages.values()];
  expect(merge(NOTHING, messagesThere, [], ME).conversations).toEqual([{ id: "alice", isAnswered: true }]);
});

it("a merge accepts no group that the user has only left on the other device", () => {
  const left = { version: 3, event: "left", member: { id: ME, username: "me" } };
  const there = folded(
    groupEvent("1", "eve", "g-1", { version: 1, event: "created" }),
    groupEvent("2", ME, "g-1", left),
  );
  expect(merge(NOTHING, [...there.messages.values()], [], ME).conversations).toEqual([]);
});
