import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { User } from "../../../lib/channel/profiles.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { type Group, type Member, memberOf, toldOf, type Untold, viewOf } from "../../../lib/groups/group.ts";
import {
  type Decision,
  decideInvite,
  decideJoin,
  decideLeave,
  decidePut,
  decideRemove,
  decideRename,
  firstState,
} from "../../../lib/groups/group-decision.ts";

const user = (name: string): User => ({ id: `${name}-id`, username: name });
const [ann, bob, carol, dave] = ["ann", "bob", "carol", "dave"].map(user) as [User, User, User, User];

const member = (name: string, since: number, admin?: true, joined?: true): Record<string, Member> => ({
  [`${name}-id`]: { username: name, since, ...(admin && { admin }), ...(joined && { joined }) },
});

/** Ann is admin and came last of all; Bob is the longest member. */
const group: Group = {
  groupId: "g-1",
  name: "Climbing",
  version: 7,
  members: { ...member("ann", 5, true), ...member("bob", 1), ...member("carol", 2) },
  inviteHash: "hash",
  untold: [],
};

const refused = (code: string) => ({ kind: "refused", code });
const withTwoAdmins: Group = { ...group, members: { ...group.members, ...member("bob", 1, true) } };
const full: Group = {
  ...group,
  members: {
    ...group.members,
    ...Object.assign({}, ...Array.from({ length: LIMITS.groups.members - 3 }, (_, at) => member(`m${at}`, 3))),
  },
};

