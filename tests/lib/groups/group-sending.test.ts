import { describe, expect, it } from "vitest";
import type { User } from "../../../lib/channel/profiles.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { engines } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";
import { eachWorld } from "./each-world.ts";
import { crashAt, type GroupWorld, isChange, isOfGroup, isPut } from "./group-world.ts";

const NO_GROUP = `g-${"A".repeat(22)}`;

describe.each(engines)("a send to a group ($name)", ({ start }) => {
  let world: GroupWorld;
  let ann: User;
  let bob: User;
  let carol: User;
  eachWorld(start, (made, people) => {
    world = made;
    [ann, bob, carol] = people;
  });

  const late = () => {
    world.now += LIMITS.groups.tellAfter;
  };

  it("is refused alike for a group that does not exist and for one that the sender is not in", async () => {
    const groupId = await world.group([ann, bob]);
    for (const id of [NO_GROUP, groupId]) {
      const { send, calls } = world.process();
      await expect(send(carol, id)).rejects.toEqual(problem("unknown_group"));
      expect(calls.map(({ name }) => name)).toEqual(["GetItem"]);
    }
    const { send, calls } = world.process();
    await expect(send(carol, "g-no-id")).rejects.toEqual(problem("unknown_group"));
    expect(calls).toEqual([]);
  });

  it("says how many devices it reaches at most", async () => {
    const groupId = await world.group([ann, bob, carol]);
    Object.assign(LIMITS.groups, { channelsOfSend: 1 });
    await expect(world.process().send(ann, groupId)).rejects.toMatchObject({
      code: "group_too_large",
      message: expect.stringMatching(/\b1\b/),
    });
    Object.assign(LIMITS.groups, { channelsOfSend: 2 });
    await world.process().send(ann, groupId);
    expect(await world.waiting(carol)).toHaveLength(2);
  });

  it("tells a change that was never told, and asks and changes nothing else of the group", async () => {
    const groupId = await world.group([ann, bob]);
    await expect(world.process(crashAt(isPut)).groups.rename(ann, groupId, "Chess")).rejects.toThrow();
    late();
    const { send, calls } = world.process();
    await send(bob, groupId);
    expect(await world.events(ann)).toContain("2 renamed");
    expect(calls.filter((call) => call.name === "GetItem" && isOfGroup(call))).toHaveLength(1);
    expect(calls.filter(isChange)).toEqual([]);
  });

  it("takes a deleted member out of the group, in the member's own name", async () => {
    const groupId = await world.group([ann, bob, carol]);
    await world.users.removeProfile(carol.id);
    await world.process().send(ann, groupId);
    expect(await world.memberIds(groupId)).toEqual([ann.id, bob.id].toSorted());
    late();
    await world.groups.show(bob, groupId);
    const left = (await world.waiting(bob)).find(({ content }) => content.includes('"left"'));
    expect(left).toMatchObject({ senderId: carol.id, senderName: carol.username });
  });
});
