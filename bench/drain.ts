import { type Recorder, waitOf } from "../tests/support/capacity/recorder.ts";
import { engines, startEngine, type TestEngine } from "../tests/support/engines.ts";
import { type Answered, ask } from "./ask.ts";
import { fill } from "./backlog.ts";
import { unitsEach } from "./counts.ts";
import type { GoTalk, SyncResult } from "./gotalk.ts";
import { SHORT_MESSAGE } from "./short-message.ts";
import { median } from "./statistics.ts";

/** A backlog handed out by one client in full batches, its sends not included. Times are in milliseconds. */
export interface Drain {
  readonly messages: number;
  readonly writeUnitsPerMessage: number;
  readonly readUnitsPerMessage: number;
  /** Median of the rounds. */
  readonly timePerMessage: number;
  /** Of it, while a call of the database was under way; median of the rounds. */
  readonly engineTimePerMessage: number;
  /** Of this process, goTalk's and the SDK's, which a busy machine does not distort; median of the rounds. */
  readonly processorPerMessage: number;
  /** Of the first round: of each sync. */
  readonly syncTimes: readonly number[];
}

export interface EngineDrains {
  readonly engine: string;
  readonly drains: readonly Drain[];
}

interface Round {
  readonly syncs: readonly Answered[];
  readonly times: readonly number[];
  /** Milliseconds. */
  readonly processor: number;
}

/** Rounds that are not counted: code is compiled then. */
const WARM_UP_ROUNDS = 3;

/**
 * Drains backlogs of several sizes on every engine that is installed, as an engine may slow down by itself.
 *
 * @param at Where `gotalk` is now, and will be again.
 * @param sizes From the smallest to the largest.
 */
export async function drainEverywhere(
  gotalk: GoTalk,
  recorder: Recorder,
  at: TestEngine,
  sizes: readonly number[],
): Promise<EngineDrains[]> {
  const measured: EngineDrains[] = [];
  recorder.asksForUnits = false;
  for (const { name } of engines) {
    const engine = await startEngine(name, "apart");
    gotalk.moveTo(engine.endpoint);
    try {
      measured.push({ engine: name, drains: await drainAll(gotalk, recorder, sizes) });
    } finally {
      gotalk.moveTo(at.endpoint);
      await engine.stop();
    }
  }
  recorder.asksForUnits = true;
  return measured;
}

/**
 * Small backlogs are over in a moment, and are drained several times: before and after the large ones, so that a machine
 * that slows down meanwhile does not look like a backlog that does.
 */
async function drainAll(gotalk: GoTalk, recorder: Recorder, sizes: readonly number[]): Promise<Drain[]> {
  const sender = await gotalk.newAccount("drain.alice");
  async function drainNew(username: string, messages: number): Promise<Round> {
    const receiver = await gotalk.newAccount(username);
    await fill(gotalk, receiver, sender, messages, SHORT_MESSAGE);
    return drainOnce(gotalk, recorder, receiver, messages);
  }
  const rounds = new Map<number, Round[]>(sizes.map((size) => [size, []]));
  for (let round = 0; round < WARM_UP_ROUNDS; round++) await drainNew(`drain.first.${round}`, sizes[0] ?? 0);
  for (const [index, size] of [...sizes, ...sizes.toReversed().slice(1)].entries()) {
    for (let repetition = 0; repetition < repetitionsOf(size, sizes); repetition++) {
      rounds.get(size)?.push(await drainNew(`drain.${index}.${repetition}`, size));
    }
  }
  return sizes.map((messages) => drainOf(messages, rounds.get(messages) ?? []));
}

function drainOf(messages: number, rounds: readonly Round[]): Drain {
  const [first] = rounds;
  if (first === undefined) throw new Error("nothing was drained");
  const { writeUnits, readUnits } = unitsEach(first.syncs, messages);
  const totals = rounds.map(({ times }) => sum(times));
  const waits = rounds.map(({ syncs }) => sum(syncs.map(({ calls }) => waitOf(calls))));
  return {
    messages,
    writeUnitsPerMessage: writeUnits,
    readUnitsPerMessage: readUnits,
    timePerMessage: median(totals) / messages,
    engineTimePerMessage: median(waits) / messages,
    processorPerMessage: median(rounds.map(({ processor }) => processor)) / messages,
    syncTimes: first.times,
  };
}

/** About a tenth of the largest backlog, each time. */
const repetitionsOf = (size: number, sizes: readonly number[]): number =>
  Math.max(1, Math.min(5, Math.round((sizes.at(-1) ?? size) / size / 10)));

async function drainOnce(
  gotalk: GoTalk,
  recorder: Recorder,
  receiver: Parameters<GoTalk["syncOf"]>[0],
  messages: number,
): Promise<Round> {
  const syncs: Answered[] = [];
  const times: number[] = [];
  let ack = receiver.receipt;
  let last = "";
  let received = 0;
  const before = process.cpuUsage();
  for (let isOver = false; !isOver; ) {
    const invocation = gotalk.syncOf(receiver, ack);
    const startedAt = performance.now();
    const { result, ...sync } = await ask<SyncResult>(recorder, invocation);
    times.push(performance.now() - startedAt);
    syncs.push(sync);
    for (const { messageId } of result.messages) {
      if (messageId <= last) throw new Error("the backlog came out of order");
      last = messageId;
    }
    received += result.messages.length;
    isOver = result.messages.length === 0;
    ack = result.receipt;
  }
  const { user, system } = process.cpuUsage(before);
  if (received !== messages) throw new Error(`${received} of ${messages} messages came`);
  return { syncs: withoutItems(syncs), times, processor: (user + system) / 1_000 };
}

/** What the calls carried is not needed any more, and would fill the memory. */
const withoutItems = (syncs: readonly Answered[]): Answered[] =>
  syncs.map((sync) => ({ ...sync, calls: sync.calls.map((call) => ({ ...call, input: {} })) }));

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
