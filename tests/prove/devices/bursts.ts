import type { Call } from "./call.ts";

/** Which commands a call makes in one go, without waiting for its turn: see `DevicePlan.bursts`. Still one command at a time. */
export class Bursts {
  readonly #lengths: readonly number[];
  #turns = 0;
  #call: Call | undefined;
  #left = 0;
  /** The call waits for the answer to a command. If that meets trouble on its way, the burst is over. */
  #isUnderWay = false;

  constructor(lengths: readonly number[]) {
    this.#lengths = lengths;
  }

  /** A call has its turn, and makes a command. */
  begin(call: Call): void {
    this.#call = call;
    this.#left = this.#lengths[this.#turns++ % this.#lengths.length] ?? 0;
    this.#isUnderWay = true;
  }

  /** @returns Whether the call makes its next command at once. */
  goOn(call: Call): boolean {
    if (call !== this.#call || this.#left === 0 || this.#isUnderWay) return false;
    this.#left--;
    this.#isUnderWay = true;
    return true;
  }

  /** The database has carried a command out. */
  done(call: Call): void {
    if (call === this.#call) this.#isUnderWay = false;
  }
}
