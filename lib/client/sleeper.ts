import { realTiming, type Timing, withScope } from "./timing.ts";

/** Sleeps until the time is over or something wakes it. One sleep at a time. */
export class Sleeper {
  readonly #timing: Pick<Timing, "sleep">;
  #current: AbortController | undefined;
  #isWoken = false;

  constructor(timing: Pick<Timing, "sleep"> = realTiming) {
    this.#timing = timing;
  }

  /** Ends the sleep, or skips the next one if none is going on. */
  wake(): void {
    const current = this.#current;
    this.#current = undefined;
    if (current) current.abort();
    else this.#isWoken = true;
  }

  /** Lets the next sleep take place, whatever {@link wake} has said before. */
  reset(): void {
    this.#isWoken = false;
  }

  /** Resolves after so many milliseconds, on {@link wake}, or when the signal is aborted. Never rejects. */
  async sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    const isWoken = this.#isWoken;
    this.#isWoken = false;
    if (isWoken) return;
    await withScope(signal, (scope) => {
      this.#current = scope;
      return this.#timing.sleep(milliseconds, scope.signal);
    });
    this.#current = undefined;
  }
}
