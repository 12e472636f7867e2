import { setImmediate } from "node:timers/promises";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Scheduler } from "fast-check";

import { HEAD_POSITION, itemToHead } from "../../../lib/channel/head.ts";
import { itemToMissed, MISSED_POSITION } from "../../../lib/channel/missed.ts";
import { itemToMessage } from "../../../lib/channel/stored-message.ts";
import { LIMITS } from "../../../lib/contract/limits.ts";
import type { DeviceMap } from "../../../lib/devices/device-map.ts";
import type { TestEngine } from "../../support/engines.ts";
import { GroupLedger } from "../groups/group-ledger.ts";
import { type Asked, type Line, timeout, wire } from "../wire.ts";
import { Bursts } from "./bursts.ts";
import type { Call } from "./call.ts";
import { DeviceLedger } from "./device-ledger.ts";
import { type Functions, functionsOver } from "./functions.ts";
import type { CallPlan, DevicePlan } from "./plan.ts";
import { Watch } from "./watch.ts";

/** What became of a call, as its client sees it. */
export type Outcome<T> =
  | { readonly kind: "answered"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "unheard" };

/** Of a map: which devices are how. */
const asText = ({ devices }: DeviceMap): string =>
  devices
    .map(({ id = "dormant", channel = "first", came, seen, login: _, session: __, handed, ...marks }) =>
      [
        id.slice(0, 6),
        channel.slice(0, 6),
        came % 10_000_000,
        seen % 100,
        ...Object.keys(marks),
        marks.heir,
        handed,
      ].join(" "),
    )
    .join(" | ");

const DATABASE_TIME = LIMITS.database.attempts * LIMITS.database.attemptTime;

const NEVER = new Promise<never>(() => {});

/** All users with their devices and channels on a real engine, with their clock and their clients. */
export class DeviceWorld {
  readonly watch: Watch;
  readonly ledger: DeviceLedger;
  readonly groups: GroupLedger;
  /** What happened, for a person. */
  readonly trace: string[] = [];
  /** Counts what happens. */
  moment = 0;
  /** Nothing waits for its turn. */
  isCalm = true;
  #time: number;
  #calls = 0;
  #messages = 0;
  readonly #engine: TestEngine;
  readonly #scheduler: Scheduler;
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #open = new Map<Call, () => void>();
  readonly #bursts: Bursts;

  /**
   * @param time Where the slowest clock begins, in milliseconds since the epoch.
   * @param bursts See {@link DevicePlan}.
   */
  constructor(engine: TestEngine, scheduler: Scheduler, time: number, bursts: readonly number[]) {
    this.#bursts = new Bursts(bursts);
    this.#engine = engine;
    this.#scheduler = scheduler;
    this.#time = time;
    this.watch = new Watch(engine.tables.accounts);
    this.ledger = new DeviceLedger(this.watch, () => this.moment);
    this.groups = new GroupLedger(this.ledger, engine.tables.accounts);
  }

  /** By the slowest clock, in milliseconds since the epoch. */
  get time(): number {
    return this.#time;
  }

  get tables(): TestEngine["tables"] {
    return this.#engine.tables;
  }

