import { type Signal, useSignal } from "@preact/signals";
import { explain } from "../../chat/explain.ts";

interface Attempt {
  /** Why the last one failed, in words for people. */
  readonly problem: Signal<string | undefined>;
  readonly isBusy: Signal<boolean>;
  /** Does something that may fail, one at a time. */
  attempt(work: () => Promise<void>, say?: (error: unknown) => string): Promise<void>;
}

/** Something that a person asks for, with what to show while it is done and when it fails. */
export function useAttempt(): Attempt {
  const problem = useSignal<string | undefined>(undefined);
  const isBusy = useSignal(false);
  const attempt: Attempt["attempt"] = async (work, say = explain) => {
    if (isBusy.value) return;
    isBusy.value = true;
    problem.value = undefined;
    try {
      await work();
    } catch (error) {
      problem.value = say(error);
    } finally {
      isBusy.value = false;
    }
  };
  return { problem, isBusy, attempt };
}
