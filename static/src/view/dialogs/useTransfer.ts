import { type Signal, useSignal } from "@preact/signals";
import { inTurn } from "../../history/in-turn.ts";
import type { TransferWatch } from "../../history/offering.ts";
import { ELSEWHERE, explainOutage } from "./explainMove.ts";
import { useFileWork } from "./useFileWork.ts";

interface Transfer extends Omit<ReturnType<typeof useFileWork>, "start"> {
  /** The person has stopped it. */
  readonly isStopped: Signal<boolean>;
  /** @param say Why it has failed, in words for people. */
  start(work: (watch: TransferWatch) => Promise<void>, say: (error: unknown) => string): Promise<void>;
}

/**
 * For work on a file that needs the network: it waits for one by itself. One tab does it at a time. Otherwise as {@link useFileWork}.
 *
 * @param name Of the work, for all tabs of the user.
 */
export function useTransfer(name: string): Transfer {
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
        const onWait = () => {
          problem.value = ELSEWHERE;
        };
        try {
          await inTurn(name, signal, onWait, async () => {
            problem.value = undefined;
            await work(watch);
          });
          problem.value = undefined;
        } catch (error) {
          problem.value = signal.aborted ? undefined : say(error);
          isStopped.value = signal.aborted;
        }
      }),
  };
}
