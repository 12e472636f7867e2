import { describe, expect, it } from "vitest";
import type { User } from "../../../lib/channel/profiles.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { ROUTES } from "../../../lib/contract/routes.ts";
import { GoTalkError } from "../../../lib/runtime/errors.ts";
import { aDevice, giveDevices } from "../../support/device-maps.ts";
import { engines } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";
import { eachWorld } from "./each-world.ts";
import { aheadOf, crashAt, type GroupWorld, isChange, isMaking, isPut, isTold, lostAnswer } from "./group-world.ts";

const KEY = "a random key of one";

/** What several people do at once, and what a function that dies leaves: docs/protocol.md has the table. */
describe.each(engines)("what several people do in a group at once ($name)", ({ start }) => {
  let world: GroupWorld;
  let ann: User;
  let bob: User;
  let carol: User;
  let dave: User;
  eachWorld(start, (made, people) => {
    world = made;
    [ann, bob, carol, dave] = people;
  });

  const ids = (...users: User[]): string[] => users.map(({ id }) => id).toSorted();
  /** With ann and bob as admins. */
  async function withTwoAdmins(...others: User[]): Promise<string> {
    const groupId = await world.group([ann, bob, ...others]);
    await world.groups.put(ann, groupId, bob.id, true);
    return groupId;
  }
  const late = () => {
    world.now += LIMITS.groups.tellAfter;
  };

  describe("who is in it, and who is admin", () => {
    it("two admins remove each other: the first write wins, and the other one is out of the group", async () => {
      const groupId = await withTwoAdmins(carol);
      const { groups } = world.process(aheadOf(isChange, () => world.groups.remove(bob, groupId, ann.id)));
      await expect(groups.remove(ann, groupId, bob.id)).rejects.toEqual(problem("unknown_group"));
      expect(await world.memberIds(groupId)).toEqual(ids(bob, carol));
      expect(await world.adminIds(groupId)).toEqual(ids(bob));
      for (const one of [ann, bob, carol]) {
        expect(await world.events(one)).toEqual(["1 created", "2 admin", "3 removed"]);
      }
    });

    it("two admins remove each other's admin rights: one of them stays admin", async () => {
      const groupId = await withTwoAdmins();
      const { groups } = world.process(aheadOf(isChange, () => world.groups.put(bob, groupId, ann.id, false)));
      await expect(groups.put(ann, groupId, bob.id, false)).rejects.toEqual(problem("not_an_admin"));
      expect(await world.adminIds(groupId)).toEqual(ids(bob));
    });

    it("two admins are no longer admins at once, each by the own word: the second one is refused", async () => {
      const groupId = await withTwoAdmins();
      const { groups } = world.process(aheadOf(isChange, () => world.groups.put(bob, groupId, bob.id, false)));
      await expect(groups.put(ann, groupId, ann.id, false)).rejects.toEqual(problem("last_admin"));
      expect(await world.adminIds(groupId)).toEqual(ids(ann));
    });

    it("the only admin and the next one leave at once: the third one is admin", async () => {
      const groupId = await world.group([ann, bob]);
      await world.groups.put(ann, groupId, carol.id, undefined);
      const { groups } = world.process(aheadOf(isChange, () => world.groups.remove(bob, groupId, bob.id)));
      await groups.remove(ann, groupId, ann.id);
      expect(await world.memberIds(groupId)).toEqual(ids(carol));
      expect(await world.adminIds(groupId)).toEqual(ids(carol));
      expect((await world.told(carol)).at(-1)).toEqual({
        version: 4,
        event: "left",
        member: ann,
        newAdmin: carol,
      });
    });

    it("all leave at once: nobody is in the group, and nobody sees it or comes back", async () => {
      const groupId = await world.group([ann, bob]);
      const code = await world.groups.invite(ann, groupId);
      const { groups } = world.process(aheadOf(isChange, () => world.groups.remove(bob, groupId, bob.id)));
      await groups.remove(ann, groupId, ann.id);
      expect(await world.memberIds(groupId)).toEqual([]);
      for (const one of [ann, bob]) {
        expect(await world.groups.list(one)).toEqual([]);
        await expect(world.groups.show(one, groupId)).rejects.toEqual(problem("unknown_group"));
        await expect(world.process().send(one, groupId)).rejects.toEqual(problem("unknown_group"));
      }
      await expect(world.groups.join(carol, code)).rejects.toEqual(problem("invalid_invite"));
    });

    it("an admin is removed while adding somebody: nobody is added", async () => {
      const groupId = await withTwoAdmins();
      const { groups } = world.process(aheadOf(isChange, () => world.groups.remove(bob, groupId, ann.id)));
      await expect(groups.put(ann, groupId, carol.id, undefined)).rejects.toEqual(problem("unknown_group"));
      expect(await world.memberIds(groupId)).toEqual(ids(bob));
      expect(await world.waiting(carol)).toEqual([]);
      world.now += LIMITS.groups.noteLead;
      expect(await world.groups.list(carol)).toEqual([]);
    });

    it("two admins add the same user at once: one change", async () => {
      const groupId = await withTwoAdmins();
      const { groups } = world.process(aheadOf(isChange, () => world.groups.put(bob, groupId, carol.id, undefined)));
      expect((await groups.put(ann, groupId, carol.id, undefined)).version).toBe(3);
      expect(await world.events(carol)).toEqual(["3 added"]);
    });

    it("a member is removed while another admin makes them admin: not added again", async () => {
      const groupId = await withTwoAdmins(carol);
      await world.blocks.add(carol.id, ann);
      const { groups } = world.process(aheadOf(isChange, () => world.groups.remove(bob, groupId, carol.id)));
      await expect(groups.put(ann, groupId, carol.id, true)).rejects.toEqual(problem("blocked"));
      expect(await world.memberIds(groupId)).toEqual(ids(ann, bob));
    });

    it("two admins add the last one that fits: one is refused", async () => {
      const groupId = await withTwoAdmins();
      const { members } = LIMITS.groups;
      Object.assign(LIMITS.groups, { members: 3 });
      try {
        const { groups } = world.process(aheadOf(isChange, () => world.groups.put(bob, groupId, carol.id, undefined)));
        await expect(groups.put(ann, groupId, dave.id, undefined)).rejects.toEqual(problem("too_many_members"));
        expect(await world.memberIds(groupId)).toEqual(ids(ann, bob, carol));
      } finally {
        Object.assign(LIMITS.groups, { members });
      }
    });

    it("two rename it at once: both did, and everybody sees the same last name", async () => {
      const groupId = await withTwoAdmins();
      const { groups } = world.process(aheadOf(isChange, () => world.groups.rename(bob, groupId, "Boulder")));
      await groups.rename(ann, groupId, "Chess");
      expect((await world.stored(groupId)).name).toBe("Chess");
      for (const one of [ann, bob]) {
        expect((await world.told(one)).slice(2)).toEqual([
          { version: 3, event: "renamed", name: "Boulder", before: "Climbing" },
          { version: 4, event: "renamed", name: "Chess", before: "Boulder" },
        ]);
      }
    });
  });

  describe("messages", () => {
    it("of one who is being removed go out if the send has read the group before, and to the members of then", async () => {
      const groupId = await world.group([ann, bob, carol]);
      const isProfiles = (command: { name: string }) => command.name === "BatchGetItem";
      const { send } = world.process(aheadOf(isProfiles, () => world.groups.remove(ann, groupId, bob.id)));
      const { messageId } = await send(bob, groupId, { content: "just in time" });
      for (const one of [ann, carol]) {
        const found = (await world.waiting(one)).find((message) => message.messageId === messageId);
        expect(found).toMatchObject({ content: "just in time", toId: groupId, toName: "Climbing", senderId: bob.id });
      }
      await expect(send(bob, groupId)).rejects.toEqual(problem("unknown_group"));
    });

    it("that were on their way when somebody came do not reach the newcomer", async () => {
      const groupId = await world.group([ann, bob]);
      const isProfiles = (command: { name: string }) => command.name === "BatchGetItem";
      const { send } = world.process(aheadOf(isProfiles, () => world.groups.put(ann, groupId, carol.id, undefined)));
      await send(bob, groupId, { content: "before carol" });
      expect(await world.events(carol)).toEqual(["2 added"]);
      expect((await world.waiting(carol)).map(({ content }) => content)).not.toContain("before carol");
    });

    it("after a removal reach everybody but the removed one, who is told of the removal and of nothing after", async () => {
      const groupId = await world.group([ann, bob, carol]);
      await world.groups.remove(ann, groupId, bob.id);
      await world.process().send(ann, groupId, { content: "after" });
      await world.groups.rename(ann, groupId, "Chess");
      expect(await world.events(bob)).toEqual(["1 created", "2 removed"]);
      expect(await world.waiting(bob)).toHaveLength(2);
      expect(await world.events(carol)).toEqual(["1 created", "2 removed", "3 renamed"]);
      expect(await world.waiting(carol)).toHaveLength(4);
    });
  });

  describe("a request that is repeated", () => {
    it("makes one group by its key, also at once", async () => {
      const first = await world.groups.make(ann, "Climbing", [bob.id], KEY);
      expect(await world.groups.make(ann, "Climbing", [bob.id], KEY)).toEqual(first);
      const [one, other] = await Promise.all(["x", "y"].map((name) => world.groups.make(bob, name, [ann.id], KEY)));
      expect(one).toEqual(other);
      expect(await world.groups.list(ann)).toHaveLength(2);
      expect(await world.events(carol)).toEqual([]);
      expect(await world.events(bob)).toEqual(["1 created", "1 created"]);
    });

    it("makes two groups without a key", async () => {
      const [one, other] = [await world.group([ann, bob]), await world.group([ann, bob])];
      expect(one).not.toBe(other);
    });

    it("does not make a group again that all have left", async () => {
      const { groupId } = await world.groups.make(ann, "Climbing", [bob.id], KEY);
      await world.groups.remove(bob, groupId, bob.id);
      await world.groups.remove(ann, groupId, ann.id);
      await expect(world.groups.make(ann, "Climbing", [bob.id], KEY)).rejects.toEqual(problem("unknown_group"));
      expect(await world.memberIds(groupId)).toEqual([]);
    });

    it("of a maker who has left finds nothing that is theirs", async () => {
      const { groupId } = await world.groups.make(ann, "Climbing", [bob.id], KEY);
      await world.groups.remove(ann, groupId, ann.id);
      await expect(world.groups.make(ann, "Climbing", [bob.id], KEY)).rejects.toEqual(problem("unknown_group"));
      expect(await world.memberIds(groupId)).toEqual(ids(bob));
    });

    const acts: readonly [string, (by: GroupWorld["groups"], groupId: string) => Promise<unknown>, string][] = [
      ["renames", (groups, groupId) => groups.rename(ann, groupId, "Chess"), "renamed"],
      ["adds", (groups, groupId) => groups.put(ann, groupId, dave.id, undefined), "added"],
      ["makes admin", (groups, groupId) => groups.put(ann, groupId, bob.id, true), "admin"],
      ["removes", (groups, groupId) => groups.remove(ann, groupId, bob.id), "removed"],
    ];

    it.each(acts)("%s once, whether it is repeated by the client or by the database's", async (_, act, event) => {
      const groupId = await world.group([ann, bob, carol]);
      await act(world.process(lostAnswer(isChange)).groups, groupId);
      await act(world.groups, groupId);
      expect((await world.stored(groupId)).version).toBe(2);
      expect(await world.events(carol)).toEqual(["1 created", `2 ${event}`]);
      expect((await world.stored(groupId)).untold).toEqual([]);
    });

    it("gives up the rights of an admin once, though the answer of the write was lost, and is no refusal when it is repeated", async () => {
      const groupId = await withTwoAdmins(carol);
      const { groups } = world.process(lostAnswer(isChange));
      expect((await groups.put(ann, groupId, ann.id, false)).version).toBe(3);
      expect((await world.groups.put(ann, groupId, ann.id, false)).version).toBe(3);
      expect(await world.adminIds(groupId)).toEqual(ids(bob));
      expect(await world.events(carol)).toEqual(["1 created", "2 admin", "3 admin"]);
      expect((await world.stored(groupId)).untold).toEqual([]);
      await expect(world.groups.put(dave, groupId, dave.id, false)).rejects.toEqual(problem("unknown_group"));
    });

    it("makes a change once, though the answer was lost and the rights for it are gone meanwhile", async () => {
      const groupId = await withTwoAdmins(carol);
      const { groups } = world.process(lostAnswer(isChange, () => world.groups.put(bob, groupId, ann.id, false)));
      await groups.rename(ann, groupId, "Chess");
      expect(await world.events(carol)).toEqual(["1 created", "2 admin", "3 renamed", "4 admin"]);
      expect((await world.stored(groupId)).untold).toEqual([]);
    });

    it("removes a user once, though the answer was lost and the user is back meanwhile: the note stays", async () => {
      const groupId = await withTwoAdmins(carol);
      const { groups } = world.process(lostAnswer(isChange, () => world.groups.put(bob, groupId, carol.id, undefined)));
      await groups.remove(ann, groupId, carol.id);
      expect(await world.memberIds(groupId)).toEqual(ids(ann, bob, carol));
      expect(await world.groups.list(carol)).toMatchObject([{ groupId, version: 4 }]);
      expect(await world.events(bob)).toEqual(["1 created", "2 admin", "3 removed", "4 added"]);
    });

    it("joins once, though the code is void when it is repeated", async () => {
      const groupId = await world.group([ann, bob]);
      const code = await world.groups.invite(ann, groupId);
      await world.groups.join(carol, code);
      await world.groups.remove(ann, groupId, bob.id);
      expect((await world.groups.join(carol, code)).version).toBe(3);
      await expect(world.groups.join(bob, code)).rejects.toEqual(problem("invalid_invite"));
      expect(await world.events(carol)).toEqual(["2 joined", "3 removed"]);
    });

    it("joins, though the answer was lost, and the user is removed meanwhile: not in the group, and the error is a declared one", async () => {
      const groupId = await world.group([ann, bob]);
      const code = await world.groups.invite(ann, groupId);
      const { groups } = world.process(lostAnswer(isChange, () => world.groups.remove(ann, groupId, carol.id)));
      const error = await groups.join(carol, code).catch((thrown: unknown) => thrown);
      expect(error).toEqual(problem("unknown_group"));
      expect(ROUTES["POST /groups/join"].problems).toContain((error as GoTalkError).code);
      await expect(world.groups.join(carol, code)).rejects.toEqual(problem("invalid_invite"));
      expect(await world.memberIds(groupId)).toEqual(ids(ann, bob));
      expect(await world.groups.list(carol)).toEqual([]);
      late();
      await world.groups.show(bob, groupId);
      expect(await world.events(carol)).toEqual(["3 removed"]);
      expect(await world.events(bob)).toEqual(["1 created", "2 joined", "3 removed"]);
    });

    it("leaves once, though the answer of the write was lost", async () => {
      const groupId = await world.group([ann, bob]);
      await world.process(lostAnswer(isChange)).groups.remove(bob, groupId, bob.id);
      await expect(world.groups.remove(bob, groupId, bob.id)).rejects.toEqual(problem("unknown_group"));
      expect(await world.events(ann)).toEqual(["1 created", "2 left"]);
      await world.process(lostAnswer(isChange)).groups.remove(ann, groupId, ann.id);
      expect(await world.memberIds(groupId)).toEqual([]);
    });

    it("makes one group, though the answer of the write was lost", async () => {
      const { groups } = world.process(lostAnswer(isMaking));
      const { groupId } = await groups.make(ann, "Climbing", [bob.id]);
      expect(await world.events(bob)).toEqual(["1 created"]);
      expect((await world.stored(groupId)).untold).toEqual([]);
    });
  });

  describe("a function that dies", () => {
    it("before it has told a change: the next reader tells it once, under the stored id, and not before its time", async () => {
      const groupId = await world.group([ann, bob, carol]);
      await expect(world.process(crashAt(isPut)).groups.rename(ann, groupId, "Chess")).rejects.toThrow(GoTalkError);
      const [untold] = (await world.stored(groupId)).untold;
      await world.groups.show(bob, groupId);
      expect(await world.events(carol)).toEqual(["1 created"]);
      late();
      await world.groups.show(bob, groupId);
      await world.groups.show(carol, groupId);
      for (const one of [ann, bob, carol]) {
        expect(await world.events(one)).toEqual(["1 created", "2 renamed"]);
        const message = (await world.waiting(one)).find(({ content }) => content === untold?.content);
        expect(message).toMatchObject({ messageId: untold?.messageId, senderId: ann.id, senderName: ann.username });
        expect(message).toMatchObject({ toId: groupId, toName: "Chess", type: "group" });
      }
      expect((await world.stored(groupId)).untold).toEqual([]);
    });

    it("in the middle of telling: whoever has it gets it once", async () => {
      const groupId = await world.group([ann, bob, carol]);
      let puts = 0;
      const { groups } = world.process(crashAt((command) => isPut(command) && ++puts > 1));
      await expect(groups.rename(ann, groupId, "Chess")).rejects.toThrow(GoTalkError);
      late();
      await world.groups.show(bob, groupId);
      for (const one of [ann, bob, carol]) expect(await world.events(one)).toEqual(["1 created", "2 renamed"]);
    });

    it("before it has noted that a change was told: it is told again under the same id, which changes nothing", async () => {
      const groupId = await world.group([ann, bob]);
      await expect(world.process(crashAt(isTold)).groups.rename(ann, groupId, "Chess")).rejects.toThrow(GoTalkError);
      expect((await world.stored(groupId)).untold).toHaveLength(1);
      late();
      await world.groups.show(bob, groupId);
      expect(await world.events(bob)).toEqual(["1 created", "2 renamed"]);
      expect((await world.stored(groupId)).untold).toEqual([]);
    });

    it("or is frozen while it tells a change, and goes on later: it is told again, to the devices of then", async () => {
      const groupId = await world.group([ann, bob]);
      const freeze = async () => {
        world.now += LIMITS.requestTime;
        await giveDevices(world.engine.accounts, bob.id, [aDevice("phone", 2)], 2);
      };
      await world.process(aheadOf(isPut, freeze)).groups.rename(ann, groupId, "Chess");
      expect(await world.events(bob, "phone")).toEqual([]);
      late();
      await world.groups.show(ann, groupId);
      expect(await world.events(bob, "phone")).toEqual(["2 renamed"]);
      expect(await world.events(ann)).toEqual(["1 created", "2 renamed"]);
      expect((await world.stored(groupId)).untold).toEqual([]);
    });

    it("and the repeat of the same user's request tells it at once", async () => {
      const groupId = await world.group([ann, bob]);
      await expect(world.process(crashAt(isPut)).groups.rename(ann, groupId, "Chess")).rejects.toThrow(GoTalkError);
      await world.groups.rename(ann, groupId, "Chess");
      expect(await world.events(bob)).toEqual(["1 created", "2 renamed"]);
    });

    it("and a send tells it once its time has come", async () => {
      const groupId = await world.group([ann, bob]);
      await expect(world.process(crashAt(isPut)).groups.rename(ann, groupId, "Chess")).rejects.toThrow(GoTalkError);
      await world.process().send(bob, groupId);
      expect(await world.events(bob)).toEqual(["1 created"]);
      late();
      await world.process().send(bob, groupId);
      expect(await world.events(ann)).toEqual(["1 created", "2 renamed"]);
    });

    it("a newcomer is not told what was untold aheadOf, and a removed one is told only of the removal", async () => {
      const groupId = await withTwoAdmins(carol);
      await expect(world.process(crashAt(isPut)).groups.rename(ann, groupId, "Chess")).rejects.toThrow(GoTalkError);
      await expect(world.process(crashAt(isPut)).groups.remove(ann, groupId, carol.id)).rejects.toThrow(GoTalkError);
      await world.groups.put(bob, groupId, dave.id, undefined);
      late();
      await world.groups.show(bob, groupId);
      expect(await world.events(dave)).toEqual(["5 added"]);
      expect(await world.events(carol)).toEqual(["1 created", "2 admin", "4 removed"]);
      expect(await world.events(bob)).toEqual(["1 created", "2 admin", "3 renamed", "4 removed", "5 added"]);
    });

    it("changes go on while another one is untold, and each is told", async () => {
      const groupId = await withTwoAdmins();
      await expect(world.process(crashAt(isPut)).groups.rename(ann, groupId, "Chess")).rejects.toThrow(GoTalkError);
      await world.groups.rename(bob, groupId, "Boulder");
      expect(await world.events(bob)).toEqual(["1 created", "2 admin", "4 renamed"]);
      late();
      await world.groups.show(bob, groupId);
      expect(await world.events(ann)).toEqual(["1 created", "2 admin", "3 renamed", "4 renamed"]);
    });

    it("that a change was told, while another one is stored: both stay", async () => {
      const groupId = await withTwoAdmins();
      const { groups } = world.process(aheadOf(isTold, () => world.groups.rename(bob, groupId, "Boulder")));
      await groups.rename(ann, groupId, "Chess");
      expect(await world.stored(groupId)).toMatchObject({ name: "Boulder", version: 4, untold: [] });
      const again = world.process(aheadOf(isChange, () => world.groups.rename(bob, groupId, "Go")));
      await again.groups.rename(ann, groupId, "Chess");
      expect(await world.stored(groupId)).toMatchObject({ name: "Chess", version: 6, untold: [] });
    });

    it("too many untold changes are no more until one is told", async () => {
      const groupId = await withTwoAdmins();
      for (let made = 0; made < LIMITS.groups.untold; made++) {
        const { groups } = world.process(crashAt(isPut));
        await expect(groups.rename(ann, groupId, `Name ${made}`)).rejects.toThrow(GoTalkError);
      }
      await expect(world.groups.rename(bob, groupId, "One more")).rejects.toEqual(problem("unavailable"));
      late();
      // It tells them, so that a repeat has room though nobody else reads the group.
      await expect(world.groups.rename(bob, groupId, "One more")).rejects.toEqual(problem("unavailable"));
      await world.groups.rename(bob, groupId, "One more");
      expect((await world.stored(groupId)).name).toBe("One more");
    });
  });

  describe("the list of a user's groups", () => {
    const isNote = ({ name, input }: { name: string; input: Readonly<Record<string, unknown>> }) =>
      name === "PutItem" && /^group#/.test((input["Item"] as { record?: { S?: string } })?.record?.S ?? "");

    it("has a group whose note was stored and whose change never came, but not for long: it is mended", async () => {
      const groupId = await world.group([ann, bob]);
      const { groups, notes } = world.process(crashAt(isChange));
      await expect(groups.put(ann, groupId, carol.id, undefined)).rejects.toThrow(GoTalkError);
      expect(await world.groups.list(carol)).toEqual([]);
      expect(await world.process().notes.list(carol.id)).toHaveLength(1);
      world.now += LIMITS.groups.noteLead;
      expect(await world.groups.list(carol)).toEqual([]);
      expect(await world.process().notes.list(carol.id)).toEqual([]);
      expect(notes).toBeDefined();
    });

    it("is read between the note and the change: the note stays", async () => {
      const groupId = await world.group([ann, bob]);
      const { groups } = world.process(aheadOf(isChange, () => world.groups.list(carol)));
      await groups.put(ann, groupId, carol.id, undefined);
      expect(await world.groups.list(carol)).toMatchObject([{ groupId, admin: false, memberCount: 3 }]);
    });

    it("is mended while an older note is stored anew: the note stays", async () => {
      const groupId = await world.group([ann, bob]);
      await expect(world.process(crashAt(isChange)).groups.put(ann, groupId, carol.id, undefined)).rejects.toThrow();
      world.now += LIMITS.groups.noteLead;
      const isMend = (command: { name: string }) => command.name === "DeleteItem";
      const { groups } = world.process(aheadOf(isMend, () => world.groups.put(ann, groupId, carol.id, undefined)));
      await groups.list(carol);
      expect(await world.groups.list(carol)).toMatchObject([{ groupId }]);
    });

    it("keeps a user who is removed and added again before the note of the removal is gone", async () => {
      const groupId = await withTwoAdmins(carol);
      const isForgotten = (command: { name: string }) => command.name === "DeleteItem";
      const { groups } = world.process(aheadOf(isForgotten, () => world.groups.put(bob, groupId, carol.id, undefined)));
      await groups.remove(ann, groupId, carol.id);
      expect(await world.groups.list(carol)).toMatchObject([{ groupId, version: 4 }]);
    });

    it("keeps the later note where an earlier one comes late", async () => {
      const groupId = await withTwoAdmins();
      const again = async () => {
        await world.groups.put(bob, groupId, carol.id, undefined);
        await world.groups.remove(bob, groupId, carol.id);
        await world.groups.put(bob, groupId, carol.id, undefined);
      };
      await world.process(aheadOf(isNote, again)).groups.put(ann, groupId, carol.id, undefined);
      expect(await world.process().notes.list(carol.id)).toMatchObject([{ groupId, version: 5 }]);
      await world.process().notes.remove(carol.id, groupId, 4);
      expect(await world.groups.list(carol)).toHaveLength(1);
    });
  });

  it("gives up where another change comes first each time, and stores nothing", async () => {
    const groupId = await withTwoAdmins();
    let changes = 0;
    const { groups, calls } = world.process(async (command, go) => {
      if (isChange(command)) await world.groups.rename(bob, groupId, `Name ${++changes}`);
      return go();
    });
    await expect(groups.rename(ann, groupId, "Chess")).rejects.toEqual(problem("unavailable"));
    expect(calls.filter(isChange)).toHaveLength(LIMITS.groups.attempts);
    expect((await world.stored(groupId)).name).toBe(`Name ${LIMITS.groups.attempts}`);
  });
});
