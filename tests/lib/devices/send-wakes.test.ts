import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { ChannelStore } from "../../../lib/channel/channel-store.ts";
import { type Head, NO_HEAD } from "../../../lib/channel/head.ts";
import { MessageStore } from "../../../lib/channel/message-store.ts";
import type { SendRequest } from "../../../lib/channel/sending.ts";
import type { Database } from "../../../lib/database/database.ts";
import type { Device } from "../../../lib/devices/device-map.ts";
import type { Destination } from "../../../lib/devices/fan-out.ts";
import type { Parties } from "../../../lib/devices/parties.ts";
import { SendWakes } from "../../../lib/devices/send-wakes.ts";
import { Connections } from "../../../lib/live/connections.ts";
import { Listeners } from "../../../lib/live/listeners.ts";
import { WAKE } from "../../../lib/live/live-frames.ts";
import type { LiveGateway } from "../../../lib/live/live-gateway.ts";
import { Wakes } from "../../../lib/live/wakes.ts";
import { Unavailable } from "../../../lib/runtime/errors.ts";
import { channelKey, fingerprintOf, newMessageId, positionOf, prefixOf } from "../../../lib/runtime/ids.ts";
import { engines, type TestEngine } from "../../support/engines.ts";
import { eventually } from "../../support/eventually.ts";
import { device, ending, mapOf, NOW, shared } from "../../support/example-devices.ts";

