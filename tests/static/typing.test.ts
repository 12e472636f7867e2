import { signal } from "@preact/signals";
import { describe, expect, it } from "vitest";
import type { Typing, Typist, User } from "../../lib/client/index.ts";
import type { Chat } from "../../static/src/chat/chat.ts";
import { TypistList } from "../../static/src/chat/typistList.ts";
import { typingIn } from "../../static/src/view/typing.ts";

const GROUP = "g-0123456789abcdefghijkl";
const user = (id: string): User => ({ id, username: `${id}'s name` });
const to = (toId: string | undefined, senderId: string): Typist => ({ senderId, ...(toId !== undefined && { toId }) });
const inGroup = (...ids: string[]): Typist[] => ids.map((id) => to(GROUP, id));

/** The parts of a chat that are read here. */
const chatOf = (typists: readonly Typist[], blocked: readonly string[] | undefined = []) =>
  ({
    typists: signal(typists),
    account: { blocked: signal(blocked && new Map(blocked.map((id) => [id, user(id)]))) },
    conversations: signal([{ peerId: "dan", name: "Dan of the list" }]),
  }) as unknown as Chat;

describe("who is typing, in words", () => {
  it("is told without a name in a conversation with one person, of that person alone", () => {
    const chat = chatOf([to(undefined, "ann"), ...inGroup("bob")]);
    expect(typingIn(chat, "ann")).toBe("typing…");
    expect(typingIn(chat, "bob")).toBeUndefined();
  });

  it.each([
    [["ann"], "ann's name is typing…"],
    [["ann", "bob"], "ann's name and bob's name are typing…"],
    [["ann", "bob", "cat"], "3 people are typing…"],
    [["dan"], "Dan of the list is typing…"],
    [["eve"], "somebody is typing…"],
  ])("names up to two in a group: %j", (ids, words) => {
    const typists = [to(undefined, "fay"), ...inGroup(...ids)];
    expect(typingIn(chatOf(typists), GROUP, ["ann", "bob", "cat"].map(user))).toBe(words);
  });

  it("names people of a group whose members are not known", () => {
    expect(typingIn(chatOf(inGroup("dan", "ann")), GROUP)).toBe("Dan of the list and somebody are typing…");
    const unread = { ...chatOf(inGroup("dan")), conversations: signal(undefined) } as unknown as Chat;
    expect(typingIn(unread, GROUP)).toBe("somebody is typing…");
  });

  it("leaves out people who are blocked, once they are known", () => {
    expect(typingIn(chatOf(inGroup("ann", "bob"), ["ann"]), GROUP, [user("bob")])).toBe("bob's name is typing…");
    expect(typingIn(chatOf([to(undefined, "ann")], ["ann"]), "ann")).toBeUndefined();
    const chat = { ...chatOf([to(undefined, "ann")]), account: { blocked: signal(undefined) } } as unknown as Chat;
    expect(typingIn(chat, "ann")).toBe("typing…");
  });
});

describe("the list of typists", () => {
  const hears = (...events: Typing[]): Typist[][] => {
    const told: (readonly Typist[])[] = [];
    const list = new TypistList((typists) => told.push(typists));
    for (const event of events) list.hear(event);
    expect(told.at(-1)).toEqual(list.current);
    return told.map((typists) => [...typists]);
  };
  const begins = (typist: Typist): Typing => ({ ...typist, isTyping: true });
  const ends = (typist: Typist): Typing => ({ ...typist, isTyping: false });

  it("is told at once, and after each change", () => {
    const [ann, bob] = [to(undefined, "ann"), to(undefined, "bob")];
    expect(hears(begins(ann), begins(bob), ends(ann))).toEqual([[], [ann], [ann, bob], [bob]]);
  });

  it("has each once, in each place where they type", () => {
    const [alone, there] = [to(undefined, "ann"), to(GROUP, "ann")];
    expect(hears(begins(alone), begins(there), begins(alone), ends(there)).slice(2)).toEqual([
      [alone, there],
      [there, alone],
      [alone],
    ]);
  });
});
