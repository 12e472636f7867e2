/** The longest time, in milliseconds, that a timer takes: with a longer one it goes off at once. */
const LONGEST = 2 ** 31 - 1;

/** A wait that can be cut short. */
export class Alarm {
  #end: (() => void) | undefined;
  #rung = false;

  /** Ends the wait, or the next one if none is going on. */
  ring(): void {
    if (this.#end) this.#end();
    else this.#rung = true;
  }

  /** Resolves after so many milliseconds, on {@link ring}, or when the signal is aborted. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#rung) {
      this.#rung = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        this.#end = undefined;
        resolve();
      };
      const timer = setTimeout(end, Math.min(milliseconds, LONGEST));
      signal.addEventListener("abort", end);
      this.#end = end;
    });
  }
}
