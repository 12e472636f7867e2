import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { Users } from "../../../lib/accounts/users.ts";
import { ChannelCloser } from "../../../lib/channel/channel-closer.ts";
import { ChannelStore } from "../../../lib/channel/channel-store.ts";
import { Delivery } from "../../../lib/channel/delivery.ts";
import { HEAD_POSITION } from "../../../lib/channel/head.ts";
import { MessageStore } from "../../../lib/channel/message-store.ts";
import { itemToMessage, type StoredMessage } from "../../../lib/channel/stored-message.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { Database } from "../../../lib/database/database.ts";
import type { Device, DeviceMap } from "../../../lib/devices/device-map.ts";
import { Devices } from "../../../lib/devices/device-store.ts";
import { HandOver } from "../../../lib/devices/hand-over.ts";
import { WaitingCopy } from "../../../lib/devices/waiting-copy.ts";
import { epochSeconds } from "../../../lib/runtime/clock.ts";
import { channelKey, newMessageId, positionOf } from "../../../lib/runtime/ids.ts";
import type { TestEngine } from "../../support/engines.ts";
import { NOW } from "../../support/example-devices.ts";
import { newUsername } from "../../support/logins.ts";

const ALICE = "00000000-0000-4000-8000-00000000000a";

/** A command on its way to the database, and its input. */
export interface OnItsWay {
  readonly name: string;
  readonly input: {
    readonly Item?: Record<string, { readonly S?: string }>;
    readonly Limit?: number;
    readonly TableName?: string;
  };
  go(): Promise<unknown>;
}

export type Interceptor = (command: OnItsWay) => Promise<unknown>;

/** A user on a real engine, with a clock that stands still and a hand on every command. */
export class HandOverWorld {
  now = NOW;
  userId = "";
  /** What was done with devices outside this room, such as `end old`. */
  readonly done: string[] = [];
  readonly commands: string[] = [];
  readonly #engine: TestEngine;
  #interceptor: Interceptor = ({ go }) => go();

  constructor(engine: TestEngine) {
    this.#engine = engine;
  }

  async begin(...devices: readonly Device[]): Promise<void> {
    ({ id: this.userId } = await new Users(this.#engine.accounts, this.#clock).create(newUsername(), "a hash"));
    await this.set(...devices);
  }

  /** From now on, until the next call. Without an interceptor every command passes. */
  intercept(interceptor: Interceptor = ({ go }) => go()): void {
    this.#interceptor = interceptor;
  }

  readonly #clock = (): number => this.now;
  readonly #pause = async (): Promise<void> => {};

  get #database(): Database {
    const send = (command: { readonly input: OnItsWay["input"] }, options = {}): Promise<unknown> => {
      const name = command.constructor.name.replace("Command", "");
      this.commands.push(name);
      const go = (): Promise<unknown> => this.#engine.client.send(command as never, options);
      return this.#interceptor({ name, input: command.input, go });
    };
    return { send } as never;
  }

  get devices(): Devices {
    return new Devices({ ...this.#engine.accounts, database: this.#database }, this.#clock, this.#pause);
  }

  get handOver(): HandOver {
    return this.handOverOf(true);
  }

  /** @param cleansUp A sync does not. */
  handOverOf(cleansUp: boolean): HandOver {
    const { channels } = this.#engine.tables;
    const messages = new MessageStore(this.#database, channels);
    const note = (what: string) => async (_: string, id: string) => void this.done.push(`${what} ${id}`);
    const endSessions = async (_: string, { id, channel }: Device) =>
      void this.done.push(`end ${id}${channel === id ? "" : ` on ${channel}`}`);
    return new HandOver({
      devices: this.devices,
      waitingCopy: new WaitingCopy(new ChannelStore(this.#database, channels, this.#pause), messages, this.#clock),
      closer: new ChannelCloser(this.#database, channels),
      cleanup: cleansUp ? { endSessions, tellHeir: note("tell"), removeName: note("remove the name of") } : undefined,
      now: this.#clock,
    });
  }

  async read(): Promise<DeviceMap> {
    const map = await this.devices.read(this.userId);
    if (map === undefined) throw new Error("the user is gone");
    return map;
  }

  async set(...devices: readonly Device[]): Promise<void> {
    await new Devices(this.#engine.accounts, this.#clock).change(this.userId, (map) => ({ map: { ...map, devices } }));
  }

  /** Goes on with everything, for as long as it takes. */
  async step(until = Number.POSITIVE_INFINITY): Promise<DeviceMap> {
    return this.handOver.step(this.userId, await this.read(), until);
  }

  /** A message that was stored so many milliseconds before now. */
  message(text: string, age: number): StoredMessage {
    const sentAt = this.now - age;
    return {
      position: positionOf(newMessageId(sentAt), ALICE),
      senderName: "alice",
      content: text,
      sentAt,
      expiresAt: epochSeconds(sentAt + LIMITS.retention),
    };
  }

  async put(device: Device, ...messages: readonly StoredMessage[]): Promise<void> {
    const store = new MessageStore(this.#engine.client, this.#engine.tables.channels);
    await Promise.all(messages.map((message) => store.put(this.#keyOf(device), message)));
  }

  sync(device: Device, ack?: string, authorize?: () => Promise<unknown>) {
    const store = new ChannelStore(this.#engine.client, this.#engine.tables.channels, this.#pause);
    return new Delivery(store, this.#clock, this.#pause).sync({
      receiverId: this.#keyOf(device),
      ack,
      limit: 100,
      ...(authorize && { authorize }),
    });
  }

  /** The texts of what a client of the device gets next, each with `!` if it is flagged. */
  async receive(device: Device, ack = "first"): Promise<string[]> {
    const { messages } = await this.sync(device, ack);
    return messages.map(({ content, redelivered }) => `${content}${redelivered ? "!" : ""}`);
  }

  /** The items on a device's channel, in their order: messages as they are stored, and the head. */
  async items(device: Device) {
    const { Items = [] } = await this.#engine.client.send(
      new QueryCommand({
        TableName: this.#engine.tables.channels,
        KeyConditionExpression: "receiverId = :key",
        ExpressionAttributeValues: { ":key": { S: this.#keyOf(device) } },
        ConsistentRead: true,
      }),
    );
    const isHead = (item: (typeof Items)[number]): boolean => item["position"]?.S === HEAD_POSITION;
    return { messages: Items.filter((item) => !isHead(item)).map(itemToMessage), head: Items.find(isHead) };
  }

  async texts(device: Device): Promise<string[]> {
    return (await this.items(device)).messages.map(({ content }) => content).toSorted();
  }

  #keyOf({ channel }: Device): string {
    return channelKey(this.userId, channel);
  }
}
