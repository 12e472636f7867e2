import { randomUUID } from "node:crypto";
import type { Call, Recorder } from "../tests/support/capacity/recorder.ts";
import { type Account, type GoTalk, type Invocation, resultOf, run } from "./gotalk.ts";
import { median } from "./statistics.ts";
import { Twin } from "./twin.ts";

/** A handler's time beside the time of the bare SDK calls that it makes. */
export interface Overhead {
  /** Median, in milliseconds. */
  readonly handler: number;
  /** Median, in milliseconds. */
  readonly calls: number;
  /** The first over the second. */
  readonly ratio: number;
  /** Processor time of this process for a request, in milliseconds; median. Only where one request runs at a time. */
  readonly processor: number;
  /** Of each. */
  readonly repetitions: number;
}

interface Times {
  readonly handler: number[];
  readonly calls: number[];
  readonly processor: number[];
}

/** Of the first turns, which are not counted: code is compiled and connections are opened then. */
const WARM_UP = 0.2;

/**
 * Runs requests on one channel and repeats the calls that they made on its twin, which is one turn behind: both in this
 * process, on one client and one engine, in turns. Which of the two comes first in a turn alternates.
 */
export class SideBySide {
  readonly channel: Account;
  readonly #recorder: Recorder;
  readonly #twin: Twin;
  readonly #times = new Map<string, Times>();
  #turns = 0;
  #done: { name: string | undefined; calls: readonly Call[] }[] = [];
  #behind: { name: string | undefined; calls: readonly Call[] }[] = [];

  private constructor(channel: Account, recorder: Recorder, twin: Twin) {
    this.channel = channel;
    this.#recorder = recorder;
    this.#twin = twin;
  }

  static async create(gotalk: GoTalk, recorder: Recorder, username: string): Promise<SideBySide> {
    const { result: channel, calls } = await recorder.record(() => gotalk.newAccount(username));
    const twin = new Twin(gotalk.database, channel, randomUUID());
    await twin.copyAccount(calls);
    return new SideBySide(channel, recorder, twin);
  }

  /** One turn: what `work` does by {@link time} and {@link prepare}, and what it did in the turn before by the twin. */
  async turn(work: () => Promise<void>): Promise<void> {
    this.#turns++;
    if (this.#turns % 2 === 0) await this.#repeat();
    await work();
    if (this.#turns % 2 === 1) await this.#repeat();
    this.#behind = this.#done;
    this.#done = [];
  }

  /** Runs a request and notes its time. */
  async time<T>(name: string, invocation: Invocation): Promise<T> {
    const { result, calls } = await this.#recorder.record(async () => {
      const times = this.#timesOf(name);
      const processor = process.cpuUsage();
      const startedAt = performance.now();
      const answer = await run(invocation);
      times.handler.push(performance.now() - startedAt);
      const { user, system } = process.cpuUsage(processor);
      times.processor.push((user + system) / 1_000);
      return answer;
    });
    this.#done.push({ name, calls });
    return resultOf<T>(result);
  }

  /** Something that the next request needs and that is not timed. */
  async prepare(work: () => Promise<void>): Promise<void> {
    const { calls } = await this.#recorder.record(work);
    this.#done.push({ name: undefined, calls });
  }

  /** Prepares the twin to do all that it has yet to do, one request after the other. */
  catchUp(): () => Promise<void> {
    const plans = [...this.#behind, ...this.#done].map(({ calls }) => this.#twin.plan(calls));
    this.#behind = [];
    this.#done = [];
    return async () => {
      for (const plan of plans) await this.#recorder.record(() => this.#twin.run(plan));
    };
  }

  overhead(name: string): Overhead {
    const { handler, calls, processor } = this.#timesOf(name);
    const counted = (times: readonly number[]) => times.slice(Math.floor(times.length * WARM_UP));
    const ours = median(counted(handler));
    const bare = median(counted(calls));
    const repetitions = counted(calls).length;
    return { handler: ours, calls: bare, ratio: ours / bare, processor: median(counted(processor)), repetitions };
  }

  async #repeat(): Promise<void> {
    for (const { name, calls } of this.#behind) {
      // Recorded as the original was, so that this costs both of them the same.
      const { result: time } = await this.#recorder.record(() => this.#twin.run(this.#twin.plan(calls)));
      if (name !== undefined) this.#timesOf(name).calls.push(time);
    }
  }

  #timesOf(name: string): Times {
    const times = this.#times.get(name) ?? { handler: [], calls: [], processor: [] };
    this.#times.set(name, times);
    return times;
  }
}
