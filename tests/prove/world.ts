import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Scheduler } from "fast-check";
import { ChannelStore } from "../../lib/channel/channel-store.ts";
import { Delivery } from "../../lib/channel/delivery.ts";
import { HEAD_POSITION, type Head, itemToHead } from "../../lib/channel/head.ts";
import { MessageStore } from "../../lib/channel/message-store.ts";
import { Sending } from "../../lib/channel/sending.ts";
import { LIMITS } from "../../lib/contract/limits.ts";
import type { Database } from "../../lib/database/database.ts";
import type { TestEngine } from "../support/engines.ts";
import { itemSize } from "../support/item-size.ts";
import { ProofLedger, type SyncCall } from "./proof-ledger.ts";
import type { Fault } from "./scenario.ts";
import { type Asked, type Line, wire } from "./wire.ts";

/** A head without its lists has some 250 bytes. Each settled message adds 16, each outstanding one 32, each span ahead 22. */
const headBound = ({ outstanding, ahead }: Head): number =>
  320 + 16 * LIMITS.settledMost + 32 * outstanding.length + 22 * ahead.length;

/** One channel on a real engine, its clock, and everybody who uses it. Commands happen one at a time, by the scheduler. */
export class World {
  readonly receiverId = randomUUID();
  readonly ledger = new ProofLedger();
  /** What happened, for a person. */
  readonly trace: string[] = [];
  #now: number;
  readonly #engine: TestEngine;
  readonly #scheduler: Scheduler;
  readonly #inFlight = new Set<Promise<unknown>>();

  /** @param now Where the clock begins, in milliseconds since the epoch. */
  constructor(engine: TestEngine, scheduler: Scheduler, now: number) {
    this.#now = now;
    this.#engine = engine;
    this.#scheduler = scheduler;
  }

  get table(): string {
    return this.#engine.tables.channels;
  }

  /** Resolves when the scheduler lets this actor go on. */
  async turn(label: string): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label);
    this.trace.push(label);
  }

  get now(): number {
    return this.#now;
  }

  /** Time goes on, by a little more than so many milliseconds. */
  pass(milliseconds: number): void {
    this.#now += milliseconds + 1;
  }

  /** The clock steps back, by so many milliseconds. */
  setBack(milliseconds: number): void {
    this.#now -= milliseconds;
    this.ledger.clockSetBack();
  }

  /** The code under test, for one call of one actor. `desert` is called when its client stops waiting. */
  delivery(actor: string, faults: readonly Fault[], desert: () => void, call: SyncCall): Delivery {
    const database = this.#wire(actor, faults, desert, call);
    return this.#deliveryOver(new ChannelStore(database, this.table, () => this.turn(`${actor}: wakes`)), call);
  }

  /** The same for a sender. */
  sending(actor: string, faults: readonly Fault[], desert: () => void): Sending {
    return new Sending(new MessageStore(this.#wire(actor, faults, desert), this.table), () => this.now);
  }

  /** The same without scheduler and trouble. */
  calmDelivery(call: SyncCall): Delivery {
    const send = (command: Asked): Promise<unknown> => this.apply(command, true, call);
    return this.#deliveryOver(new ChannelStore({ send } as never, this.table), call);
  }

  /** Carries a command out on the engine. */
  apply(command: Asked, told: boolean, call?: SyncCall): Promise<unknown> {
    const work = this.#engine.client.send(command as PutItemCommand).then((output) => {
      if (command instanceof PutItemCommand && call) this.#watchHead(command, told, call);
      return output;
    });
    const ended: Promise<boolean> = work.then(
      () => this.#inFlight.delete(ended),
      () => this.#inFlight.delete(ended),
    );
    this.#inFlight.add(ended);
    return work;
  }

  /** Lets everybody go on, one command at a time, until nobody has anything left to do. */
  async play(): Promise<void> {
    await this.#quiet();
    while (this.#scheduler.count() > 0) {
      await this.#scheduler.waitOne();
      await this.#quiet();
    }
  }

  /** The messages that lie on the channel. */
  async leftovers(): Promise<string[]> {
    const { Items = [] } = await this.#engine.client.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: "receiverId = :receiverId",
        ExpressionAttributeValues: { ":receiverId": { S: this.receiverId } },
        ConsistentRead: true,
      }),
    );
    return Items.map((item) => item["position"]?.S ?? "").filter((position) => position !== HEAD_POSITION);
  }

  #wire(actor: string, faults: readonly Fault[], desert: () => void, call?: SyncCall): Database {
    const line: Line = {
      turn: (label) => this.turn(`${actor}: ${label}`),
      apply: (command, told) => this.apply(command, told, call),
      lapse: () => this.pass(LIMITS.lease),
      setBack: () => this.setBack(LIMITS.lease),
      desert,
    };
    return wire(line, faults);
  }

  #deliveryOver(store: ChannelStore, call: SyncCall): Delivery {
    const now = (): number => {
      call.latestTime = Math.max(call.latestTime, this.now);
      return this.now;
    };
    return new Delivery(store, now, () => this.turn("a sync tries again"));
  }

  /** Until the command is done, and whoever waited for it has come to the next one. */
  async #quiet(): Promise<void> {
    do {
      await Promise.all(this.#inFlight);
      await setImmediate();
    } while (this.#inFlight.size > 0);
  }

  #watchHead({ input }: PutItemCommand, told: boolean, call: SyncCall): void {
    const item = input.Item ?? {};
    if (item["position"]?.S !== HEAD_POSITION) return;
    const head = itemToHead(item);
    this.ledger.headWritten(head, call, told);
    this.ledger.check(itemSize(item) <= headBound(head), `the head has ${itemSize(item)} bytes`);
  }
}
