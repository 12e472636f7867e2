import { v7 as uuidv7 } from "uuid";
import { beforeEach, describe, expect, it } from "vitest";
import { Profiles, type User } from "../../../lib/channel/profiles.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { Devices } from "../../../lib/devices/device-store.ts";
import { channelKey } from "../../../lib/runtime/ids.ts";
import { aDevice, giveDevices } from "../../support/device-maps.ts";
import { engines } from "../../support/engines.ts";
import { problem } from "../../support/problems.ts";
import { eachWorld } from "./each-world.ts";
import { aheadOf, crashAt, type GroupWorld, isPut, MOST_WAITING } from "./group-world.ts";

describe.each(engines)("the devices that a message to a group goes to ($name)", ({ start }) => {
  let world: GroupWorld;
  let ann: User;
  let bob: User;
  let carol: User;
  let groupId: string;
  eachWorld(start, (made, people) => {
    world = made;
    [ann, bob, carol] = people;
  });
  beforeEach(async () => {
    groupId = await world.group([ann, bob, carol]);
    const [shared, phone] = [aDevice("shared", 1, { channel: undefined, shared: true }), aDevice("phone", 2)];
    for (const one of [ann, bob])
      await giveDevices(world.engine.accounts, one.id, [shared, phone, aDevice("laptop", 3)]);
  });

  const has = async (user: User, channel?: string): Promise<boolean> =>
    (await world.waiting(user, channel)).some(({ type }) => type === undefined);
  const fill = async ({ id }: User, channel?: string): Promise<void> => {
    const full = { id, channel, backlog: MOST_WAITING, countedAt: world.now };
    await new Profiles(world.engine.accounts).storeBacklog({ ...full, countedAt: 0 }, full);
  };
  const missed = async ({ id }: User) =>
    (await new Devices(world.engine.accounts, () => world.now).read(id))?.devices.map((device) => device.missed);

  it("from a device of its own: all of the members', and the sender's other personal ones", async () => {
    await world.process().send(ann, groupId, { channel: "phone" });
    for (const channel of [undefined, "phone", "laptop"]) expect(await has(bob, channel)).toBe(true);
    expect(await has(carol)).toBe(true);
    expect([await has(ann), await has(ann, "phone"), await has(ann, "laptop")]).toEqual([false, false, true]);
    const copy = (await world.waiting(ann, "laptop")).find(({ type }) => type === undefined);
    expect(copy).toMatchObject({ toId: groupId, toName: "Climbing", sentFrom: channelKey(ann.id, "phone") });
    const message = (await world.waiting(bob)).find(({ type }) => type === undefined);
    expect(message).toMatchObject({ toId: groupId, toName: "Climbing" });
    expect(message).not.toHaveProperty("sentFrom");
  });

  it("from the shared device: the copies say of no device that they came from it", async () => {
    await world.process().send(ann, groupId);
    expect([await has(ann), await has(ann, "phone"), await has(ann, "laptop")]).toEqual([false, true, true]);
    const copy = (await world.waiting(ann, "phone")).find(({ type }) => type === undefined);
    expect(copy).not.toHaveProperty("sentFrom");
  });

  it("without copies: none of the sender's", async () => {
    await world.process().send(ann, groupId, { channel: "phone", copies: false });
    expect([await has(ann), await has(ann, "phone"), await has(ann, "laptop")]).toEqual([false, false, false]);
    expect(await has(carol)).toBe(true);
  });

  it("are put on side by side, and only so many at a time", async () => {
    const { putsAtOnce } = LIMITS;
    Object.assign(LIMITS, { putsAtOnce: 2 });
    try {
      let underWay = 0;
      let most = 0;
      const { send } = world.process(async (command, go) => {
        if (!isPut(command)) return go();
        most = Math.max(most, ++underWay);
        return go().finally(() => underWay--);
      });
      expect((await send(ann, groupId, { channel: "phone" })).stored).toHaveLength(5);
      expect(most).toBe(2);
    } finally {
      Object.assign(LIMITS, { putsAtOnce });
    }
  });

  it("of one that is leaving: not that one", async () => {
    await giveDevices(world.engine.accounts, bob.id, [aDevice("phone", 2, { leaving: true }), aDevice("laptop", 3)], 2);
    await world.process().send(ann, groupId);
    expect([await has(bob, "phone"), await has(bob, "laptop")]).toEqual([false, true]);
  });

  it("so many that one request reaches them, and refuses one more before anything is stored", async () => {
    const { send } = world.process();
    Object.assign(LIMITS.groups, { channelsOfSend: 4 });
    await expect(send(ann, groupId, { channel: "phone" })).rejects.toEqual(problem("group_too_large"));
    expect(await has(carol)).toBe(false);
    Object.assign(LIMITS.groups, { channelsOfSend: 5 });
    expect((await send(ann, groupId, { channel: "phone" })).missedBy).toEqual([]);
    expect(await has(carol)).toBe(true);
  });

  it("a full one is skipped and marked, and the member's others have it", async () => {
    await fill(bob, "phone");
    const { missedBy, stored } = await world.process().send(ann, groupId, { channel: "phone" });
    expect(missedBy).toEqual([]);
    expect(stored).toHaveLength(4);
    expect([await has(bob), await has(bob, "phone"), await has(bob, "laptop")]).toEqual([true, false, true]);
    expect(await missed(bob)).toEqual([undefined, true, undefined]);
  });

  it("where all of a member's are full the member misses it, and nobody else", async () => {
    for (const channel of [undefined, "phone", "laptop"]) await fill(bob, channel);
    const { missedBy } = await world.process().send(ann, groupId, { channel: "phone" });
    expect(missedBy).toEqual([bob.id]);
    expect(await missed(bob)).toEqual([true, true, true]);
    expect(await has(carol)).toBe(true);
  });

  it("where all of the sender's own others are full nobody is said to miss it", async () => {
    await fill(ann, "laptop");
    const { missedBy } = await world.process().send(ann, groupId, { channel: "phone" });
    expect(missedBy).toEqual([]);
    expect(await missed(ann)).toEqual([undefined, undefined, true]);
    expect(await has(carol)).toBe(true);
  });

  it("a member with a full device whose others leave meanwhile makes it 503: the retry reaches what is there then", async () => {
    await fill(bob, "phone");
    const leave = () => giveDevices(world.engine.accounts, bob.id, [aDevice("phone", 2), aDevice("tablet", 4)], 2);
    const { send } = world.process(aheadOf(isPut, leave));
    const messageId = uuidv7();
    await expect(send(ann, groupId, { messageId, channel: "phone" })).rejects.toEqual(problem("unavailable"));
    await world.process().send(ann, groupId, { messageId, channel: "phone" });
    expect(await has(bob, "tablet")).toBe(true);
  });

  it("the sender's own others that leave meanwhile refuse nothing, though one is full", async () => {
    await fill(ann, "laptop");
    const leave = () => giveDevices(world.engine.accounts, ann.id, [aDevice("phone", 2), aDevice("laptop", 3)], 2);
    const { send } = world.process(aheadOf(isPut, leave));
    await send(ann, groupId, { channel: "phone" });
    expect(await has(bob)).toBe(true);
  });

  it("a put that fails makes it 503, and the retry stores what is missing and is the same", async () => {
    const messageId = uuidv7();
    let puts = 0;
    const { send } = world.process(crashAt((command) => isPut(command) && ++puts > 2));
    await expect(send(ann, groupId, { messageId, channel: "phone" })).rejects.toEqual(problem("unavailable"));
    const { stored } = await world.process().send(ann, groupId, { messageId, channel: "phone" });
    expect(stored).toHaveLength(3);
    for (const [user, channel] of [[bob], [bob, "phone"], [bob, "laptop"], [carol], [ann, "laptop"]] as const) {
      expect((await world.waiting(user, channel)).filter((one) => one.messageId === messageId)).toHaveLength(1);
    }
  });

  it("one id to the group and to one of its members is refused", async () => {
    const messageId = uuidv7();
    await world.process().send(ann, groupId, { messageId, channel: "phone" });
    const other = await world.group([ann, bob], "Other");
    await expect(world.process().send(ann, other, { messageId, channel: "phone" })).rejects.toEqual(
      problem("message_id_reused"),
    );
  });
});