describe.each(engines)("a send that is stored ($name)", ({ start }) => {
  let engine: TestEngine;
  let connections: Connections;
  let sendWakes: SendWakes;
  /** The frames by the connections that were told them. */
  let told: Record<string, string>;
  /** The channels whose heads were read, by their keys. */
  let heads: string[];
  /** Called before each read of a head. */
  let readHead: () => Promise<void>;
  let bob: string;

  const messageId = newMessageId(NOW);
  const message = { senderId: randomUUID(), senderName: "alice", content: "Hello", messageId };
  const position = positionOf(messageId, message.senderId);
  const laptop = device("laptop", 60);

  beforeAll(async () => {
    engine = await start();
    connections = new Connections(engine.accounts, () => NOW);
    const send = async (command: { input: { Key?: { receiverId?: { S?: string } } } }) => {
      const key = command.input.Key?.receiverId?.S;
      if (key !== undefined) {
        heads.push(key);
        await readHead();
      }
      return engine.client.send(command as never);
    };
    const database = { send } as unknown as Database;
    const gateway: LiveGateway = async ({ connectionId, frame = "" }) => {
      told[connectionId] = frame;
      return true;
    };
    sendWakes = new SendWakes(
      new Wakes(new Listeners(engine.accounts, () => NOW), gateway, undefined, () => NOW),
      new MessageStore(database, engine.tables.channels),
      () => NOW,
    );
  });
  afterAll(() => engine?.stop());
  beforeEach(() => {
    told = {};
    heads = [];
    readHead = async () => {};
    bob = randomUUID();
  });

  const keyOf = ({ channel }: Device): string => channelKey(bob, channel);
  const to = (one: Device): Destination => ({ device: one, channel: keyOf(one), isFull: false });
  const copyTo = (one: Device): Destination => ({ ...to(one), to: { toId: "carol", toName: "carol" } });

  /** Connections of the user, by their ids: on the device of that id, by its session unless another one is named. */
  async function connect(on: Record<string, Device | readonly [Device, session: string]>): Promise<void> {
    for (const [connectionId, where] of Object.entries(on)) {
      const [{ id, channel, session = "any" }, other] = "length" in where ? where : [where];
      await connections.add(connectionId, { userId: bob, sessionId: other ?? session, deviceId: id, channel });
    }
  }

  const sentTo = (stored: readonly Destination[]) => ({ messageId, sentAt: NOW, stored });

  /** Wakes the user as the receiver. @param stored On whose channels it is new. */
  async function wakeReceiver(
    devices: readonly Device[],
    stored = devices.map(to),
    sent: SendRequest = message,
  ): Promise<void> {
    const found = Promise.resolve({ receiver: { devices: mapOf(...devices) } } as unknown as Parties);
    await sendWakes.prepareReceiver(sent, bob, found).wake(sentTo(stored));
  }

  /** Wakes the user as the sender, on the devices that the message was copied to. */
  async function wakeOwn(own: readonly Destination[], stored = own): Promise<void> {
    await sendWakes.prepareOwn({ ...message, senderId: bob }, { receiver: [], own })?.(sentTo(stored));
  }

  const preview = (senderId: string, more: object = {}): string => {
    const sent = { messageId, senderId, senderName: "alice", ...more, content: "Hello" };
    const sentAt = new Date(NOW).toISOString();
    return JSON.stringify({ type: "message", message: { ...sent, sentAt, redelivered: false } });
  };

  const writeHead = (one: Device, head: Partial<Head>) =>
    new ChannelStore(engine.client, engine.tables.channels).writeHead(keyOf(one), undefined, {
      ...NO_HEAD,
      lineage: "0".repeat(16),
      ...head,
    });

  describe("tells the receiver", () => {
    it("the message on each personal device, by the session that the device has now alone", async () => {
      const phone = device("phone", 30);
      await connect({ laptop, phone, before: [laptop, "an earlier session"] });
      await wakeReceiver([laptop, phone]);
      const frame = preview(message.senderId);
      expect(told).toEqual({ laptop: frame, phone: frame, before: WAKE });
    });

    it("nothing but to sync on the shared device, and on one that has to leave", async () => {
      const bot = shared(10);
      const left = ending("left", 40);
      await connect({ laptop, bot, left });
      await wakeReceiver([laptop, left, bot]);
      expect(told).toEqual({ laptop: preview(message.senderId), bot: WAKE, left: WAKE });
    });

    it("nothing on a device that has the message already, or that is in no map any more", async () => {
      const phone = device("phone", 30);
      await connect({ laptop, phone, gone: device("gone", 50) });
      await wakeReceiver([laptop, phone], [to(phone)]);
      expect(told).toEqual({ phone: preview(message.senderId) });
    });

    it("nothing of what is new on the channel of another user's device alone", async () => {
      await connect({ laptop });
      await wakeReceiver([laptop], [{ ...to(laptop), channel: channelKey(randomUUID(), laptop.channel) }]);
      expect(told).toEqual({});
    });
  });

  describe("tells the sender's other devices", () => {
    it("the message, and where it went", async () => {
      const phone = device("phone", 30);
      await connect({ laptop, phone });
      await wakeOwn([copyTo(laptop)]);
      expect(told).toEqual({ laptop: preview(bob, { toId: "carol", toName: "carol" }) });
    });

    it("nothing of what is new for the receiver alone", async () => {
      await connect({ laptop });
      const toCarol = { ...to(laptop), channel: channelKey(randomUUID(), laptop.channel) };
      await wakeOwn([copyTo(laptop)], [toCarol]);
      expect(told).toEqual({});
    });

    it("and asks nothing of the database where there are none, or all their channels are full", async () => {
      expect(sendWakes.prepareOwn(message, { receiver: [to(laptop)], own: [] })).toBeUndefined();
      const own = [{ ...copyTo(laptop), isFull: true }];
      expect(sendWakes.prepareOwn(message, { receiver: [], own })).toBeUndefined();
      expect(heads).toEqual([]);
    });

    it("and reads no head of a full channel: nothing was stored there", async () => {
      const phone = device("phone", 30);
      await wakeOwn([{ ...copyTo(laptop), isFull: true }, copyTo(phone)], [copyTo(phone)]);
      expect(heads).toEqual([keyOf(phone)]);
    });
  });

  describe("looks whether it is a repeat", () => {
    const remembered: Record<string, [Partial<Head>, string | undefined]> = {
      "has not seen it": [{}, preview(message.senderId)],
      "has it in the batch that is out": [{ outstanding: [position] }, undefined],
      "has settled it": [{ settled: [fingerprintOf(position)] }, undefined],
      "may have forgotten it": [{ horizon: prefixOf(fingerprintOf(position)) }, WAKE],
    };

    it.each(Object.entries(remembered))("on a channel that %s", async (_, [head, frame]) => {
      await writeHead(laptop, head);
      await connect({ laptop });
      await wakeReceiver([laptop]);
      expect(told).toEqual(frame === undefined ? {} : { laptop: frame });
      expect(heads).toEqual([keyOf(laptop)]);
    });

    it("on each of the receiver's channels by itself", async () => {
      const phone = device("phone", 30);
      await writeHead(laptop, { outstanding: [position] });
      await connect({ laptop, phone });
      await wakeReceiver([laptop, phone]);
      expect(told).toEqual({ phone: preview(message.senderId) });
      expect(heads.toSorted()).toEqual([keyOf(laptop), keyOf(phone)].toSorted());
    });

    it("on each of the sender's own channels by itself", async () => {
      const phone = device("phone", 30);
      await writeHead(phone, { outstanding: [positionOf(messageId, bob)] });
      await connect({ laptop, phone });
      await wakeOwn([copyTo(laptop), copyTo(phone)]);
      expect(told).toEqual({ laptop: preview(bob, { toId: "carol", toName: "carol" }) });
      expect(heads.toSorted()).toEqual([keyOf(laptop), keyOf(phone)].toSorted());
    });

    it("not on the channel of a dormant device of the sender's, on which nobody can listen", async () => {
      const dormant = { ...copyTo(laptop), device: { ...laptop, id: undefined } };
      expect(sendWakes.prepareOwn(message, { receiver: [], own: [dormant] })).toBeUndefined();
      expect(heads).toEqual([]);
    });

    it("not on the receiver's channels that nobody listens to", async () => {
      await wakeReceiver([laptop]);
      expect(heads).toEqual([]);
    });

    it("and not where the server has just made the id", async () => {
      await connect({ laptop });
      const { messageId: _, ...sent } = message;
      await wakeReceiver([laptop], [to(laptop)], sent);
      await sendWakes.prepareOwn(sent, { receiver: [], own: [copyTo(laptop)] })?.(sentTo([to(laptop)]));
      expect(told).toEqual({ laptop: preview(message.senderId) });
      expect(heads).toEqual([]);
    });

    it("and only wakes where the head cannot be read", async () => {
      readHead = () => Promise.reject(new Unavailable());
      await connect({ laptop });
      await wakeReceiver([laptop]);
      expect(told).toEqual({ laptop: WAKE });
      told = {};
      await wakeOwn([copyTo(laptop)]);
      expect(told).toEqual({ laptop: WAKE });
    });

    it("and survives that a head cannot be read for which nobody asks: no device listens, or the send fails", async () => {
      const unhandled = vi.fn();
      process.on("unhandledRejection", unhandled);
      onTestFinished(() => void process.off("unhandledRejection", unhandled));
      readHead = () => Promise.reject(new Unavailable());
      await wakeOwn([copyTo(laptop)]);
      sendWakes.prepareOwn(message, { receiver: [], own: [copyTo(laptop)] });
      await eventually(() => expect(heads).toHaveLength(2));
      // Node reports a rejection once the microtasks of its turn are over.
      await new Promise((resolve) => setImmediate(resolve));
      expect(unhandled).not.toHaveBeenCalled();
    });
  });
});