  /** Time goes on. A request that takes too long is answered 503, though its function may go on behind that. */
  pass(milliseconds: number): void {
    this.#time += milliseconds;
    for (const [call, desert] of this.#open) {
      if (this.#time - call.began < LIMITS.requestTime) continue;
      call.state = call.state === "dead" ? "dead" : "over";
      desert();
    }
  }

  /** Resolves when the scheduler lets this actor go on. */
  async turn(label: string): Promise<void> {
    if (this.isCalm) return;
    await this.#scheduler.schedule(Promise.resolve(), label);
    this.trace.push(label);
  }

  /** A new id of a message, later than all before it. */
  newMessageId(): string {
    const time = (this.#time + this.#messages++).toString(16).padStart(12, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
  }

  note(what: string): void {
    this.trace.push(`  ${what}`);
  }

  /** Runs one call until it ends, or until its client stops waiting for it. */
  async call<T>(
    actor: string,
    plan: CallPlan,
    work: (functions: Functions, call: Call) => Promise<T>,
  ): Promise<Outcome<T>> {
    const name = `${actor} ${++this.#calls}`;
    const call: Call = { name, began: this.#time, moment: this.moment, state: "open" };
    const { promise: deserted, resolve } = Promise.withResolvers<Outcome<T>>();
    const desert = (): void => resolve({ kind: "unheard" });
    this.#open.set(call, desert);
    let ahead = plan.ahead;
    const line: Line = {
      turn: (label, isNext = false) => this.#turnOf(call, label, isNext),
      apply: (command, told) => this.#apply(command, told, call, plan.isStale),
      lapse: () => this.pass(LIMITS.requestTime),
      setBack: () => {
        ahead = 0;
      },
      desert: (isDead) => {
        if (isDead) call.state = "dead";
        desert();
      },
    };
    const now = (): number => this.#time + ahead;
    const count = (tokens: number): void => this.groups.count(call, tokens);
    const functions = functionsOver(wire(line, plan.faults), this.tables, now, count);
    const done = work(functions, call)
      .then(
        (value): Outcome<T> => ({ kind: "answered", value }),
        (error: unknown): Outcome<T> => ({ kind: "failed", error }),
      )
      .finally(() => this.#open.delete(call));
    const outcome = await Promise.race([done, deserted]);
    this.note(`${name}: ${outcome.kind}${outcome.kind === "failed" ? ` ${outcome.error}` : ""}`);
    return outcome.kind === "answered" && plan.isLost ? { kind: "unheard" } : outcome;
  }

  /** Lets everybody begin and go on, one command at a time, until nobody has anything left to do. */
  async play(begin: () => void): Promise<void> {
    this.isCalm = false;
    begin();
    await this.#quiet();
    while (this.#scheduler.count() > 0) {
      await this.#scheduler.waitOne();
      await this.#quiet();
    }
    this.isCalm = true;
  }

  /** Carries out what no function does. */
  async do(command: Asked): Promise<void> {
    await this.#apply(command, true, { name: "the world", began: 0, moment: 0, state: "open" }, false);
  }

  async #turnOf(call: Call, label: string, isNext: boolean): Promise<void> {
    const isDead = (): boolean => call.state === "dead";
    if (isDead()) return NEVER;
    const name = `${call.name}: ${label}`;
    if (isNext && this.#bursts.goOn(call)) {
      this.trace.push(name);
      return;
    }
    const since = this.#time;
    await this.turn(name);
    if (isNext) this.#bursts.begin(call);
    if (isDead()) return NEVER;
    // The database client gives up, and what it has sent does not arrive later than that.
    if (this.#time - since > DATABASE_TIME) throw timeout();
  }

  /** Carries a command out on the engine. */
  #apply(command: Asked, told: boolean, call: Call, isStale: boolean): Promise<unknown> {
    const work = this.#engine.client.send(this.watch.asWatched(command) as PutItemCommand).then((output) => {
      const answer = isStale ? this.watch.asBefore(command, output) : output;
      this.moment++;
      const changed = this.watch.applied(command, output, this.moment, this.#time);
      if (changed !== undefined) this.note(asText(changed));
      const happened = { call, told, moment: this.moment, time: this.#time };
      const group = this.groups.applied(command, answer, happened);
      if (group !== undefined) this.note(group);
      if (command instanceof PutItemCommand) this.#watchChannel(command, told, call);
      return answer;
    });
    const end = (): void => {
      this.#inFlight.delete(ended);
      this.#bursts.done(call);
    };
    const ended: Promise<void> = work.then(end, end);
    this.#inFlight.add(ended);
    return work;
  }

  #watchChannel({ input }: PutItemCommand, told: boolean, call: Call): void {
    const item = input.Item ?? {};
    if (input.TableName !== this.tables.channels) return;
    const channel = item["receiverId"]?.S ?? "";
    const position = item["position"]?.S;
    if (position === HEAD_POSITION) {
      const isFence = this.ledger.headWritten(channel, itemToHead(item), call, told);
      if (isFence) call.source = channel;
    } else if (position === MISSED_POSITION) this.ledger.skipped(channel, itemToMissed(item).expiresAt);
    else {
      this.ledger.put(channel, itemToMessage(item), call);
      this.groups.put(channel, itemToMessage(item), call);
    }
  }

  /** Resolves once the command is done, and its caller has come to the next one. */
  async #quiet(): Promise<void> {
    do {
      await Promise.all(this.#inFlight);
      await setImmediate();
    } while (this.#inFlight.size > 0);
  }
}
