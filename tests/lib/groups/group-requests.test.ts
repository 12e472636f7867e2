import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { User } from "../../../lib/channel/profiles.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { engines } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";
import { eachWorld } from "./each-world.ts";
import { aheadOf, type GroupWorld, isChange, isOfGroup, isPut } from "./group-world.ts";

describe.each(engines)("requests about groups on $name", ({ start }) => {
  let world: GroupWorld;
  let ann: User;
  let bob: User;
  let carol: User;
  eachWorld(start, (made, people) => {
    world = made;
    [ann, bob, carol] = people;
  });

  const refused = (promise: Promise<unknown>) =>
    promise.then(
      () => expect.fail("it was not refused"),
      (error: unknown) => error,
    );

  describe("a group that is made", () => {
    it("has its maker as its admin, and each other member once, whoever is named how often", async () => {
      const made = await world.groups.make(ann, "Climbing", [bob.id, ann.id, bob.id]);
      expect(made).toEqual({
        groupId: expect.stringMatching(/^g-/),
        name: "Climbing",
        version: 1,
        members: [
          { id: ann.id, username: ann.username, admin: true, joined: true },
          { id: bob.id, username: bob.username, admin: false },
        ].toSorted((one, other) => (one.username < other.username ? -1 : 1)),
      });
      expect(await world.told(bob)).toEqual([{ version: 1, event: "created", name: "Climbing" }]);
      const [message] = await world.waiting(bob);
      expect(message).toMatchObject({ senderId: ann.id, senderName: ann.username });
      expect((await world.stored(made.groupId)).untold).toEqual([]);
    });

    it.each<[string, () => string[]]>([
      ["nobody", () => []],
      ["its maker alone", () => [ann.id]],
    ])("needs another member: %s is too few", async (_, members) => {
      const { groups, calls } = world.process();
      const detail = "must name at least one other user";
      expect(await refused(groups.make(ann, "Climbing", members()))).toMatchObject({
        ...{ code: "invalid_request", message: `members ${detail}` },
        members: { errors: [{ field: "members", detail }] },
      });
      expect(calls.filter(({ name }) => name === "BatchGetItem")).toEqual([]);
    });

    it("is found by its key before anything else is read or counted, though its members are gone", async () => {
      const key = randomUUID();
      const first = world.process();
      const made = await first.groups.make(ann, "Climbing", [bob.id], key);
      await world.groups.put(ann, made.groupId, carol.id, undefined);
      await world.groups.remove(ann, made.groupId, bob.id);
      await world.users.removeProfile(bob.id);
      const repeat = world.process();
      const found = await repeat.groups.make(ann, "Climbing", [bob.id], key);
      expect([found.groupId, found.version]).toEqual([made.groupId, 3]);
      expect(repeat.calls.map(({ name }) => name)).toEqual(["GetItem"]);
    });

    it("is not looked for where its request has no key", async () => {
      const { groups, calls } = world.process();
      await groups.make(ann, "Climbing", [bob.id]);
      expect(calls.filter((call) => call.name === "GetItem" && isOfGroup(call))).toEqual([]);
    });

    it("names the users who do not exist, and those who have blocked its maker, and then there is no group", async () => {
      const [nobody, none] = [randomUUID(), randomUUID()];
      const error = await refused(world.groups.make(ann, "Climbing", [nobody, bob.id, none]));
      expect(error).toMatchObject({ code: "unknown_user", message: expect.stringContaining(`${nobody}, ${none}.`) });
      await world.blocks.add(carol.id, ann);
      const blocked = await refused(world.groups.make(ann, "Climbing", [bob.id, carol.id]));
      expect(blocked).toMatchObject({ code: "blocked", message: expect.stringContaining(` add ${carol.username}. `) });
      expect(await world.groups.list(bob)).toEqual([]);
    });
  });

  describe("the list of a user", () => {
    it("has their groups by name, and says of each how many are in it, and whether the user is an admin", async () => {
      const [second, first] = [await world.group([ann, bob], "B"), await world.group([bob, ann, carol], "A")];
      const third = await world.group([ann, bob], "C");
      expect(await world.groups.list(ann)).toEqual([
        { groupId: first, name: "A", version: 1, memberCount: 3, admin: false },
        { groupId: second, name: "B", version: 1, memberCount: 2, admin: true },
        { groupId: third, name: "C", version: 1, memberCount: 2, admin: true },
      ]);
    });

    it("leaves out groups that the user is not in, and forgets them once nothing can put the user into them", async () => {
      const groupId = await world.group([ann, bob]);
      const own = await world.group([carol, bob]);
      const { notes } = world.process();
      await notes.add([carol.id], groupId, 2);
      world.now += LIMITS.groups.noteLead - 1;
      expect((await world.groups.list(carol)).map((group) => group.groupId)).toEqual([own]);
      expect(await notes.list(carol.id)).toHaveLength(2);
      world.now += 1;
      await world.groups.list(carol);
      expect((await notes.list(carol.id)).map((note) => note.groupId)).toEqual([own]);
    });
  });

  describe("a member who is added", () => {
    it("is no admin unless the request says so, and stays what they are where it says nothing", async () => {
      const groupId = await world.group([ann, bob]);
      await world.groups.put(ann, groupId, carol.id, undefined);
      expect(await world.adminIds(groupId)).toEqual([ann.id]);
      await world.groups.put(ann, groupId, carol.id, true);
      const shown = await world.groups.put(ann, groupId, carol.id, undefined);
      expect(shown.members.find(({ id }) => id === carol.id)).toMatchObject({ username: carol.username, admin: true });
      expect(await world.events(carol)).toEqual(["2 added", "3 admin"]);
    });

    it("exists, and has not blocked the one who adds them", async () => {
      const groupId = await world.group([ann, bob]);
      expect(await refused(world.groups.put(ann, groupId, randomUUID(), undefined))).toMatchObject({
        code: "unknown_user",
        message: expect.stringMatching(/^No user has this id\./),
      });
      await world.blocks.add(carol.id, ann);
      expect(await refused(world.groups.put(ann, groupId, carol.id, undefined))).toMatchObject({
        code: "blocked",
        message: expect.stringContaining(` add ${carol.username}. `),
      });
      expect(await world.memberIds(groupId)).toHaveLength(2);
    });

    it("may have blocked an admin who makes them an admin: they are in the group already", async () => {
      const groupId = await world.group([ann, bob]);
      await world.blocks.add(bob.id, ann);
      await world.groups.put(ann, groupId, bob.id, true);
      expect(await world.adminIds(groupId)).toContain(bob.id);
    });

    it("who is in it already gets no new note when they are made an admin", async () => {
      const groupId = await world.group([ann, bob]);
      const { groups, calls, notes } = world.process();
      await groups.put(ann, groupId, bob.id, true);
      expect(calls.filter((call) => call.name === "PutItem" && !isPut(call))).toEqual([]);
      expect(await notes.list(bob.id)).toMatchObject([{ groupId, version: 1 }]);
    });

    it("may have no account any more, and can still be made an admin or none", async () => {
      const groupId = await world.group([ann, bob]);
      await world.users.removeProfile(bob.id);
      await world.groups.put(ann, groupId, bob.id, true);
      expect((await world.stored(groupId)).members[bob.id]).toEqual({ username: bob.username, since: 1, admin: true });
    });

    it("needs room for another group only if they are new", async () => {
      const groupId = await world.group([ann, bob]);
      Object.assign(LIMITS.groups, { ofUser: 1 });
      await world.groups.put(ann, groupId, bob.id, true);
      await world.groups.put(ann, groupId, carol.id, undefined);
      const other = (await world.newUsers(2)) as [User, User];
      const another = await world.group(other);
      await expect(world.groups.put(other[0], another, carol.id, undefined)).rejects.toEqual(
        problem("too_many_groups"),
      );
    });

    it("may give up being an admin themself, and nobody learns by that whether others exist", async () => {
      const groupId = await world.group([ann, bob]);
      await world.groups.put(ann, groupId, bob.id, true);
      await world.groups.put(bob, groupId, bob.id, false);
      expect(await world.adminIds(groupId)).toEqual([ann.id]);
      await expect(world.groups.put(bob, groupId, randomUUID(), undefined)).rejects.toEqual(problem("not_an_admin"));
      await expect(world.groups.put(bob, groupId, bob.id, true)).rejects.toEqual(problem("not_an_admin"));
    });
  });

  describe("a member who goes", () => {
    it("is told of it, and so are those who stay; a user who is not in it changes nothing", async () => {
      const groupId = await world.group([ann, bob]);
      await world.groups.put(ann, groupId, carol.id, undefined);
      await world.groups.remove(ann, groupId, bob.id);
      await world.groups.remove(ann, groupId, bob.id);
      await world.groups.remove(carol, groupId, carol.id);
      for (const one of [ann, carol]) expect((await world.events(one)).slice(-2)).toEqual(["3 removed", "4 left"]);
      expect(await world.events(bob)).toEqual(["1 created", "2 added", "3 removed"]);
      expect((await world.stored(groupId)).version).toBe(4);
      expect(await world.groups.list(bob)).toEqual([]);
      await expect(world.groups.remove(bob, groupId, carol.id)).rejects.toEqual(problem("unknown_group"));
      await expect(world.groups.remove(bob, groupId, bob.id)).rejects.toEqual(problem("unknown_group"));
    });
  });

  it("of a group that does not exist each change is refused as of one that the user is not in", async () => {
    const none = `g-${"A".repeat(22)}`;
    const { groups } = world;
    for (const asking of [
      () => groups.rename(ann, none, "Chess"),
      () => groups.remove(ann, none, bob.id),
      () => groups.remove(ann, none, ann.id),
      () => groups.put(ann, none, bob.id, undefined),
      () => groups.show(ann, none),
    ]) {
      await expect(asking()).rejects.toEqual(problem("unknown_group"));
    }
  });

  it("a member who leaves is out of the group also where an admin removes them at the same moment", async () => {
    const groupId = await world.group([ann, bob, carol]);
    const { groups } = world.process(aheadOf(isChange, () => world.groups.remove(ann, groupId, bob.id)));
    await groups.remove(bob, groupId, bob.id);
    expect(await world.memberIds(groupId)).toEqual([ann.id, carol.id].toSorted());
    expect(await world.events(carol)).toEqual(["1 created", "2 removed"]);
    expect(await world.groups.list(bob)).toEqual([]);
  });

  it("a change counts once for the rate of sending, though another change comes first", async () => {
    const groupId = await world.group([ann, bob]);
    world.now += 60_000;
    Object.assign(LIMITS.send, { burst: 1, perSecond: 1, lease: 1 });
    const { groups } = world.process(aheadOf(isChange, () => world.groups.remove(bob, groupId, bob.id)));
    expect(await groups.rename(ann, groupId, "Chess")).toMatchObject({ name: "Chess", version: 3 });
  });

  describe("a member whose account is deleted", () => {
    it("leaves in their own name when the group is shown", async () => {
      const groupId = await world.group([ann, bob, carol]);
      await world.users.removeProfile(carol.id);
      const { members } = await world.groups.show(bob, groupId);
      expect(members.map(({ id }) => id).toSorted()).toEqual([ann.id, bob.id].toSorted());
      const left = (await world.waiting(ann)).find(({ content }) => content.includes('"left"'));
      expect(left).toMatchObject({ senderId: carol.id, senderName: carol.username });
    });

    it("leaves once where two are shown the group at the same moment", async () => {
      const groupId = await world.group([ann, bob, carol]);
      await world.users.removeProfile(carol.id);
      const { groups, calls } = world.process(aheadOf(isChange, () => world.groups.show(ann, groupId)));
      await groups.show(bob, groupId);
      expect(calls.filter(({ name }) => name === "DeleteItem")).toEqual([]);
      expect(await world.events(ann)).toEqual(["1 created", "2 left"]);
      expect(await world.events(bob)).toEqual(["1 created", "2 left"]);
    });
  });

  describe("an invite", () => {
    it("is an admin's, and lets in as no admin", async () => {
      const groupId = await world.group([ann, bob]);
      await expect(world.groups.invite(bob, groupId)).rejects.toEqual(problem("not_an_admin"));
      await expect(world.groups.invite(carol, groupId)).rejects.toEqual(problem("unknown_group"));
      const [first, code] = [await world.groups.invite(ann, groupId), await world.groups.invite(ann, groupId)];
      await expect(world.groups.join(carol, first)).rejects.toEqual(problem("invalid_invite"));
      const joined = await world.groups.join(carol, code);
      expect(joined).toMatchObject({ groupId, version: 2 });
      expect(await world.groups.list(carol)).toMatchObject([{ groupId, admin: false }]);
      // A member gets the group by any code.
      expect(await world.groups.join(carol, first)).toEqual(joined);
    });

    it("is none of a group that has no code, or does not exist", async () => {
      const [groupId, other] = [await world.group([ann, bob]), await world.group([ann, bob])];
      const code = await world.groups.invite(ann, groupId);
      const secret = code.slice(groupId.length);
      await expect(world.groups.join(carol, `${other}${secret}`)).rejects.toEqual(problem("invalid_invite"));
      await expect(world.groups.join(carol, `g-${"A".repeat(22)}${secret}`)).rejects.toEqual(problem("invalid_invite"));
      await expect(world.groups.join(carol, "")).rejects.toEqual(problem("invalid_invite"));
    });
  });
});
