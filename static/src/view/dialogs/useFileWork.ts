import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { explain } from "../../chat/explain.ts";
import type { Watch } from "../../history/progress.ts";

interface FileWork {
  /** What is done, from 0 to 1. Undefined: nothing is going on. */
  readonly progress: Signal<number | undefined>;
  /** Why the last work failed, in words for people. */
  readonly problem: Signal<string | undefined>;
  /** For the button that begins the work. It has the focus again when the work ends. */
  readonly button: RefObject<HTMLButtonElement | null>;
  start(work: (watch: Watch) => Promise<void>): Promise<void>;
  stop(): void;
}

/** For work on a file that takes its time: how far it is, and how to stop it. Closing the dialog stops it, too. */
export function useFileWork(): FileWork {
  const progress = useSignal<number | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const button = useRef<HTMLButtonElement>(null);
  const running = useRef<AbortController | undefined>(undefined);
  const stop = () => running.current?.abort();
  const isBusy = progress.value !== undefined;
  useEffect(() => stop, []);
  useLayoutEffect(() => {
    // The button that stopped it is gone, and the other one could not keep the focus while it was disabled.
    if (!isBusy && running.current !== undefined) button.current?.focus();
  }, [isBusy]);

  const start: FileWork["start"] = async (work) => {
    if (progress.value !== undefined) return;
    const life = new AbortController();
    running.current = life;
    progress.value = 0;
    problem.value = undefined;
    try {
      await work({
        signal: life.signal,
        onProgress: (part) => {
          progress.value = part;
        },
      });
    } catch (error) {
      problem.value = explain(error);
    } finally {
      progress.value = undefined;
    }
  };
  return { progress, problem, button, start, stop };
}
