import type { Call, Recorder } from "../support/capacity/recorder.ts";
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

/**
 * Has a handler answer a request, while it answers no other.
 *
 * @throws {Error} The answer is not the one of success.
 */
export async function ask<T>(recorder: Recorder, invocation: Invocation): Promise<Answered & { readonly result: T }> {
  const before = metricsBytes();
  const { result: answer, calls } = await recorder.record(() => run(invocation));
  return {
    calls,
    answerBytes: bytesOf(answer),
    metricsBytes: metricsBytes() - before,
    result: resultOf<T>(answer),
  };
}
