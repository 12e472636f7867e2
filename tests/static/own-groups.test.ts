import { expect, it } from "vitest";
import { groupCalled, groupsLike, ownGroups, SeveralGroups } from "../../static/src/chat/ownGroups.ts";
import { conversationFrom, type KnownGroup } from "../../static/src/storage/records.ts";

const [FAMILY, BOOKS, TEA, LEFT] = ["a", "b", "c", "d"].map((letter) => `g-${letter.repeat(22)}`) as [
  string,
  string,
  string,
  string,
];
const line = (peerId: string, name: string) => conversationFrom({ peerId, name, unread: 0 });
const known = (groupId: string, name: string, isGone = false): KnownGroup => ({
  ...{ groupId, name, version: 1, members: [] },
  ...(isGone && { gone: { how: "left" } }),
});

const LINES = [line(FAMILY, "Family"), line("bob", "familybob"), line(BOOKS, "Book club")];
/** Of Tea the conversation was deleted on this device. */
const GROUPS = ownGroups(LINES, [known(BOOKS, "Books"), known(TEA, "Tea room"), known(LEFT, "Left", true)]);
const like = (typed: string) => groupsLike(typed, GROUPS).map(({ name }) => name);

it("finds the user's groups by a part of the names that they have now, in any case of letters, and no people", () => {
  expect(groupsLike(" fam ", GROUPS)).toEqual([{ peerId: FAMILY, name: "Family", isGone: false }]);
  expect(like("BOOKS")).toEqual(["Books"]);
  expect(like("club")).toEqual([]);
  expect(like("o")).toEqual(["Books", "Tea room"]);
});

it("finds a group that the user is in although its conversation was deleted here, and none that the user has left", () => {
  expect(groupsLike("tea", GROUPS)).toEqual([{ peerId: TEA, name: "Tea room", isGone: false }]);
  expect(like("left")).toEqual([]);
});

it("finds nothing where nothing is typed", () => {
  expect([like(""), like("  ")]).toEqual([[], []]);
});

it("has one group of a whole name: one that the user is in before one that they have left, and never one of several", () => {
  expect(groupCalled(" TEA room ", GROUPS)?.peerId).toBe(TEA);
  expect(groupCalled("tea", GROUPS)).toBeUndefined();
  const twice = ownGroups([line(LEFT, "Tea room")], [known(TEA, "Tea room"), known(LEFT, "Tea room", true)]);
  expect(groupCalled("Tea room", twice)?.peerId).toBe(TEA);
  const alone = ownGroups([line(LEFT, "Left")], [known(LEFT, "Left", true)]);
  expect(groupCalled("left", alone)).toEqual({ peerId: LEFT, name: "Left", isGone: true });
  const both = ownGroups([], [known(TEA, "Tea"), known(BOOKS, "tea")]);
  expect(() => groupCalled("Tea", both)).toThrow(SeveralGroups);
});
