import { randomUUID } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import type { User } from "../../../lib/channel/profiles.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { groupKey, membershipKey } from "../../../lib/database/account-keys.ts";
import { toItem } from "../../../lib/database/accounts-table.ts";
import { getRecord } from "../../../lib/database/get-record.ts";
import { putRecord } from "../../../lib/database/put-record.ts";
import type { Group } from "../../../lib/groups/group.ts";
import { readGroupCode } from "../../../lib/groups/group-codes.ts";
import { firstState } from "../../../lib/groups/group-decision.ts";
import { GroupPeople } from "../../../lib/groups/group-people.ts";
import { GroupReader } from "../../../lib/groups/group-reader.ts";
import { GroupStore } from "../../../lib/groups/group-store.ts";
import { itemSize, writeUnits } from "../../support/capacity/units.ts";
import { aDevice, giveDevices } from "../../support/device-maps.ts";
import { engines } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";
import { eachWorld } from "./each-world.ts";
import { aheadOf, type Command, crashAt, type GroupWorld, isMaking, isOfGroup, isPut } from "./group-world.ts";

describe.each(engines)("groups on $name", ({ start }) => {
  let world: GroupWorld;
  let ann: User;
  let bob: User;
  let carol: User;
  eachWorld(start, (made, people) => {
    world = made;
    [ann, bob, carol] = people;
  });

  const stored = (groupId: string) =>
    getRecord<Record<string, unknown>>(world.engine.accounts, groupKey(groupId), { consistent: true });
  const note = ({ id }: User, groupId: string) =>
    getRecord<Record<string, unknown>>(world.engine.accounts, membershipKey(id, groupId), { consistent: true });
  const count = (calls: readonly Command[], name: string, isIt: (command: Command) => boolean = () => true) =>
    calls.filter((call) => call.name === name && isIt(call)).length;

  it("stores a group as one record, and a note with each member", async () => {
    const groupId = await world.group([ann, bob]);
    expect(await stored(groupId)).toEqual({
      ...groupKey(groupId),
      name: "Climbing",
      version: 1,
      members: {
        [ann.id]: { username: ann.username, since: 1, admin: true, joined: true },
        [bob.id]: { username: bob.username, since: 1 },
      },
      untold: {},
    });
    for (const one of [ann, bob]) {
      expect(await note(one, groupId)).toEqual({ ...membershipKey(one.id, groupId), version: 1, at: world.now });
    }
    await world.groups.put(ann, groupId, carol.id, true);
    expect(await note(carol, groupId)).toMatchObject({ version: 2 });
    await world.groups.remove(ann, groupId, carol.id);
    expect(await note(carol, groupId)).toBeUndefined();
    await world.groups.remove(bob, groupId, bob.id);
    expect(await note(bob, groupId)).toBeUndefined();
  });

  it("stores the change with the message that tells it, until it is told", async () => {
    const groupId = await world.group([ann, bob]);
    await expect(world.process(crashAt(isPut)).groups.remove(ann, groupId, bob.id)).rejects.toThrow();
    expect((await world.stored(groupId)).untold).toEqual([
      {
        version: 2,
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        by: { id: ann.id, username: ann.username },
        name: "Climbing",
        content: JSON.stringify({ version: 2, event: "removed", member: bob }),
        also: bob.id,
        at: world.now,
      },
    ]);
  });

  it("keeps the record of a group without members for a while, so that DynamoDB deletes it then", async () => {
    const groupId = await world.group([ann, bob]);
    await world.groups.remove(bob, groupId, bob.id);
    expect(await stored(groupId)).not.toHaveProperty("expiresAt");
    await world.groups.remove(ann, groupId, ann.id);
    expect(await stored(groupId)).toMatchObject({
      members: {},
      expiresAt: Math.ceil((world.now + LIMITS.groups.goneKept) / 1_000),
    });
  });

  it("stores nothing of a code but its hash, and takes it off with the first removal", async () => {
    const groupId = await world.group([ann, bob, carol]);
    const code = await world.groups.invite(ann, groupId);
    const record = await stored(groupId);
    expect(record?.["invite"]).toBe(readGroupCode(code)?.inviteHash);
    expect(JSON.stringify(record)).not.toContain(code.split(".")[1]);
    await world.groups.rename(ann, groupId, "Chess");
    expect(await stored(groupId)).toHaveProperty("invite");
    await world.groups.remove(ann, groupId, carol.id);
    expect(await stored(groupId)).not.toHaveProperty("invite");
  });

  it("reads a record that lacks what later versions store", async () => {
    const groupId = `g-${"B".repeat(22)}`;
    await putRecord(world.engine.accounts, { ...groupKey(groupId) });
    expect(await new GroupStore(world.engine.accounts, Date.now).read(groupId)).toEqual({
      groupId,
      name: "",
      version: 0,
      members: {},
      inviteHash: undefined,
      untold: [],
    });
  });

  it("fits 100 members with the longest names into few units", async () => {
    const users = Array.from({ length: 100 }, (_, at) => ({
      id: randomUUID(),
      username: `${at}`.padEnd(32, "x"),
    }));
    const [maker, ...others] = users as [User, ...User[]];
    const state = firstState("x".repeat(64), maker, others);
    const record = { ...groupKey(`g-${"C".repeat(22)}`), ...state, version: 1, invite: "x".repeat(43), untold: {} };
    expect(itemSize(toItem(record))).toBeLessThan(10_000);
  });

  it.each([
    [10, 1],
    [11, 2],
    [100, 7],
  ])(
    "of %i members, the last of them added a moment ago, is written with %i units, as docs/costs.md says",
    (count, units) => {
      const users = Array.from({ length: count }, (_, at) => ({ id: randomUUID(), username: `${at}`.padEnd(8, "x") }));
      const [maker, ...others] = users as [User, ...User[]];
      const state = firstState("Climbing", maker, others);
      const member = others.at(-1);
      const untold = {
        version: 10,
        messageId: randomUUID(),
        by: maker,
        name: state.name,
        content: JSON.stringify({ version: 10, event: "added", member }),
        at: world.now,
      };
      const record = { ...groupKey(`g-${"C".repeat(22)}`), ...state, version: 10, untold: { 10: untold } };
      expect(writeUnits(itemSize(toItem(record)))).toBe(units);
    },
  );

  describe("bounds", () => {
    it("a user is in so many groups at most, whether made, added or joined, and one that is left makes room", async () => {
      Object.assign(LIMITS.groups, { ofUser: 2 });
      const [first] = [await world.group([ann, bob]), await world.group([ann, bob])];
      const third = await world.group([carol, await world.newUser()]);
      await expect(world.group([ann, carol])).rejects.toEqual(problem("too_many_groups"));
      const names = async (promise: Promise<unknown>) => promise.catch((error: Error) => error.message);
      expect(await names(world.group([carol, bob]))).toContain(`${bob.username} may be in 2 groups`);
      await expect(world.groups.put(carol, third, bob.id, undefined)).rejects.toEqual(problem("too_many_groups"));
      const code = await world.groups.invite(carol, third);
      await expect(world.groups.join(bob, code)).rejects.toEqual(problem("too_many_groups"));
      expect(await world.memberIds(third)).not.toContain(bob.id);
      await world.groups.remove(bob, first, bob.id);
      await world.groups.join(bob, code);
      expect(await world.memberIds(third)).toContain(bob.id);
      // Who is in it already needs no room.
      await world.groups.join(bob, code);
      await world.groups.put(carol, third, bob.id, true);
    });

    it("each change counts for the rate of sending as many times as the group has members, and no change counts nothing", async () => {
      Object.assign(LIMITS.send, { burst: 4, perSecond: 1, lease: 1 });
      const { groups } = world.process();
      const group = await groups.make(ann, "Climbing", [bob.id, carol.id]);
      await groups.rename(ann, group.groupId, "Climbing");
      await groups.put(ann, group.groupId, bob.id, undefined);
      const refusal = await groups.rename(ann, group.groupId, "Chess").catch((error) => error);
      expect(refusal).toEqual(problem("too_many_messages"));
      expect((await world.stored(group.groupId)).name).toBe("Climbing");
      world.now += 60_000;
      await groups.rename(ann, group.groupId, "Chess");
      expect((await world.stored(group.groupId)).name).toBe("Chess");
    });

    it("a making that is refused for one of its members counts as well: all of them were read", async () => {
      Object.assign(LIMITS.send, { burst: 4, perSecond: 1, lease: 1 });
      await world.blocks.add(carol.id, ann);
      const { groups, calls } = world.process();
      await expect(groups.make(ann, "Climbing", [bob.id, carol.id])).rejects.toEqual(problem("blocked"));
      const before = calls.filter(({ name }) => name === "BatchGetItem").length;
      await expect(groups.make(ann, "Climbing", [bob.id, carol.id])).rejects.toEqual(problem("too_many_messages"));
      expect(calls.filter(({ name }) => name === "BatchGetItem")).toHaveLength(before);
    });

    it("a refused making stores no group and tells nobody", async () => {
      Object.assign(LIMITS.send, { burst: 1, perSecond: 1, lease: 1 });
      const { groups, calls } = world.process();
      await groups.make(ann, "One", [bob.id]);
      await expect(groups.make(ann, "Two", [bob.id])).rejects.toEqual(problem("too_many_messages"));
      expect(calls.filter(isMaking)).toHaveLength(1);
      expect(await world.groups.list(bob)).toHaveLength(1);
    });
  });

  describe("calls", () => {
    it("a change that is none is read once, and writes nothing", async () => {
      const groupId = await world.group([ann, bob]);
      const { groups, calls } = world.process();
      await groups.rename(ann, groupId, "Climbing");
      expect(calls.map(({ name }) => name)).toEqual(["GetItem"]);
    });

    it("a rename reads the group and the members, and writes the group, the messages and the note that it was told", async () => {
      const groupId = await world.group([ann, bob, carol]);
      const { groups, calls } = world.process();
      await groups.rename(ann, groupId, "Chess");
      expect(calls.map(({ name }) => name).toSorted()).toEqual(
        ["GetItem", "UpdateItem", "BatchGetItem", "PutItem", "PutItem", "PutItem", "UpdateItem"].toSorted(),
      );
    });

    it("a list reads the notes, and all groups in one call", async () => {
      await world.group([ann, bob], "B");
      await world.group([ann, bob], "A");
      const { groups, calls } = world.process();
      expect((await groups.list(ann)).map(({ name }) => name)).toEqual(["A", "B"]);
      expect(calls.map(({ name }) => name)).toEqual(["Query", "BatchGetItem"]);
      expect(calls[0]?.input).toMatchObject({ ConsistentRead: true });
      const none = world.process();
      await none.groups.list(carol);
      expect(none.calls.map(({ name }) => name)).toEqual(["Query"]);
    });

    it("120 members and more than 100 groups take a batch for each 100", async () => {
      Object.assign(LIMITS.groups, { members: 200 });
      const users = await world.newUsers(119);
      const groupId = await world.group([ann, ...users]);
      const { groups, calls } = world.process();
      expect((await groups.show(ann, groupId)).members).toHaveLength(120);
      expect(count(calls, "BatchGetItem")).toBe(2);
      expect(await world.events(users.at(-1) as User)).toEqual(["1 created"]);
    });

    it("one who may not add asks nothing of the user", async () => {
      const groupId = await world.group([ann, bob]);
      const { groups, calls } = world.process();
      await expect(groups.put(bob, groupId, carol.id, undefined)).rejects.toEqual(problem("not_an_admin"));
      await expect(groups.put(carol, groupId, carol.id, undefined)).rejects.toEqual(problem("unknown_group"));
      expect(calls.every((call) => call.name === "GetItem" && isOfGroup(call))).toBe(true);
    });

    it("one without the code asks nothing of the group but its record", async () => {
      const groupId = await world.group([ann, bob]);
      const code = await world.groups.invite(ann, groupId);
      const { groups, calls } = world.process();
      await expect(groups.join(carol, `${code}x`)).rejects.toEqual(problem("invalid_invite"));
      await expect(groups.join(carol, "x")).rejects.toEqual(problem("invalid_invite"));
      expect(calls.map(({ name }) => name)).toEqual(["GetItem"]);
    });

    it("pauses a moment before it decides again", async () => {
      const groupId = await world.group([ann, bob]);
      const pauses: number[] = [];
      const store = new GroupStore(
        world.engine.accounts,
        Date.now,
        async (milliseconds) => void pauses.push(milliseconds),
      );
      let isFirst = true;
      await store.change(
        groupId,
        ann,
        (group: Group) => {
          const change = { event: "renamed", name: "Chess", before: group.name } as const;
          return { kind: "changed", state: { ...group, name: "Chess" }, change };
        },
        async () => {
          if (isFirst) await world.groups.rename(ann, groupId, "Boulder");
          isFirst = false;
        },
      );
      expect(pauses).toHaveLength(1);
      expect(pauses[0]).toBeLessThan(10);
    });

    it("pauses longer with each round, and not before the first one", async () => {
      const groupId = await world.group([ann, bob]);
      const pauses: number[] = [];
      const store = new GroupStore(
        world.engine.accounts,
        Date.now,
        async (milliseconds) => void pauses.push(milliseconds),
      );
      vi.spyOn(Math, "random").mockReturnValue(0.5);
      let round = 0;
      const changing = store.change(
        groupId,
        ann,
        (group: Group) => {
          const change = { event: "renamed", name: "Chess", before: group.name } as const;
          return { kind: "changed", state: { ...group, name: "Chess" }, change };
        },
        () => world.groups.rename(ann, groupId, `Boulder ${round++}`),
      );
      await expect(changing).rejects.toEqual(problem("unavailable"));
      vi.restoreAllMocks();
      expect(pauses).toEqual(Array.from({ length: LIMITS.groups.attempts - 1 }, (_, at) => 5 * 2 ** at));
    });

    it("a group is read strongly consistent", async () => {
      const groupId = await world.group([ann, bob]);
      const { store, calls } = world.process();
      await store.read(groupId);
      expect(calls).toMatchObject([{ name: "GetItem", input: { ConsistentRead: true } }]);
    });

    it("who may be added are those that exist", async () => {
      const people = new GroupPeople(world.engine.accounts, Date.now);
      const found = await people.candidates([bob.id, randomUUID()], ann.id);
      expect([...found]).toEqual([[bob.id, { ...bob, hasBlocked: false }]]);
    });
  });

  describe("who is told", () => {
    it("all devices of all members, but the shared one of who made the change", async () => {
      const personal = aDevice("phone", 2);
      await giveDevices(world.engine.accounts, ann.id, [
        aDevice("shared", 1, { channel: undefined, shared: true }),
        personal,
      ]);
      await giveDevices(world.engine.accounts, bob.id, [
        aDevice("shared", 1, { channel: undefined, shared: true }),
        personal,
      ]);
      await world.group([ann, bob]);
      expect(await world.events(ann)).toEqual([]);
      expect(await world.events(ann, "phone")).toEqual(["1 created"]);
      expect(await world.events(bob)).toEqual(["1 created"]);
      expect(await world.events(bob, "phone")).toEqual(["1 created"]);
    });

    it("one who came by a code, and who let nobody in", async () => {
      const groupId = await world.group([ann, bob]);
      await world.groups.join(carol, await world.groups.invite(ann, groupId));
      expect(await world.told(carol)).toEqual([{ version: 2, event: "joined", member: carol }]);
      expect(await world.events(ann)).toEqual(["1 created", "2 joined"]);
    });
  });

  it("names the members of a group to those in it alone", async () => {
    const groupId = await world.group([ann, bob]);
    const reader = new GroupReader(world.engine.accounts);
    expect((await reader.membersFor(groupId, bob.id)).toSorted()).toEqual([ann.id, bob.id].toSorted());
    expect(await reader.membersFor(groupId, carol.id)).toEqual([]);
    expect(await reader.membersFor(`g-${"A".repeat(22)}`, bob.id)).toEqual([]);
  });

  it("shows a group only to those in it", async () => {
    const groupId = await world.group([ann, bob]);
    const view = await world.groups.show(bob, groupId);
    expect(view.members.map(({ id }) => id).toSorted()).toEqual([ann.id, bob.id].toSorted());
    await expect(world.groups.show(carol, groupId)).rejects.toEqual(problem("unknown_group"));
    await expect(world.groups.show(carol, `g-${"A".repeat(22)}`)).rejects.toEqual(problem("unknown_group"));
  });

  it("gives an invite up where the group changes each time", async () => {
    const groupId = await world.group([ann, bob]);
    let changes = 0;
    const { groups } = world.process(async (command, go) => {
      const isInvite = String(command.input["UpdateExpression"]).startsWith("SET #invite");
      if (isInvite) await world.groups.rename(ann, groupId, `Name ${++changes}`);
      return go();
    });
    await expect(groups.invite(ann, groupId)).rejects.toEqual(problem("unavailable"));
    expect(changes).toBe(LIMITS.groups.attempts);
  });

  it("makes a code though another change comes first", async () => {
    const groupId = await world.group([ann, bob]);
    const isInvite = (command: Command) => String(command.input["UpdateExpression"]).startsWith("SET #invite");
    const { groups } = world.process(aheadOf(isInvite, () => world.groups.rename(ann, groupId, "Chess")));
    await world.groups.join(carol, await groups.invite(ann, groupId));
    expect(await world.memberIds(groupId)).toContain(carol.id);
  });
});
