import type { Recorder } from "../support/capacity/recorder.ts";
import type { GoTalk, SyncResult } from "./gotalk.ts";
import { SHORT_MESSAGE } from "./short-message.ts";
import { SideBySide } from "./side-by-side.ts";
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
  const lanes: { channel: SideBySide; ack: string }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const channel = await SideBySide.create(gotalk, recorder, `flow.${pairs}.${pair}`);
    lanes.push({ channel, ack: channel.channel.receipt });
  }
  recorder.asksForUnits = false;
  const turns = Math.max(1, Math.round(requests / pairs / REQUESTS_PER_TURN));

  const handlers: Pace[] = [];
  const ceiling: Pace[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const conversations = lanes.map((lane) => async () => {
      for (let turn = 0; turn < turns; turn++) {
        await lane.channel.time("send", gotalk.sendTo(lane.channel.channel, sender, SHORT_MESSAGE));
        const invocation = gotalk.syncOf(lane.channel.channel, lane.ack);
        lane.ack = (await lane.channel.time<SyncResult>("sync", invocation)).receipt;
      }
    });
    const made = lanes.length * turns * REQUESTS_PER_TURN;
    handlers.push(await measure(made, conversations));
    ceiling.push(
      await measure(
        made,
        lanes.map((lane) => lane.channel.catchUp()),
      ),
    );
  }
  recorder.asksForUnits = true;
  const ours = handlers.slice(WARM_UP_ROUNDS);
  const bare = ceiling.slice(WARM_UP_ROUNDS);
  const rounds = ours.map((own, round) => own.perSecond / (bare[round]?.perSecond ?? Number.NaN));
  return {
    pairs,
    handlers: median(ours.map(({ perSecond }) => perSecond)),
    ceiling: median(bare.map(({ perSecond }) => perSecond)),
    ratio: median(rounds),
    processorRatio:
      median(bare.map(({ processorMs }) => processorMs)) / median(ours.map(({ processorMs }) => processorMs)),
  };
}

interface Pace {
  /** Requests. */
  readonly perSecond: number;
  /** Of this process, for a request. */
  readonly processorMs: number;
}

async function measure(requests: number, lanes: readonly (() => Promise<void>)[]): Promise<Pace> {
  const processor = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(lanes.map((work) => work()));
  const time = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(processor);
  return { perSecond: (requests * 1_000) / time, processorMs: (user + system) / 1_000 / requests };
}
