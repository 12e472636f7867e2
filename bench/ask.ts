import type { Call, Recorder, RoundCall } from "../tests/support/capacity/recorder.ts";
import { bytesOf, type Invocation, resultOf, run } from "./gotalk.ts";
import { metricsBytes } from "./metrics-sink.ts";

/** What answering a request took. */
export interface Answered {
  readonly calls: readonly Call[];
  /** Of the answer: its body and the headers that goTalk sets. */
  readonly answerBytes: number;
  /** Of the metrics that it printed. */
  readonly metricsBytes: number;
}

/** What answering a request took, in rounds. */
export interface AnsweredInRounds extends Answered {
  readonly calls: readonly RoundCall[];
}

/**
 * Has a handler answer a request, while it answers no other.
 *
 * @throws {Error} The answer is not the one of success.
 */
export const ask = <T>(recorder: Recorder, invocation: Invocation): Promise<Answered & { readonly result: T }> =>
  answer<T, Call>((work) => recorder.record(work), invocation);

/** The same where its round trips are counted, and no time is measured. */
export const askInRounds = <T>(
  recorder: Recorder,
  invocation: Invocation,
): Promise<AnsweredInRounds & { readonly result: T }> =>
  answer<T, RoundCall>((work) => recorder.inRounds(work), invocation);

async function answer<T, Recorded extends Call>(
  record: (
    work: () => ReturnType<typeof run>,
  ) => Promise<{ result: Awaited<ReturnType<typeof run>>; calls: readonly Recorded[] }>,
  invocation: Invocation,
) {
  const before = metricsBytes();
  const { result: answered, calls } = await record(() => run(invocation));
  return {
    calls,
    answerBytes: bytesOf(answered),
    metricsBytes: metricsBytes() - before,
    result: resultOf<T>(answered),
  };
}
