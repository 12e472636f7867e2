import { setImmediate } from "node:timers/promises";
import type { Timing } from "../../lib/client/index.ts";

interface Sleeper {
  readonly at: number;
  wake(): void;
}

/** Enough turns of the event loop for everything that waits for nothing but promises. */
const TURNS = 25;

export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < TURNS; turn++) await setImmediate();
};

/** A clock that goes only when it is told to, with sleepers that wake in their order. */
export class VirtualTime implements Timing {
  #now = Date.parse("2026-01-01T00:00:00Z");
  readonly #sleepers = new Set<Sleeper>();
  readonly #chance: () => number;

  constructor(chance: () => number = () => 0.5) {
    this.#chance = chance;
  }

  // Not methods: a caller may take a clock apart and call its functions alone.
  readonly now = (): number => this.#now;
  readonly random = (): number => this.#chance();

  readonly sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper: Sleeper = { at: this.#now + milliseconds, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake);
    });
  };

  /** How many sleep. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (let next = this.#nextBefore(end); next; next = this.#nextBefore(end)) {
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settle();
    }
    this.#now = end;
  }

  #nextBefore(end: number): Sleeper | undefined {
    const [first] = [...this.#sleepers].sort((one, other) => one.at - other.at);
    return first && first.at <= end ? first : undefined;
  }
}
