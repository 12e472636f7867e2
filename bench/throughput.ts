import type { Recorder } from "../tests/support/capacity/recorder.ts";
import type { GoTalk } from "./gotalk.ts";
import { Lane, type Pace, pace, shareOf } from "./lanes.ts";
import { median } from "./statistics.ts";

/** So many senders and as many receivers at once, each pair on a channel of its own. */
export interface Throughput {
  readonly pairs: number;
  /** Requests a second, sends and syncs together; median of the rounds. */
  readonly handlers: number;
  /** The same calls of the database, just as many at once, with nothing of goTalk in between. */
  readonly ceiling: number;
  /** Median of each round's first over its second, which are neighbours in time. */
  readonly ratio: number;
  /** The same by the processor time of this process, which a busy machine does not distort. */
  readonly processorRatio: number;
}

const ROUNDS = 8;
/** They are not counted. */
const WARM_UP_ROUNDS = 2;
const REQUESTS_PER_TURN = 2;

/** @param requests In each round, of all pairs together. */
export async function measureThroughput(
  gotalk: GoTalk,
  recorder: Recorder,
  pairs: number,
  requests: number,
): Promise<Throughput> {
  const sender = await gotalk.newAccount(`flow.${pairs}`);
  const lanes = await Lane.several(gotalk, recorder, pairs, `flow.${pairs}`);
  recorder.asksForUnits = false;
  const turns = Math.max(1, Math.round(requests / pairs / REQUESTS_PER_TURN));
  const made = lanes.length * turns * REQUESTS_PER_TURN;

  const handlers: Pace[] = [];
  const ceiling: Pace[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const conversations = lanes.map((lane) => () => lane.converse(sender, turns));
    handlers.push(await pace(made, conversations));
    const bareCalls = lanes.map((lane) => lane.catchUp());
    ceiling.push(await pace(made, bareCalls));
  }
  recorder.asksForUnits = true;
  const ours = handlers.slice(WARM_UP_ROUNDS);
  const bare = ceiling.slice(WARM_UP_ROUNDS);
  return {
    pairs,
    handlers: median(ours.map(({ perSecond }) => perSecond)),
    ceiling: median(bare.map(({ perSecond }) => perSecond)),
    ratio: shareOf(ours, bare),
    processorRatio:
      median(bare.map(({ processorMs }) => processorMs)) / median(ours.map(({ processorMs }) => processorMs)),
  };
}
