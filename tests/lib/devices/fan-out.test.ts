import { randomUUID } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Users } from "../../../lib/accounts/users.ts";
import { ChannelBound } from "../../../lib/channel/channel-bound.ts";
import { ChannelStore } from "../../../lib/channel/channel-store.ts";
import { Delivery } from "../../../lib/channel/delivery.ts";
import { MessageStore } from "../../../lib/channel/message-store.ts";
import { MISSED_POSITION } from "../../../lib/channel/missed.ts";
import { type Backlog, Profiles, type User } from "../../../lib/channel/profiles.ts";
import { Sending } from "../../../lib/channel/sending.ts";
import type { Envelope } from "../../../lib/channel/stored-message.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import { profileKey } from "../../../lib/database/account-keys.ts";
import type { Database } from "../../../lib/database/database.ts";
import { deleteRecord } from "../../../lib/database/delete-record.ts";
import { type Device, dayOf } from "../../../lib/devices/device-map.ts";
import { Devices } from "../../../lib/devices/device-store.ts";
import { FanOut } from "../../../lib/devices/fan-out.ts";
import { PartiesReader } from "../../../lib/devices/parties.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { channelKey } from "../../../lib/runtime/ids.ts";
import { aDevice, giveDevices } from "../../support/device-maps.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { newUsername } from "../../support/logins.ts";
import { problem } from "../../support/problems.ts";

/** Messages that may wait on a channel. */
const MOST = 20;

interface Command {
  readonly name: string;
  readonly input: Record<string, unknown>;
}

const FIRST = undefined;
const outage = (): Error => Object.assign(new Error("the answer did not come"), { name: "TimeoutError" });

