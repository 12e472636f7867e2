import { fill } from "./backlog.ts";
import { average } from "./counts.ts";
import { type GoTalk, invoke, type SyncResult } from "./gotalk.ts";
import { SHORT_MESSAGE } from "./people.ts";
import type { Call, Recorder } from "./recorder.ts";
import { median } from "./statistics.ts";

/** A backlog handed out by one client in full batches, its sends not included. */
export interface Drain {
  readonly messages: number;
  readonly writeUnitsPerMessage: number;
  readonly readUnitsPerMessage: number;
  /** Milliseconds, median of the rounds. */
  readonly timePerMessage: number;
  /** Of the first round: milliseconds of each sync. */
  readonly syncTimes: readonly number[];
}

interface Round {
  readonly syncs: readonly (readonly Call[])[];
  readonly times: readonly number[];
}

/**
 * Drains backlogs of several sizes. Small ones are over in a moment, and are drained several times: before and after the
 * large ones, so that a machine that slows down meanwhile does not look like a backlog that does.
 *
 * @param sizes From the smallest to the largest.
 */
export async function drain(gotalk: GoTalk, recorder: Recorder, sizes: readonly number[]): Promise<Drain[]> {
  const sender = await gotalk.newAccount("drain.alice");
  async function drainNew(username: string, messages: number): Promise<Round> {
    const receiver = await gotalk.newAccount(username);
    await fill(gotalk, receiver, sender, messages, SHORT_MESSAGE);
    return drainOnce(gotalk, recorder, receiver, messages);
  }
  const rounds = new Map<number, Round[]>(sizes.map((size) => [size, []]));
  recorder.asksForUnits = false;
  // The first is not counted: code is compiled then.
  await drainNew("drain.first", sizes[0] ?? 0);
  for (const [index, size] of [...sizes, ...sizes.toReversed().slice(1)].entries()) {
    for (let repetition = 0; repetition < repetitionsOf(size, sizes); repetition++) {
      rounds.get(size)?.push(await drainNew(`drain.${index}.${repetition}`, size));
    }
  }
  recorder.asksForUnits = true;
  return sizes.map((messages) => {
    const [first, ...others] = rounds.get(messages) ?? [];
    if (first === undefined) throw new Error("nothing was drained");
    const { writeUnits, readUnits } = average(first.syncs, messages);
    return {
      messages,
      writeUnitsPerMessage: writeUnits,
      readUnitsPerMessage: readUnits,
      timePerMessage: median([first, ...others].map(({ times }) => sum(times) / messages)),
      syncTimes: first.times,
    };
  });
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
  const syncs: (readonly Call[])[] = [];
  const times: number[] = [];
  let ack = receiver.receipt;
  let last = "";
  let received = 0;
  for (let isOver = false; !isOver; ) {
    const invocation = gotalk.syncOf(receiver, ack);
    const startedAt = performance.now();
    const { result, calls } = await recorder.record(() => invoke<SyncResult>(invocation));
    times.push(performance.now() - startedAt);
    syncs.push(calls);
    for (const { messageId } of result.messages) {
      if (messageId <= last) throw new Error("the backlog came out of order");
      last = messageId;
    }
    received += result.messages.length;
    isOver = result.messages.length === 0;
    ack = result.receipt;
  }
  if (received !== messages) throw new Error(`${received} of ${messages} messages came`);
  return { syncs, times };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