describe("what becomes of a group", () => {
  it("begins with its maker as the only admin, whom the list may name as well", () => {
    expect(firstState("Climbing", ann, [bob, ann])).toEqual({
      name: "Climbing",
      members: { ...member("ann", 1, true, true), ...member("bob", 1) },
    });
  });

  describe("by what only admins may", () => {
    const asks: readonly [string, (by: User) => Decision | string | undefined][] = [
      ["rename", (by) => decideRename(group, by, "Other")],
      ["add", (by) => decidePut(group, by, dave, undefined)],
      ["make admin", (by) => decidePut(group, by, carol, true)],
      ["remove", (by) => decideRemove(group, by, carol.id)],
      ["invite", (by) => decideInvite(group, by)],
    ];
    it.each(asks)("%s: a member may not, and who is not in it learns nothing of it", (_, ask) => {
      expect(ask(bob)).toEqual(ask === asks[4]?.[1] ? "not_an_admin" : refused("not_an_admin"));
      expect(ask(dave)).toEqual(ask === asks[4]?.[1] ? "unknown_group" : refused("unknown_group"));
      expect(ask(user("__proto__"))).toEqual(ask(dave));
    });

    it("invite: an admin may", () => expect(decideInvite(group, ann)).toBeUndefined());
  });

  const rows: readonly [string, () => Decision, unknown][] = [
    [
      "another name",
      () => decideRename(group, ann, "Boulder"),
      { name: "Boulder", change: { event: "renamed", name: "Boulder", before: "Climbing" } },
    ],
    ["the same name", () => decideRename(group, ann, "Climbing"), "unchanged"],
    [
      "a new member",
      () => decidePut(group, ann, dave, undefined),
      { members: { ...group.members, ...member("dave", 8) }, change: { event: "added", member: dave } },
    ],
    [
      "a new member who is to be no admin",
      () => decidePut(group, ann, dave, false),
      { members: { ...group.members, ...member("dave", 8) }, change: { event: "added", member: dave } },
    ],
    [
      "a new admin from outside",
      () => decidePut(group, ann, dave, true),
      {
        members: { ...group.members, ...member("dave", 8, true) },
        change: { event: "added", member: dave, admin: true },
      },
    ],
    ["a member who is there", () => decidePut(group, ann, bob, undefined), "unchanged"],
    ["a member who is no admin already", () => decidePut(group, ann, bob, false), "unchanged"],
    ["a member who is no admin already, by the own word", () => decidePut(group, bob, bob, false), "unchanged"],
    ["a member, by the own word", () => decidePut(group, bob, bob, true), refused("not_an_admin")],
    ["another member, by one who is no admin", () => decidePut(group, bob, carol, false), refused("not_an_admin")],
    ["a stranger, by the own word", () => decidePut(group, dave, dave, false), refused("unknown_group")],
    ["an admin who is one already", () => decidePut(group, ann, ann, true), "unchanged"],
    [
      "a member who becomes admin, and stays as long in it",
      () => decidePut(group, ann, bob, true),
      { members: withTwoAdmins.members, change: { event: "admin", member: bob, admin: true } },
    ],
    [
      "one of two admins who is no longer one",
      () => decidePut(withTwoAdmins, ann, bob, false),
      { members: group.members, change: { event: "admin", member: bob, admin: false } },
    ],
    ["the only admin who wants to be none", () => decidePut(group, ann, ann, false), refused("last_admin")],
    ["one more than fit", () => decidePut(full, ann, dave, undefined), refused("too_many_members")],
    ["a member of a full group", () => decidePut(full, ann, bob, undefined), "unchanged"],
    [
      "a code",
      () => decideJoin(group, dave, "hash"),
      {
        members: { ...group.members, ...member("dave", 8, undefined, true) },
        change: { event: "joined", member: dave },
      },
    ],
    ["a code of a member", () => decideJoin(group, bob, "hash"), "unchanged"],
    ["another code", () => decideJoin(group, dave, "other"), refused("invalid_invite")],
    ["another code of a member", () => decideJoin(group, bob, "other"), "unchanged"],
    [
      "a code where there is none",
      () => decideJoin({ ...group, inviteHash: undefined }, dave, "hash"),
      refused("invalid_invite"),
    ],
    ["a code to a full group", () => decideJoin(full, dave, "hash"), refused("too_many_members")],
    [
      "a member who is removed, and the code with it",
      () => decideRemove(group, ann, bob.id),
      {
        members: { ...member("ann", 5, true), ...member("carol", 2) },
        inviteHash: undefined,
        change: { event: "removed", member: bob },
        also: bob.id,
      },
    ],
    ["somebody to be removed who is not in it", () => decideRemove(group, ann, dave.id), "unchanged"],
    [
      "one who removes themselves: as one who leaves",
      () => decideRemove(group, ann, ann.id),
      decideLeave(group, ann.id),
    ],
    [
      "a member who leaves",
      () => decideLeave(group, bob.id),
      {
        members: { ...member("ann", 5, true), ...member("carol", 2) },
        change: { event: "left", member: bob },
        also: bob.id,
      },
    ],
    [
      "the last admin who leaves: the longest member is the next one",
      () => decideLeave(group, ann.id),
      {
        members: { ...member("bob", 1, true), ...member("carol", 2) },
        change: { event: "left", member: ann, newAdmin: bob },
        also: ann.id,
      },
    ],
    [
      "the last admin who leaves members that came at once: the first by the id",
      () =>
        decideLeave({ ...group, members: { ...group.members, ...member("carol", 1), ...member("aaron", 1) } }, ann.id),
      {
        members: { ...member("bob", 1), ...member("carol", 1), ...member("aaron", 1, true) },
        change: { event: "left", member: ann, newAdmin: user("aaron") },
        also: ann.id,
      },
    ],
    [
      "the same, in whatever order they are stored",
      () =>
        decideLeave(
          { ...group, members: { ...member("aaron", 1), ...member("ann", 5, true), ...member("bob", 1) } },
          ann.id,
        ),
      {
        members: { ...member("aaron", 1, true), ...member("bob", 1) },
        change: { event: "left", member: ann, newAdmin: user("aaron") },
        also: ann.id,
      },
    ],
    [
      "one of two admins who leaves",
      () => decideLeave(withTwoAdmins, ann.id),
      {
        members: { ...member("bob", 1, true), ...member("carol", 2) },
        change: { event: "left", member: ann },
        also: ann.id,
      },
    ],
    [
      "the last member who leaves, and the code with it",
      () => decideLeave({ ...group, members: member("ann", 5, true) }, ann.id),
      { members: {}, inviteHash: undefined, change: { event: "left", member: ann }, also: ann.id },
    ],
    ["somebody who leaves and is not in it", () => decideLeave(group, dave.id), refused("unknown_group")],
  ];

  // Decided in the test: what is called while a file loads belongs to no test.
  it.each(rows)("by %s", (_, decide, expected) => {
    const decision = decide();
    if (expected === "unchanged") return expect(decision).toEqual({ kind: "unchanged" });
    if (decision.kind !== "changed" || "kind" in (expected as object)) return expect(decision).toEqual(expected);
    const { change, also, ...state } = expected as { change: unknown; also?: string };
    const before = { name: group.name, members: group.members, inviteHash: "hash" };
    return expect(decision).toEqual({
      kind: "changed",
      state: { ...before, ...state },
      change,
      ...(also !== undefined && { also }),
    });
  });
});

