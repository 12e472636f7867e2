import { type Signal, useSignal } from "@preact/signals";
import type { TransferWatch } from "../../history/offering.ts";
import { explainOutage } from "./explainMove.ts";
import { useFileWork } from "./useFileWork.ts";

interface Transfer extends Omit<ReturnType<typeof useFileWork>, "start"> {
  /** The person has stopped it. */
  readonly isStopped: Signal<boolean>;
  /** @param say Why it has failed, in words for people. */
  start(work: (watch: TransferWatch) => Promise<void>, say: (error: unknown) => string): Promise<void>;
}

/** For work on a file that needs the network: it waits for one by itself. Otherwise as {@link useFileWork}. */
export function useTransfer(): Transfer {
  const { start, ...rest } = useFileWork();
  const { problem } = rest;
  const isStopped = useSignal(false);
  return {
    ...rest,
    isStopped,
    start: (work, say) =>
      start(async ({ signal, onProgress }) => {
        isStopped.value = false;
        const watch: TransferWatch = {
          signal,
          onProgress: (part) => {
            problem.value = undefined;
            onProgress(part);
          },
          onOutage: (error) => {
            problem.value = explainOutage(error);
          },
        };
        try {
          await work(watch);
          problem.value = undefined;
        } catch (error) {
          problem.value = signal.aborted ? undefined : say(error);
          isStopped.value = signal.aborted;
        }
      }),
  };
}
