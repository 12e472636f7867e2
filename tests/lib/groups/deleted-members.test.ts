import { describe, expect, it, vi } from "vitest";
import type { User } from "../../../lib/channel/profiles.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { engines } from "../../support/engines.ts";
import { eachWorld } from "./each-world.ts";
import { aheadOf, crashAt, type GroupWorld, isChange, isPut } from "./group-world.ts";

describe.each(engines)("an account that is deleted ($name)", ({ start }) => {
  let world: GroupWorld;
  let ann: User;
  let bob: User;
  let carol: User;
  eachWorld(start, (made, people) => {
    world = made;
    [ann, bob, carol] = people;
  });

  const ids = (...users: User[]): string[] => users.map(({ id }) => id).toSorted();
  const late = () => {
    world.now += LIMITS.groups.tellAfter;
  };
  const deleted = async (user: User) => {
    await world.process().leaving.leaveAll(user);
    await world.users.removeProfile(user.id);
  };

  it("leaves its groups, and whoever reads them next tells it", async () => {
    const groupId = await world.group([ann, bob, carol]);
    await deleted(ann);
    expect(await world.memberIds(groupId)).toEqual(ids(bob, carol));
    expect(await world.adminIds(groupId)).toHaveLength(1);
    expect(await world.process().notes.list(ann.id)).toEqual([]);
    late();
    await world.groups.show(bob, groupId);
    expect(await world.events(carol)).toEqual(["1 created", "2 left"]);
    const left = (await world.waiting(carol)).find(({ content }) => content.includes('"left"'));
    expect(left).toMatchObject({ senderId: ann.id, senderName: ann.username });
  });

  it("and is added meanwhile: mended away when the group is read, and told", async () => {
    const groupId = await world.group([ann, bob]);
    const { groups } = world.process(aheadOf(isChange, () => deleted(carol)));
    await groups.put(ann, groupId, carol.id, undefined);
    expect(await world.memberIds(groupId)).toEqual(ids(ann, bob, carol));
    expect((await world.groups.show(bob, groupId)).members.map(({ id }) => id).toSorted()).toEqual(ids(ann, bob));
    expect(await world.events(bob)).toEqual(["1 created", "2 added", "3 left"]);
    expect(await world.process().notes.list(carol.id)).toEqual([]);
  });

  it("has a note of a group that is no more: the note goes", async () => {
    const { leaving, notes } = world.process();
    await notes.add([ann.id], `g-${"A".repeat(22)}`, 1);
    await leaving.leaveAll(ann);
    expect(await notes.list(ann.id)).toEqual([]);
  });

  it("leaves the note of a later version alone: it is that of another change", async () => {
    const groupId = await world.group([ann, bob]);
    const isNoteGone = ({ name }: { name: string }) => name === "DeleteItem";
    const { leaving, notes } = world.process(
      aheadOf(isNoteGone, () => world.process().notes.add([ann.id], groupId, 9)),
    );
    await leaving.leaveAll(ann);
    expect((await notes.list(ann.id)).map(({ version }) => version)).toEqual([9]);
  });

  it("as the only admin, without leaving: the next reader makes another one admin", async () => {
    const groupId = await world.group([ann, bob, carol]);
    await world.users.removeProfile(ann.id);
    const { members } = await world.groups.show(bob, groupId);
    expect(members.filter(({ admin }) => admin)).toHaveLength(1);
    expect(await world.memberIds(groupId)).toEqual(ids(bob, carol));
  });

  it("without leaving: a send reaches the others, and mends it", async () => {
    const groupId = await world.group([ann, bob, carol]);
    await world.users.removeProfile(ann.id);
    await world.process().send(bob, groupId, { content: "for carol" });
    expect((await world.waiting(carol)).map(({ content }) => content)).toContain("for carol");
    expect(await world.memberIds(groupId)).toEqual(ids(bob, carol));
    late();
    await world.process().send(bob, groupId);
    expect(await world.events(carol)).toEqual(["1 created", "2 left"]);
  });

  it("and every other member too: the last one is alone, and admin", async () => {
    const groupId = await world.group([ann, bob, carol]);
    await Promise.all([ann, bob].map(({ id }) => world.users.removeProfile(id)));
    expect(await world.groups.show(carol, groupId)).toMatchObject({ members: [{ id: carol.id, admin: true }] });
  });

  it("leaves a group that nobody reads, however many have done so before, and the next reader tells all of it", async () => {
    const many = await world.newUsers(LIMITS.groups.untold + 3);
    const groupId = await world.group([ann, bob, ...many]);
    for (const one of many) await deleted(one);
    expect(await world.memberIds(groupId)).toEqual(ids(ann, bob));
    late();
    await world.groups.show(bob, groupId);
    expect((await world.told(bob)).map(({ version }) => version)).toEqual(
      Array.from({ length: many.length + 1 }, (_, at) => at + 1),
    );
    expect((await world.stored(groupId)).untold).toEqual([]);
  });

  it("and what cannot be told of it keeps nobody from the group", async () => {
    const groupId = await world.group([ann, bob, carol]);
    await deleted(carol);
    late();
    const { groups } = world.process(crashAt(isPut));
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect((await groups.show(bob, groupId)).members).toHaveLength(2);
    expect(warned).toHaveBeenCalled();
    warned.mockRestore();
    expect((await world.stored(groupId)).untold).toHaveLength(1);
    await world.groups.show(bob, groupId);
    expect(await world.events(ann)).toEqual(["1 created", "2 left"]);
  });

  it("may be interrupted, and leaves the rest when it is repeated", async () => {
    const [one, other] = [await world.group([ann, bob]), await world.group([bob, ann])];
    await expect(world.process(crashAt(isChange)).leaving.leaveAll(ann)).rejects.toThrow();
    await world.process().leaving.leaveAll(ann);
    expect(await world.memberIds(one)).toEqual(ids(bob));
    expect(await world.memberIds(other)).toEqual(ids(bob));
  });
});
