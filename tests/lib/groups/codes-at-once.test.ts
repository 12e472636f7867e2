import { describe, expect, it } from "vitest";
import type { User } from "../../../lib/channel/profiles.ts";
import { engines } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";
import { eachWorld } from "./each-world.ts";
import { aheadOf, type GroupWorld, isChange } from "./group-world.ts";

describe.each(engines)("codes, and what else happens to the group at once ($name)", ({ start }) => {
  let world: GroupWorld;
  let ann: User;
  let bob: User;
  let carol: User;
  eachWorld(start, (made, people) => {
    world = made;
    [ann, bob, carol] = people;
  });

  const ids = (...users: User[]): string[] => users.map(({ id }) => id).toSorted();
  /** With ann and bob as admins. */
  async function withTwoAdmins(): Promise<string> {
    const groupId = await world.group([ann, bob]);
    await world.groups.put(ann, groupId, bob.id, true);
    return groupId;
  }

  it("a removal while somebody joins makes the code void", async () => {
    const groupId = await world.group([ann, bob]);
    const code = await world.groups.invite(ann, groupId);
    const { groups } = world.process(aheadOf(isChange, () => world.groups.remove(ann, groupId, bob.id)));
    await expect(groups.join(carol, code)).rejects.toEqual(problem("invalid_invite"));
    expect(await world.memberIds(groupId)).toEqual(ids(ann));
  });

  it("who was removed does not come back by the code", async () => {
    const groupId = await world.group([ann, bob]);
    const code = await world.groups.invite(ann, groupId);
    await world.groups.remove(ann, groupId, bob.id);
    await expect(world.groups.join(bob, code)).rejects.toEqual(problem("invalid_invite"));
    expect(await world.events(bob)).toEqual(["1 created", "2 removed"]);
  });

  it("who left comes back by the code, and has nothing of what was in between", async () => {
    const groupId = await world.group([ann, bob]);
    const code = await world.groups.invite(ann, groupId);
    await world.groups.remove(bob, groupId, bob.id);
    await world.process().send(ann, groupId, { content: "without bob" });
    await world.groups.rename(ann, groupId, "Chess");
    await world.groups.join(bob, code);
    expect(await world.events(bob)).toEqual(["1 created", "2 left", "4 joined"]);
    expect((await world.waiting(bob)).map(({ content }) => content)).not.toContain("without bob");
  });

  it("a new code while somebody joins by the old one: refused, or joined before it", async () => {
    const groupId = await world.group([ann, bob]);
    const code = await world.groups.invite(ann, groupId);
    const isRead = (command: { name: string }) => command.name === "Query";
    const { groups } = world.process(aheadOf(isRead, () => world.groups.invite(ann, groupId)));
    await expect(groups.join(carol, code)).rejects.toEqual(problem("invalid_invite"));
    expect(await world.memberIds(groupId)).toEqual(ids(ann, bob));
  });

  it("the old code does not let in either when the new one comes just before the member does", async () => {
    const groupId = await world.group([ann, bob]);
    const code = await world.groups.invite(ann, groupId);
    const { groups } = world.process(aheadOf(isChange, () => world.groups.invite(ann, groupId)));
    await expect(groups.join(carol, code)).rejects.toEqual(problem("invalid_invite"));
    expect(await world.memberIds(groupId)).toEqual(ids(ann, bob));
  });

  it("a code that is made while the group changes lets in", async () => {
    const groupId = await world.group([ann, bob]);
    let code = "";
    const invite = async () => {
      code = await world.groups.invite(ann, groupId);
    };
    await world.process(aheadOf(isChange, invite)).groups.rename(ann, groupId, "Chess");
    await world.groups.join(carol, code);
    expect(await world.events(carol)).toEqual(["3 joined"]);
  });

  it("a code that is made while somebody is removed does not", async () => {
    const groupId = await world.group([ann, bob]);
    let code = "";
    const invite = async () => {
      code = await world.groups.invite(ann, groupId);
    };
    await world.process(aheadOf(isChange, invite)).groups.remove(ann, groupId, bob.id);
    await expect(world.groups.join(bob, code)).rejects.toEqual(problem("invalid_invite"));
  });

  it("two admins make a code at once: one of the two lets in", async () => {
    const groupId = await withTwoAdmins();
    const codes = await Promise.all([world.groups.invite(ann, groupId), world.groups.invite(bob, groupId)]);
    const outcomes = await Promise.allSettled(codes.map((code) => world.groups.join(carol, code)));
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  it("an admin is removed while making a code: there is none", async () => {
    const groupId = await withTwoAdmins();
    const isInvite = ({ input }: { input: Readonly<Record<string, unknown>> }) =>
      String(input["UpdateExpression"]).startsWith("SET #invite");
    const { groups } = world.process(aheadOf(isInvite, () => world.groups.remove(bob, groupId, ann.id)));
    await expect(groups.invite(ann, groupId)).rejects.toEqual(problem("unknown_group"));
    expect((await world.stored(groupId)).inviteHash).toBeUndefined();
  });
});
