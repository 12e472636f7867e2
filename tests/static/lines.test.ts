import { describe, expect, it } from "vitest";
import { withChange } from "../../static/src/storage/lines.ts";
import type { Line, StoredMessage } from "../../static/src/storage/records.ts";

const ME = "me";
const GROUP = "g-0123456789abcdefghijkl";

/** A message of Bob's at that second. */
function at(second: number, more: Partial<StoredMessage> = {}): StoredMessage {
  const messageId = `m-${second}`;
  const senderId = more.senderId ?? "bob";
  return {
    ...{ id: `${senderId}/${messageId}`, messageId, conversationId: "bob", senderId, senderName: `${senderId}-name` },
    ...{ type: "text", content: `content of ${second}`, sentAt: `2026-01-01T00:00:0${second}.000Z` },
    ...more,
  };
}
const inGroup = (second: number, more: Partial<StoredMessage> = {}): StoredMessage =>
  at(second, { conversationId: GROUP, ...more });
const event = (value: object, senderId = "eve"): StoredMessage =>
  inGroup(5, { type: "group", senderId, content: JSON.stringify({ version: 1, ...value }) });

const placeOf = ({ sentAt, id }: StoredMessage) => ({ sentAt, id });
const lastOf = ({ id, sentAt, content }: StoredMessage, isOwn = false) => ({ id, sentAt, content, isOwn });

/** The line after these new messages, in their order. */
const lineOf = (...messages: StoredMessage[]): Line | undefined =>
  messages.reduce<Line | undefined>((line, message) => withChange(line, undefined, message, ME, true), undefined);
const known = (...messages: StoredMessage[]): Line => lineOf(...messages) ?? expect.fail("there is no line");

describe("what the list shows of a conversation", () => {
  it("is its newest message, and by whom it is", () => {
    const [one, mine] = [at(1), at(2, { senderId: ME })];
    expect(lineOf(one)).toEqual({
      ...{ peerId: "bob", name: "bob", last: lastOf(one) },
      ...{ unread: 1, unreadFrom: placeOf(one) },
    });
    expect(lineOf(one, mine)?.last).toEqual(lastOf(mine, true));
    expect(lineOf(mine, one)?.last).toEqual(lastOf(mine, true));
  });

  it("says of which kind it is, unless that is a text", () => {
    const { type: _, ...old } = at(1);
    expect(lineOf(old)?.last).toStrictEqual(lastOf(old));
    expect(lineOf(at(1))?.last).toStrictEqual(lastOf(at(1)));
    const file = at(1, { type: "file" });
    expect(lineOf(file)?.last).toStrictEqual({ ...lastOf(file), type: "file" });
  });

  it("bears the sender's name in a group, and says that it was deleted", () => {
    const message = inGroup(1);
    expect(lineOf(message)?.last).toEqual({ ...lastOf(message), senderName: "bob-name" });
    const gone = at(1, { content: "", deleted: "2026" });
    expect(lineOf(gone)?.last).toEqual({ ...lastOf(gone), deleted: "2026" });
  });

  it("follows its newest message, and no other one", () => {
    const [one, two] = [at(1), at(2)];
    const line = known(one, two);
    const edited = { ...two, content: "new" };
    expect(withChange(line, two, edited, ME, true)).toEqual({ ...line, last: lastOf(edited) });
    expect(withChange(line, one, { ...one, content: "new" }, ME, true)).toBe(line);
    const deleted = { ...two, deleted: "2026" };
    expect(withChange(line, two, deleted, ME, true)?.last).toEqual({ ...lastOf(two), deleted: "2026" });
  });

  it("stays the same object where nothing changes", () => {
    const one = at(1);
    const line = known(one);
    expect(withChange(line, one, { ...one, receipts: {} }, ME, true)).toBe(line);
    expect(withChange(line, undefined, at(2, { type: "poll" as never, quiet: true }), ME, true)).toBe(line);
    expect(lineOf(at(2, { type: "poll" as never, quiet: true }))).toBeUndefined();
    expect(lineOf(at(2, { deletedHere: true }))).toBeUndefined();
    expect(withChange(undefined, one, { ...one, deletedHere: true }, ME, true)).toBeUndefined();
  });
});

