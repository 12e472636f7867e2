import type { Recorder } from "../tests/support/capacity/recorder.ts";
import type { Account, GoTalk, SyncResult } from "./gotalk.ts";
import { SHORT_MESSAGE } from "./short-message.ts";
import { SideBySide } from "./side-by-side.ts";
import { median } from "./statistics.ts";

/** One of several channels that are used at once, and its twin. */
export class Lane {
  readonly #gotalk: GoTalk;
  readonly #sides: SideBySide;
  #ack: string;

  private constructor(gotalk: GoTalk, sides: SideBySide) {
    this.#gotalk = gotalk;
    this.#sides = sides;
    this.#ack = sides.channel.receipt;
  }

  /** Makes so many, of new accounts whose names begin with `prefix`. */
  static async several(gotalk: GoTalk, recorder: Recorder, count: number, prefix: string): Promise<Lane[]> {
    const lanes: Lane[] = [];
    for (let lane = 0; lane < count; lane++) {
      lanes.push(new Lane(gotalk, await SideBySide.create(gotalk, recorder, `${prefix}.${lane}`)));
    }
    return lanes;
  }

  /** Sends messages and takes each at once, in this process: the calls of the database are written down. */
  async converse(sender: Account, messages: number): Promise<void> {
    const { channel } = this.#sides;
    for (let message = 0; message < messages; message++) {
      await this.#sides.time("send", this.#gotalk.sendTo(channel, sender, SHORT_MESSAGE));
      const sync = await this.#sides.time<SyncResult>("sync", this.#gotalk.syncOf(channel, this.#ack));
      this.#ack = sync.receipt;
    }
  }

  /** Prepares the same calls of the database for the twin, with nothing of goTalk in between. */
  catchUp(): () => Promise<void> {
    return this.#sides.catchUp();
  }
}

/** How fast work was done. */
export interface Pace {
  readonly perSecond: number;
  /** Processor time of this process for each, in milliseconds. */
  readonly processorMs: number;
}

/**
 * Runs the work of several lanes at once.
 *
 * @param count What they do all together, as it is counted: messages, say.
 */
export async function pace(count: number, lanes: readonly (() => Promise<void>)[]): Promise<Pace> {
  const processor = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(lanes.map((work) => work()));
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(processor);
  return { perSecond: count / seconds, processorMs: (user + system) / 1_000 / count };
}

/** The speed of each round beside that of the bare calls, its neighbour in time; the median of the rounds. */
export const shareOf = (ours: readonly Pace[], bare: readonly Pace[]): number =>
  median(ours.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN)));
