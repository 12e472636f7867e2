import { randomUUID } from "node:crypto";
import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { ChannelStore } from "../../../lib/channel/channel-store.ts";
import type { SyncAnswer } from "../../../lib/channel/decision.ts";
import { Delivery, type SyncRequest } from "../../../lib/channel/delivery.ts";
import { HEAD_POSITION, type Head, itemToHead } from "../../../lib/channel/head.ts";
import { MessageStore } from "../../../lib/channel/message-store.ts";
import { Sending, type SendRequest } from "../../../lib/channel/sending.ts";
import type { Database } from "../../../lib/database/database.ts";
import type { TestEngine } from "../../support/engines.ts";

/** A command on its way. */
export interface Sent {
  /** Such as `PutItem`. */
  readonly name: string;
  readonly input: Record<string, unknown>;
  /** It writes the head. */
  readonly isHead: boolean;
  /** Calls it off. */
  readonly abortSignal?: AbortSignal;
  /** Carries it out. */
  go(): Promise<unknown>;
}

/** What is done with a command in the place of sending it. */
export type Interceptor = (sent: Sent) => Promise<unknown>;

export const ALICE = "00000000-0000-4000-8000-00000000000a";
export const BOB = "00000000-0000-4000-8000-00000000000b";

/** The `number`th UUIDv7, in the order of time. */
export const messageId = (number: number): string =>
  `01900000-${number.toString(16).padStart(4, "0")}-7000-8000-000000000000`;

export const timeout = (): Error => Object.assign(new Error("the answer did not come"), { name: "TimeoutError" });

/** One channel of its own on a real engine, with a clock that stands still and a hand on every command. */
export class Channel {
  readonly receiverId = randomUUID();
  /** Commands since the last look. */
  readonly commands: string[] = [];
  /** How long it was paused before each further try, in milliseconds. Nobody waits for it. */
  readonly pauses: number[] = [];
  now = Date.now();
  readonly #engine: TestEngine;
  #interceptor: Interceptor = ({ go }) => go();

  constructor(engine: TestEngine) {
    this.#engine = engine;
  }

  readonly #pause = async (milliseconds: number): Promise<void> => {
    this.pauses.push(milliseconds);
  };

  /** From now on, until the next call. Without an interceptor every command passes. */
  intercept(interceptor: Interceptor = ({ go }) => go()): void {
    this.#interceptor = interceptor;
  }

  get database(): Database {
    const send = (
      command: { readonly input: Record<string, unknown> },
      options: Pick<Sent, "abortSignal"> = {},
    ): Promise<unknown> => {
      const name = command.constructor.name.replace("Command", "");
      const { position } = (command.input["Item"] ?? {}) as { position?: { S: string } };
      this.commands.push(name);
      const go = (): Promise<unknown> => this.#engine.client.send(command as never, options);
      return this.#interceptor({ name, input: command.input, isHead: position?.S === HEAD_POSITION, go, ...options });
    };
    return { send } as never;
  }

  get store(): ChannelStore {
    return new ChannelStore(this.database, this.#engine.tables.channels, this.#pause);
  }

  get messages(): MessageStore {
    return new MessageStore(this.database, this.#engine.tables.channels);
  }

  get delivery(): Delivery {
    return new Delivery(this.store, () => this.now, this.#pause);
  }

  async send(number: number, options: Partial<SendRequest> = {}) {
    const id = messageId(number);
    const message = { senderId: ALICE, senderName: "alice", content: `text ${number}`, messageId: id, ...options };
    const sending = new Sending(this.messages, () => this.now);
    const { stored, ...answer } = await sending.send(message, [{ channel: this.receiverId }]);
    return { ...answer, duplicate: stored.length === 0 };
  }

  async sendAll(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) await this.send(number);
  }

  sync(ack?: string, limit = 100, options: Partial<SyncRequest> = {}): Promise<SyncAnswer> {
    return this.delivery.sync({ receiverId: this.receiverId, ack, limit, ...options });
  }

  /** Sets the clock forward, or back. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
  }

  /** What lies on the channel, the head included, straight from the engine. */
  async items() {
    const items = [];
    let start: Record<string, never> | undefined;
    do {
      const output = await this.#engine.client.send(
        new QueryCommand({
          TableName: this.#engine.tables.channels,
          KeyConditionExpression: "receiverId = :receiverId",
          ExpressionAttributeValues: { ":receiverId": { S: this.receiverId } },
          ConsistentRead: true,
          ExclusiveStartKey: start,
        }),
      );
      items.push(...(output.Items ?? []));
      start = output.LastEvaluatedKey as typeof start;
    } while (start !== undefined);
    return items;
  }

  async headItem() {
    return (await this.items()).find((item) => item["position"]?.S === HEAD_POSITION);
  }

  async head(): Promise<Head> {
    const item = await this.headItem();
    if (item === undefined) throw new Error("the channel has no head");
    return itemToHead(item);
  }

  /** The numbers of the messages that lie on the channel. */
  async left(): Promise<number[]> {
    const positions = (await this.items()).map((item) => item["position"]?.S ?? "");
    return positions.filter((position) => position !== HEAD_POSITION).map(numberOf);
  }
}

const numberOf = (position: string): number => Number.parseInt(position.slice(9, 13), 16);

/** The numbers of the messages in an answer. */
export const numbers = ({ messages }: SyncAnswer): number[] => messages.map(({ position }) => numberOf(position));

/** The numbers of those that are flagged. */
export const flagged = ({ messages }: SyncAnswer): number[] =>
  messages.filter(({ redelivered }) => redelivered).map(({ position }) => numberOf(position));

/** The answer as the same `ack` gets it once more. */
export const replayed = (answer: SyncAnswer): SyncAnswer => ({
  ...answer,
  messages: answer.messages.map((message) => ({ ...message, redelivered: true })),
});

export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);