describe.each(engines)("a message to all devices ($name)", ({ start }) => {
  let engine: TestEngine;
  let users: Users;
  let alice: User;
  let bob: User;
  let now: number;
  let calls: Command[];
  /** What becomes of a call, in the place of being made. */
  let intercept: (command: Command, go: () => Promise<unknown>) => Promise<unknown>;

  beforeAll(async () => {
    engine = await start();
    users = new Users(engine.accounts, Date.now);
  });
  afterAll(() => engine?.stop());
  beforeEach(async () => {
    now = Date.now();
    alice = await users.create(newUsername(), "a hash");
    bob = await users.create(newUsername(), "a hash");
    calls = [];
    intercept = (_, go) => go();
  });

  const database = {
    send: (command: { readonly input: Record<string, unknown> }, ...options: unknown[]) => {
      const call = { name: command.constructor.name.replace("Command", ""), input: command.input };
      calls.push(call);
      return intercept(call, () => engine.client.send(command as never, ...(options as [])));
    },
  } as unknown as Database;

  /** As `send` puts it together. The dice have nothing counted by chance. */
  function parts() {
    const accounts = { database, name: engine.tables.accounts };
    const messages = new MessageStore(database, engine.tables.channels);
    const clock = () => now;
    const channelBound = new ChannelBound(messages, new Profiles(accounts), clock, MOST, () => 0.999_999);
    const sending = new Sending(messages, clock);
    return {
      messages,
      parties: new PartiesReader(accounts, clock),
      fanOut: new FanOut({ sending, channelBound, devices: new Devices(accounts, clock, async () => {}) }),
    };
  }

  interface Options {
    readonly from?: User;
    readonly to?: User;
    readonly channel?: string | undefined;
    readonly content?: string;
    readonly messageId?: string | undefined;
    readonly envelope?: Partial<Envelope>;
    readonly copies?: boolean;
  }

  async function send({
    from = alice,
    to = bob,
    channel = FIRST,
    content = "Hello",
    messageId,
    envelope,
    copies,
  }: Options = {}) {
    const { parties, fanOut } = parts();
    const found = await parties.find(to.id, from.id);
    if (found === undefined) throw new Error("there is no such receiver");
    const route = await fanOut.route(found, channel, copies);
    const message = { senderId: from.id, senderName: from.username, content, messageId, ...envelope };
    return fanOut.send(message, found, route);
  }

  /** Takes off what lies on a channel. */
  async function take({ id }: User, channel: string | undefined, ack?: string) {
    const delivery = new Delivery(new ChannelStore(engine.client, engine.tables.channels), () => now);
    return delivery.sync({ receiverId: channelKey(id, channel), limit: 100, ack });
  }

  const contents = async (user: User, channel: string | undefined) =>
    (await take(user, channel)).messages.map(({ content }) => content);
  const read = async ({ id }: User) =>
    (await new Devices(engine.accounts, () => now).read(id))?.devices as readonly Device[];
  const give = ({ id }: User, ...devices: Device[]) => giveDevices(engine.accounts, id, devices);

  /** Fills a channel, as its count has found it. */
  async function fill({ id }: User, channel: string | undefined, countedAt = now): Promise<void> {
    const full: Backlog = { id, channel, backlog: MOST, countedAt };
    const noted = await new Profiles(engine.accounts).storeBacklog({ ...full, countedAt: 0 }, full);
    if (!noted) throw new Error("the count was not noted");
  }

  const phone = aDevice("phone", 2);
  const laptop = aDevice("laptop", 1, { channel: FIRST });
  const tablet = aDevice("tablet", 3);
  const bot = aDevice("shared", 4, { channel: "bot", shared: true });

  const isPutTo = ({ name, input }: Command, key: string): boolean =>
    name === "PutItem" && (input["Item"] as { receiverId?: { S: string } }).receiverId?.S === key;

  describe("goes to", () => {
    it("every device of the receiver and every other one of the sender, which is told whom it went to", async () => {
      await give(alice, laptop, phone, tablet);
      await give(bob, laptop, phone);
      const { messageId } = await send({ channel: "phone" });
      for (const channel of [FIRST, "phone"]) {
        const [message, ...others] = (await take(bob, channel)).messages;
        expect(others).toEqual([]);
        expect(message).toMatchObject({ position: `${messageId}#${alice.id}`, content: "Hello" });
        expect(message).not.toHaveProperty("toId");
      }
      for (const channel of [FIRST, "tablet"]) {
        expect((await take(alice, channel)).messages).toMatchObject([
          { position: `${messageId}#${alice.id}`, content: "Hello", toId: bob.id, toName: bob.username },
        ]);
      }
      expect(await contents(alice, "phone")).toEqual([]);
    });

    it("other devices of the sender with a note of which one it was sent from, if that is a personal one", async () => {
      await give(alice, laptop, phone, bot);
      for (const [channel, sentFrom] of [
        ["phone", `${alice.id}/phone`],
        ["bot", undefined],
      ] as const) {
        await send({ channel });
        const { messages, receipt } = await take(alice, FIRST, "first");
        expect(messages.map((message) => message.sentFrom)).toEqual([sentFrom]);
        await take(alice, FIRST, receipt);
      }
      await send();
      expect((await take(alice, "phone", "first")).messages.map(({ sentFrom }) => sentFrom)).toContain(alice.id);
      for (const { sentFrom } of (await take(bob, FIRST)).messages) expect(sentFrom).toBeUndefined();
    });

    it("the shared device of a receiver, but not to the sender's, or a bot would answer itself", async () => {
      await give(alice, laptop, bot);
      await give(bob, laptop, bot);
      await send();
      expect([await contents(bob, FIRST), await contents(bob, "bot")]).toEqual([["Hello"], ["Hello"]]);
      expect(await contents(alice, "bot")).toEqual([]);
    });

    it("all devices that two users may have, ending ones included, in one round trip of puts", async () => {
      const most = Array.from({ length: LIMITS.devices.mostWithEnding }, (_, at) =>
        aDevice(`device-${at}`, at + 1, at < LIMITS.devices.most ? {} : { ending: true }),
      );
      await give(alice, ...most);
      await give(bob, ...most);
      const puts = 2 * most.length - 1;
      let begun = 0;
      const { promise: allBegun, resolve } = Promise.withResolvers<void>();
      intercept = async ({ name }, go) => {
        if (name === "PutItem" && ++begun === puts) resolve();
        if (name === "PutItem") await allBegun;
        return go();
      };
      expect((await send({ channel: "device-0" })).stored).toHaveLength(puts);
    });

    it("all own devices, the one that sent it included, with no receiver named, when it is to oneself", async () => {
      await give(alice, laptop, phone, bot);
      for (const sender of [FIRST, "phone", "bot"]) {
        await send({ to: alice, channel: sender });
        for (const channel of [FIRST, "phone", "bot"]) {
          const { messages, receipt } = await take(alice, channel, "first");
          expect(messages).toMatchObject([{ content: "Hello" }]);
          expect(messages[0]).not.toHaveProperty("toId");
          await take(alice, channel, receipt);
        }
      }
    });

    it("every device with its whole envelope", async () => {
      await give(alice, laptop, phone);
      await give(bob, laptop, phone);
      const envelope = { type: "reaction", about: uuidv7(), quiet: true } as const;
      await send({ envelope });
      const everywhere = [
        [bob, FIRST],
        [bob, "phone"],
        [alice, "phone"],
      ] as const;
      for (const [user, channel] of everywhere) {
        expect((await take(user, channel)).messages).toMatchObject([{ ...envelope, content: "Hello" }]);
      }
    });

    it("the receiver alone, where its sender wants no copies, with no call more", async () => {
      await give(alice, laptop, phone);
      await give(bob, laptop, phone);
      const { stored } = await send({ copies: false });
      expect(stored.map(({ channel }) => channel).toSorted()).toEqual([bob.id, `${bob.id}/phone`]);
      expect(calls.map(({ name }) => name).toSorted()).toEqual(["BatchGetItem", "PutItem", "PutItem"]);
      expect(await contents(alice, "phone")).toEqual([]);
    });

    it("all own devices when it is to oneself, also where its sender wants no copies", async () => {
      await give(alice, laptop, phone);
      await send({ to: alice, copies: false });
      for (const channel of [FIRST, "phone"]) expect(await contents(alice, channel)).toEqual(["Hello"]);
    });

    it("the receiver alone, where the sender's account has just been deleted", async () => {
      await give(alice, laptop, phone);
      await deleteRecord(engine.accounts, profileKey(alice.id));
      await send();
      expect(await contents(bob, FIRST)).toEqual(["Hello"]);
      expect(await contents(alice, "phone")).toEqual([]);
    });
  });

  describe("costs", () => {
    it("one read call and one put for users with one device each, as before there were several", async () => {
      await send();
      expect(calls.map(({ name }) => name)).toEqual(["BatchGetItem", "PutItem"]);
      await give(alice, laptop);
      await give(bob, laptop);
      calls = [];
      await send();
      expect(calls.map(({ name }) => name)).toEqual(["BatchGetItem", "PutItem"]);
    });

    it("one put for each channel, all of them at once", async () => {
      await give(alice, laptop, phone);
      await give(bob, laptop, phone, tablet);
      let isHeld = true;
      const { promise: all, resolve } = Promise.withResolvers<void>();
      intercept = async ({ name }, go) => {
        if (name === "PutItem" && calls.filter((call) => call.name === "PutItem").length === 4) {
          isHeld = false;
          resolve();
        }
        if (name === "PutItem") await all;
        return go();
      };
      await send();
      expect(isHeld).toBe(false);
      expect(calls.map(({ name }) => name)).toEqual(["BatchGetItem", "PutItem", "PutItem", "PutItem", "PutItem"]);
    });
  });

  describe("is answered", () => {
    it.each([
      ["a further device of the receiver", () => channelKey(bob.id, "phone")],
      ["the receiver's first device", () => bob.id],
      ["the sender's other device", () => channelKey(alice.id, "phone")],
    ])("not before it lies on %s", async (_, key) => {
      await give(alice, laptop, phone);
      await give(bob, laptop, phone);
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const { promise: isLast, resolve: reachLast } = Promise.withResolvers<void>();
      intercept = async (command, go) => {
        if (!isPutTo(command, key())) return go();
        reachLast();
        await late;
        return go();
      };
      let isAnswered = false;
      const sent = send().then(() => {
        isAnswered = true;
      });
      await isLast;
      // Everything else is done by then.
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      expect(isAnswered).toBe(false);
      resolve();
      await sent;
      expect(isAnswered).toBe(true);
    });

    it.each([
      ["a further device of the receiver", () => channelKey(bob.id, "phone")],
      ["the receiver's first device", () => bob.id],
      ["the sender's other device", () => channelKey(alice.id, "phone")],
    ])("503 where it cannot be put on %s; a retry stores what is missing, and nothing twice", async (_, key) => {
      await give(alice, laptop, phone);
      await give(bob, laptop, phone);
      const messageId = uuidv7();
      intercept = async (command, go) => {
        if (isPutTo(command, key())) throw outage();
        return go();
      };
      await expect(send({ messageId })).rejects.toThrow(Unavailable);
      intercept = (_command, go) => go();
      const everywhere: [User, string | undefined][] = [
        [bob, FIRST],
        [bob, "phone"],
        [alice, "phone"],
      ];
      // One device has fetched it before the retry.
      const [early] = everywhere.filter(([{ id }, channel]) => channelKey(id, channel) !== key());
      const first = await take(...(early as [User, string | undefined]));
      expect(first.messages).toHaveLength(1);
      const { stored } = await send({ messageId });
      expect(stored.map(({ channel }) => channel)).toContain(key());
      for (const [user, channel] of everywhere) {
        const isEarly = user === early?.[0] && channel === early[1];
        expect(await contents(user, channel)).toEqual(isEarly ? [] : ["Hello"]);
      }
      const again = await send({ messageId });
      expect(again).toMatchObject({ messageId });
      for (const [user, channel] of everywhere) expect(await contents(user, channel)).toEqual([]);
    });

    it("after everything has ended that it began, also where something fails", async () => {
      await give(bob, laptop, phone);
      const ended: string[] = [];
      intercept = async (command, go) => {
        if (isPutTo(command, bob.id)) throw outage();
        const output = await go();
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
        ended.push(command.name);
        return output;
      };
      await expect(send()).rejects.toThrow(Unavailable);
      expect(ended).toEqual(["BatchGetItem", "PutItem"]);
    });

    it("in a repeat as new on no device, while it waits everywhere", async () => {
      await give(bob, laptop, phone);
      const messageId = uuidv7();
      expect((await send({ messageId })).stored).toHaveLength(2);
      expect((await send({ messageId })).stored).toEqual([]);
    });
  });

  describe("under an id that was used before", () => {
    it("for another receiver is refused while the own copy waits, is out, or was handed out", async () => {
      const carol = await users.create(newUsername(), "a hash");
      await give(alice, laptop, phone);
      const messageId = uuidv7();
      await send({ messageId });
      const reused = () => send({ to: carol, messageId });
      await expect(reused()).rejects.toThrow(problem("message_id_reused"));
      const { receipt } = await take(alice, "phone", "first");
      await expect(reused()).rejects.toThrow(problem("message_id_reused"));
      const { messages } = await take(alice, "phone", "first");
      expect(messages).toMatchObject([{ toId: bob.id }]);
      expect((await take(alice, "phone", receipt)).messages).toEqual([]);
    });

    it("for oneself likewise, and the other way round", async () => {
      await give(alice, laptop, phone);
      const [one, other] = [uuidv7(), uuidv7()];
      await send({ messageId: one });
      await expect(send({ to: alice, messageId: one })).rejects.toThrow(problem("message_id_reused"));
      await send({ to: alice, messageId: other });
      await expect(send({ messageId: other })).rejects.toThrow(problem("message_id_reused"));
    });

    it("for another content is refused where a device has not fetched the first", async () => {
      await give(bob, laptop, phone);
      const messageId = uuidv7();
      await send({ messageId });
      await take(bob, FIRST, "first");
      await expect(send({ messageId, content: "another" })).rejects.toThrow(problem("message_id_reused"));
      await take(bob, "phone", "first");
      // From now on it tells nothing of who has fetched it.
      expect((await send({ messageId, content: "another" })).stored).toEqual([]);
    });
  });

  describe("where channels are full", () => {
    const isMarked = async (user: User, id: string) => (await read(user)).find((one) => one.id === id)?.missed === true;

    it("goes to the others, and is told on the full one", async () => {
      await give(bob, laptop, phone);
      await fill(bob, "phone");
      const { stored } = await send();
      expect(stored.map(({ channel }) => channel)).toEqual([bob.id]);
      expect(await contents(bob, FIRST)).toEqual(["Hello"]);
      expect(await take(bob, "phone")).toMatchObject({ messages: [], missed: true });
      expect([await isMarked(bob, "phone"), await isMarked(bob, "laptop")]).toEqual([true, false]);
    });

    it("goes to the others, where the first one is full", async () => {
      await give(bob, laptop, phone);
      await fill(bob, FIRST);
      await send();
      expect(await contents(bob, "phone")).toEqual(["Hello"]);
      expect(await take(bob, FIRST)).toMatchObject({ messages: [], missed: true });
      expect([await isMarked(bob, "phone"), await isMarked(bob, "laptop")]).toEqual([false, true]);
    });

    it("is refused only where all of the receiver's are, until the first of them is counted again", async () => {
      await give(alice, laptop, phone);
      await give(bob, laptop, phone, tablet);
      await fill(bob, FIRST, now - 5_000);
      await fill(bob, "phone", now - 10_000);
      await fill(bob, "tablet", now - 7_000);
      calls = [];
      await expect(send()).rejects.toMatchObject({
        code: "channel_full",
        retryAfter: LIMITS.channel.recount / 1_000 - 10,
      });
      expect(calls.map(({ name }) => name)).toEqual(["BatchGetItem"]);
      for (const channel of [FIRST, "phone", "tablet"]) {
        expect(await take(bob, channel)).not.toHaveProperty("missed");
      }
      expect(await contents(alice, "phone")).toEqual([]);
    });

    it("is refused by no full channel of the sender's own", async () => {
      await give(alice, laptop, phone, tablet);
      await fill(alice, "phone");
      await send();
      expect(await contents(bob, FIRST)).toEqual(["Hello"]);
      expect(await contents(alice, "tablet")).toEqual(["Hello"]);
      expect(await take(alice, "phone")).toMatchObject({ messages: [], missed: true });
      expect(await isMarked(alice, "phone")).toBe(true);
    });

    it("is stored though the only other device of the sender is full", async () => {
      await give(alice, laptop, phone);
      await fill(alice, "phone");
      await send();
      expect(await contents(bob, FIRST)).toEqual(["Hello"]);
      expect(await take(alice, "phone")).toMatchObject({ missed: true });
    });

    it("changes the map once, however many it skips, and looks at it after the puts", async () => {
      await give(bob, laptop, phone);
      await fill(bob, "phone");
      await send();
      const puts = ["BatchGetItem", "PutItem", "PutItem"];
      expect(calls.map(({ name }) => name)).toEqual([...puts, "GetItem", "UpdateItem"]);
      calls = [];
      await send();
      expect(calls.map(({ name }) => name)).toEqual([...puts, "GetItem"]);
      expect(calls.at(-1)?.input["ConsistentRead"]).toBe(true);
    });

    it("looks at no map again for a device of the sender's that is marked", async () => {
      await give(alice, laptop, { ...phone, missed: true });
      await fill(alice, "phone");
      await send();
      expect(calls.map(({ name }) => name)).toEqual(["BatchGetItem", "PutItem", "PutItem"]);
    });

    it.each([
      ["the note on the full channel", "PutItem"],
      ["the mark in the map", "UpdateItem"],
    ])("is answered 503 where %s cannot be stored", async (_, command) => {
      await give(bob, laptop, phone);
      await fill(bob, "phone");
      intercept = async (call, go) => {
        const isTheNote = isPutTo(call, channelKey(bob.id, "phone"));
        if (call.name === command && (command === "UpdateItem" || isTheNote)) throw outage();
        return go();
      };
      await expect(send()).rejects.toThrow(Unavailable);
    });

    it.each([
      ["has left", undefined, []],
      ["has left, and the other one is marked", true, []],
      ["has left, and a later one has its place in the order", undefined, [{ ...tablet, came: phone.came }]],
      ["is leaving", undefined, [{ ...phone, ending: true, leaving: true }]],
      ["is leaving, and the other one is marked", true, [{ ...phone, ending: true, leaving: true }]],
    ] as const)("is answered 503 where the device that would have it alone %s meanwhile", async (_, missed, left) => {
      await give(bob, { ...laptop, missed }, phone);
      await fill(bob, FIRST);
      intercept = async (command, go) => {
        const output = await go();
        // At the last moment: the message lies there by now.
        if (isPutTo(command, channelKey(bob.id, "phone"))) {
          await giveDevices(engine.accounts, bob.id, [{ ...laptop, missed }, ...left], 2);
        }
        return output;
      };
      await expect(send()).rejects.toThrow(Unavailable);
      expect(await isMarked(bob, "laptop")).toBe(missed === true);
    });

    /** Bob's map is another one as soon as the message is on a device's channel. */
    const changeOnPut = (channel: string, ...devices: Device[]) => {
      intercept = async (command, go) => {
        const output = await go();
        if (isPutTo(command, channelKey(bob.id, channel))) await giveDevices(engine.accounts, bob.id, devices, 2);
        return output;
      };
    };

    it("is stored where one of those that have it stays", async () => {
      await give(bob, laptop, phone, tablet);
      await fill(bob, FIRST);
      changeOnPut("phone", laptop, tablet);
      await send();
      expect([await contents(bob, "tablet"), await isMarked(bob, "laptop")]).toEqual([["Hello"], true]);
    });

    it("is answered 503 where all personal ones that have it leave: no login by a name finds what the shared one has", async () => {
      await give(bob, laptop, phone, bot);
      await fill(bob, FIRST);
      changeOnPut("phone", laptop, bot);
      await expect(send()).rejects.toThrow(Unavailable);
      expect(await isMarked(bob, "laptop")).toBe(false);
    });

    it("is stored on the shared device alone where all personal ones are full", async () => {
      await give(bob, laptop, bot);
      await fill(bob, FIRST);
      await send();
      expect([await contents(bob, "bot"), await isMarked(bob, "laptop")]).toEqual([["Hello"], true]);
    });

    it("is answered 503 where that leaves meanwhile", async () => {
      await give(bob, laptop, bot);
      await fill(bob, FIRST);
      changeOnPut("bot", laptop);
      await expect(send()).rejects.toThrow(Unavailable);
    });

    it("marks each of the sender's, though another one is marked", async () => {
      await give(alice, laptop, { ...phone, missed: true }, tablet);
      for (const channel of ["phone", "tablet"]) await fill(alice, channel);
      await send();
      expect(await isMarked(alice, "tablet")).toBe(true);
    });

    it("is answered 503 where nothing but a device that is leaving is left", async () => {
      await give(bob, { ...laptop, ending: true, leaving: true });
      await expect(send()).rejects.toThrow(Unavailable);
    });

    it("tells a device by its channel, as another one may have come at the same time since", async () => {
      await give(bob, laptop, phone);
      await fill(bob, FIRST);
      changeOnPut("phone", laptop, { ...tablet, came: phone.came });
      await expect(send()).rejects.toThrow(Unavailable);
    });

    it("marks the full one on the map as it is by then", async () => {
      await give(bob, laptop, phone);
      await fill(bob, FIRST);
      intercept = async ({ name }, go) => {
        const output = await go();
        if (name === "BatchGetItem") await giveDevices(engine.accounts, bob.id, [laptop, phone, tablet], 2);
        return output;
      };
      await send();
      expect((await read(bob)).map(({ id, missed }) => [id, missed === true])).toEqual([
        ["laptop", true],
        ["phone", false],
        ["tablet", false],
      ]);
    });

    it("is counted for each channel by itself", async () => {
      await give(bob, laptop, phone);
      const { messages } = parts();
      const bound = new ChannelBound(
        messages,
        new Profiles(engine.accounts),
        () => now,
        MOST,
        () => 0,
      );
      for (let sent = 0; sent < MOST; sent++) await send();
      await take(bob, FIRST);
      const found = await parts().parties.find(bob.id, alice.id);
      const backlog = { id: bob.id, backlog: 0, countedAt: 0 };
      expect(await bound.refusalOf({ ...backlog, channel: "phone" })).toMatchObject({ code: "channel_full" });
      expect(await bound.refusalOf({ ...backlog, channel: FIRST })).toBeUndefined();
      expect(found?.receiver.stored).not.toHaveProperty("backlog");
      const after = await parts().parties.find(bob.id, alice.id);
      expect(after?.receiver.stored).toMatchObject({ "backlog/phone": MOST, backlog: 0 });
      expect((await send()).stored.map(({ channel }) => channel)).toEqual([bob.id]);
    });

    it("of a device that nobody has read since its count is not counted again for an hour; of one that is read, it is", async () => {
      const today = dayOf(now);
      now = today * 86_400_000 + 12 * 60 * 60_000;
      const counts = () => calls.filter(({ input }) => input["Select"] === "COUNT").length;
      const countsAfter = async (age: number, phoneIs: Partial<Device>): Promise<number> => {
        bob = await users.create(newUsername(), "a hash");
        await give(bob, laptop, { ...phone, ...phoneIs });
        await fill(bob, "phone", now - age);
        calls = [];
        await send();
        return counts();
      };
      const [minute, hour, yesterday] = [60_000, 3_600_000, today - 1];
      expect(await countsAfter(minute, { missed: true, seen: yesterday })).toBe(0);
      expect(await countsAfter(hour, { missed: true, seen: yesterday })).toBe(1);
      expect(await countsAfter(minute, { missed: true, seen: today })).toBe(1);
      expect(await countsAfter(minute, { seen: yesterday })).toBe(1);
      // It may have been read between the count and midnight.
      now = today * 86_400_000 + 30_000;
      expect(await countsAfter(minute, { missed: true, seen: yesterday })).toBe(1);
    });

    it("counts the note on no channel", async () => {
      await give(bob, laptop, phone);
      await fill(bob, "phone");
      await send();
      expect(await parts().messages.count(channelKey(bob.id, "phone"), MOST, 1)).toBe(0);
      const [note] = calls.filter((call) => isPutTo(call, channelKey(bob.id, "phone")));
      expect(note?.input["Item"]).toMatchObject({ position: { S: MISSED_POSITION } });
    });
  });

  it("to somebody who does not exist is none", async () => {
    expect(await parts().parties.find(randomUUID(), alice.id)).toBeUndefined();
  });
});