describe("a group as its members see it", () => {
  it("has them by their names, and says who is admin", () => {
    const members = { ...member("carol", 2), ...member("ann", 5, true), ...member("bob", 1) };
    expect(viewOf({ ...group, members })).toEqual({
      groupId: "g-1",
      name: "Climbing",
      version: 7,
      members: [
        { ...ann, admin: true },
        { ...bob, admin: false },
        { ...carol, admin: false },
      ],
    });
  });

  it("says of whom it is known that they made or joined it, whatever rank they had since", () => {
    const joined: Group = { ...group, members: { ...group.members, ...member("dave", 8, undefined, true) } };
    const raised = decidePut(joined, ann, dave, true);
    const lowered = decidePut(
      { ...joined, members: { ...joined.members, ...member("dave", 8, true, true) } },
      ann,
      dave,
      false,
    );
    for (const decision of [raised, lowered]) {
      const { members } = decision.kind === "changed" ? viewOf({ ...group, ...decision.state }) : { members: [] };
      expect(members.filter((one) => one.joined).map(({ username }) => username)).toEqual(["dave"]);
    }
  });

  const untold = { version: 2, also: undefined } as Untold;

  it.each([
    ["those who were in it, and nobody who came later", untold, [bob.id, carol.id]],
    ["and who left by it", { ...untold, also: dave.id }, [bob.id, carol.id, dave.id]],
    ["and who left and came back since", { ...untold, also: ann.id }, [bob.id, carol.id, ann.id]],
    ["each once", { ...untold, also: bob.id }, [bob.id, carol.id]],
  ])("a change is told to %s", (_, told, ids) => {
    expect(toldOf(group, told).toSorted()).toEqual(ids.toSorted());
  });
});

describe("whatever is asked in whatever order", () => {
  const people = ["ann", "bob", "carol", "dave", "eve"].map(user);
  const person = fc.constantFrom(...people);
  type Ask = (group: Group) => Decision;
  const ask: fc.Arbitrary<Ask> = fc.oneof(
    fc.tuple(person, fc.constantFrom("A", "B")).map(
      ([by, name]): Ask =>
        (read) =>
          decideRename(read, by, name),
    ),
    fc.tuple(person, person, fc.constantFrom(undefined, true, false)).map(
      ([by, whom, admin]): Ask =>
        (read) =>
          decidePut(read, by, whom, admin),
    ),
    fc.tuple(person, person).map(
      ([by, whom]): Ask =>
        (read) =>
          decideRemove(read, by, whom.id),
    ),
    person.map(
      (by): Ask =>
        (read) =>
          decideLeave(read, by.id),
    ),
    fc.tuple(person, fc.constantFrom("hash", "old")).map(
      ([by, hash]): Ask =>
        (read) =>
          decideJoin(read, by, hash),
    ),
  );
  const apply = (read: Group, decision: Decision): Group =>
    decision.kind === "changed" ? { ...read, ...decision.state, version: read.version + 1 } : read;

  /** What has to hold of a group after each request. */
  function check(before: Group, after: Group, one: Ask): void {
    const members = Object.entries(after.members);
    expect(members.length === 0 || members.some(([, { admin }]) => admin)).toBe(true);
    for (const [id, { since }] of members) expect(since).toBe(memberOf(before, id)?.since ?? after.version);
    if (after === before) return;
    expect([after.name, after.members]).not.toEqual([before.name, before.members]);
    expect(one(after).kind).not.toBe("changed");
  }

  it("a group with members has an admin, each change is one, and the same again changes nothing", () => {
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 40 }), (asks) => {
        let current: Group = { ...group, ...firstState("A", ann, [bob, carol]), version: 1, inviteHash: "hash" };
        for (const one of asks) {
          const next = apply(current, one(current));
          check(current, next, one);
          current = next;
        }
      }),
    );
  });
});
