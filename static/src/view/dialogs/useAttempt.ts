import { type Signal, useSignal } from "@preact/signals";
import { explain } from "../../chat/explain.ts";

interface Attempt {
  /** Why the last attempt failed, in words for people. */
  readonly problem: Signal<string | undefined>;
  readonly isBusy: Signal<boolean>;
  /** Does work that may fail. One attempt at a time. */
  attempt(work: () => Promise<void>, say?: (error: unknown) => string): Promise<void>;
}

/** For work that a person asks for: what to show while it is going on and when it fails. */
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