describe("who has brought the user into a group", () => {
  const [me, bob] = [
    { id: ME, username: "me" },
    { id: "bob", username: "bob" },
  ];

  it.each<[string, StoredMessage, string | undefined]>([
    ["its maker", event({ event: "created", name: "Tea" }), "eve"],
    ["the admin who has added the user", event({ event: "added", member: me }), "eve"],
    ["nobody, if the user has made it", event({ event: "created", name: "Tea" }, ME), undefined],
    ["nobody, if somebody else was added", event({ event: "added", member: bob }), undefined],
    ["nobody, if the event names no member", event({ event: "added" }), undefined],
    ["nobody, if the user has joined", event({ event: "joined", member: me }, ME), undefined],
    ["nobody, if an admin was made", event({ event: "admin", member: me }), undefined],
    ["nobody, if a person has only written so", { ...event({ event: "created" }), type: "text" }, undefined],
  ])("is %s", (_, message, adder) => {
    expect(known(message).addedBy).toBe(adder);
  });

  it("is the last one, and the same object says so once", () => {
    const first = event({ event: "added", member: me });
    const line = known(first);
    expect(withChange(line, first, first, ME, true)).toBe(line);
    const again = { ...event({ version: 3, event: "added", member: me }, "fay"), sentAt: "2027" };
    expect(known(first, again).addedBy).toBe("fay");
  });
});

describe("what is unread", () => {
  const [one, two, three] = [at(1), at(2), at(3)];
  const unreadOf = (line: Line | undefined) => [line?.unread, line?.unreadFrom];

  it("begins with the first message of somebody else, whichever comes first", () => {
    expect(unreadOf(lineOf(two, three))).toEqual([2, placeOf(two)]);
    expect(unreadOf(lineOf(three, two))).toEqual([2, placeOf(two)]);
    expect(unreadOf(lineOf(at(1, { senderId: ME }), two))).toEqual([1, placeOf(two)]);
    expect(unreadOf(lineOf(event({ event: "created" })))).toEqual([0, undefined]);
  });

  it("is nothing that nobody is told of", () => {
    expect(unreadOf(withChange(undefined, undefined, one, ME, false))).toEqual([0, undefined]);
  });

  it("is no message that is deleted before it was read", () => {
    const line = known(one, two);
    const deleted = { ...two, content: "", deleted: "2026" };
    expect(unreadOf(withChange(line, two, deleted, ME, true))).toEqual([1, placeOf(one)]);
    const only = withChange(known(two), two, deleted, ME, true);
    expect(only?.unread).toBe(0);
    expect(only).not.toHaveProperty("unreadFrom");
    expect(unreadOf(withChange(line, deleted, deleted, ME, true))).toEqual([2, placeOf(one)]);
  });

  it("is as much as before where a message is deleted that was read, or changed otherwise", () => {
    const { last: _, ...rest } = known(two, three);
    const line: Line = { ...rest, unread: 1, unreadFrom: placeOf(three) };
    expect(unreadOf(withChange(line, two, { ...two, deleted: "2026" }, ME, true))).toEqual([1, placeOf(three)]);
    expect(unreadOf(withChange(line, three, { ...three, content: "new" }, ME, true))).toEqual([1, placeOf(three)]);
    const read: Line = { peerId: "bob", name: "bob", unread: 0 };
    expect(unreadOf(withChange(read, two, { ...two, deleted: "2026" }, ME, true))).toEqual([0, undefined]);
    const damaged: Line = { ...read, unreadFrom: placeOf(one) };
    expect(withChange(damaged, two, { ...two, deleted: "2026" }, ME, true)?.unreadFrom).toEqual(placeOf(one));
    const placeless: Line = { ...read, unread: 2 };
    expect(withChange(placeless, two, { ...two, deleted: "2026" }, ME, true)?.unread).toBe(2);
  });
});
